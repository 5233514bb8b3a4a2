"""Whom an alert tells next, and when: the ladder of one tier, and the arithmetic of climbing it.

Emergency and urgent run by the wall clock. A same-day ladder counts the minutes in which the clinic is open and stands still
while it is closed, so it never pages anybody at 5:30 in the morning; a clinic that told no hours runs by the wall clock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any

from alerts.engine.hours import Hours, after_open_time, open_stretches, open_until, opens_next
from alerts.engine.tiers import Tier

LEAST_PAUSE = 5  # minutes between two rounds, also where no rung waits
RED_REPEATS = 60  # minutes; a red alert that climbed everything goes on, for ever
TOLERANCE = timedelta(minutes=5)  # a rung that was due when the clinic closed is still taken by a sweep so much later
MOST_MINUTES = 7 * 24 * 60
ALERTING = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)

CALL_BACK_GRACE = timedelta(minutes=10)  # from the time that was agreed: the call is under way, or was forgotten
# How long a call-back that was agreed upon may keep an alert from coming back.
LONGEST_CALL_BACK: Mapping[Tier, timedelta] = MappingProxyType(
    {Tier.EMERGENCY: timedelta(hours=12), Tier.URGENT: timedelta(hours=24), Tier.SAME_DAY: timedelta(days=7)}
)


class LadderError(ValueError):
    """A ladder that cannot be read; the message says where."""


class Who(StrEnum):
    PRIMARY_NURSE = 'primary_nurse'
    ON_CALL = 'on_call'
    TEAM = 'team'
    LEAD = 'lead'
    PHONE = 'phone'


class When(StrEnum):
    """A rung whose `when` does not hold is skipped: the next one is taken in its place."""

    ALWAYS = 'always'
    OPEN = 'open'
    CLOSED = 'closed'

    def holds(self, is_open: bool) -> bool:
        return self is When.ALWAYS or (self is When.OPEN) == is_open


@dataclass(frozen=True, slots=True)
class Rung:
    """`wait` minutes after the rung before it, these people are told. `phone` (E.164) goes with Who.PHONE and nobody else."""

    wait: int
    who: Who
    when: When = When.ALWAYS
    phone: str = ''


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs are taken `rounds` times. `forgotten_after`: minutes until an acknowledged alert without a contact comes back;
    `unfinished_after`: minutes until a contacted one that nobody resolved does."""

    tier: Tier
    rungs: tuple[Rung, ...]
    rounds: int
    forgotten_after: int
    unfinished_after: int

    @property
    def pause(self) -> int:
        """Minutes between the end of a round and the next: as long as the longest wait within it."""
        return max(LEAST_PAUSE, *(rung.wait for rung in self.rungs))

    @property
    def is_red(self) -> bool:
        return self.tier is not Tier.SAME_DAY

    def to_json(self) -> dict[str, Any]:
        return {
            'tier': self.tier.word,
            'rounds': self.rounds,
            'forgotten_after': self.forgotten_after,
            'unfinished_after': self.unfinished_after,
            'rungs': [
                {'wait': rung.wait, 'who': rung.who.value, 'when': rung.when.value, 'phone': rung.phone}
                for rung in self.rungs
            ],
        }

    @classmethod
    def from_json(cls, raw: object) -> 'Ladder':
        """Raises LadderError for whatever is unknown, missing or out of its limits."""
        data = _mapping(raw, 'ladder', {'tier', 'rounds', 'forgotten_after', 'unfinished_after', 'rungs'})
        if not isinstance(data['rungs'], list) or not data['rungs']:
            raise LadderError('rungs: at least one is needed')
        return cls(
            tier=_tier(data['tier']),
            rungs=tuple(_rung(one, f'rungs[{number}]') for number, one in enumerate(data['rungs'])),
            rounds=_number(data['rounds'], 'rounds', 1, 10),
            forgotten_after=_number(data['forgotten_after'], 'forgotten_after', 1, MOST_MINUTES),
            unfinished_after=_number(data['unfinished_after'], 'unfinished_after', 1, MOST_MINUTES),
        )


def _mapping(raw: object, where: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict) or set(raw) != keys:
        raise LadderError(f'{where}: expected {", ".join(sorted(keys))}')
    return raw


def _number(raw: object, where: str, least: int, most: int) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not least <= raw <= most:
        raise LadderError(f'{where}: expected a whole number from {least} to {most}')
    return raw


def _tier(raw: object) -> Tier:
    if raw not in {tier.word for tier in ALERTING}:
        raise LadderError('tier: expected one that makes alerts')
    return Tier.from_word(str(raw))


def _rung(raw: object, where: str) -> Rung:
    data = _mapping(raw, where, {'wait', 'who', 'when', 'phone'})
    try:
        who, when = Who(data['who']), When(data['when'])
    except ValueError as wrong:
        raise LadderError(f'{where}: {wrong}') from wrong
    if not isinstance(data['phone'], str) or (who is Who.PHONE) != bool(data['phone']):
        raise LadderError(f'{where}.phone: a number for "phone", and for nobody else')
    return Rung(_number(data['wait'], f'{where}.wait', 0, MOST_MINUTES), who, when, data['phone'])


