"""Who is on call: shifts of every week and overrides for once, as instants. Local times become UTC here, at one place, so that
the person who leaves and the person who comes always meet at the same instant, on daylight-saving nights too."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEK_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of every week in local time, from one weekday (Monday is 0) and time to another; the same twice is a whole week."""

    who: int
    starts_weekday: int
    starts: time
    ends_weekday: int
    ends: time


@dataclass(frozen=True, slots=True)
class Override:
    """`who` alone is on call from `starts_at` up to `ends_at` (aware). Of several the one with the highest `number` counts."""

    who: int
    starts_at: datetime
    ends_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same people from `starts_at` up to, not including, `ends_at` (UTC). `override` is the number of the one that decides."""

    starts_at: datetime
    ends_at: datetime
    people: frozenset[int]
    override: int | None = None

    @property
    def is_gap(self) -> bool:
        return not self.people


@dataclass(frozen=True, slots=True)
class Rota:
    """All that decides who is on call at a clinic."""

    zone: tzinfo
    shifts: Collection[Shift] = ()
    overrides: Collection[Override] = ()


def on_call_at(rota: Rota, at: datetime) -> frozenset[int]:
    """Everybody who is on call at the instant `at`; empty when nobody is."""
    return _decided(rota, _runs(rota, at, at), at)[0]


def stretches(rota: Rota, since: datetime, until: datetime) -> list[Stretch]:
    """The window from `since` to `until`, cut at every hand-over: in order, touching, nothing twice, gaps as stretches of nobody.

    Raises ValueError for a window that ends before it begins.
    """
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if until < since:
        raise ValueError('a window ends after it begins')
    runs = _runs(rota, since, until)
    pairs = [(run.starts_at, run.ends_at) for run in runs] + [(one.starts_at, one.ends_at) for one in rota.overrides]
    edges = {edge.astimezone(UTC) for pair in pairs for edge in pair}
    cuts = sorted({since, *(edge for edge in edges if since < edge < until), until})
    found: list[Stretch] = []
    for starts_at, ends_at in pairwise(cuts):
        people, override = _decided(rota, runs, starts_at)
        if found and (found[-1].people, found[-1].override) == (people, override):
            starts_at = found.pop().starts_at
        found.append(Stretch(starts_at, ends_at, people, override))
    return found


def gaps(rota: Rota, since: datetime, until: datetime) -> list[Stretch]:
    """When nobody is on call between `since` and `until`."""
    return [stretch for stretch in stretches(rota, since, until) if stretch.is_gap]


def next_handover(rota: Rota, at: datetime, *, within: timedelta) -> tuple[datetime, frozenset[int]] | None:
    """When other people (or nobody) come on call after `at`, and who they are; None when nothing changes `within` so long."""
    now = on_call_at(rota, at)
    coming = stretches(rota, at, at.astimezone(UTC) + within)
    return next(((one.starts_at, one.people) for one in coming if one.people != now), None)


def instant(day: date, at: time, zone: tzinfo) -> datetime:
    """The instant (UTC) at which the local clock shows `at` on `day`: the first time, where it does so twice; where it never does,
    the instant at which the clock jumps over it."""
    local = datetime.combine(day, at.replace(fold=0), zone)
    found = local.astimezone(UTC)
    return found if exists(day, at, zone) else _jump(local.replace(fold=1).astimezone(UTC), found, zone)


def exists(day: date, at: time, zone: tzinfo) -> bool:
    """Whether the local clock shows `at` on `day` at all."""
    local = datetime.combine(day, at.replace(fold=0), zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


def comes_twice(day: date, at: time, zone: tzinfo) -> bool:
    """Whether the local clock shows `at` twice on `day`."""
    local = datetime.combine(day, at, zone)
    return exists(day, at, zone) and local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def days_long(shift: Shift) -> int:
    """How many midnights lie in a shift; seven where it ends at or before its start on the same weekday."""
    days = (shift.ends_weekday - shift.starts_weekday) % 7
    return 7 if days == 0 and shift.ends <= shift.starts else days


def minutes_long(shift: Shift) -> int:
    """The length of a shift in a week without a change of the clocks."""
    return days_long(shift) * 24 * 60 + _minutes(shift.ends) - _minutes(shift.starts)


def overlap(one: Shift, other: Shift) -> bool:
    """Whether two weekly shifts ever run at the same time."""
    apart = (_start(other) - _start(one)) % WEEK_MINUTES
    return apart < minutes_long(one) or WEEK_MINUTES - apart < minutes_long(other)


@dataclass(frozen=True, slots=True)
class _Run:
    """One week's run of a shift, in UTC; empty on a night that swallows it whole."""

    who: int
    starts_at: datetime
    ends_at: datetime


def _decided(rota: Rota, runs: Collection[_Run], at: datetime) -> tuple[frozenset[int], int | None]:
    """Who is on call, and the number of the override that says so."""
    covering = [one for one in rota.overrides if one.starts_at <= at < one.ends_at]
    if covering:
        newest = max(covering, key=lambda one: one.number)
        return frozenset({newest.who}), newest.number
    return frozenset(run.who for run in runs if run.starts_at <= at < run.ends_at), None


def _runs(rota: Rota, since: datetime, until: datetime) -> list[_Run]:
    """Every run that can touch the window."""
    return [run for shift in rota.shifts for run in _runs_of(shift, rota.zone, since, until)]


def _runs_of(shift: Shift, zone: tzinfo, since: datetime, until: datetime) -> Iterator[_Run]:
    day = since.astimezone(zone).date() - WEEK - 2 * DAY  # two days of room: zones have skipped a whole one
    last = until.astimezone(zone).date() + 2 * DAY
    day += DAY * ((shift.starts_weekday - day.weekday()) % 7)
    while day <= last:
        ends_at = instant(day + DAY * days_long(shift), shift.ends, zone)
        yield _Run(shift.who, instant(day, shift.starts, zone), ends_at)
        day += WEEK


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The second, after `before` and not after `after`, at which the zone's offset changes."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        same = (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old
        low, high = (middle, high) if same else (low, middle)
    return before + timedelta(seconds=high)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _start(shift: Shift) -> int:
    return shift.starts_weekday * 24 * 60 + _minutes(shift.starts)
