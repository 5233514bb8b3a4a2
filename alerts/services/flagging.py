"""Flags open or join the patient's alert. A worse entry raises it and puts it back on the list; it never hides in an old one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from alerts import hints
from alerts.engine.hours import Hours
from alerts.engine.lifecycle import Move, acknowledge_by, move
from alerts.engine.tiers import Tier
from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState, Flag, Line, TierChoice
from alerts.programs import Compiled
from alerts.services import notifying
from clinic.models import Clinic, Patient
from diary.models import Entry

RANK = {TierChoice.EMERGENCY.value: 0, TierChoice.URGENT.value: 1, TierChoice.SAME_DAY.value: 2}
LINE = {
    TierChoice.EMERGENCY.value: Line.RED.value,
    TierChoice.URGENT.value: Line.RED.value,
    TierChoice.SAME_DAY.value: Line.AMBER.value,
}


_KIND = {
    Move.JOIN: AlertEventKind.JOINED,
    Move.RAISE: AlertEventKind.RAISED,
    Move.REOPEN: AlertEventKind.REOPENED,
}


def raise_flags(
    *, patient: Patient, entry: Entry, flags: Sequence[Flag], compiled: Compiled, now: datetime
) -> list[Alert]:
    """Open or join an alert for each line that the new flags of one entry touch. The patient's row must be locked."""
    by_line: dict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        if flag.tier in LINE:
            by_line[LINE[flag.tier]].append(flag)
    return [_raise_line(patient, entry, line, by_line[line], compiled, now=now) for line in sorted(by_line)]


def _raise_line(
    patient: Patient, entry: Entry, line: str, flags: list[Flag], compiled: Compiled, *, now: datetime
) -> Alert:
    deadline = _deadline(patient.clinic, flags, compiled, now=now)
    alert = (
        Alert.objects.select_for_update().filter(patient=patient, line=line).exclude(state=AlertState.RESOLVED).first()
    )
    if alert is None:
        alert = _open(patient, line, flags, deadline=deadline, now=now)
        kind = AlertEventKind.OPENED
    else:
        kind = _join(alert, entry, flags, deadline=deadline, now=now)
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(alert=alert)
    alert.entry_count = alert.flags.values('evaluation__revision__entry').distinct().count()
    alert.summary = _summary(alert)
    alert.save()
    _tell(alert, kind, {'entry': str(entry.public_id), 'rules': sorted(flag.rule for flag in flags)}, now=now)
    return alert


def _deadline(clinic: Clinic, flags: list[Flag], compiled: Compiled, *, now: datetime) -> datetime:
    """When a person must have seen the most pressing of the flags; same-day minutes count clinic hours only."""
    hours = [Hours(span.weekday, span.opens, span.closes) for span in clinic.opening_hours.all()]
    zone = ZoneInfo(clinic.time_zone)
    due = [
        acknowledge_by(Tier.from_word(flag.tier), now, compiled.rules.acknowledge_within(flag.rule) or 0, hours, zone)
        for flag in flags
    ]
    return min(due)


def _open(patient: Patient, line: str, flags: list[Flag], *, deadline: datetime, now: datetime) -> Alert:
    tier = _worst(flag.tier for flag in flags)
    return Alert.objects.create(
        clinic=patient.clinic,
        patient=patient,
        line=line,
        tier=tier,
        tier_rank=RANK[tier],
        opened_at=now,
        waiting_since=now,
        acknowledge_by=deadline,
        last_flag_at=now,
        summary='',
    )


def _join(alert: Alert, entry: Entry, flags: list[Flag], *, deadline: datetime, now: datetime) -> AlertEventKind:
    """Let flags join an open case. News sends an acknowledged one back to the list, with a new deadline."""
    tier = _worst([alert.tier, *(flag.tier for flag in flags)])
    worse, waited = RANK[tier] < alert.tier_rank, alert.state == AlertState.OPEN
    back = not waited and (worse or _is_news(alert, entry, flags))
    act = Move.RAISE if worse else Move.REOPEN if back else Move.JOIN
    alert.state = move(alert.state, act).value
    if back:
        alert.waiting_since, alert.acknowledge_by = now, deadline
    elif waited:
        alert.acknowledge_by = min(alert.acknowledge_by, deadline)
    alert.tier, alert.tier_rank, alert.last_flag_at, alert.version = tier, RANK[tier], now, alert.version + 1
    return _KIND[act]


def _is_news(alert: Alert, entry: Entry, flags: list[Flag]) -> bool:
    """A rule that the case has not seen, or, where somebody must act now, any further entry.

    The same same-day finding on the next day is no news, nor is a correction that meets the same rules again.
    """
    known = set(alert.flags.values_list('rule', flat=True))
    if any(flag.rule not in known for flag in flags):
        return True
    return alert.line == Line.RED and not alert.flags.filter(evaluation__revision__entry=entry).exists()


def withdraw_flags(*, flags: Sequence[Flag], reason: str, now: datetime) -> None:
    """Mark flags that no longer hold, with the reason; their alert stays open until a person closes it, and says so."""
    by_alert: dict[Alert, list[Flag]] = defaultdict(list)
    for flag in Flag.objects.filter(pk__in=[flag.pk for flag in flags], withdrawn_at=None).select_related('alert'):
        Flag.objects.filter(pk=flag.pk).update(withdrawn_at=now, withdrawn_reason=reason)
        if flag.alert is not None:
            by_alert[flag.alert].append(flag)
    for alert, gone in by_alert.items():
        _tell_withdrawn(alert, gone, reason=reason, now=now)


def _tell_withdrawn(alert: Alert, flags: list[Flag], *, reason: str, now: datetime) -> None:
    locked = Alert.objects.select_for_update().get(pk=alert.pk)
    if locked.state != AlertState.RESOLVED:
        locked.summary = _summary(locked)
        locked.version += 1
        locked.save(update_fields=['summary', 'version'])
    _tell(locked, AlertEventKind.WITHDRAWN, {'rules': sorted(flag.rule for flag in flags), 'reason': reason}, now=now)


def _tell(alert: Alert, kind: AlertEventKind, detail: dict[str, Any], *, now: datetime) -> None:
    event = AlertEvent.objects.create(alert=alert, kind=kind, at=now, state=alert.state, tier=alert.tier, detail=detail)
    if notifying.announce(event=event, now=now):
        transaction.on_commit(lambda: hints.send('alerts.tasks.sweep_notifications'))


def _summary(alert: Alert) -> str:
    """The titles of what holds, worst first, as many as fit."""
    holding = sorted(alert.flags.filter(withdrawn_at=None), key=lambda flag: (RANK[flag.tier], flag.rule))
    titles = list(dict.fromkeys(flag.title for flag in holding))
    text = ' · '.join(titles)
    return text if len(text) <= 240 else text[:239] + '…'


def _worst(tiers: Iterable[str]) -> str:
    return min(tiers, key=RANK.__getitem__)
