"""Who has looked at a patient's data: an append-only record, sealed so that a change of it shows."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import Clinic


class AuditAct(models.TextChoices):
    OPENED = 'opened', _('opened')  # a page about her
    LISTED = 'listed', _('saw on a list')  # a page on which she was one of several
    WROTE = 'wrote', _('wrote')


class AuditSeal(models.Model):
    """A link of the chain: SHA-256 over the seal before and over every event under this one, in the order of their ids."""

    at = models.DateTimeField(_('when'))
    events = models.PositiveIntegerField(_('events'))
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _('seal of the audit record')
        verbose_name_plural = _('seals of the audit record')
        ordering = ['pk']

    def __str__(self) -> str:
        return f'{self.at:%Y-%m-%d %H:%M:%S}'


class AuditEvent(models.Model):
    """One request in which a person, who is not the patient herself, was shown or changed something of patients.

    `page` is the name of the address (such as `alerts:alert`), `about` the public id in it. Rows are only ever added; a trigger
    lets nothing change but an empty `seal`. Events of a patient are found by an index of migration 0006 (queries_audit.py).
    """

    at = models.DateTimeField(_('when'))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name='+')  # in which she works
    act = models.CharField(_('what'), max_length=6, choices=AuditAct)
    page = models.CharField(_('page'), max_length=80)
    about = models.CharField(max_length=40, blank=True)
    patients = ArrayField(models.BigIntegerField(), verbose_name=_('patients'))
    seal = models.ForeignKey(AuditSeal, models.PROTECT, null=True, blank=True, related_name='+')

    class Meta:
        verbose_name = _('access to a patient')
        verbose_name_plural = _('accesses to patients')
        ordering = ['-at', '-pk']
        indexes = [
            models.Index(fields=['actor', 'page', 'at'], name='audit_event_actor'),
            models.Index(fields=['id'], condition=models.Q(seal__isnull=True), name='audit_event_unsealed'),
        ]

    def __str__(self) -> str:
        return f'{self.get_act_display()} {self.page}'
