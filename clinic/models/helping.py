"""The history of who may help with a diary: invited, joined, changed, ended, and by whom. Rows are only ever added (a trigger)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.patient import Patient


class HelpAct(models.TextChoices):
    INVITED = 'invited', _('invited')
    WITHDRAWN = 'withdrawn', _('invitation withdrawn')
    JOINED = 'joined', _('joined')
    CHANGED = 'changed', _('changed')
    ENDED = 'ended', _('ended')
    SEEN = 'seen', _('seen by the patient')


class HelpEvent(models.Model):
    """One act about one helper. `helper` is empty until the invitation to `email` is accepted.

    `detail` is what was given with it: `rights` (names of clinic.rights.Right), `from` and `until` (ISO 8601 instants or null).
    SEEN says that the patient has read all that was done before it.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name='help_events')
    helper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    email = models.EmailField(_('e-mail address'), blank=True)
    name = models.CharField(_('name'), max_length=120, blank=True)
    act = models.CharField(_('what'), max_length=9, choices=HelpAct)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    at = models.DateTimeField(_('when'))
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _('change of who helps')
        verbose_name_plural = _('changes of who helps')
        ordering = ['-at', '-pk']
        indexes = [models.Index(fields=['patient', '-at'], name='help_event_latest')]

    def __str__(self) -> str:
        return f'{self.get_act_display()} {self.name or self.email}'
