"""The cases that flags would have made: opened, joined, closed, kept quiet by snoozes. A simulation, told as one.

What people really did is known for what was in force only. So a case closes when the clinic resolved an alert of that patient and
line which was open then, or opened before the case would have closed by itself; else after the time that the clinic usually takes.
An entry counts once, as it stands now, when the clinic learned of that; a snooze hides what it expected in either stream.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from alerts.engine.facts import NOTHING
from alerts.engine.results import FlagResult
from alerts.engine.snoozing import Expected, Level, Verdict, decide
from alerts.engine.tiers import Tier

RED, AMBER = 'red', 'amber'
A_DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)


class Found(NamedTuple):
    """What some rules found in one entry: the flags that make alerts. `at` is when the clinic learned of the entry as it stands.

    `levels` has every symptom that a same-day flag names, where a snooze may run then.
    """

    at: datetime
    revision: int
    flags: tuple[FlagResult, ...]
    levels: Mapping[str, Level] = NOTHING


@dataclass(frozen=True, slots=True)
class Worked:
    """An alert that the clinic really had; `resolved_at` None while it is open."""

    line: str
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A snooze that a nurse really made; `until` is when its time was over, or a person ended it."""

    at: datetime
    until: datetime
    expected: Expected


@dataclass(frozen=True, slots=True)
class Closing:
    """When a case closes of which nothing is known: after the clinic's median for its tier, else a day after a red flag, and
    when the clinic opens next after a same-day one. `openings` are in the order of time."""

    medians: Mapping[Tier, timedelta] = field(default_factory=dict)
    openings: Sequence[datetime] = ()

    def at(self, tier: Tier, since: datetime) -> datetime:
        if tier in self.medians:
            return since + self.medians[tier]
        place = bisect_right(self.openings, since)
        if tier > Tier.SAME_DAY or place == len(self.openings):
            return since + A_DAY
        return self.openings[place]


@dataclass(slots=True)
class Case:
    """`tier` is the worst so far, `revisions` are its entries in the order in which they came; the first opened it."""

    line: str
    tier: Tier
    opened_at: datetime
    rules: set[str]
    revisions: list[int]


@dataclass(slots=True)
class Grouped:
    """The cases in the order in which they opened; `hidden` is how many entries a snooze kept quiet."""

    cases: list[Case] = field(default_factory=list)
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """`both` are the draft's cases that are also there in force, each with the tier it has there. Two cases are the same when they
    share an entry: cases that run together or come apart are neither gained nor lost."""

    gained: tuple[Case, ...]
    lost: tuple[Case, ...]
    both: tuple[tuple[Case, Tier], ...]


def group(
    found: Iterable[Found], *, alerts: Sequence[Worked] = (), snoozes: Sequence[Snoozed] = (), closing: Closing
) -> Grouped:
    """One patient's cases from what was found, in the order of time; `alerts` and `snoozes` in the order of their beginnings."""
    stream = _Stream(alerts, snoozes, closing)
    for each in found:
        stream.take(each)
    return stream.grouped


def compare(drafted: Sequence[Case], in_force: Sequence[Case]) -> Compared:
    """What a draft would have changed in one patient's cases."""
    there = _by_entry(in_force)
    here = _by_entry(drafted)
    tiers = [(case, [there[key].tier for key in _keys(case) if key in there]) for case in drafted]
    return Compared(
        gained=tuple(case for case, found in tiers if not found),
        lost=tuple(case for case in in_force if not any(key in here for key in _keys(case))),
        both=tuple((case, max(found)) for case, found in tiers if found),
    )


class _Stream:
    """One patient under one set of rules."""

    def __init__(self, alerts: Sequence[Worked], snoozes: Sequence[Snoozed], closing: Closing) -> None:
        self.grouped = Grouped()
        self._alerts, self._closing = alerts, closing
        self._snoozes = list(snoozes)
        self._open: dict[str, Case] = {}
        self._closes: dict[str, datetime] = {}

    def take(self, found: Found) -> None:
        red = [flag for flag in found.flags if flag.tier > Tier.SAME_DAY]
        amber = [flag for flag in found.flags if flag.tier is Tier.SAME_DAY]
        if self._snoozes and self._is_quiet(found):
            self.grouped.hidden += 1
            if AMBER in self._open and self._closes[AMBER] > found.at:
                self._add(self._open[AMBER], amber, found)
            return
        if red:
            self._join(RED, red, found)
        if amber:
            self._join(AMBER, amber, found)

    def _is_quiet(self, found: Found) -> bool:
        """Whether a snooze that runs expects it. One that does not is over: in this stream it ends here."""
        running = next((each for each in self._snoozes if each.at <= found.at < each.until), None)
        if running is None:
            return False
        if decide(running.expected, found.flags, found.levels) is Verdict.STAYS:
            return True
        self._snoozes.remove(running)
        return False

    def _join(self, line: str, flags: Sequence[FlagResult], found: Found) -> None:
        case = self._open.get(line)
        tier = max(flag.tier for flag in flags)
        if case is None or self._closes[line] <= found.at:
            case = self._open[line] = Case(line, tier, found.at, set(), [])
            self.grouped.cases.append(case)
            self._closes[line] = self._closed(line, tier, found.at)
        elif line == RED or not case.rules.issuperset(flag.rule_id for flag in flags):
            # News comes back to the list: somebody has it in hand from then on.
            self._closes[line] = max(self._closes[line], self._closed(line, tier, found.at))
        case.tier = max(case.tier, tier)
        self._add(case, flags, found)

    def _add(self, case: Case, flags: Sequence[FlagResult], found: Found) -> None:
        case.rules.update(flag.rule_id for flag in flags)
        case.revisions.append(found.revision)

    def _closed(self, line: str, tier: Tier, at: datetime) -> datetime:
        usual = self._closing.at(tier, at)
        for alert in self._alerts:
            over = alert.resolved_at or NEVER
            if alert.line == line and over > at and alert.opened_at <= usual:
                return over
        return usual


def _keys(case: Case) -> Iterable[tuple[str, int]]:
    return ((case.line, revision) for revision in case.revisions)


def _by_entry(cases: Iterable[Case]) -> dict[tuple[str, int], Case]:
    return {key: case for case in cases for key in _keys(case)}
