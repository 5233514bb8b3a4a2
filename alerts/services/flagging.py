"""Flags open or join the patient's alert. A worse entry raises it and puts it back on the list; it never hides in an old one."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction

from alerts.engine.hours import Hours
from alerts.engine.lifecycle import Move, move
from alerts.engine.tiers import Tier
from alerts.models import (
    BETWEEN_TITLES,
    Alert,
    AlertEvent,
    AlertEventKind,
    AlertState,
    Flag,
    Line,
    SnoozeEnd,
    TierChoice,
)
from alerts.people.promise import Deadlines, promised
from alerts.people.watch import hours_of
from alerts.services import escalating, snooze_rows, snoozing
from alerts.services.escalating import NOBODY_YET, Call
from alerts.services.notifying import RANK
from clinic.models import Clinic, Patient
from diary.models import Entry

log = logging.getLogger(__name__)
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
_LONGEST_SUMMARY = 240


@dataclass(frozen=True)
class Case:
    """An alert and what stands in it: (rule, tier, title, entry, whether it still holds) of each flag."""

    alert: Alert
    standing: list[tuple[str, str, str, int, bool]]

    @classmethod
    def of(cls, alert: Alert) -> 'Case':
        columns = ('rule', 'tier', 'title', 'evaluation__revision__entry', 'withdrawn_at')
        return cls(alert, [(*row[:4], row[4] is None) for row in alert.flags.values_list(*columns)])

    @cached_property
    def rules(self) -> set[str]:
        return {rule for rule, *_ in self.standing}

    @cached_property
    def entries(self) -> set[int]:
        return {entry for _, _, _, entry, _ in self.standing}

    def holding(self) -> list[tuple[str, str, str]]:
        return [(tier, rule, title) for rule, tier, title, _, holds in self.standing if holds]


def raise_flags(
    *, patient: Patient, entry: Entry, flags: Sequence[Flag], rules: Deadlines, since: datetime, now: datetime
) -> None:
    """Open or join an alert for each line that the new flags of one entry touch, and store the flags.

    `since` is when the evaluation was owed: a nurse's waiting time and the promise to the patient count from there, however late
    the workers were. The patient's row must be locked: that is what keeps two entries from opening two alerts.
    """
    by_line: dict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        if flag.tier in LINE:
            by_line[LINE[flag.tier]].append(flag)
    cases = _unresolved(patient) if by_line else {}
    hours = hours_of(patient.clinic) if Line.AMBER in by_line else []
    amber = cases.get(Line.AMBER)
    if Line.RED in by_line and amber is not None and amber.state == AlertState.SNOOZED:
        _wake(amber, since=since, now=now)
    for line in sorted(by_line):
        deadline = _deadline(patient.clinic, hours, by_line[line], rules, since=since)
        _raise_line(patient, entry, line, cases.get(line), by_line[line], since=since, deadline=deadline, now=now)
    Flag.objects.bulk_create(flags)


def _wake(amber: Alert, *, since: datetime, now: datetime) -> None:
    """The same-day alert of a patient for whom somebody must act now. Where that fails she stays hidden: the red alert opens."""
    try:
        with transaction.atomic():
            snoozing.broken_by_red(alert=amber, since=since, now=now)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001  (what is wrong with an amber alert must keep no red one from opening)
        log.error('alert %s could not be woken: %s', amber.pk, type(error).__name__)


def _unresolved(patient: Patient) -> dict[str, Alert]:
    """The patient's open cases by line, locked against a nurse's step in the same moment."""
    alerts = Alert.objects.select_for_update().filter(patient=patient).exclude(state=AlertState.RESOLVED).order_by('pk')
    return {alert.line: alert for alert in alerts}


def _raise_line(
    patient: Patient,
    entry: Entry,
    line: str,
    alert: Alert | None,
    flags: list[Flag],
    *,
    since: datetime,
    deadline: datetime,
    now: datetime,
) -> None:
    if alert is None:
        alert, kind = _opened(patient, line, flags, since=since, deadline=deadline, now=now), AlertEventKind.OPENED
        call = escalating.ready(alert=alert, now=now)
    else:
        alert.patient, alert.clinic = patient, patient.clinic  # in hand already, so not read again
        kind, call = _join(alert, entry, flags, since=since, deadline=deadline, now=now)
    alert.save()
    for flag in flags:
        flag.alert = alert
    rules = sorted(flag.rule for flag in flags)
    # `by` is what the patient is promised for this entry, whatever the case that it joins was promised before.
    detail = {'entry': str(entry.public_id), 'rules': rules, 'by': deadline.isoformat()}
    event = _event(alert, kind, detail | call.detail, now=now)
    escalating.tell(alert=alert, event=event, call=call, now=now)


def _deadline(
    clinic: Clinic, hours: Sequence[Hours], flags: Iterable[Flag], rules: Deadlines, *, since: datetime
) -> datetime:
    """When a person must have seen the most pressing of the flags."""
    fired = [(flag.rule, Tier.from_word(flag.tier)) for flag in flags]
    try:
        zone = clinic.zone
    except Exception as error:  # noqa: BLE001  (a zone that is wrong must keep no alert from opening)
        log.error('the hours of clinic %s could not be used: %s', clinic.pk, type(error).__name__)
        hours, zone = (), ZoneInfo('UTC')  # by the wall clock: sooner is the safe mistake
    due = promised(fired, rules, since=since, hours=hours, zone=zone)
    assert due is not None  # flags of a line make an alert
    return due


def _opened(
    patient: Patient, line: str, flags: list[Flag], *, since: datetime, deadline: datetime, now: datetime
) -> Alert:
    tier = _worst(flag.tier for flag in flags)
    return Alert(
        clinic=patient.clinic,
        patient=patient,
        line=line,
        tier=tier,
        tier_rank=RANK[tier],
        opened_at=now,
        waiting_since=since,
        acknowledge_by=deadline,
        last_flag_at=now,
        summary=_summary((flag.tier, flag.rule, flag.title) for flag in flags),
        is_drill=patient.is_drill,
    )


def _join(
    alert: Alert, entry: Entry, flags: list[Flag], *, since: datetime, deadline: datetime, now: datetime
) -> tuple[AlertEventKind, Call]:
    """Let flags join an open case. News sends an acknowledged one back to the list, with a new deadline.

    Its ladder starts again when it came back or got worse, and when something new came to one of which nobody was told any more.
    """
    case = Case.of(alert)
    tier = _worst([alert.tier, *(flag.tier for flag in flags)])
    worse, waited, news = RANK[tier] < alert.tier_rank, alert.is_waiting, _is_news(case, flags)
    if alert.state == AlertState.SNOOZED and news:
        snooze_rows.finish(alert=alert, why=SnoozeEnd.WORSE, now=now)
    back, aside = not waited and (worse or news), alert.review_since is not None and news
    act = Move.RAISE if worse else Move.REOPEN if back else Move.JOIN
    alert.state = move(alert.state, act).value
    if back:
        escalating.put_back(alert=alert, since=since, acknowledge_by=deadline)
    elif waited:
        alert.acknowledge_by = deadline if aside else min(alert.acknowledge_by, deadline)
    alert.tier, alert.tier_rank, alert.last_flag_at, alert.version = tier, RANK[tier], now, alert.version + 1
    alert.entry_count = len(case.entries | {entry.pk})
    alert.summary = _summary([*case.holding(), *((flag.tier, flag.rule, flag.title) for flag in flags)])
    if back or worse or aside:
        return _KIND[act], escalating.ready(alert=alert, now=now)
    escalating.hasten(alert=alert, deadline=deadline, now=now)
    return _KIND[act], NOBODY_YET


def _is_news(case: Case, flags: list[Flag]) -> bool:
    """Where somebody must act now, everything: a further entry, and a correction, whose numbers may be worse.

    Where somebody looks today, a rule that the case has not seen; the same finding on the next day is no news. A snooze says
    more exactly what is none.
    """
    if case.alert.state == AlertState.SNOOZED:
        return not snooze_rows.is_expected(case.alert, flags)
    return case.alert.line == Line.RED or any(flag.rule not in case.rules for flag in flags)


def withdraw_flags(*, flags: Sequence[Flag], reason: str, now: datetime) -> None:
    """Mark flags that no longer hold, with the reason; their alert stays open until a person closes it, and says so."""
    if not flags:
        return
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(withdrawn_at=now, withdrawn_reason=reason)
    by_alert: dict[int, list[Flag]] = defaultdict(list)
    for flag in flags:
        if flag.alert_id is not None:
            by_alert[flag.alert_id].append(flag)
    for alert in Alert.objects.select_for_update().filter(pk__in=by_alert).order_by('pk'):
        _tell_withdrawn(alert, by_alert[alert.pk], reason=reason, now=now)


def _tell_withdrawn(alert: Alert, flags: list[Flag], *, reason: str, now: datetime) -> None:
    if alert.state != AlertState.RESOLVED:
        alert.summary = _summary(Case.of(alert).holding())
        alert.version += 1
        alert.save(update_fields=['summary', 'version'])
    detail = {'rules': sorted(flag.rule for flag in flags), 'reason': reason}
    _event(alert, AlertEventKind.WITHDRAWN, detail, now=now)


def _event(alert: Alert, kind: AlertEventKind, detail: dict[str, Any], *, now: datetime) -> AlertEvent:
    return AlertEvent.objects.create(alert=alert, kind=kind, at=now, state=alert.state, tier=alert.tier, detail=detail)


def _summary(holding: Iterable[tuple[str, str, str]]) -> str:
    """The titles of what holds, the worst first, as many as fit. Each is (tier, rule, title)."""
    ordered = sorted(holding, key=lambda flag: (RANK[flag[0]], flag[1]))
    text = BETWEEN_TITLES.join(dict.fromkeys(title for _, _, title in ordered))
    return text if len(text) <= _LONGEST_SUMMARY else text[: _LONGEST_SUMMARY - 1] + '…'


def _worst(tiers: Iterable[str]) -> str:
    return min(tiers, key=RANK.__getitem__)