_DEFAULTS: Mapping[Tier, Ladder] = MappingProxyType(
    {
        Tier.EMERGENCY: Ladder(
            Tier.EMERGENCY,
            (Rung(0, Who.PRIMARY_NURSE), Rung(0, Who.ON_CALL), Rung(5, Who.TEAM), Rung(5, Who.LEAD)),
            rounds=3,
            forgotten_after=30,
            unfinished_after=240,
        ),
        Tier.URGENT: Ladder(
            Tier.URGENT,
            (
                Rung(0, Who.PRIMARY_NURSE, When.OPEN),
                Rung(0, Who.ON_CALL),
                Rung(30, Who.ON_CALL),
                Rung(30, Who.TEAM),
                Rung(30, Who.LEAD),
            ),
            rounds=2,
            forgotten_after=60,
            unfinished_after=480,
        ),
        Tier.SAME_DAY: Ladder(
            Tier.SAME_DAY,
            (Rung(120, Who.PRIMARY_NURSE), Rung(120, Who.TEAM), Rung(60, Who.LEAD)),
            rounds=1,
            forgotten_after=240,
            unfinished_after=1200,
        ),
    }
)


def default_ladder(tier: Tier) -> Ladder:
    """What holds for a clinic that wrote no ladder of its own. Raises KeyError for a tier that makes no alerts."""
    return _DEFAULTS[tier]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clinic's opening hours, in its own zone."""

    hours: Sequence[Hours]
    zone: tzinfo

    def is_open(self, at: datetime) -> bool:
        return open_until(self.hours, self.zone, at) is not None

    def after(self, minutes: int, at: datetime, *, red: bool) -> datetime:
        """`minutes` later, in UTC: by the wall clock, or for same day in minutes in which the clinic is open."""
        # Arithmetic on local times forgets the clock change; UTC never does.
        at, amount = at.astimezone(UTC), timedelta(minutes=minutes)
        return at + amount if red else after_open_time(amount, self.hours, self.zone, at) or at + amount

    def stands_still(self, ladder: Ladder, *, due: datetime, now: datetime) -> datetime | None:
        """Until when a ladder that is due has to wait for the clinic to open; None when it may go on now.

        What was due just when the clinic closed is not put off until the next morning by a sweep that comes seconds later.
        """
        if ladder.is_red or not self.hours or self.is_open(now):
            return None
        if now - due <= TOLERANCE and self._in_hours(due):
            return None
        return opens_next(self.hours, self.zone, now)

    def counts_as_open(self, ladder: Ladder, at: datetime) -> bool:
        """For the rungs' `when`. A same-day ladder only ever climbs while the clinic is open."""
        return not ladder.is_red or self.is_open(at)

    def into_hours(self, at: datetime) -> datetime:
        """`at` itself when the clinic is open then or just closes; otherwise when it opens next."""
        return at if not self.hours or self._in_hours(at) else opens_next(self.hours, self.zone, at) or at

    def _in_hours(self, at: datetime) -> bool:
        first = next(open_stretches(self.hours, self.zone, at - timedelta(microseconds=1)), None)
        return first is not None and first[0] <= at


@dataclass(frozen=True, slots=True)
class Place:
    """The rung that is next (`step`, from 0) of the round under way (`round`, from 0; Ladder.rounds: all have been taken)."""

    step: int = 0
    round: int = 0


@dataclass(frozen=True, slots=True)
class Climb:
    """What happened in one moment: `taken` are rungs that reached somebody, `hollow` those that reached nobody, `skipped` those
    whose `when` did not hold. `next` is where the ladder stands now."""

    next: Place
    taken: tuple[Rung, ...] = ()
    hollow: tuple[Rung, ...] = ()
    skipped: tuple[Rung, ...] = ()


def is_over(ladder: Ladder, place: Place) -> bool:
    """All rounds have been taken. A red ladder goes on all the same."""
    return place.round >= ladder.rounds


def climb(ladder: Ladder, place: Place, *, is_open: bool, reach: Callable[[Rung], int]) -> Climb:
    """Take the rung that is due, those that wait for nothing after it, and, while nobody was reached, the next ones at once.

    `reach` says how many people a rung reaches. A rung that holds and reaches nobody is passed on at once even when another
    one of the same moment reached somebody: who should have been there is missing. Ends with the round at the latest.

    Where that would tell nobody of a red alert, no rung's `when` counts: somebody must be told, whatever the hour.
    """
    usual = _climb(ladder, place, holds=lambda rung: rung.when.holds(is_open), reach=reach)
    if usual.taken or not ladder.is_red or not usual.skipped:
        return usual
    return _climb(ladder, place, holds=lambda rung: True, reach=reach)


