"""A draft run over the clinic's own stored history, beside the published rules."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
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

    It goes by batches of patients, which any number of workers share: what a batch gave is committed together with its `done_at`
    and the progress here, so that a dead worker's batch is whole or not there. Until `leased_until` a worker is believed to be at
    it; `attempts` counts the starts since a batch was last done. `figures` is what the page shows in the end
    (engine/replay_counts.py).
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
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F('since')), name='replay_ends_after_it_begins'),
            models.UniqueConstraint(
                fields=['clinic', 'rule_set'],
                condition=Q(state__in=['waiting', 'running']),
                name='replay_one_at_a_time',
            ),
        ]
        indexes = [
            models.Index(fields=['asked_at'], condition=Q(state__in=['waiting', 'running']), name='replay_unfinished')
        ]

    def __str__(self) -> str:
        return f'{self.rule_set} {self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}'


class ReplayBatch(models.Model):
    """Some patients of a replay, which one worker does in one transaction. `figures` are added up in the end."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name='batches')
    number = models.PositiveIntegerField()
    patients = models.JSONField()  # their ids
    done_at = models.DateTimeField(null=True, blank=True)
    figures = models.JSONField(default=dict)

    class Meta:
        verbose_name = _('batch of a replay')
        verbose_name_plural = _('batches of a replay')
        ordering = ['number']
        constraints = [models.UniqueConstraint(fields=['replay', 'number'], name='replay_batch_once')]
        indexes = [
            models.Index(fields=['replay', 'number'], condition=Q(done_at__isnull=True), name='replay_batch_to_do')
        ]

    def __str__(self) -> str:
        return f'{self.replay_id} · {self.number}'


class ReplayFlag(models.Model):
    """A rule met by a revision in a replay: under the draft, under the published rules, or both.

    Written by COPY, a million at a time, so nothing is checked row by row: the constraint of `replay` is left out, flags under both
    stand in no index, and a BRIN one (rows of a replay lie together) finds those of an old replay to throw them away. `tier` is the
    draft's where the draft flags it.
    """

    id = models.BigAutoField(primary_key=True)
    replay = models.ForeignKey(Replay, models.DO_NOTHING, related_name='flags', db_index=False, db_constraint=False)
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
        indexes = [
            models.Index(
                fields=['replay', 'rule', 'id'], condition=~Q(drafted=F('in_force')), name='replay_flag_that_differs'
            ),
            BrinIndex(fields=['replay'], name='replay_flag_of_replay'),
        ]

    def __str__(self) -> str:
        return f'{self.rule} {self.revision_id}'


class ReplayCase(models.Model):
    """A case that a patient's flags would have made, with grouping and snoozes (engine/replaying.py), where draft and published
    rules differ: gained (`drafted` alone), lost (`in_force` alone), or of another tier (both; then `tier_in_force` is the other).
    """

    replay = models.ForeignKey(Replay, models.CASCADE, related_name='cases')
    patient = models.ForeignKey(Patient, models.DO_NOTHING, related_name='+', db_index=False, db_constraint=False)
    line = models.CharField(max_length=5, choices=Line)
    tier = models.CharField(max_length=12, choices=TierChoice)
    tier_in_force = models.CharField(max_length=12, choices=TierChoice, blank=True)
    opened_at = models.DateTimeField()
    # That opened it.
    revision = models.ForeignKey(Revision, models.DO_NOTHING, related_name='+', db_index=False, db_constraint=False)
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
