"""When a clinic is open, in instants. Local opening hours become UTC here and nowhere else, so a daylight-saving day is as
long as it really is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count

WEEK = timedelta(days=7)
TOUCHING = timedelta(minutes=1)  # 23:59 is how people write midnight


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of one weekday (Monday is 0) in the clinic's local time."""

    weekday: int
    opens: time
    closes: time


def open_stretches(hours: Iterable[Hours], zone: tzinfo, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches, in UTC and in order of time, that end after `since`; endless, but empty for a clinic without hours.

    Stretches that touch or overlap come as one, so that "open until" is the instant at which the door really closes.
    """
    whole_week = sorted(hours, key=lambda one: (one.weekday, one.opens))
    if whole_week:
        raw = _raw_stretches(whole_week, zone, since.astimezone(zone).date() - timedelta(days=1))
        yield from ((opens, closes) for opens, closes in _joined(raw) if closes > since)


def open_until(hours: Iterable[Hours], zone: tzinfo, now: datetime) -> datetime | None:
    """When the clinic that is open `now` closes; None while it is closed. A clinic that never closes: in a week or more."""
    stretch = next(open_stretches(hours, zone, now), None)
    return stretch[1] if stretch and stretch[0] <= now else None


def opens_next(hours: Iterable[Hours], zone: tzinfo, now: datetime) -> datetime | None:
    """When the clinic that is closed `now` opens; None for a clinic without hours."""
    return next((opens for opens, _ in open_stretches(hours, zone, now) if opens > now), None)


def after_open_time(amount: timedelta, hours: Iterable[Hours], zone: tzinfo, since: datetime) -> datetime | None:
    """The instant at which the clinic has been open for `amount` since `since`; None for a clinic without hours."""
    left, since = amount, since.astimezone(UTC)
    for opens, closes in open_stretches(hours, zone, since):
        start = max(opens, since)
        if closes - start >= left:
            return start + left
        left -= closes - start
    return None


def _raw_stretches(whole_week: list[Hours], zone: tzinfo, first: date) -> Iterator[tuple[datetime, datetime]]:
    for day in (first + timedelta(days=n) for n in count()):
        for one in whole_week:
            if one.weekday == day.weekday():
                yield _stretch(one, day, zone)


def _stretch(one: Hours, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    # An hour that comes twice in autumn: opened at its first coming, closed at its second.
    opens = datetime.combine(day, one.opens, zone)
    closes = datetime.combine(day, one.closes, zone).replace(fold=1)
    return opens.astimezone(UTC), closes.astimezone(UTC)


def _joined(stretches: Iterator[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Join what touches, for a week at most: a clinic that never closes must not be searched for ever."""
    opens, closes = next(stretches)
    for next_opens, next_closes in stretches:
        if next_opens - closes <= TOUCHING and closes - opens < WEEK:
            closes = max(closes, next_closes)
            continue
        if closes > opens:
            yield opens, closes
        opens, closes = next_opens, max(next_closes, next_opens)
