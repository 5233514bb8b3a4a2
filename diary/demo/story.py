"""Who lives which made-up life: Ana, Ben and Olga, and a population around them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from diary.demo.episodes import PATTERNS, Bout
from diary.demo.lives import Fresh, Life
from diary.demo.people import Person, make_person
from diary.demo.regimens import REGIMENS, Regimen

# What was written lately in the population's first lives, so that the worklist is never empty.
FRESH: tuple[tuple[str, Fresh], ...] = (
    ('car_t', Fresh(4, {'SPEECH': {'present': True, 'sudden': False}, 'HEADACHE': {'severity': 1}})),
    ('checkpoint_inhibitor', Fresh(41, {'DIARRHEA': {'severity': 2, 'stools_24h': 7, 'at_night': True}})),
    ('checkpoint_inhibitor', Fresh(22, {'PALPIT': {'severity': 1}, 'FATIGUE': {'severity': 1}})),
    ('checkpoint_inhibitor', Fresh(130, {'RASH': {'severity': 1, 'percent_body': 5, 'painful': False}})),
    ('monoclonal_antibody', Fresh(75, {'COUGH': {'severity': 1}})),
    ('immunomodulator', Fresh(190, {'OTHER': {'text': 'May I take my usual sleeping pill?', 'call_back': True}})),
)
PATTERN = {pattern.name: pattern for pattern in PATTERNS}
IN_TREATMENT = 0.85  # the others have ended theirs
QUIET_EVERY, QUIET_DAYS = 5, 4  # one in so many has not written lately, for the page of silent patients


@dataclass(frozen=True)
class Named:
    """How far back the two patients of the demo story are, in days since their last dose."""

    ana_cycle: int = 3
    ana_day: int = 5
    ben_day: int = 12


NAMED = Named()


def regimen(agent: str) -> Regimen:
    return next(each for each in REGIMENS if each.agent == agent)


def anas_life(rng: random.Random, *, zone: ZoneInfo, until: datetime) -> Life:
    """Pembrolizumab, cycle 3, day 5: a mild rash in cycle 2 that went, some tiredness now. Nothing that needs anybody."""
    today = until.astimezone(zone).date()
    plan = replace(regimen('pembrolizumab'), cycles=8)
    starts = today - timedelta(plan.cycle_days * (NAMED.ana_cycle - 1) + NAMED.ana_day - 1)
    second, third = starts + timedelta(plan.cycle_days), starts + timedelta(2 * plan.cycle_days)
    bouts = [
        Bout(PATTERN['tiredness'], starts + timedelta(2), 1, 4, 2, (1,)),
        Bout(PATTERN['rash'], second + timedelta(6), 1, 3, 2, (1, 0)),
        Bout(PATTERN['tiredness'], second + timedelta(2), 1, 4, 3, (2,)),
        Bout(PATTERN['headache'], second + timedelta(15), 0, 1, 0, (1,)),
        Bout(PATTERN['tiredness'], third + timedelta(2), 0, 6, 2, (1,)),
    ]
    return _named(rng, plan, zone, until, starts, bouts, number=1001)


def bens_life(rng: random.Random, *, zone: ZoneInfo, until: datetime) -> Life:
    """Twelve days after CAR T-cells: tired and sick at first, quiet since."""
    today = until.astimezone(zone).date()
    starts = today - timedelta(NAMED.ben_day)
    bouts = [
        Bout(PATTERN['sick'], starts + timedelta(2), 0, 2, 1, (1, 1)),
        Bout(PATTERN['tiredness'], starts + timedelta(1), 1, 6, 2, (1,)),
        Bout(PATTERN['headache'], starts + timedelta(9), 0, 1, 0, (1,)),
    ]
    return _named(rng, regimen('axicabtagene ciloleucel'), zone, until, starts, bouts, number=1002)


def olgas_life(rng: random.Random, *, zone: ZoneInfo, until: datetime) -> Life:
    """A patient of the other clinic: weekly rituximab, joints that ache."""
    today = until.astimezone(zone).date()
    starts = today - timedelta(24)
    bouts = [
        Bout(PATTERN['joints'], today - timedelta(9), 3, 5, 3, (2, 1)),
        Bout(PATTERN['headache'], starts + timedelta(3), 0, 1, 0, (1,)),
    ]
    return _named(rng, regimen('rituximab'), zone, until, starts, bouts, number=2001)


def _named(
    rng: random.Random, plan: Regimen, zone: ZoneInfo, until: datetime, starts: date, bouts: list[Bout], *, number: int
) -> Life:
    today = until.astimezone(zone).date()
    person = replace(make_person(rng, number=number, today=today, regimen=plan), keen=0.97, tires=0.0, usual_stools=1)
    return Life(rng, person, zone, starts - timedelta(2), until, starts, bouts=bouts, quiet_days=1, on_time=True)


def population(
    seed: int, *, count: int, days: int, until: datetime, zone_of: dict[int, ZoneInfo]
) -> Iterator[tuple[Person, Life]]:
    """`count` people whose diaries go back at most `days`; `zone_of` names each one's time zone by number from 0.

    Each has a generator of her own, so that one more person changes nobody else.
    """
    for number in range(count):
        rng = random.Random(f'{seed}-{number}')  # noqa: S311  (a story, no secret)
        zone = zone_of[number]
        today = until.astimezone(zone).date()
        therapy, fresh = FRESH[number] if number < min(len(FRESH), count // 3) else ('', None)
        person = make_person(rng, number=number, today=today, regimen=_of(rng, therapy) if therapy else None)
        starts = _start(rng, person, days=days, today=today, now_needed=fresh is not None)
        first = max(starts - timedelta(rng.randint(1, 4)), today - timedelta(days))
        quiet = QUIET_DAYS if fresh is None and number % QUIET_EVERY == QUIET_EVERY - 1 else 0
        yield person, Life(rng, person, zone, first, until, starts, fresh=fresh, quiet_days=quiet)


def _of(rng: random.Random, therapy: str) -> Regimen:
    return rng.choice([each for each in REGIMENS if each.therapy == therapy])


def _start(rng: random.Random, person: Person, *, days: int, today: date, now_needed: bool) -> date:
    """When treatment began: most are in the midst of it, some have ended; who has something to tell now is in it."""
    plan = person.regimen
    length = plan.cycle_days * plan.cycles
    if plan.therapy == 'car_t' and now_needed:
        return today - timedelta(rng.randint(6, 11))
    if now_needed or rng.random() < IN_TREATMENT:
        return today - timedelta(rng.randint(4, max(5, min(days, length - 2))))
    return today - timedelta(length + rng.randint(5, 60))
