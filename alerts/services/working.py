"""What nurses do with an alert. Every step locks the row, follows the table in engine/lifecycle.py and adds an AlertEvent."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from alerts.engine.lifecycle import Move, move, steps
from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState, Line, Mark, Outcome, SnoozeEnd
from alerts.people.staffing import Staff
from alerts.services import escalating, snooze_rows
from alerts.services.held import AlreadyDone, ChangedMeanwhile, locked, refuse_resolved, refuse_stale
from clinic.models import User

KINDS = {
    Move.ACKNOWLEDGE: AlertEventKind.ACKNOWLEDGED,
    Move.TAKE_OVER: AlertEventKind.TAKEN_OVER,
    Move.CONTACT: AlertEventKind.CONTACTED,
    Move.TRY_CONTACT: AlertEventKind.CONTACTED,
    Move.NOTE: AlertEventKind.NOTED,
    Move.MARK: AlertEventKind.MARKED,
    Move.RESOLVE: AlertEventKind.RESOLVED,
    Move.UNDO: AlertEventKind.UNDONE,
}
MAY_UNDO = timedelta(hours=24)


class TooLate(Exception):
    """A resolved alert can be opened again for a day, and while nothing newer stands in its place."""


class OneByOne(ValueError):
    """An alert on which somebody must act now is read by whoever takes it: never one of many."""


def acknowledge(*, alert: Alert, by: User, now: datetime, seen: int | None = None) -> Alert:
    """`by` takes the alert. `seen` is the version on her screen. Her own second click changes nothing.

    Raises AlreadyDone when it has an owner, ChangedMeanwhile when it is not as she saw it.
    """
    with transaction.atomic():
        alert = locked(alert)
        if not alert.is_waiting:
            return _hers_already(alert, by)
        refuse_stale(alert, seen)
        _step(alert, Move.ACKNOWLEDGE, by=by, now=now)
        return _save(alert, now=now)


def bulk_acknowledge(*, alerts: Iterable[Alert], by: User, now: datetime) -> list[Alert]:
    """`by` takes same-day alerts, each as it was on her screen (`version`). Returns those that could not be taken: somebody was
    faster, or something came between. Raises OneByOne, and takes none, when one of them asks for somebody now.
    """
    alerts = list(alerts)
    if any(alert.line != Line.AMBER for alert in alerts):
        raise OneByOne
    return [alert for alert in alerts if not _taken(alert, by=by, now=now)]


def take_over(*, alert: Alert, by: User, now: datetime, seen: int | None = None) -> Alert:
    """`by` becomes the owner in another's place. Raises IllegalMove for an open or resolved alert, ChangedMeanwhile."""
    with transaction.atomic():
        alert = locked(alert)
        if alert.owner_id == by.pk and not alert.is_waiting:
            return alert
        refuse_stale(alert, seen)
        before = alert.owner.name if alert.owner else ''
        _step(alert, Move.TAKE_OVER, by=by, now=now, detail={'taken_over_from': before})
        return _save(alert, now=now)


def note_contact(
    *,
    alert: Alert,
    by: User,
    now: datetime,
    reached: bool,
    note: str = '',
    call_back_at: datetime | None = None,
    seen: int | None = None,
) -> Alert:
    """A phone call or visit. Only one that reached somebody counts as contact; either acknowledges an open alert.

    `call_back_at` is when she speaks with the patient again; each contact says so anew. Raises AlreadyDone when it is resolved,
    ChangedMeanwhile when it came back with news that were not on her screen (`seen`), ValueError for a call-back in the past.
    """
    if call_back_at is not None and call_back_at <= now:
        raise ValueError('a call-back comes later')
    with transaction.atomic():
        alert = locked(alert)
        wanted = Move.CONTACT if reached else Move.TRY_CONTACT
        refuse_resolved(alert)
        if alert.is_waiting:
            refuse_stale(alert, seen)
        *before, act = steps(alert.state, wanted)
        for step in before:
            _step(alert, step, by=by, now=now)
        alert.call_back_at = call_back_at
        detail = {'call_back_at': call_back_at.isoformat()} if call_back_at else {}
        _step(alert, act, by=by, now=now, detail={'reached': reached, **detail}, note=note)
        return _save(alert, now=now)


def add_note(*, alert: Alert, by: User, now: datetime, note: str) -> Alert:
    """A note, also on a resolved alert: what is learnt later belongs to it."""
    if not note.strip():
        raise ValueError('a note needs words')
    with transaction.atomic():
        alert = locked(alert)
        _step(alert, Move.NOTE, by=by, now=now, note=note)
        return _save(alert)


