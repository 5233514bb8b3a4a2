"""What the next shift must know: who waits, who has what, what is hidden and why, whom somebody calls back, what ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Min

from alerts.models import Alert, AlertEvent, AlertState, Evaluation, Silence
from alerts.pages.silent import SilentRow, silent_rows
from alerts.people.roster import Plan, plan_of
from alerts.queries.cases import WorkRow, unresolved, work_row
from alerts.queries.rules.set_aside import each_rule, of_alerts, of_shift
from alerts.queries.silences import missed_rules, rules_of
from alerts.queries.snoozes import running as running_snoozes
from alerts.words.fired import fired_words
from alerts.words.set_aside import SetAside, of_flags
from clinic.models import Clinic, User
from diary.queries import where_many

USUAL_SHIFT = timedelta(hours=12)
MOST_RESOLVED = 100


@dataclass(frozen=True)
class Row:
    """One alert: its line of the worklist, and the last thing that anybody wrote down about it (empty for nothing)."""

    work: WorkRow
    note: AlertEvent | None

    @property
    def alert(self) -> Alert:
        return self.work.alert


@dataclass(frozen=True)
class Snoozed:
    """A hidden same-day alert: until when, why and by whom it was hidden."""

    row: Row
    until: datetime
    reason: str
    by: User


@dataclass(frozen=True)
class Unchecked:
    """Entries that no rule has read yet."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True)
class Handover:
    """The page. Who is to be called back stands in `call_backs` and not in `in_hand`; where nobody has it any more, in `waiting`
    as well. `resolved_more` are those beyond the first hundred. `set_aside` are the shift's entries that the shared rules
    would have called an emergency, and the clinic's own do not."""

    since: datetime
    waiting: tuple[Row, ...]
    in_hand: tuple[Row, ...]
    snoozed: tuple[Snoozed, ...]
    call_backs: tuple[Row, ...]
    resolved: tuple[Row, ...]
    resolved_more: int
    reached: tuple[Silence, ...]
    silent: tuple[SilentRow, ...]
    unchecked: Unchecked
    plan: Plan
    set_aside: tuple[SetAside, ...] = ()


def shift_began(plan: Plan, *, now: datetime) -> datetime | None:
    """When the people who are on call now took over; None without a plan, or when that was long ago or is not known."""
    if not plan.roster.shifts or not plan.now:
        return None
    began = plan.turns[0].starts_at.astimezone(UTC)
    return began if now - began <= timedelta(days=7) else None


def handover_of(clinic: Clinic, *, user: User, now: datetime, hours: int | None = None) -> Handover:
    """Since the last hand-over of the on-call plan, or for the last `hours`. A constant number of queries."""
    plan = plan_of(clinic, now=now)
    usual = shift_began(plan, now=now) or now - USUAL_SHIFT
    since = now - timedelta(hours=hours) if hours else usual
    live = list(unresolved(clinic).select_related('patient', 'owner'))
    ended, more = _resolved(clinic, since)
    rows = _rows([*live, *ended], clinic, user=user, now=now)
    here = [rows[alert.pk] for alert in live]
    held = [row for row in here if not row.alert.is_waiting and row.alert.state != AlertState.SNOOZED]
    rules = missed_rules(rules_of(clinic))
    return Handover(
        since=since,
        waiting=tuple(row for row in here if row.alert.is_waiting),
        in_hand=tuple(row for row in held if row.alert.call_back_at is None),
        snoozed=tuple(_snoozed(clinic, rows)),
        call_backs=tuple(sorted((row for row in here if row.alert.call_back_at), key=_call_back)),
        resolved=tuple(rows[alert.pk] for alert in ended),
        resolved_more=more,
        reached=tuple(_reached(clinic, since)),
        silent=tuple(silent_rows(clinic, rules, now=now)),
        unchecked=_unchecked(clinic),
        plan=plan,
        set_aside=tuple(of_flags(of_shift(clinic, since=since))),
    )


def _call_back(row: Row) -> datetime:
    assert row.alert.call_back_at is not None
    return row.alert.call_back_at


def _resolved(clinic: Clinic, since: datetime) -> tuple[list[Alert], int]:
    """What ended in the shift, the last first, and how many more."""
    found = Alert.objects.filter(clinic=clinic, is_drill=False, state=AlertState.RESOLVED, resolved_at__gte=since)
    rows = list(found.select_related('patient', 'owner').order_by('-resolved_at')[: MOST_RESOLVED + 1])
    more = found.count() - MOST_RESOLVED if len(rows) > MOST_RESOLVED else 0
    return rows[:MOST_RESOLVED], more


def _rows(alerts: Sequence[Alert], clinic: Clinic, *, user: User, now: datetime) -> dict[int, Row]:
    if not alerts:
        return {}
    where = where_many([alert.patient for alert in alerts], now)
    words, notes, aside = fired_words(alerts, clinic), _last_notes(alerts), of_alerts(alerts)
    return {
        alert.pk: Row(
            replace(
                work_row(alert, where[alert.patient_id], user=user, now=now, told=words.get(alert.pk, '')),
                set_aside=each_rule(aside.get(alert.pk, ())),
            ),
            notes.get(alert.pk),
        )
        for alert in alerts
    }


def _last_notes(alerts: Collection[Alert]) -> dict[int, AlertEvent]:
    events = AlertEvent.objects.filter(alert__in=alerts).exclude(note='').select_related('actor')
    return {event.alert_id: event for event in events.order_by('alert', '-at', '-pk').distinct('alert')}


def _snoozed(clinic: Clinic, rows: dict[int, Row]) -> list[Snoozed]:
    snoozes = running_snoozes(clinic).select_related('by')
    return [Snoozed(rows[each.alert_id], each.until, each.reason, each.by) for each in snoozes if each.alert_id in rows]


def _reached(clinic: Clinic, since: datetime) -> list[Silence]:
    """Silent patients whom somebody reached in the shift."""
    found = Silence.objects.filter(clinic=clinic, ended_by__isnull=False, ended_at__gte=since)
    return list(found.select_related('patient', 'ended_by').order_by('-ended_at'))


def _unchecked(clinic: Clinic) -> Unchecked:
    pending = Evaluation.objects.filter(pending_since__isnull=False, patient__clinic=clinic, patient__is_drill=False)
    found = pending.aggregate(count=Count('pk'), oldest=Min('pending_since'))
    return Unchecked(found['count'], found['oldest'])
