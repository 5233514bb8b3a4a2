"""Silence as a signal: since when a patient has written less than she should, and what set the limit.

A rule set's `missed` rules say after how many hours of silence somebody looks. That limit is only ever shortened: in the first
weeks after CAR T-cells (the rule says so itself), after an entry with something severe, and for somebody who usually
writes more often. docs/decisions/0025-silence-and-handover.md tells why each is as it is.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from statistics import median

from alerts.engine.rules import MissedRule

CAR_T, CAR_T_LAST_DAY = 'car_t', 30
SEVERE = 3  # the stored severity from which an entry is followed more closely
SEVERE_HOURS = 24
DAY_HOURS = 24  # no pattern and nothing severe makes a night a silence
DAYS_FOR_A_PATTERN, LEAST_DAYS = 14, 5
GAPS_MISSED = 2
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)

Pause = tuple[date, date]  # first and last local day, both included


class Why(StrEnum):
    """What made the limit as short as it is."""

    CAR_T = 'car_t'
    SEVERE = 'severe'
    PATTERN = 'pattern'
    USUAL = 'usual'


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one patient. Instants are aware; days are her local ones.

    `asked_from` is since when a diary is expected of her (None: of nobody), `asked_until` the last day of it (None: no end yet).
    `wrote` are the instants at which entries came, oldest first; the last of them is what matters, the others show
    her pattern. `reached_at` is when a nurse last spoke with her about a silence, `worst` the worst severity of the last entry,
    `doses` the last dose of each therapy class.
    """

    zone: tzinfo
    asked_from: datetime | None
    asked_until: date | None = None
    wrote: Sequence[datetime] = ()
    reached_at: datetime | None = None
    worst: int | None = None
    doses: Mapping[str, datetime] = field(default_factory=dict)
    pauses: Sequence[Pause] = ()


@dataclass(frozen=True, slots=True)
class Silent:
    """`since` is when the limit was over, `rule` the rule that set it."""

    rule: str
    since: datetime
    limit_hours: int
    why: Why


def silence(known: Known, rules: Iterable[MissedRule], *, now: datetime) -> Silent | None:
    """Whether she is silent now: the limit that was over first. None while nobody expects an entry of her."""
    begun = [pause for pause in known.pauses if _starts(pause, known.zone) <= now]
    if not is_expected(known, now=now) or is_paused(known, now=now):
        return None
    found = (
        _silent(known, rule.id, hours, why, begun, start)
        for rule in rules
        for hours, why, start in _limits(known, rule, begun)
    )
    over = [one for one in found if one.since <= now]
    return min(over, key=lambda one: (one.since, one.limit_hours), default=None)


def is_expected(known: Known, *, now: datetime) -> bool:
    """Whether a diary is expected of her at all: treatment has begun, and the months after it are not over."""
    if known.asked_from is None or known.asked_from > now:
        return False
    return known.asked_until is None or now.astimezone(known.zone).date() <= known.asked_until


def is_paused(known: Known, *, now: datetime) -> bool:
    today = now.astimezone(known.zone).date()
    return any(first <= today <= last for first, last in known.pauses)


def usual_gap(wrote: Sequence[datetime], zone: tzinfo) -> timedelta | None:
    """The median time from one day with entries to the next, over the last 14 such days; None while there are fewer than 5.

    A day counts once, by its last entry: who writes four times on a bad day has not become somebody who writes every 3 hours.
    """
    days = {at.astimezone(zone).date(): at for at in sorted(wrote)}
    last = list(days.values())[-DAYS_FOR_A_PATTERN:]
    if len(last) < LEAST_DAYS:
        return None
    return timedelta(seconds=median((b - a).total_seconds() for a, b in pairwise(last)))


def _limits(known: Known, rule: MissedRule, begun: Sequence[Pause]) -> Iterable[tuple[int, Why, datetime]]:
    """Every limit that holds for her: hours, why, and the instant from which they run."""
    assert known.asked_from is not None
    signs = (known.asked_from, known.reached_at, *known.wrote[-1:])
    start = max(sign.astimezone(UTC) for sign in signs if sign is not None)
    yield rule.hours_otherwise, Why.USUAL, start
    cells = known.doses.get(CAR_T)
    if cells is not None and _in_car_t_window(known, rule, cells, begun, start):
        yield rule.hours_car_t_day_0_to_30, Why.CAR_T, max(start, cells.astimezone(UTC))
    if known.worst is not None and known.worst >= SEVERE and rule.hours_otherwise > SEVERE_HOURS:
        yield SEVERE_HOURS, Why.SEVERE, start
    gap = usual_gap(known.wrote, known.zone)
    hours = max(DAY_HOURS, math.ceil(GAPS_MISSED * gap / HOUR)) if gap else rule.hours_otherwise
    if hours < rule.hours_otherwise:
        yield hours, Why.PATTERN, start


def _in_car_t_window(known: Known, rule: MissedRule, cells: datetime, begun: Sequence[Pause], start: datetime) -> bool:
    """The day on which the shorter limit is over decides: whoever was missed on day 30 is not forgiven on day 31."""
    start = max(start, cells.astimezone(UTC))
    over = _without_pauses(start, rule.hours_car_t_day_0_to_30, begun, known.zone)
    return (over.astimezone(known.zone).date() - cells.astimezone(known.zone).date()).days <= CAR_T_LAST_DAY


def _silent(known: Known, rule: str, hours: int, why: Why, begun: Sequence[Pause], start: datetime) -> Silent:
    return Silent(rule, _without_pauses(start, hours, begun, known.zone), hours, why)


def _without_pauses(start: datetime, hours: int, pauses: Sequence[Pause], zone: tzinfo) -> datetime:
    """`hours` after `start`, paused days not counted; and never sooner than a day (or `hours`, if fewer) after a pause."""
    over = start + timedelta(hours=hours)
    for first, last in sorted(pauses):
        begins, ends = max(start, _starts((first, last), zone)), _ends((first, last), zone)
        if ends <= start:
            continue
        if begins < over:
            over += ends - begins
        over = max(over, ends + timedelta(hours=min(hours, DAY_HOURS)))
        start = max(start, ends)  # pauses that overlap count once
    return over


def _starts(pause: Pause, zone: tzinfo) -> datetime:
    return _midnight(pause[0], zone)


def _ends(pause: Pause, zone: tzinfo) -> datetime:
    return _midnight(pause[1] + ONE_DAY, zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
