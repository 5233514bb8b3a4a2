"""Who watches the watchers: the sweeps' signs of life, what the auditor found, and the daily drill."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic


class Heartbeat(models.Model):
    """When a sweep last ran to its end, by its task's name."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _('sign of life')
        verbose_name_plural = _('signs of life')

    def __str__(self) -> str:
        return self.name


class Check(models.Model):
    """What the auditor found about one promise when it last looked; `since` is when it began to be so (well or not)."""

    name = models.CharField(max_length=40, primary_key=True)
    ok = models.BooleanField()
    since = models.DateTimeField()
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _('check')
        verbose_name_plural = _('checks')

    def __str__(self) -> str:
        return self.name


class Drill(models.Model):
    """One fire drill of one clinic: a made-up red entry that must reach the worklist and a channel in time.

    Each `…_at` is when a link of the chain held. `finished_at` is set when it ended; `broken` then names the first link that did
    not hold in time, and is empty when all was well. `limit_seconds` is the time that the whole chain had. `asked_by` is who asked
    for a drill besides the daily one.
    """

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name='drills')
    day = models.DateField()
    started_at = models.DateTimeField(_('started'))
    entry = models.UUIDField(null=True, blank=True)
    stored_at = models.DateTimeField(_('stored'), null=True, blank=True)
    checked_at = models.DateTimeField(_('checked'), null=True, blank=True)
    listed_at = models.DateTimeField(_('on the worklist'), null=True, blank=True)
    sent_at = models.DateTimeField(_('sent'), null=True, blank=True)
    finished_at = models.DateTimeField(_('finished'), null=True, blank=True)
    limit_seconds = models.PositiveIntegerField()
    broken = models.CharField(_('broken link'), max_length=20, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')

    class Meta:
        verbose_name = _('fire drill')
        verbose_name_plural = _('fire drills')
        ordering = ['-started_at']
        constraints = [
            models.UniqueConstraint(fields=['clinic', 'day'], condition=Q(asked_by=None), name='drill_once_a_day'),
            models.UniqueConstraint(fields=['clinic'], condition=Q(finished_at=None), name='drill_one_at_a_time'),
            models.CheckConstraint(
                condition=Q(broken='') | Q(finished_at__isnull=False), name='drill_breaks_at_its_end'
            ),
        ]

    def __str__(self) -> str:
        return f'{self.clinic} {self.day}'
