"""The outbox: telling people. A row is written with what it tells of, in the same transaction; services/delivering.py sends it."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from alerts import hints
from alerts.models import AlertEvent, Channel, Notification, NotificationStatus, TierChoice
from alerts.people.ways import Way, way_of_number, ways_of
from alerts.services.delivering import deliver_due, sweep
from clinic.models import User

__all__ = ['deliver_due', 'sweep', 'tell']
logger = logging.getLogger(__name__)

RANK = {TierChoice.EMERGENCY.value: 0, TierChoice.URGENT.value: 1, TierChoice.SAME_DAY.value: 2}
OF_NO_ALERT = 1  # a gap in the plan, an entry that could not be checked: as pressing as an urgent alert
AFTER_ALL_ALERTS = 3  # reminders: hundreds are due at the same hour, and no alert may wait behind them
SWEEP = 'alerts.tasks.sweep_notifications'


def tell(
    *,
    key: str,
    people: Iterable[User],
    numbers: Iterable[str] = (),
    path: str,
    event: AlertEvent | None = None,
    rank: int = OF_NO_ALERT,
    now: datetime,
) -> int:
    """Write what each person and each phone number (E.164) is to be told, in the caller's transaction.

    `key` names the news ("event:12", "gap:…", at most 80 characters): who has a row for it already is not told again, by
    whichever way. `path` is the page that the message links to. With an `event` nothing is sent once somebody has its alert in
    hand, and its tier says how pressing it is; without one `rank` does. Returns how many of the people and numbers there is a way
    to tell, those with a row already among them.
    """
    rows = [*_to_people(people), *_to_numbers(numbers)]
    rank = rank if event is None else RANK[event.tier]
    for row in rows:
        row.key, row.path, row.event, row.rank, row.created_at, row.next_try_at = key, path, event, rank, now, now
    Notification.objects.bulk_create(_new(key, rows), ignore_conflicts=True)
    told = sum(row.status == NotificationStatus.WAITING for row in rows)
    if told:
        transaction.on_commit(lambda: hints.send(SWEEP))
    return told


def _to_people(people: Iterable[User]) -> list[Notification]:
    unique = {person.pk: person for person in people}
    ways = ways_of(unique.values())
    return [_row(ways[pk], recipient=person) for pk, person in unique.items()]


def _to_numbers(numbers: Iterable[str]) -> list[Notification]:
    unique = dict.fromkeys(numbers)
    return [_row([way] if (way := way_of_number(number)) else [], address=number) for number in unique]


def _row(ways: Sequence[Way], *, recipient: User | None = None, address: str = '') -> Notification:
    """Whom nothing can reach gets a row that says so: a failure that nobody sees would be worse than one that shows."""
    row = Notification(recipient=recipient, address=address, channel=Channel.EMAIL if recipient else Channel.SMS)
    if not ways:
        row.status, row.error = NotificationStatus.FAILED, 'no way'
        logger.error('notification without a way: person %s', recipient.pk if recipient else 'none, a number')
        return row
    row.channel, row.way = ways[0].channel, ways[0].row
    return row


def _new(key: str, rows: Sequence[Notification]) -> list[Notification]:
    there = set(Notification.objects.filter(key=key).values_list('recipient', 'address'))
    return [row for row in rows if (row.recipient_id, row.address) not in there]
