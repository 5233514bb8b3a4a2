"""Snoozing a same-day alert up to an expected level until a day, and every way in which that ends. All of it is stored."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from alerts.engine.lifecycle import Move, acknowledge_by, move
from alerts.engine.snoozing import Expected, Level, end_of
from alerts.engine.tiers import Tier
from alerts.expectations import findings
from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState, Line, Snooze, SnoozeEnd
from alerts.people.promise import promised
from alerts.people.watch import hours_of
from alerts.programs import compiled
from alerts.queries.cases import flags_of
from alerts.queries.rules.in_force import published_rule_set
from alerts.services import escalating, working
from alerts.services.held import locked, refuse_resolved, refuse_stale
from alerts.services.snooze_rows import finish
from clinic.models import User


class CannotSnooze(ValueError):
    """An alert that asks for somebody now, or in which nothing holds that could be expected."""


def snooze(
    *, alert: Alert, by: User, now: datetime, until: date, reason: str, levels: Mapping[str, Level], seen: int
) -> Alert:
    """Hide a same-day alert until the end of a local day of the clinic, unless it gets worse than expected.

    `levels` overrides today's level of symptoms; `seen` is the version on her screen. Snoozing again takes the place of the first;
    a waiting alert is acknowledged first. Raises CannotSnooze, AlreadyDone, ChangedMeanwhile; ValueError for a day too far ahead,
    a missing reason or a symptom that is not in the alert.
    """
    if not reason.strip():
        raise ValueError('a snooze needs a reason')
    with transaction.atomic():
        alert = locked(alert)
        _refuse(alert, seen)
        ends, expected = end_of(until, now=now, zone=alert.clinic.zone), _expected(alert, levels)
        if alert.is_waiting:
            alert = working.acknowledge(alert=alert, by=by, now=now)
        finish(alert=alert, why=SnoozeEnd.REPLACED, now=now, by=by)
        alert.state, alert.snoozed_until = move(alert.state, Move.SNOOZE).value, ends
        _store(alert, expected, reason.strip(), by=by, now=now, until=ends)
        _event(alert, AlertEventKind.SNOOZED, now=now, by=by, detail={'until': until.isoformat()}, note=reason.strip())
        escalating.hold(alert=alert, now=now)
        return _save(alert)


def wake(*, alert: Alert, by: User, now: datetime) -> Alert:
    """A nurse ends a snooze: the alert is back on the list. One that is not snoozed (any more) is left as it is."""
    with transaction.atomic():
        alert = locked(alert)
        if alert.state != AlertState.SNOOZED:
            return alert
        return _back(alert, Move.WAKE, SnoozeEnd.WOKEN, since=now, now=now, by=by)


def end_of_time(*, alert: Alert, now: datetime) -> Alert:
    """The time of a snooze is over, or a call is due that was agreed upon: the alert waits for somebody again. Before that nothing
    happens."""
    with transaction.atomic():
        alert = locked(alert)
        if alert.state != AlertState.SNOOZED or alert.snoozed_until is None:
            return alert
        if alert.snoozed_until <= now:
            return _back(alert, Move.WAKE, SnoozeEnd.TIME, since=now, now=now)
        if escalating.is_call_due(alert, now=now):
            return _back(alert, Move.WAKE, SnoozeEnd.CALL, since=now, now=now)
        Alert.objects.filter(pk=alert.pk).update(due_at=escalating.wakes_at(alert=alert, now=now))
        return alert


def broken_by_red(*, alert: Alert, since: datetime, now: datetime) -> Alert:
    """Somebody must act now for this patient, so her snoozed alert is back on the list as well. The row is locked by the caller."""
    return _back(alert, Move.REOPEN, SnoozeEnd.RED, since=since, now=now)


def _refuse(alert: Alert, seen: int) -> None:
    refuse_resolved(alert)
    refuse_stale(alert, seen)
    if alert.line != Line.AMBER:
        raise CannotSnooze('only a same-day alert can be snoozed')


def _expected(alert: Alert, levels: Mapping[str, Level]) -> Expected:
    now = findings(flags_of(alert))
    if not now.expected.rules:
        raise CannotSnooze('nothing in it can be expected')
    if unknown := set(levels) - set(now.expected.symptoms):
        raise ValueError(f'not in this alert: {", ".join(sorted(unknown))}')
    return Expected.of(now.flags, {**now.levels, **levels})


def _store(alert: Alert, expected: Expected, reason: str, *, by: User, now: datetime, until: datetime) -> None:
    Snooze.objects.create(
        alert=alert,
        patient_id=alert.patient_id,
        clinic_id=alert.clinic_id,
        expected=expected.to_json(),
        reason=reason,
        by=by,
        at=now,
        until=until,
    )


def _back(alert: Alert, step: Move, why: SnoozeEnd, *, since: datetime, now: datetime, by: User | None = None) -> Alert:
    """To the list again, with a new promise and its ladder from the start. `since` is when it began to wait."""
    finish(alert=alert, why=why, now=now, by=by)
    alert.state = move(alert.state, step).value
    escalating.put_back(alert=alert, since=since, acknowledge_by=_seen_by(alert, since=since))
    kind = AlertEventKind.WOKEN if step is Move.WAKE else AlertEventKind.REOPENED
    event = _event(alert, kind, now=now, by=by, detail={'snooze': why.value})
    escalating.arm(alert=alert, event=event, now=now)
    return _save(alert)


def _seen_by(alert: Alert, *, since: datetime) -> datetime:
    """When somebody should look, by the rules of now; at once where there are none."""
    rule_set = published_rule_set(alert.clinic_id)
    if rule_set is None:
        return since
    rules, hours, zone = compiled(rule_set).rules, hours_of(alert.clinic), alert.clinic.zone
    holding = alert.flags.filter(withdrawn_at=None).values_list('rule', flat=True)
    fired = [(rule, Tier.SAME_DAY) for rule in holding if rule in rules.rules]
    usual = acknowledge_by(Tier.SAME_DAY, since, rules.acknowledge_within_minutes[Tier.SAME_DAY], hours, zone)
    return min(usual, promised(fired, rules, since=since, hours=hours, zone=zone) or usual)


def _event(
    alert: Alert, kind: AlertEventKind, *, now: datetime, by: User | None, detail: dict[str, str], note: str = ''
) -> AlertEvent:
    return AlertEvent.objects.create(
        alert=alert, kind=kind, at=now, actor=by, state=alert.state, tier=alert.tier, detail=detail, note=note
    )


def _save(alert: Alert) -> Alert:
    alert.version += 1
    alert.save()
    return alert
