"""A draft run over the clinic's own stored history, beside the published rules."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alerts.models.alert import Line
from alerts.models.evaluation import TierChoice
from alerts.models.rule_set import RuleSet
from clinic.models import Clinic, Patient
from diary.models import Revision


class ReplayState(models.TextChoices):
    WAITING = 'waiting', _('waiting')
    RUNNING = 'running', _('running')
    DONE = 'done', _('done')
    CANCELLED = 'cancelled', _('cancelled')
    FAILED = 'failed', _('failed')


class Replay(models.Model):
    """One job: `rule_set` against `against` over the local days `since` to `until`, both included.

    It goes patient by patient: what a batch of patients gave is committed together with `last_patient`, so that another worker
    goes on where a dead one stopped. `leased_until` says that a worker is at it. `figures` is what the page shows in the end.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='replays')
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name='replays')
    against = models.ForeignKey(RuleSet, models.PROTECT, related_name='+')
    digest = models.CharField(
        max_length=64
    )  # of the draft's content when it was asked for: a later edit makes it out of date
    since = models.DateField(_('from'))
    until = models.DateField(_('to'))
    state = models.CharField(_('state'), max_length=10, choices=ReplayState, default=ReplayState.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_patient = models.BigIntegerField(default=0)
    patients_total = models.PositiveIntegerField(default=0)
    patients_done = models.PositiveIntegerField(default=0)
    entries_done = models.PositiveIntegerField(default=0)
    content = models.JSONField(default=dict)  # the draft's rules as they were when it was asked for
    figures = models.JSONField(default=dict)
    error = models.CharField(max_length=120, blank=True)  # a class name, never health data

    class Meta:
        verbose_name = _('replay')
        verbose_name_plural = _('replays')
        ordering = ['-asked_at']
        constraints = [models.CheckConstraint(condition=Q(until__gte=F('since')), name='replay_ends_after_it_begins')]
        indexes = [
            models.Index(fields=['asked_at'], condition=Q(state__in=['waiting', 'running']), name='replay_unfinished')
        ]

    def __str__(self) -> str:
        return f'{self.rule_set} {self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}'


class ReplayFlag(models.Model):
    """A rule met by a revision in a replay: under the draft, under the published rules, or both. Written by COPY."""

    id = models.BigAutoField(primary_key=True)
    replay = models.ForeignKey(Replay, models.CASCADE, related_name='flags', db_index=False)
    patient = models.ForeignKey(Patient, models.DO_NOTHING, related_name='+', db_index=False, db_constraint=False)
    revision = models.ForeignKey(Revision, models.DO_NOTHING, related_name='+', db_index=False, db_constraint=False)
    rule = models.CharField(max_length=20)
    tier = models.CharField(max_length=12, choices=TierChoice)
    day = models.DateField()  # the patient's local day that the entry is about
    drafted = models.BooleanField()  # the draft flags it
    in_force = models.BooleanField()  # the published rules flag it

    class Meta:
        verbose_name = _('flag of a replay')
        verbose_name_plural = _('flags of a replay')
        indexes = [models.Index(fields=['replay', 'rule', 'id'], name='replay_flag_by_rule')]

    def __str__(self) -> str:
        return f'{self.rule} {self.revision_id}'


class ReplayCase(models.Model):
    """A case that a patient's flags would have made, with grouping and snoozes: under the draft, the published rules, or both."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name='cases')
    patient = models.ForeignKey(Patient, models.DO_NOTHING, related_name='+', db_constraint=False)
    line = models.CharField(max_length=5, choices=Line)
    tier = models.CharField(max_length=12, choices=TierChoice)
    opened_at = models.DateTimeField()
    revision = models.ForeignKey(Revision, models.DO_NOTHING, related_name='+', db_constraint=False)  # that opened it
    rules = models.JSONField(default=list)
    entries = models.PositiveIntegerField(default=1)
    drafted = models.BooleanField()
    in_force = models.BooleanField()

    class Meta:
        verbose_name = _('case of a replay')
        verbose_name_plural = _('cases of a replay')
        ordering = ['opened_at', 'pk']

    def __str__(self) -> str:
        return f'{self.get_line_display()} {self.opened_at:%Y-%m-%d %H:%M}'
