"""The sweep of the alerts' clocks: whoever waits climbs, whoever was forgotten comes back, whoever was snoozed wakes.

Each alert is one transaction: its row is claimed (rows that another worker holds are skipped), read afresh, does one step, and is
armed again. So a worker that dies leaves it due, two workers never do one step twice, and after a long pause each does one step
and goes on from there.
"""

import logging
import math
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction

from alerts.engine.escalation import LONGEST_CALL_BACK, Ladder, Place, is_over
from alerts.engine.lifecycle import Move, move
from alerts.models import WAITING, Alert, AlertEvent, AlertEventKind, AlertState
from alerts.people.staffing import Staff
from alerts.services import escalating, snoozing
from alerts.services.escalating import Call
from clinic.faultpoints import point

log = logging.getLogger(__name__)

AFTER_A_FAILURE = timedelta(minutes=1)
_failed: dict[
    int, datetime
] = {}  # alert → not before; of this process only, so that a failing alert keeps nobody waiting


def sweep_due(*, now: datetime, limit: int = 500, for_seconds: float = math.inf) -> int:
    """Do one step of each alert that is due, the most pressing first; how many did one.

    Stops after `for_seconds`: the next sweep goes on. An alert that fails stays due, so that it shows, and is tried again after a
    minute.
    """
    until = time.monotonic() + for_seconds
    clinics: dict[int, Staff] = {}
    done = 0
    for pk in _due(now=now, limit=limit):
        if time.monotonic() > until:
            break
        done += _tried(pk, clinics, now=now)
    return done


def _due(*, now: datetime, limit: int) -> list[int]:
    for pk in [pk for pk, again in _failed.items() if again <= now]:
        del _failed[pk]
    due = Alert.objects.filter(due_at__lte=now).exclude(pk__in=list(_failed))
    return list(due.order_by('tier_rank', 'due_at').values_list('pk', flat=True)[:limit])


def _tried(pk: int, clinics: dict[int, Staff], *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            stepped = _step(pk, clinics, now=now)
        point('escalate.committed')
    except Exception as error:
        # It stays due and is tried again; it must not keep the others waiting.
        if isinstance(error, DatabaseError | InterfaceError) and not connection.is_usable():
            raise  # the database is away, which is no alert's fault: the next sweep does them all
        _failed[pk] = now + AFTER_A_FAILURE
        log.error('the clock of alert %s failed: %s', pk, type(error).__name__)
        return False
    return stepped


def _step(pk: int, clinics: dict[int, Staff], *, now: datetime) -> bool:
    alert = _claimed(pk, now=now)
    if alert is None:
        return False
    point('escalate.claimed')
    if alert.state == AlertState.SNOOZED:
        snoozing.end_of_time(alert=alert, now=now)
        return True
    if alert.clinic_id not in clinics:
        clinics[alert.clinic_id] = Staff(alert.clinic, now=now)
    staff, ladder = clinics[alert.clinic_id], Ladder.from_json(alert.policy)
    opens = staff.clock.stands_still(ladder, due=_due_at(alert), now=now)
    if opens is not None:
        Alert.objects.filter(pk=alert.pk).update(due_at=opens)
        return False
    if alert.state in WAITING:
        _climb(alert, ladder, staff, now=now)
    else:
        _return(alert, ladder, staff, now=now)
        alert.version += 1
    point('escalate.told')
    alert.save(update_fields=CLOCK)
    point('escalate.saved')
    return True


CLOCK = [
    'state',
    'policy',
    'step',
    'round',
    'due_at',
    'review_since',
    'waiting_since',
    'acknowledge_by',
    'call_back_at',
    'version',
]


def _claimed(pk: int, *, now: datetime) -> Alert | None:
    """The row, locked and as it is now; None when another worker has it, or when it is not due any more."""
    due = Alert.objects.filter(pk=pk, due_at__lte=now).select_related('patient')
    return due.select_for_update(skip_locked=True, of=('self',)).first()


def _due_at(alert: Alert) -> datetime:
    assert alert.due_at is not None  # it was claimed as due
    return alert.due_at


def _climb(alert: Alert, ladder: Ladder, staff: Staff, *, now: datetime) -> None:
    """The next people are told; a same-day alert of which everybody was told goes to the review list, in silence.

    Its version stays: nothing changed that a nurse who takes it must have read.
    """
    alert.state = move(alert.state, Move.ESCALATE).value
    if not ladder.is_red and is_over(ladder, Place(alert.step, alert.round)):
        alert.due_at, alert.review_since = None, now
        _event(alert, AlertEventKind.REVIEW, {}, now=now)
        return
    call = escalating.step(alert=alert, ladder=ladder, staff=staff)
    _tell(alert, AlertEventKind.ESCALATED, call, {}, now=now)


def _return(alert: Alert, ladder: Ladder, staff: Staff, *, now: datetime) -> None:
    """Somebody took it and nothing came of it: it waits again, from the foot of its ladder."""
    why = _why_back(alert, ladder, now=now)
    alert.state = move(alert.state, Move.RETURN).value
    escalating.promise_again(alert=alert, staff=staff, now=now)
    call = escalating.ready(alert=alert, now=now, staff=staff, ladder=ladder)
    _tell(alert, AlertEventKind.RETURNED, call, why, now=now)


def _why_back(alert: Alert, ladder: Ladder, *, now: datetime) -> dict[str, Any]:
    """`after` so many minutes in the state `from`; `call_back_at` instead of them in words, where an agreed call is due."""
    after = ladder.unfinished_after if alert.state == AlertState.CONTACTED else ladder.forgotten_after
    why: dict[str, Any] = {'after': after, 'from': alert.state}
    if alert.call_back_at is None:
        return why
    if escalating.is_call_due(alert, now=now):
        return why | {'call_back_at': alert.call_back_at.isoformat()}
    return why | {'after': int(LONGEST_CALL_BACK[ladder.tier].total_seconds() // 60)}


def _tell(alert: Alert, kind: AlertEventKind, call: Call, why: dict[str, Any], *, now: datetime) -> None:
    event = _event(alert, kind, why | call.detail, now=now)
    point('escalate.event')
    escalating.tell(alert=alert, event=event, call=call, now=now)


def _event(alert: Alert, kind: AlertEventKind, detail: dict[str, Any], *, now: datetime) -> AlertEvent:
    return AlertEvent.objects.create(alert=alert, kind=kind, at=now, state=alert.state, tier=alert.tier, detail=detail)
