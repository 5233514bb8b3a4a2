"""Sending what the outbox holds. A row is leased, sent and marked."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from alerts.channels import CHANNELS, Message, SendFailed
from alerts.models import AlertEvent, AlertEventKind, Notification, NotificationStatus

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than the mail server may take (EMAIL_TIMEOUT)
TRIES = 10
LONGEST_PAUSE = timedelta(minutes=15)


def deliver_due(*, now: datetime, limit: int = 10) -> int:
    """Send what is due, one after the other; how many were sent. Any number of senders may run at once."""
    return sum(_tried(pk, now=now) for pk in _leases(now=now, limit=limit))


def _tried(pk: int, *, now: datetime) -> bool:
    try:
        return _deliver(pk, now=now)
    except Exception as error:  # noqa: BLE001  (leased, so tried again; it must not keep the others' messages back)
        logger.error('notification %s failed: %s', pk, type(error).__name__)
        return False


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
        row = due.order_by('rank', 'next_try_at').select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.attempts += 1
        row.next_try_at = now + LEASE
        row.save(update_fields=['attempts', 'next_try_at'])
        return row.pk


def _deliver(pk: int, *, now: datetime) -> bool:
    with transaction.atomic():
        rows = Notification.objects.filter(pk=pk, status=NotificationStatus.WAITING)
        row = (
            rows.select_related('event__alert', 'recipient', 'way')
            .select_for_update(skip_locked=True, of=('self',))
            .first()
        )
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
        address = row.way.address if row.way else row.recipient.email if row.recipient else row.address
        language = row.recipient.language if row.recipient else 'en'
        CHANNELS[row.channel].send(address, Message(path=row.path, language=language))
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
