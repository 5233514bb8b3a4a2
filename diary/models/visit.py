"""A visit that is arranged: the day on which the patient comes next. A dose that a schedule expects is none."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient
from diary.models.withdrawn import Withdrawable, wholly_withdrawn

LONGEST_WHAT = 80


class PlannedVisit(Withdrawable):
    """A day and perhaps a time, in the patient's own calendar, with a few words that she reads. A row is only ever added and taken
    back once: a visit that moves is another one. Nobody is notified of it."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='visits')
    on = models.DateField(_('day'))
    at = models.TimeField(_('time'), null=True, blank=True)
    what = models.CharField(_('what for'), max_length=LONGEST_WHAT, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _('planned visit')
        verbose_name_plural = _('planned visits')
        ordering = ['on', 'at', 'pk']
        constraints = [wholly_withdrawn('visit_wholly_withdrawn')]

    def __str__(self) -> str:
        return f'{self.on}'
