"""Sending what is due: rows are leased, looked at again, handed to their channel and marked (docs/notifications.md)."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.urls import reverse

from alerts.channels import Message, SendFailed
from alerts.models import AlertEvent, AlertEventKind, Channel, Notification, NotificationStatus
from alerts.people import reminders
from alerts.services import outbox
from alerts.services.handing import Hands, Parcel
from clinic.faultpoints import point

SWEEP_SECONDS = 20.0
LOCK = 7_160_022  # any number that nobody else of Vigil's uses
LOOK_SECONDS = 0.1
FROZEN_SECONDS = 45  # a sweep waits for its last messages for ten without asking the database anything


class Clock:
    """The instant at which the work began, and how far it has come: a sweep lasts too long for one instant."""

    def __init__(self, now: datetime) -> None:
        self._now, self._began = now, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def now(self) -> datetime:
        return self._now + timedelta(seconds=self.seconds)


def sweep(*, now: datetime) -> int | None:
    """Send what is due, or None while another sweep is at it: a channel that hangs may hold one worker, never all of them.

    A sweep that is frozen lets go: the server ends its session when it asks nothing for FROZEN_SECONDS.
    """
    with connection.cursor() as cursor:
        cursor.execute('select pg_try_advisory_lock(%s)', [LOCK])
        if not cursor.fetchone()[0]:
            return None
        try:
            cursor.execute(f"set idle_session_timeout = '{FROZEN_SECONDS:d}s'")
            return deliver_due(now=now)
        finally:
            cursor.execute('reset idle_session_timeout')
            cursor.execute('select pg_advisory_unlock(%s)', [LOCK])


def deliver_due(*, now: datetime, limit: int = 1000, for_seconds: float = SWEEP_SECONDS) -> int:
    """Send up to `limit` messages that are due, the most pressing first; how many rows were sent.

    Nothing is begun after `for_seconds`; what is on its way then has ten more. Any number of senders may run at once.
    """
    clock, hands, sent = Clock(now), Hands(), 0
    while True:
        begun = limit > 0 and clock.seconds < for_seconds and _begin_one(hands, clock)
        limit -= begun
        back = hands.take(wait=LOOK_SECONDS if hands.busy and not begun else 0)
        sent += sum(_mark(parcel, failure, now=clock.now) for parcel, failure in back)
        if not (begun or back or hands.busy):  # what came back may have made another way due
            return sent


def _begin_one(hands: Hands, clock: Clock) -> bool:
    """Whether something was due, be it that it had to be sent or that it was not needed any more."""
    rows = outbox.lease(now=clock.now, channels=hands.free())
    if not rows:
        return False
    point('notify.leased')
    parcel = _parcel(rows, now=clock.now)
    if parcel is not None:
        hands.give(parcel)
    return True


def _mark(parcel: Parcel, failure: SendFailed | None, *, now: datetime) -> int:
    point('notify.sent')
    if failure is not None:
        outbox.mark_failed(parcel.rows, failure, now=now)
        return 0
    marked = outbox.mark_sent(parcel.rows, now=now)
    point('notify.marked')
    return marked


def _parcel(rows: Sequence[int], *, now: datetime) -> Parcel | None:
    """What the rows say, as things are now, right before it is sent; None when nothing of it is needed any more."""
    seen = AlertEvent.objects.filter(
        alert=OuterRef('event__alert'), pk__gt=OuterRef('event'), kind=AlertEventKind.ACKNOWLEDGED
    )
    found = Notification.objects.filter(pk__in=rows, status=NotificationStatus.WAITING).order_by('rank', '-pk')
    waiting = list(found.select_related('event__alert__clinic', 'recipient', 'way').annotate(seen=Exists(seen)))
    needed = [row for row in waiting if _is_needed(row, now=now)]
    outbox.mark_not_needed({row.pk for row in waiting} - {row.pk for row in needed})
    if not needed:
        return None
    pks, address = tuple(row.pk for row in needed), _address(needed[0])
    if address is None:
        outbox.mark_failed(pks, SendFailed('way gone', permanent=True), now=now)
        return None
    return Parcel(pks, needed[0].channel, address, _message(needed))


def _is_needed(row: Notification, *, now: datetime) -> bool:
    """Nobody is called out for what somebody has in hand: acknowledged since, put off, or closed; nor reminded of what is done."""
    if reminders.is_reminder(row):
        return reminders.is_needed(row, now=now)
    return row.event is None or (row.event.alert.is_waiting and not row.seen)  # type: ignore[attr-defined]


def _address(row: Notification) -> str | None:
    """Where to; None where the person has left, or has taken the way away, or it was found dead meanwhile."""
    if row.recipient is None:
        return row.address
    if not row.recipient.is_active:
        return None
    if row.channel == Channel.EMAIL:
        return row.recipient.email
    way = row.way
    return way.address if way is not None and way.broken_at is None and way.removed_at is None else None


def _message(rows: Sequence[Notification]) -> Message:
    """One thing: its page. Several: how many, and the worklist."""
    first = rows[0]
    alert = first.event.alert if first.event else None
    language = (
        first.recipient.language if first.recipient else alert.clinic.language if alert else settings.LANGUAGE_CODE
    )
    things = {row.event.alert_id if row.event else row.key for row in rows}
    return Message(
        path=_page(rows),
        language=language,
        count=len(things),
        drill=alert is not None and alert.is_drill,
        reminder=all(map(reminders.is_reminder, rows)),
    )


def _page(rows: Sequence[Notification]) -> str:
    if len({row.path for row in rows}) == 1:
        return rows[0].path
    return reverse('alerts:worklist' if any(row.event_id for row in rows) else 'clinic:home')
