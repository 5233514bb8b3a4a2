"""A calendar cut into cycles, and into months where there is none. Pure arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from diary.timeline import PlannedCycle, add_months

ONE_DAY = timedelta(1)


@dataclass(frozen=True)
class Section:
    """A stretch of days shown together: a cycle of a course (`course` is its index) or what lies in one month without one."""

    first: date
    last: date
    cycle: PlannedCycle | None = None
    course: int | None = None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


def sections(courses: Sequence[Sequence[PlannedCycle]], *, first: date, today: date) -> list[Section]:
    """Newest first, without gap or overlap from `first` (or the first cycle) to the end of the running cycle.

    Where courses overlap, the earlier in the list wins: give the one that matters most first. Cycles to come are left out.
    """
    taken: list[Section] = []
    for index, cycles in enumerate(courses):
        begun = (cycle for cycle in cycles if cycle.starts_on <= today)
        taken += [Section(c.starts_on, c.ends_on, c, index) for c in begun if not _touches(c, taken)]
    taken.sort(key=lambda section: section.first)
    return [*reversed(_with_months(taken, first, today))]


def _touches(cycle: PlannedCycle, taken: Iterable[Section]) -> bool:
    return any(cycle.starts_on <= section.last and section.first <= cycle.ends_on for section in taken)


def _with_months(taken: Sequence[Section], first: date, today: date) -> list[Section]:
    filled: list[Section] = []
    day = min([first, *(section.first for section in taken)])
    for section in taken:
        filled += _months(day, section.first - ONE_DAY)
        filled.append(section)
        day = section.last + ONE_DAY
    return filled + _months(day, today)


def _months(first: date, last: date) -> list[Section]:
    """The days from `first` to `last`, one section a calendar month."""
    found: list[Section] = []
    while first <= last:
        next_month = add_months(first.replace(day=1), 1)
        found.append(Section(first, min(last, next_month - ONE_DAY)))
        first = next_month
    return found
