"""What a patient, or who helps her, agreed to: which words, in which language, when. Rows are only ever added (a trigger)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.patient import Patient


class ConsentRole(models.TextChoices):
    PATIENT = 'patient', _('patient')
    CAREGIVER = 'caregiver', _('caregiver')


class ConsentAct(models.TextChoices):
    GIVEN = 'given', _('agreed')
    WITHDRAWN = 'withdrawn', _('took it back')


class ConsentWay(models.TextChoices):
    PAGE = 'page', _('on the page')
    PAPER = 'paper', _('on paper, noted by the clinic')


class Consent(models.Model):
    """One act of one person about one diary: yes to a version of the words, or taking it back.

    The words are `clinic/consents/<role>-<version>.<language>.txt`; `digest` is their SHA-256, `facts` what stood in the gaps
    (hours, numbers), so that what was read can be shown again, word for word. `by` said it: on paper, the nurse who noted it.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='consents')
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    role = models.CharField(_('as'), max_length=9, choices=ConsentRole)
    act = models.CharField(_('what'), max_length=9, choices=ConsentAct)
    way = models.CharField(_('how'), max_length=5, choices=ConsentWay, default=ConsentWay.PAGE)
    version = models.PositiveSmallIntegerField(_('version'))
    language = models.CharField(_('language'), max_length=8)
    digest = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(_('when'))

    class Meta:
        verbose_name = _('consent')
        verbose_name_plural = _('consents')
        ordering = ['-at', '-pk']
        indexes = [models.Index(fields=['patient', 'role', '-at'], name='consent_latest')]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(way=ConsentWay.PAGE) | models.Q(role=ConsentRole.PATIENT),
                name='consent_on_paper_is_the_patients',
            )
        ]

    def __str__(self) -> str:
        return f'{self.get_act_display()} {self.version} ({self.by})'
