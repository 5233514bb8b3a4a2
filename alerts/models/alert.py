"""The patient's open case, and its append-only history."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.evaluation import TierChoice
from clinic.models import Clinic, Patient


class Line(models.TextChoices):
    """Emergency and urgent flags share one line, so that a worse one raises it; same-day flags have their own."""

    RED = 'red', _('act now')
    AMBER = 'amber', _('look today')


class AlertState(models.TextChoices):
    OPEN = 'open', _('open')
    REOPENED = 'reopened', _('back on the list')
    ACKNOWLEDGED = 'acknowledged', _('acknowledged')
    CONTACTED = 'contacted', _('contacted')
    SNOOZED = 'snoozed', _('snoozed')
    RESOLVED = 'resolved', _('resolved')


WAITING = (AlertState.OPEN, AlertState.REOPENED)  # nobody has it in hand


class Mark(models.TextChoices):
    """What a nurse thinks of an alert, for the rules' budget; empty while nobody said."""

    USEFUL = 'useful', _('useful')
    NOISE = 'noise', _('noise')


class Outcome(models.TextChoices):
    """How an alert ended."""

    SELF_CARE = 'self_care', _('self-care advice')
    APPOINTMENT = 'appointment', _('appointment')
    SENT_TO_EMERGENCY = 'sent_to_emergency', _('sent to emergency')
    ADMITTED = 'admitted', _('admitted')
    TREATMENT_HELD = 'treatment_held', _('treatment held')
    NO_ACTION = 'no_action', _('no action needed')
    NOT_REACHED = 'not_reached', _('could not reach')


# Between the titles in an alert's summary.
BETWEEN_TITLES = ' · '


