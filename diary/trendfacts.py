"""What a stretch of a diary holds about one symptom, as facts that can be counted. Pure: the standard library only.

    facts_of(Series(levels={day: 2, other: None}, written={day, other, third}, first=…, last=…, doses=[…])) -> Facts

A fact is only there where the days bear it: “mostly” is more than half of the days, “after a dose” is every worst day, and days
without an entry count for nothing (docs/decisions/0053-trends.md). Words are made of it in trendwords.py.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from diary.timeline import PlannedCycle

AFTER_DOSE = 3  # days after a dose that still count as after it
FEWEST_QUIET = 3  # entries without the symptom before one says that it is quiet
FEWEST_COMPARED = 3  # days with an entry on either side, before two cycles are compared


@dataclass(frozen=True)
class Series:
    """One symptom from `first` to `last`, both included. `written` are the days with an entry.

    `levels` has the days on which it was reported: the worst of the day, None where it was not told how bad. `apart` are those of
    them on an older scale, which cannot be held against the others. What lies outside is left out.
    """

    levels: Mapping[date, int | None]
    written: Collection[date]
    first: date
    last: date
    doses: Collection[date] = ()
    apart: Collection[date] = frozenset()

    def part(self, first: date, last: date) -> 'Series':
        return Series(self.levels, self.written, max(first, self.first), min(last, self.last), self.doses, self.apart)

    def inside(self, days: Collection[date]) -> list[date]:
        return sorted(day for day in days if self.first <= day <= self.last)

    @property
    def comparable(self) -> dict[date, int]:
        """The days with a level on the scale of now."""
        told = {day: self.levels[day] for day in self.inside(self.levels) if day not in self.apart}
        return {day: level for day, level in told.items() if level is not None}


@dataclass(frozen=True)
class Facts:
    """`usual` is the level of more than half of the reported days, `worst` the highest with its days; both None where the days do
    not say. `after_dose`: every worst day was at most so many days after a dose. `quiet`: the latest entries without it."""

    days: int
    written: int
    reported: int
    untold: int
    apart: int
    usual: int | None = None
    worst: int | None = None
    worst_days: tuple[date, ...] = ()
    after_dose: int | None = None
    quiet: int = 0


@dataclass(frozen=True)
class Compared:
    """The running cycle against the same days of the one before: the worst levels, 0 where it was not reported."""

    days: int
    now: int
    before: int


def facts_of(series: Series) -> Facts:
    written, reported = series.inside(series.written), series.inside(series.levels)
    told = series.comparable
    worst = max(told.values(), default=None)
    worst_days = tuple(sorted(day for day, level in told.items() if level == worst))
    return Facts(
        days=(series.last - series.first).days + 1,
        written=len(written),
        reported=len(reported),
        untold=sum(series.levels[day] is None for day in reported),
        apart=sum(day in series.apart for day in reported),
        usual=_usual(told, len(reported)),
        worst=worst,
        worst_days=worst_days,
        after_dose=_after_dose(worst_days, written, series.doses),
        quiet=_quiet(written, reported),
    )


def _usual(told: Mapping[date, int], reported: int) -> int | None:
    """More than half of all days on which it was reported, those of which nothing more is known included."""
    for level, days in Counter(told.values()).most_common(1):
        if days * 2 > reported and days > 1:
            return level
    return None


def _after_dose(days: Collection[date], written: Collection[date], doses: Collection[date]) -> int | None:
    """How far behind a dose the farthest of `days` was; None where one was not after a dose, or nearly every day is."""
    since = [_days_since_dose(day, doses) for day in days]
    near = [day for day in written if _days_since_dose(day, doses) is not None]
    if len(since) < 2 or None in since or len(near) * 2 > len(written):
        return None
    return max(each for each in since if each is not None)


def _days_since_dose(day: date, doses: Collection[date]) -> int | None:
    """Days since the latest dose, where that is at most AFTER_DOSE."""
    found = [n for n in range(AFTER_DOSE + 1) if day - timedelta(n) in doses]
    return min(found, default=None)


def _quiet(written: Collection[date], reported: Collection[date]) -> int:
    last = max(reported, default=None)
    quiet = sum(last is not None and day > last for day in written)
    return quiet if quiet >= FEWEST_QUIET else 0


def compare(series: Series, now: PlannedCycle | None, before: PlannedCycle | None) -> Compared | None:
    """The running cycle so far against the same days of the one before.

    None where either has too few entries to be looked at, or where a day was told on another scale or without how bad it was.
    """
    if now is None or before is None or series.last not in now:
        return None
    days = min((series.last - now.starts_on).days, (before.ends_on - before.starts_on).days)
    parts = [series.part(cycle.starts_on, cycle.starts_on + timedelta(days)) for cycle in (now, before)]
    if any(part.first != cycle.starts_on for part, cycle in zip(parts, (now, before), strict=True)):
        return None
    worst = [_worst_of_enough(part) for part in parts]
    return Compared(days + 1, *worst) if all(level is not None for level in worst) else None  # type: ignore[arg-type]


def _worst_of_enough(part: Series) -> int | None:
    facts = facts_of(part)
    if facts.untold or facts.apart or facts.written < FEWEST_COMPARED or facts.written * 2 < facts.days:
        return None
    return facts.worst or 0


@dataclass(frozen=True)
class NumberFacts:
    """What was measured: on how many days, lowest, highest, the last with its day; `over` are the days at or above the limit."""

    days: int
    times: int
    low: float
    high: float
    last: float
    last_on: date
    over: int


def number_facts(values: Sequence[tuple[date, float]], *, limit: float | None = None) -> NumberFacts:
    """`values` in the order of time, at least one."""
    numbers = [value for _day, value in values]
    over = {day for day, value in values if limit is not None and value >= limit}
    last_on, last = values[-1]
    return NumberFacts(
        len({day for day, _value in values}), len(values), min(numbers), max(numbers), last, last_on, len(over)
    )
