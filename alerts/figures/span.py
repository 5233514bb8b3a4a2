"""Which days the figures are about, and their weeks: the clinic's own calendar, cut at its own midnights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKS = (4, 12, 26)
USUAL = 12
LONGEST = timedelta(days=731)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """A week of the span, known by its Monday. `first` and `last` are those of its days that lie in the span."""

    monday: date
    first: date
    last: date

    @property
    def is_whole(self) -> bool:
        return self.last - self.first == WEEK - timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """From the first until the last day, both included, in the clinic's calendar; never beyond `now`."""

    first: date
    last: date
    zone: ZoneInfo
    now: datetime

    @property
    def since(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first instant that is not in the span any more."""
        return min(midnight(self.last + timedelta(days=1), self.zone), self.now.astimezone(UTC))

    @property
    def is_now(self) -> bool:
        """Whether the span reaches to this moment, so that its last week goes on."""
        return self.last == self.now.astimezone(self.zone).date()

    @property
    def weeks(self) -> Sequence[Week]:
        """Oldest first; the first and the last may have fewer than seven days."""
        start = monday_of(self.first)
        mondays = [start + n * WEEK for n in range((self.last - start).days // 7 + 1)]
        return [Week(day, max(day, self.first), min(day + timedelta(days=6), self.last)) for day in mondays]


def last_weeks(number: int, *, zone: ZoneInfo, now: datetime) -> Span:
    """This week, so far, and the whole weeks before it."""
    today = now.astimezone(zone).date()
    return Span(monday_of(today) - (number - 1) * WEEK, today, zone, now)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