class Alert(models.Model):
    """The patient's open case that flags join; at most one unresolved alert per patient and line.

    `tier_rank` is 0 for emergency, 1 urgent, 2 same day, so that the worklist sorts by an index over unresolved rows alone.
    `waiting_since` is when the oldest news that nobody has acknowledged came; `acknowledge_by` the promised instant.

    `policy` is the escalation ladder as it stood when the alert opened (or was raised): engine/escalation.py reads it.
    `due_at` is the next instant at which the clock does something: waiting: the next rung (`step` of `round`); in hand: it
    comes back as forgotten; snoozed: it wakes. `review_since` is set when a same-day alert has climbed its whole ladder and
    stands in the review list. `call_back_at` is when a nurse said that she speaks with the patient again. A drill's alert is
    nobody's work.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='alerts')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='alerts')
    line = models.CharField(_('line'), max_length=5, choices=Line)
    tier = models.CharField(_('tier'), max_length=12, choices=TierChoice)
    tier_rank = models.PositiveSmallIntegerField()
    state = models.CharField(_('state'), max_length=12, choices=AlertState, default=AlertState.OPEN)
    opened_at = models.DateTimeField(_('opened'))
    waiting_since = models.DateTimeField(_('waiting since'))
    acknowledge_by = models.DateTimeField(_('to be seen by'))
    last_flag_at = models.DateTimeField(_('last flag'))
    summary = models.CharField(_('what fired'), max_length=240)
    entry_count = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='owned_alerts'
    )
    acknowledged_at = models.DateTimeField(_('acknowledged'), null=True, blank=True)
    contacted_at = models.DateTimeField(_('contacted'), null=True, blank=True)
    resolved_at = models.DateTimeField(_('resolved'), null=True, blank=True)
    outcome = models.CharField(_('outcome'), max_length=20, choices=Outcome, blank=True)
    mark = models.CharField(_('useful or noise'), max_length=6, choices=Mark, blank=True)
    call_back_at = models.DateTimeField(_('speaks with the patient again'), null=True, blank=True)
    snoozed_until = models.DateTimeField(_('snoozed until'), null=True, blank=True)
    policy = models.JSONField(_('escalation'), default=dict)
    step = models.PositiveSmallIntegerField(_('steps taken'), default=0)
    round = models.PositiveSmallIntegerField(_('rounds'), default=0)
    due_at = models.DateTimeField(_('next step of the clock'), null=True, blank=True)
    review_since = models.DateTimeField(_('in the review list since'), null=True, blank=True)
    is_drill = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _('alert')
        verbose_name_plural = _('alerts')
        constraints = [
            models.UniqueConstraint(
                fields=['patient', 'line'], condition=~Q(state='resolved'), name='alert_one_unresolved_per_line'
            ),
            models.CheckConstraint(
                condition=Q(state='resolved', resolved_at__isnull=False) & ~Q(outcome='')
                | ~Q(state='resolved') & Q(outcome=''),
                name='alert_resolved_has_an_outcome',
            ),
            models.CheckConstraint(
                condition=Q(line='red', tier__in=['emergency', 'urgent']) | Q(line='amber', tier='same_day'),
                name='alert_tier_fits_its_line',
            ),
            models.CheckConstraint(
                condition=Q(state__in=['open', 'reopened']) | Q(owner__isnull=False, acknowledged_at__isnull=False),
                name='alert_worked_has_an_owner',
            ),
            models.CheckConstraint(
                condition=Q(state='snoozed', snoozed_until__isnull=False, line='amber')
                | ~Q(state='snoozed') & Q(snoozed_until__isnull=True),
                name='alert_snoozed_is_amber_and_ends',
            ),
            models.CheckConstraint(
                condition=Q(state='resolved', due_at__isnull=True, review_since__isnull=True)
                | ~Q(state='resolved') & Q(due_at__isnull=False, review_since__isnull=True)
                | Q(state__in=['open', 'reopened'], line='amber', due_at__isnull=True, review_since__isnull=False),
                name='alert_unresolved_has_a_clock',
            ),
        ]
        indexes = [
            models.Index(
                fields=['clinic', 'tier_rank', 'waiting_since'], condition=~Q(state='resolved'), name='alert_worklist'
            ),
            models.Index(fields=['due_at'], condition=Q(due_at__isnull=False), name='alert_due'),
            models.Index(fields=['patient', '-opened_at'], name='alert_by_patient'),
        ]

    def __str__(self) -> str:
        return f'{self.get_tier_display()} {self.opened_at:%Y-%m-%d %H:%M}'

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING


class AlertEventKind(models.TextChoices):
    OPENED = 'opened', _('opened')
    JOINED = 'joined', _('a further entry joined')
    RAISED = 'raised', _('raised to a higher tier')
    REOPENED = 'reopened', _('back to the list: something new')
    WITHDRAWN = 'withdrawn', _('a flag was withdrawn')
    ACKNOWLEDGED = 'acknowledged', _('acknowledged')
    TAKEN_OVER = 'taken_over', _('taken over')
    CONTACTED = 'contacted', _('contact noted')
    NOTED = 'noted', _('note')
    MARKED = 'marked', _('marked as useful or noise')
    SNOOZED = 'snoozed', _('snoozed')
    WOKEN = 'woken', _('the snooze ended')
    ESCALATED = 'escalated', _('the next people were told')
    RETURNED = 'returned', _('back to the list: nothing happened')
    REVIEW = 'review', _('moved to the review list')
    RESOLVED = 'resolved', _('resolved')
    UNDONE = 'undone', _('opened again by a person')


class AlertEvent(models.Model):
    """One step in an alert's life. Rows are only ever added; a trigger in the database refuses anything else.

    `waited` is how long the alert had waited when it was acknowledged, and how long it had been open when it was resolved;
    `in_time` whether an acknowledgement came by the promised instant. Both are empty for every other kind.
    """

    alert = models.ForeignKey(Alert, models.PROTECT, related_name='events')
    kind = models.CharField(_('what'), max_length=12, choices=AlertEventKind)
    at = models.DateTimeField(_('when'))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    state = models.CharField(_('state after'), max_length=12, choices=AlertState)
    tier = models.CharField(_('tier after'), max_length=12, choices=TierChoice)
    detail = models.JSONField(default=dict)
    note = models.TextField(_('note'), blank=True)
    waited = models.DurationField(_('waited'), null=True, blank=True)
    in_time = models.BooleanField(_('in time'), null=True, blank=True)

    class Meta:
        verbose_name = _('alert event')
        verbose_name_plural = _('alert events')
        ordering = ['at', 'pk']
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=['acknowledged', 'contacted', 'snoozed', 'resolved', 'undone'])
                | Q(actor__isnull=False),
                name='alert_event_of_a_person_names_her',
            )
        ]
        indexes = [models.Index(fields=['kind', 'at'], condition=Q(waited__isnull=False), name='alert_event_waited')]

    def __str__(self) -> str:
        return f'{self.get_kind_display()}'
