"""The rows of the outbox: taken for a while, marked as sent, put off, or handed to the person's next way."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from alerts.channels import SendFailed
from alerts.models import WAITING, Alert, ContactWay, Notification, NotificationStatus
from alerts.people.ways import Way, ways_of
from clinic.faultpoints import point

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)  # far longer than a channel may take: nobody sends twice what is on its way
TRIES_OF_MANY = 3  # half a minute: then the next way, which may work
TRIES = 12  # well over an hour: the last way has nothing behind it but the ladder
LONGEST_PAUSE = timedelta(minutes=15)
MOST_AT_ONCE = 200


def lease(*, now: datetime, channels: Iterable[str], most: int = MOST_AT_ONCE) -> list[int]:
    """Take the most pressing row that is due, and whatever else is due to the same person by the same way; their ids.

    Their next try moves into the future and is committed, so that a crash of this sender only delays them.
    """
    with transaction.atomic():
        waiting = Notification.objects.filter(status=NotificationStatus.WAITING)
        due = waiting.filter(next_try_at__lte=now).select_for_update(skip_locked=True, no_key=True, of=('self',))
        first = due.filter(channel__in=channels).order_by('rank', 'next_try_at', 'pk').first()
        if first is None:
            return []
        rows = [row.pk for row in _beside(first, due)[:most]]
        Notification.objects.filter(pk__in=rows).update(attempts=F('attempts') + 1, next_try_at=now + LEASE)
    return rows


def _beside(first: Notification, due: QuerySet[Notification]) -> QuerySet[Notification]:
    """What may be said in one message with the first row, itself included. A drill is never mixed with what is real."""
    same = due.filter(
        recipient=first.recipient_id, address=first.address, channel=first.channel, way=first.way_id
    ).order_by('rank', 'next_try_at', 'pk')
    drill = first.event is not None and first.event.alert.is_drill
    return same.filter(event__alert__is_drill=True) if drill else same.exclude(event__alert__is_drill=True)


def mark_sent(rows: Iterable[int], *, now: datetime) -> int:
    """Marked together; how many."""
    waiting = Notification.objects.filter(pk__in=rows, status=NotificationStatus.WAITING)
    return waiting.update(status=NotificationStatus.SENT, sent_at=now, error='')


def mark_not_needed(rows: Iterable[int]) -> None:
    Notification.objects.filter(pk__in=rows).update(status=NotificationStatus.NOT_NEEDED, error='')


def mark_failed(rows: Iterable[int], failure: SendFailed, *, now: datetime) -> None:
    """Put the rows off, or give their way up: for good, or after so many tries, the person's next way takes over."""
    with transaction.atomic():
        locked = Notification.objects.select_related('recipient').select_for_update(no_key=True, of=('self',))
        for row in locked.filter(pk__in=rows, status=NotificationStatus.WAITING).order_by('pk'):
            behind = _next_way(row)
            if failure.permanent or row.attempts >= (TRIES_OF_MANY if behind else TRIES):
                _give_up(row, failure, behind, now=now)
            else:
                _put_off(row, failure, now=now)
        point('notify.before_failed')


def break_way(way: int, *, now: datetime) -> None:
    """The channel says that nobody is there any more: she sees it on her page, and nothing is sent there again."""
    ContactWay.objects.filter(pk=way, broken_at=None).update(broken_at=now)


def _put_off(row: Notification, failure: SendFailed, *, now: datetime) -> None:
    row.error = failure.code
    row.next_try_at = now + min(timedelta(seconds=5 * 2**row.attempts), LONGEST_PAUSE)
    row.save(update_fields=['error', 'next_try_at'])
    logger.warning('notification %s will be tried again: %s', row.pk, failure.code)


def _give_up(row: Notification, failure: SendFailed, behind: Way | None, *, now: datetime) -> None:
    row.status, row.error = NotificationStatus.FAILED, failure.code
    row.save(update_fields=['status', 'error'])
    if failure.permanent and row.way_id is not None:
        break_way(row.way_id, now=now)
    if behind is not None:
        logger.warning('notification %s goes another way: %s', row.pk, failure.code)
        _take_way(row, behind, now=now)
        return
    logger.error('notification %s failed for good: %s', row.pk, failure.code)
    _climb(row, now=now)


def _next_way(row: Notification) -> Way | None:
    """The first of the person's ways by which this was not tried yet."""
    if row.recipient is None:
        return None
    tried = set(Notification.objects.filter(key=row.key, recipient=row.recipient_id).values_list('channel', 'way'))
    ways = ways_of([row.recipient])[row.recipient.pk]
    return next((way for way in ways if (way.channel, way.row_id) not in tried), None)


def _take_way(row: Notification, way: Way, *, now: datetime) -> None:
    Notification.objects.create(
        key=row.key,
        event=row.event,
        recipient=row.recipient,
        channel=way.channel,
        way=way.row,
        path=row.path,
        rank=row.rank,
        created_at=row.created_at,
        next_try_at=now,
    )


def _climb(row: Notification, *, now: datetime) -> None:
    """Nobody heard of this: the alert's next rung is due now. Where another was told, or may yet be, its time stands.

    In the first round only: then each rung was tried, and what refuses one message refuses the next. The ladder goes on by its
    own time, and the auditor sees it.
    """
    heard = (NotificationStatus.SENT, NotificationStatus.WAITING)
    if row.event is None or Notification.objects.filter(key=row.key, status__in=heard).exists():
        return
    waits = Alert.objects.filter(pk=row.event.alert_id, state__in=WAITING, round=0)
    waits.filter(due_at__gt=now).update(due_at=now)
