"""A planned pause: days on which nobody expects an entry, such as a stay in hospital."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient
from diary.models.withdrawn import Withdrawable, wholly_withdrawn


class PauseReason(models.TextChoices):
    HOSPITAL = 'hospital', _('in hospital')
    AWAY = 'away', _('away')
    AGREED = 'agreed', _('agreed with the team')


class DiaryPause(Withdrawable):
    """From the first until the last day, both included, in the patient's own calendar. Entries are welcome all the same."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='diary_pauses')
    from_on = models.DateField(_('first day'))
    until_on = models.DateField(_('last day'))
    reason = models.CharField(_('reason'), max_length=8, choices=PauseReason)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _('planned pause')
        verbose_name_plural = _('planned pauses')
        ordering = ['-from_on']
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F('from_on')), name='pause_ends_after_it_starts'),
            wholly_withdrawn('pause_wholly_withdrawn'),
        ]

    def __str__(self) -> str:
        return f'{self.from_on} – {self.until_on}'
