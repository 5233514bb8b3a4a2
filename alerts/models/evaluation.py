"""The ledger (every revision, once) and the flags that evaluation found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.rule_set import RuleSet
from clinic.models import Patient
from diary.models import Revision


class TierChoice(models.TextChoices):
    """The engine's tiers, worst first."""

    EMERGENCY = 'emergency', _('emergency')
    URGENT = 'urgent', _('urgent')
    SAME_DAY = 'same_day', _('same day')
    MONITOR = 'monitor', _('monitor')
    NONE = 'none', _('none')


class Evaluation(models.Model):
    """The ledger row of one revision under one rule-set version: written with the revision, in its transaction.

    Without any published rules `rule_set` is empty, and the row is owed until there are some: an entry is never refused for it.
    `pending_since` is set while work is owed (new, or touched by a late entry, a dose …) and empty when it is done; `runs` counts
    how often it was computed. `failed_at` and `error` (a class name, never health data) tell of the last failure. `left_out` is
    how many entries in the rules' reach could not be read when it was evaluated last.
    """

    revision = models.ForeignKey(Revision, models.PROTECT, related_name='evaluations')
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, null=True, related_name='evaluations')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='evaluations')
    pending_since = models.DateTimeField(null=True, blank=True)
    first_evaluated_at = models.DateTimeField(null=True, blank=True)
    evaluated_at = models.DateTimeField(null=True, blank=True)
    runs = models.PositiveIntegerField(default=0)
    tier = models.CharField(max_length=12, choices=TierChoice, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=120, blank=True)
    left_out = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _('evaluation')
        verbose_name_plural = _('evaluations')
        constraints = [
            models.UniqueConstraint(
                fields=['revision', 'rule_set'],
                name='evaluation_once_per_revision_and_rule_set',
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=['pending_since'], condition=Q(pending_since__isnull=False), name='evaluation_pending'),
            # What was evaluated lately: for those that look after it. An entry that is only owed costs nothing here.
            models.Index(
                fields=['rule_set', 'evaluated_at'], condition=Q(evaluated_at__isnull=False), name='evaluation_done'
            ),
        ]

    def __str__(self) -> str:
        return f'{self.revision_id} · {self.rule_set_id}'


class Flag(models.Model):
    """One rule met by one revision. It is never deleted: when it no longer holds it is withdrawn, with the reason.

    `evidence` is the engine's explanation: the tree of tests with the values that met them.
    """

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name='flags')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='flags')
    alert = models.ForeignKey('alerts.Alert', models.PROTECT, null=True, blank=True, related_name='flags')
    rule = models.CharField(_('rule'), max_length=20)
    tier = models.CharField(_('tier'), max_length=12, choices=TierChoice)
    title = models.CharField(_('title'), max_length=200)
    symptoms = models.JSONField(_('symptoms'), default=list)
    evidence = models.JSONField(_('evidence'))
    raised_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _('flag')
        verbose_name_plural = _('flags')
        constraints = [
            models.UniqueConstraint(
                fields=['evaluation', 'rule'], condition=Q(withdrawn_at__isnull=True), name='flag_once_while_it_holds'
            )
        ]
        indexes = [
            # The rules' budget counts the flags of some weeks; those of years stay unread.
            models.Index(
                fields=['raised_at'],
                include=['rule', 'tier', 'patient', 'alert'],
                condition=Q(withdrawn_at__isnull=True),
                name='flag_standing_by_time',
            )
        ]

    def __str__(self) -> str:
        return f'{self.rule} {self.title}'
