"""What a nurse hides for a while, up to which level, until when and why. Nothing worse stays hidden."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alerts.models.alert import Alert
from clinic.models import Clinic, Patient


class SnoozeEnd(models.TextChoices):
    TIME = 'time', _('its time was over')
    CALL = 'call', _('a call that was agreed on was due')
    WOKEN = 'woken', _('a nurse ended it')
    WORSE = 'worse', _('it got worse, or something new came')
    RED = 'red', _('an emergency or urgent flag came')
    RESOLVED = 'resolved', _('the alert was resolved')
    REPLACED = 'replaced', _('another snooze took its place')


class Snooze(models.Model):
    """One snooze of one same-day alert; at most one runs at a time.

    `expected` says up to which level a finding is no news, as engine/snoozing.py reads it:
    {"rules": ["R06S"], "symptoms": {"RASH": {"severity": 1, "yes": ["itchy"], "numbers": {"percent_body": 5}}}}.
    """

    alert = models.ForeignKey(Alert, models.PROTECT, related_name='snoozes')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='snoozes')
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='snoozes')
    expected = models.JSONField(_('expected'))
    reason = models.CharField(_('reason'), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    at = models.DateTimeField(_('since'))
    until = models.DateTimeField(_('until'))
    ended_at = models.DateTimeField(_('ended'), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    ended_why = models.CharField(_('why it ended'), max_length=8, choices=SnoozeEnd, blank=True)

    class Meta:
        verbose_name = _('snooze')
        verbose_name_plural = _('snoozes')
        ordering = ['until', 'pk']
        constraints = [
            models.UniqueConstraint(
                fields=['alert'], condition=Q(ended_at__isnull=True), name='snooze_one_running_per_alert'
            ),
            models.CheckConstraint(condition=Q(until__gt=F('at')) & ~Q(reason=''), name='snooze_ends_and_says_why'),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_why='') | Q(ended_at__isnull=False) & ~Q(ended_why=''),
                name='snooze_end_says_why',
            ),
        ]
        indexes = [models.Index(fields=['clinic', 'until'], condition=Q(ended_at__isnull=True), name='snooze_running')]

    def __str__(self) -> str:
        return f'{self.alert} – {self.until:%Y-%m-%d}'
