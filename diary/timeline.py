"""Where a day stands in a treatment: planned cycles and doses, cycle day, rest, time since the last dose.

Pure arithmetic on local calendar days; the founding documents name the schedules (Penn Medicine and Cleveland Clinic: daily,
weekly, monthly, or in cycles with rest periods). docs/decisions/0012-schedules.md tells why each is counted as it is.
"""

import calendar
import enum
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Side effects were seen 3 to 28 months after stopping (Couey 2019); a clinic may choose another span.
FOLLOW_UP_MONTHS = 24
SCHEDULES = ('once', 'daily', 'weekly', 'monthly', 'every_n_days', 'cycles')
WEEK = 7
SHORTEST_MONTH = 28


class ScheduleError(ValueError):
    """A schedule that cannot be planned. `field` is the argument that is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f'{field}: {reason}')
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class PlannedCycle:
    """One cycle, first and last day included; `doses` are the days on which a dose is planned."""

    number: int
    starts_on: date
    ends_on: date
    doses: tuple[date, ...]

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    @property
    def length(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.starts_on + timedelta(n) for n in range(self.length))

    def day_number(self, day: date) -> int:
        """1 on the first day."""
        return (day - self.starts_on).days + 1

    def rests_on(self, day: date) -> bool:
        """Whether `day` is in the rest period: the days of the cycle after its last planned dose."""
        return day in self and bool(self.doses) and day > self.doses[-1]


class Phase(enum.Enum):
    """Where a day is, seen from the course."""

    BEFORE = 'before'  # the course has not begun
    CYCLE = 'cycle'  # inside a cycle
    AFTER = 'after'  # behind the last cycle; the diary goes on


@dataclass(frozen=True)
class Place:
    """Where one day stands. `day` is 1 on a cycle's first day; `days_since_dose` is 0 on the day of the dose."""

    phase: Phase
    cycle: int | None = None
    day: int | None = None
    rest: bool = False
    days_since_dose: int | None = None
    months_since_dose: int | None = None
    next_dose: date | None = None


def plan(
    schedule: str,
    starts_on: date,
    *,
    cycle_days: int,
    dose_days: Sequence[int],
    cycles: int,
    first_number: int = 1,
) -> tuple[PlannedCycle, ...]:
    """The cycles of a schedule, without gaps, the first beginning on `starts_on` with `first_number`.

    `cycle_days` is a cycle's length, rest included (a month has its own length); `dose_days` are the days of a cycle with a dose,
    1 being the first. Raises ScheduleError.
    """
    days = checked_dose_days(schedule, cycle_days=cycle_days, dose_days=dose_days, cycles=cycles)
    starts = [_cycle_start(schedule, starts_on, cycle_days, n) for n in range(cycles + 1)]
    return tuple(
        PlannedCycle(
            first_number + n, start, following - timedelta(1), doses_between(start, following - timedelta(1), days)
        )
        for n, (start, following) in enumerate(itertools.pairwise(starts))
    )


def checked_dose_days(schedule: str, *, cycle_days: int, dose_days: Sequence[int], cycles: int) -> tuple[int, ...]:
    """The days of a cycle with a dose, sorted. Raises ScheduleError for what is not a schedule."""
    if schedule not in SCHEDULES:
        raise ScheduleError('schedule', f'{schedule} is not one of {", ".join(SCHEDULES)}')
    if cycle_days < 1:
        raise ScheduleError('cycle_days', 'at least 1')
    if cycles < 1 or (schedule == 'once' and cycles != 1):
        raise ScheduleError('cycles', 'exactly 1' if schedule == 'once' else 'at least 1')
    if schedule == 'weekly' and cycle_days != WEEK:
        raise ScheduleError('cycle_days', 'a week has 7 days')
    days = tuple(range(1, cycle_days + 1)) if schedule == 'daily' else tuple(sorted(set(dose_days)))
    longest = SHORTEST_MONTH if schedule == 'monthly' else cycle_days
    if not days or days[0] < 1 or days[-1] > longest:
        raise ScheduleError('dose_days', f'days between 1 and {longest}')
    if schedule in ('once', 'every_n_days') and days != (1,):
        raise ScheduleError('dose_days', 'the dose is on day 1')
    return days


def doses_between(starts_on: date, ends_on: date, dose_days: Iterable[int]) -> tuple[date, ...]:
    """The days of one cycle on which a dose is planned; a cycle that was cut short loses those behind its end."""
    days = (starts_on + timedelta(day - 1) for day in dose_days)
    return tuple(day for day in days if day <= ends_on)


def place(day: date, *, cycles: Sequence[PlannedCycle], doses: Iterable[date]) -> Place:
    """Where `day` stands among the cycles of one course and the local days on which doses were given."""
    given = [dose for dose in doses if dose <= day]
    since = (day - max(given)).days if given else None
    months = months_between(max(given), day) if given else None
    due_from = day + timedelta(1) if since == 0 else day
    upcoming = min((d for cycle in cycles for d in cycle.doses if d >= due_from), default=None)
    running = next((cycle for cycle in cycles if day in cycle), None)
    if running is None:
        begun = bool(given) or any(cycle.starts_on <= day for cycle in cycles)
        return Place(
            Phase.AFTER if begun else Phase.BEFORE,
            days_since_dose=since,
            months_since_dose=months,
            next_dose=upcoming,
        )
    return Place(
        Phase.CYCLE,
        cycle=running.number,
        day=running.day_number(day),
        rest=running.rests_on(day),
        days_since_dose=since,
        months_since_dose=months,
        next_dose=upcoming,
    )


def diary_runs_until(last_dose: date, months: int = FOLLOW_UP_MONTHS) -> date:
    """The last day on which the diary is asked for: side effects can come long after the last dose."""
    return add_months(last_dose, months)


def add_months(day: date, months: int) -> date:
    """The same day of a later month; a day that this month does not have becomes its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(earlier: date, later: date) -> int:
    """Whole calendar months from `earlier` to `later`."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months if add_months(earlier, months) <= later else months - 1


def _cycle_start(schedule: str, starts_on: date, cycle_days: int, n: int) -> date:
    """The first day of the n-th cycle (0 = first). Months are counted from the first day, so that 31 January keeps its 31st."""
    if schedule == 'monthly':
        return add_months(starts_on, n)
    return starts_on + timedelta(cycle_days * n)
