"""What is usual for a patient (baseline) and what else holds for her (context)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient
from diary.models.withdrawn import Withdrawable, wholly_withdrawn


class BaselineKind(models.TextChoices):
    """The names that the rule language compares with."""

    STOOLS_24H = 'stools_24h', _('stools a day')
    SYSTOLIC_BP = 'systolic_bp', _('upper blood pressure (mmHg)')
    WEIGHT = 'weight', _('weight (kg)')


class Baseline(Withdrawable):
    """A usual value, in the catalogue's unit, from `measured_at` on; what was typed is kept in `raw`."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='baselines')
    kind = models.CharField(_('what'), max_length=16, choices=BaselineKind)
    value = models.DecimalField(_('value'), max_digits=9, decimal_places=4)
    raw = models.CharField(max_length=40)
    measured_at = models.DateTimeField(_('measured'))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _('usual value')
        verbose_name_plural = _('usual values')
        ordering = ['kind', '-measured_at']
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name='baseline_not_negative'),
            wholly_withdrawn('baseline_wholly_withdrawn'),
        ]

    def __str__(self) -> str:
        return f'{self.get_kind_display()}: {self.value.normalize():f}'


class ContextCode(models.TextChoices):
    """The names that the rule language knows."""

    ON_STEROIDS = 'on_steroids', _('takes steroids')
    ON_ANTIPYRETICS = 'on_antipyretics', _('takes fever-lowering medicine')
    NEUTROPENIA_RISK = 'neutropenia_risk', _('white cells may be low')


class Context(Withdrawable):
    """Something that holds for a patient from one instant until another, both included; no end means still."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='contexts')
    code = models.CharField(_('what'), max_length=20, choices=ContextCode)
    from_at = models.DateTimeField(_('from'))
    until_at = models.DateTimeField(_('until'), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _('context')
        verbose_name_plural = _('contexts')
        ordering = ['-from_at']
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F('from_at')), name='context_ends_after_it_starts'
            ),
            wholly_withdrawn('context_wholly_withdrawn'),
        ]

    def __str__(self) -> str:
        return self.get_code_display()
