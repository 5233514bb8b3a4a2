"""A patient who has not written when she should have: found by a sweep, ended by her entry or by a nurse."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Patient


class SilenceWhy(models.TextChoices):
    """What made the limit as short as it is."""

    CAR_T = 'car_t', _('the first weeks after CAR T-cells')
    SEVERE = 'severe', _('the last entry told of something severe')
    PATTERN = 'pattern', _('she usually writes more often')
    USUAL = 'usual', _('the usual limit')


class SilenceEnd(models.TextChoices):
    WROTE = 'wrote', _('an entry came')
    REACHED = 'reached', _('a nurse spoke with the patient')
    PAUSED = 'paused', _('a planned pause')
    NO_LONGER = 'no_longer', _('no diary is expected any more')


class Silence(models.Model):
    """One stretch of silence; a patient has at most one that runs.

    `rule` is the rule that says so (C06), `limit_hours` how long she may be silent, `why` what set that limit, `last_entry_at` her
    last entry if there was one, `since` when the limit was over, `due_by` when a nurse should have looked (clinic hours).
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='silences')
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='silences')
    rule = models.CharField(_('rule'), max_length=20)
    limit_hours = models.PositiveSmallIntegerField(_('limit in hours'))
    why = models.CharField(_('why'), max_length=8, choices=SilenceWhy)
    last_entry_at = models.DateTimeField(_('last entry'), null=True, blank=True)
    since = models.DateTimeField(_('silent since'))
    due_by = models.DateTimeField(_('to be looked at by'))
    found_at = models.DateTimeField()
    tried_at = models.DateTimeField(_('last tried to reach'), null=True, blank=True)
    tried_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    ended_at = models.DateTimeField(_('ended'), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    ended_how = models.CharField(_('how it ended'), max_length=12, choices=SilenceEnd, blank=True)
    note = models.TextField(_('note'), blank=True)

    class Meta:
        verbose_name = _('silence')
        verbose_name_plural = _('silences')
        ordering = ['since', 'pk']
        constraints = [
            models.UniqueConstraint(
                fields=['patient'], condition=Q(ended_at__isnull=True), name='silence_one_running_per_patient'
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how='') | Q(ended_at__isnull=False) & ~Q(ended_how=''),
                name='silence_end_says_how',
            ),
        ]
        indexes = [models.Index(fields=['clinic', 'since'], condition=Q(ended_at__isnull=True), name='silence_running')]

    def __str__(self) -> str:
        return f'{self.patient} {self.since:%Y-%m-%d %H:%M}'
