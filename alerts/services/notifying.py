"""The outbox: telling the people on call. A row is written with the event that it tells of, then leased, sent and marked."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from alerts.channels import CHANNELS, Message, SendFailed
from alerts.models import AlertEvent, AlertEventKind, Channel, Notification, NotificationStatus, TierChoice
from clinic.models import Clinic, Membership

logger = logging.getLogger(__name__)

TELLING = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.REOPENED)
PRESSING = (TierChoice.EMERGENCY, TierChoice.URGENT)
LEASE = timedelta(seconds=60)  # longer than the mail server may take (EMAIL_TIMEOUT)
TRIES = 10
LONGEST_PAUSE = timedelta(minutes=15)


def announce(*, event: AlertEvent, now: datetime) -> int:
    """Write a waiting notification for everybody on call, in the caller's transaction; how many people will be told.

    Only news of an emergency or urgent alert is announced. Safe to call again: a row is unique per event, person and channel.
    """
    if event.kind not in TELLING or event.tier not in PRESSING:
        return 0
    rows = [
        Notification(
            key=f'event:{event.pk}',
            event=event,
            recipient=member.user,
            channel=Channel.EMAIL,
            path=reverse('alerts:alert', args=[event.alert.public_id]),
            created_at=now,
            next_try_at=now,
        )
        for member in _to_tell(event.alert.clinic)
        if CHANNELS[Channel.EMAIL].reaches(member.user)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def deliver_due(*, now: datetime, limit: int = 10) -> int:
    """Send what is due, one after the other; how many were sent. Any number of senders may run at once."""
    return sum(_tried(pk, now=now) for pk in _leases(now=now, limit=limit))


def _tried(pk: int, *, now: datetime) -> bool:
    try:
        return _deliver(pk, now=now)
    except Exception as error:  # noqa: BLE001  (leased, so tried again; it must not keep the others' messages back)
        logger.error('notification %s failed: %s', pk, type(error).__name__)
        return False


def _to_tell(clinic: Clinic) -> list[Membership]:
    members = clinic.memberships.filter(active=True, user__is_active=True).select_related('user').order_by('pk')
    # Nobody marked as on call must not mean nobody told: then it is everybody.
    return list(members.filter(on_call=True)) or list(members)


def _leases(*, now: datetime, limit: int) -> Iterator[int]:
    for _ in range(limit):
        pk = _lease_one(now=now)
        if pk is None:
            return
        yield pk


def _lease_one(*, now: datetime) -> int | None:
    """Take one row that is due. Its next try moves into the future, so that a crash of this sender only delays it."""
    with transaction.atomic():
        due = Notification.objects.filter(status=NotificationStatus.WAITING, next_try_at__lte=now)
        row = due.order_by('next_try_at').select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.attempts += 1
        row.next_try_at = now + LEASE
        row.save(update_fields=['attempts', 'next_try_at'])
        return row.pk


def _deliver(pk: int, *, now: datetime) -> bool:
    with transaction.atomic():
        rows = Notification.objects.filter(pk=pk, status=NotificationStatus.WAITING)
        row = rows.select_related('event__alert', 'recipient').select_for_update(skip_locked=True, of=('self',)).first()
        if row is None:
            return False
        _send(row, now=now)
        row.save(update_fields=['status', 'sent_at', 'next_try_at', 'error'])
        return row.status == NotificationStatus.SENT


def _send(row: Notification, *, now: datetime) -> None:
    if _seen_since(row.event):
        row.status = NotificationStatus.NOT_NEEDED
        return
    try:
        assert row.recipient is not None  # a number of a ladder has no channel yet
        CHANNELS[row.channel].send(row.recipient, Message(path=row.path))
    except SendFailed as failure:
        _put_off(row, failure, now=now)
    else:
        row.status, row.sent_at, row.error = NotificationStatus.SENT, now, ''


def _seen_since(event: AlertEvent | None) -> bool:
    """Whether a person acknowledged after the event: nobody is called out for what somebody has in hand."""
    if event is None:
        return False
    seen = AlertEvent.objects.filter(alert=event.alert_id, pk__gt=event.pk, kind=AlertEventKind.ACKNOWLEDGED)
    return not event.alert.is_waiting or seen.exists()


def _put_off(row: Notification, failure: SendFailed, *, now: datetime) -> None:
    row.error = failure.code
    if failure.permanent or row.attempts >= TRIES:
        row.status = NotificationStatus.FAILED
        logger.error('notification %s failed for good: %s', row.pk, failure.code)
        return
    row.next_try_at = now + min(timedelta(seconds=10 * 2**row.attempts), LONGEST_PAUSE)
    logger.warning('notification %s will be tried again: %s', row.pk, failure.code)