def mark(*, alert: Alert, by: User, now: datetime, mark: Mark | str) -> Alert:
    """Whether the alert was useful or noise, for the figures; it changes nothing else. Raises ValueError for another word."""
    mark = Mark(mark)
    with transaction.atomic():
        alert = locked(alert)
        if alert.mark == mark:
            return alert
        alert.mark = mark
        _step(alert, Move.MARK, by=by, now=now, detail={'mark': mark.value})
        return _save(alert)


def resolve(
    *, alert: Alert, by: User, now: datetime, outcome: Outcome | str, note: str = '', seen: int | None = None
) -> Alert:
    """Close the alert with an outcome; on an open one this acknowledges it first, and both go on record.

    Raises ValueError for an unknown outcome, AlreadyDone when it is resolved, ChangedMeanwhile when it is not as she saw it.
    """
    outcome = Outcome(outcome)
    with transaction.atomic():
        alert = locked(alert)
        refuse_resolved(alert)
        refuse_stale(alert, seen)
        *before, act = steps(alert.state, Move.RESOLVE)
        for step in before:
            _step(alert, step, by=by, now=now)
        alert.outcome = outcome
        snooze_rows.finish(alert=alert, why=SnoozeEnd.RESOLVED, now=now, by=by)
        _step(alert, act, by=by, now=now, detail={'outcome': outcome.value}, note=note)
        return _save(alert, now=now)


def undo(*, alert: Alert, by: User, now: datetime) -> Alert:
    """A resolved alert is open again, with its ladder from the start: it was closed by mistake, or too soon.

    Raises TooLate after a day, or when the patient has another alert of that line by now; IllegalMove when it is not resolved.
    """
    with _one_a_line(), transaction.atomic():
        alert = locked(alert)
        if alert.state == AlertState.RESOLVED:
            _refuse_late(alert, now=now)
        alert.outcome, alert.resolved_at = '', None
        event = _step(alert, Move.UNDO, by=by, now=now)
        escalating.promise_again(alert=alert, staff=Staff(alert.clinic, now=now), now=now)
        escalating.arm(alert=alert, event=event, now=now)
        return _save(alert)


@contextmanager
def _one_a_line() -> Iterator[None]:
    """A newer alert that opens in the same moment is seen by the database alone."""
    try:
        yield
    except IntegrityError as error:
        if 'alert_one_unresolved_per_line' in str(error):
            raise TooLate from error
        raise


def _taken(alert: Alert, *, by: User, now: datetime) -> bool:
    try:
        acknowledge(alert=alert, by=by, now=now, seen=alert.version)
    except (AlreadyDone, ChangedMeanwhile):
        return False
    return True


def _refuse_late(alert: Alert, *, now: datetime) -> None:
    newer = Alert.objects.filter(patient=alert.patient_id, line=alert.line).exclude(state=AlertState.RESOLVED)
    if (alert.resolved_at or now) + MAY_UNDO < now or newer.exists():
        raise TooLate


def _hers_already(alert: Alert, by: User) -> Alert:
    if alert.owner_id == by.pk and alert.state != AlertState.RESOLVED:
        return alert
    refuse_resolved(alert)
    last = alert.events.filter(kind__in=[AlertEventKind.ACKNOWLEDGED, AlertEventKind.TAKEN_OVER]).last()
    raise AlreadyDone(alert.owner, last.at if last else alert.acknowledged_at or alert.opened_at)


def _step(
    alert: Alert, step: Move, *, by: User, now: datetime, detail: dict[str, Any] | None = None, note: str = ''
) -> AlertEvent:
    alert.state = AlertState(move(alert.state, step))
    waited = _waited(alert, step, now=now)
    if step in (Move.ACKNOWLEDGE, Move.TAKE_OVER):
        alert.owner = by
        alert.acknowledged_at = now if step is Move.ACKNOWLEDGE else alert.acknowledged_at
    elif step is Move.CONTACT:
        alert.contacted_at = now
    elif step is Move.RESOLVE:
        alert.resolved_at = now
    return AlertEvent.objects.create(
        alert=alert,
        kind=KINDS[step],
        at=now,
        actor=by,
        state=alert.state,
        tier=alert.tier,
        detail=detail or {},
        note=note,
        waited=waited,
        in_time=now <= alert.acknowledge_by if step is Move.ACKNOWLEDGE else None,
    )


def _waited(alert: Alert, step: Move, *, now: datetime) -> timedelta | None:
    """For the figures: how long it waited until it was acknowledged, how long it was open until it was resolved."""
    since = {Move.ACKNOWLEDGE: alert.waiting_since, Move.RESOLVE: alert.opened_at}.get(step)
    return None if since is None else max(now - since, timedelta())


def _save(alert: Alert, *, now: datetime | None = None) -> Alert:
    """With `now`, the step took it in hand or closed it: its clock is set anew. A note or a mark leaves the clock alone."""
    if now is not None:
        escalating.hold(alert=alert, now=now)
    alert.version += 1
    alert.save()
    return alert