def _climb(ladder: Ladder, place: Place, *, holds: Callable[[Rung], bool], reach: Callable[[Rung], int]) -> Climb:
    found: dict[str, list[Rung]] = {'taken': [], 'hollow': [], 'skipped': []}
    end, last = place.step, ''
    for index, rung, waits in _in_order(ladder, place):
        if waits and found['taken'] and last != 'hollow':
            break
        last = 'skipped' if not holds(rung) else 'taken' if reach(rung) else 'hollow'
        found[last].append(rung)
        end = index + 1
    return Climb(_after(ladder, place, end), **{name: tuple(rungs) for name, rungs in found.items()})


def _in_order(ladder: Ladder, place: Place) -> Iterator[tuple[int, Rung, bool]]:
    """The rungs that may be taken now: (index, rung, whether it waits for somebody to have been reached before it)."""
    rungs = list(enumerate(ladder.rungs))
    if not is_over(ladder, place):
        yield from ((i, rung, i > place.step and rung.wait > 0) for i, rung in rungs[place.step :])
        return
    # The widest circle again; when it reaches nobody now, whoever else is on the ladder.
    last = max((i for i, rung in rungs if rung.wait > 0), default=0)
    yield from ((i, rung, False) for i, rung in rungs[last:])
    yield from ((i, rung, i == 0) for i, rung in rungs[:last])


def _after(ladder: Ladder, place: Place, end: int) -> Place:
    if is_over(ladder, place):
        return Place(0, ladder.rounds)
    return Place(end, place.round) if end < len(ladder.rungs) else Place(0, place.round + 1)


def starts(ladder: Ladder, *, at: datetime, acknowledge_by: datetime, clock: Clock) -> datetime:
    """When the first rung of an alert that opens `at` is due: `at` itself when it is taken there and then."""
    if ladder.rungs[0].wait:
        return next_due(ladder, Place(), at=at, acknowledge_by=acknowledge_by, clock=clock, opening=True)
    return clock.stands_still(ladder, due=at, now=at) or at


def next_due(
    ladder: Ladder, place: Place, *, at: datetime, acknowledge_by: datetime, clock: Clock, opening: bool = False
) -> datetime:
    """When `place` is due, the step before it having been taken `at`.

    At the promised instant the ladder climbs, whatever it says; the review list at its end comes no sooner. `opening`: it has
    just begun; then this holds for a promise that is broken already, too.
    """
    due = clock.after(_wait(ladder, place), at, red=ladder.is_red)
    if opening or at < acknowledge_by:
        due = min(due, max(at, acknowledge_by).astimezone(UTC))
    if ladder.is_red:
        return due
    return clock.into_hours(max(due, acknowledge_by.astimezone(UTC)) if is_over(ladder, place) else due)


def _wait(ladder: Ladder, place: Place) -> int:
    if is_over(ladder, place):
        return RED_REPEATS if ladder.is_red else ladder.pause
    wait = ladder.rungs[place.step].wait
    return max(wait, ladder.pause) if place.step == 0 and place.round > 0 else wait


def comes_back(
    ladder: Ladder, *, at: datetime, contacted: bool, call_back_at: datetime | None, clock: Clock
) -> datetime:
    """When an alert that a person took in hand `at` comes back as forgotten: where a call was agreed upon when that is due,
    sooner or later than the ladder says."""
    minutes = ladder.unfinished_after if contacted else ladder.forgotten_after
    return call_due(ladder, at=at, call_back_at=call_back_at, clock=clock) or clock.after(
        minutes, at, red=ladder.is_red
    )


def call_due(ladder: Ladder, *, at: datetime, call_back_at: datetime | None, clock: Clock) -> datetime | None:
    """When an alert comes back for a call that was agreed upon: shortly after its time, LONGEST_CALL_BACK from `at` at the
    latest, for same day while the clinic is open. None where no call is to come."""
    if call_back_at is None:
        return None
    agreed = min(call_back_at.astimezone(UTC), at.astimezone(UTC) + LONGEST_CALL_BACK[ladder.tier])
    due = agreed + CALL_BACK_GRACE if ladder.is_red else clock.into_hours(clock.into_hours(agreed) + CALL_BACK_GRACE)
    return due if due > at else None


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a ladder that nobody answers."""

    at: datetime
    climb: Climb
    round: int = field(default=0)


def unanswered(
    ladder: Ladder, *, opened: datetime, acknowledge_by: datetime, clock: Clock, reach: Callable[[datetime, Rung], int]
) -> Iterator[Moment]:
    """Every moment at which the ladder of an alert that nobody answers does something. A red one never ends; a same-day one ends
    with a moment whose climb is empty: it goes to the review list."""
    place, at = Place(), starts(ladder, at=opened, acknowledge_by=acknowledge_by, clock=clock)
    opening = at == opened
    while ladder.is_red or not is_over(ladder, place):
        step = climb(ladder, place, is_open=clock.counts_as_open(ladder, at), reach=partial(reach, at))
        yield Moment(at, step, place.round)
        place = step.next
        at = next_due(ladder, place, at=at, acknowledge_by=acknowledge_by, clock=clock, opening=opening)
        opening = False
    yield Moment(at, Climb(place), place.round)
