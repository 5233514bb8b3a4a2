"""When a patient wants to be reminded of her diary."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient


class Reminder(models.Model):
    """The patient's own choice; without a row she was never asked. `at` is by the clock on her wall.

    `next_at` is the next instant at which the sweep looks whether something is due; empty while reminders are off.
    """

    patient = models.OneToOneField(Patient, models.CASCADE, related_name='reminder')
    is_on = models.BooleanField(_('remind me'), default=True)
    at = models.TimeField(_('at'))
    next_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _('reminder')
        verbose_name_plural = _('reminders')
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on=True, next_at__isnull=False) | Q(is_on=False, next_at__isnull=True),
                name='reminder_on_has_a_time',
            )
        ]
        indexes = [
            models.Index(fields=['next_at'], condition=Q(next_at__isnull=False), name='reminder_next'),
        ]

    def __str__(self) -> str:
        return f'{self.at:%H:%M}'
