"""Made-up bouts of symptoms: they begin, rise, stay, fade; several symptoms go together, as they do in people."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Answers = dict[str, dict[str, Any]]
AFTER_DOSE, ANY_DAY = 'after dose', 'any day'


@dataclass(frozen=True)
class Sign:
    """One symptom of a bout: its severity at the peak, from `low` to `high`, and how many days after the others it begins."""

    code: str
    low: int
    high: int
    lag: int = 0


@dataclass(frozen=True)
class Pattern:
    """A kind of bout. `chance` is per dose (after a dose) or per 30 days (on any day)."""

    name: str
    signs: tuple[Sign, ...]
    begins: str
    chance: float
    delay: tuple[int, int]  # days after the dose
    rise: tuple[int, int]
    stay: tuple[int, int]
    fade: tuple[int, int]
    therapies: frozenset[str] = frozenset()  # empty: all


@dataclass(frozen=True)
class Bout:
    """One pattern in one person's life."""

    pattern: Pattern
    begins_on: date
    rise: int
    stay: int
    fade: int
    peaks: tuple[int, ...]

    def levels(self, day: date) -> Iterator[tuple[str, int]]:
        for sign, peak in zip(self.pattern.signs, self.peaks, strict=True):
            level = round(peak * self._share((day - self.begins_on).days - sign.lag))
            if level:
                yield sign.code, level

    def _share(self, n: int) -> float:
        """How much of the peak is felt on the n-th day (0 = first)."""
        if n < 0 or n >= self.rise + self.stay + self.fade:
            return 0.0
        if n < self.rise:
            return (n + 1) / (self.rise + 1)
        if n < self.rise + self.stay:
            return 1.0
        return 1 - (n - self.rise - self.stay + 1) / (self.fade + 1)


def _immune(*names: str) -> frozenset[str]:
    return frozenset(names)


CHECKPOINT, CAR_T, CYTOKINE = _immune('checkpoint_inhibitor'), _immune('car_t'), _immune('cytokine', 'cancer_vaccine')
PATTERNS = (
    Pattern('tiredness', (Sign('FATIGUE', 1, 2),), AFTER_DOSE, 0.5, (1, 4), (1, 2), (2, 5), (2, 4)),
    Pattern('sick', (Sign('NAUSEA', 1, 1), Sign('APPETITE', 1, 1, 1)), AFTER_DOSE, 0.16, (0, 2), (0, 1), (1, 2), (1, 2)),
    Pattern(
        'like a flu',
        (Sign('FEVER', 1, 2), Sign('CHILLS', 1, 1), Sign('MYALGIA', 1, 2), Sign('HEADACHE', 1, 1)),
        AFTER_DOSE, 0.22, (0, 1), (0, 0), (1, 2), (0, 1), CYTOKINE,
    ),
    Pattern('injection', (Sign('INJSITE', 1, 2),), AFTER_DOSE, 0.3, (0, 0), (0, 0), (1, 2), (1, 2), _immune('cytokine')),
    Pattern(
        'infusion reaction',
        (Sign('FLUSH', 1, 1), Sign('ITCH', 1, 2), Sign('DIZZY', 0, 1)),
        AFTER_DOSE, 0.025, (0, 0), (0, 0), (1, 1), (0, 0),
    ),
    Pattern('rash', (Sign('RASH', 1, 2), Sign('ITCH', 0, 2)), ANY_DAY, 0.13, (0, 0), (1, 3), (1, 4), (2, 5)),
    Pattern(
        'gut', (Sign('DIARRHEA', 1, 3), Sign('ABDPAIN', 0, 2), Sign('NAUSEA', 0, 1)),
        ANY_DAY, 0.09, (0, 0), (1, 3), (1, 3), (2, 4), CHECKPOINT,
    ),
    Pattern('loose', (Sign('DIARRHEA', 1, 1),), ANY_DAY, 0.05, (0, 0), (0, 1), (1, 1), (0, 1)),
    Pattern('cough', (Sign('COUGH', 1, 2), Sign('DYSPNEA', 0, 1, 2)), ANY_DAY, 0.04, (0, 0), (1, 3), (2, 5), (2, 5)),
    Pattern('joints', (Sign('ARTHRALGIA', 1, 2), Sign('MYALGIA', 0, 1)), ANY_DAY, 0.1, (0, 0), (2, 5), (4, 9), (3, 8)),
    Pattern(
        'slow gland', (Sign('FATIGUE', 1, 2), Sign('CONSTIP', 1, 1, 3)),
        ANY_DAY, 0.04, (0, 0), (3, 6), (6, 12), (5, 9), CHECKPOINT,
    ),
    Pattern('mouth', (Sign('MOUTHSORE', 1, 2),), ANY_DAY, 0.05, (0, 0), (1, 2), (2, 4), (1, 3)),
    Pattern('headache', (Sign('HEADACHE', 1, 1),), ANY_DAY, 0.2, (0, 0), (0, 0), (1, 2), (0, 1)),
    Pattern('infection', (Sign('FEVER', 2, 3), Sign('CHILLS', 1, 2)), ANY_DAY, 0.035, (0, 0), (0, 0), (1, 2), (1, 2)),
    Pattern('worry', (Sign('OTHER', 1, 1),), ANY_DAY, 0.05, (0, 0), (0, 0), (1, 1), (0, 0)),
    # rare and serious
    Pattern('heart', (Sign('CHESTPAIN', 1, 2), Sign('PALPIT', 1, 1)), ANY_DAY, 0.008, (0, 0), (0, 0), (1, 1), (0, 0)),
    Pattern('liver', (Sign('JAUNDICE', 1, 1), Sign('FATIGUE', 1, 2)), ANY_DAY, 0.006, (0, 0), (0, 0), (2, 3), (0, 1), CHECKPOINT),
    Pattern('eye', (Sign('EYEPAIN', 1, 2), Sign('VISION', 0, 1)), ANY_DAY, 0.006, (0, 0), (0, 1), (2, 3), (1, 2)),
    Pattern('hormone', (Sign('THIRST', 1, 2), Sign('WEAK', 1, 1)), ANY_DAY, 0.006, (0, 0), (1, 2), (2, 3), (1, 2), CHECKPOINT),
    Pattern('cells release', (Sign('FEVER', 2, 3), Sign('FATIGUE', 1, 2)), AFTER_DOSE, 0.55, (1, 3), (0, 1), (1, 2), (1, 1), CAR_T),
    Pattern('nerves', (Sign('CONFUSION', 1, 1), Sign('WRITING', 1, 1)), AFTER_DOSE, 0.15, (4, 7), (0, 0), (1, 1), (0, 1), CAR_T),
)  # fmt: skip


def bouts_of(rng: random.Random, *, therapy: str, doses: Iterable[date], first: date, last: date) -> list[Bout]:
    """What happens to one person from `first` to `last`."""
    found: list[Bout] = []
    for pattern in PATTERNS:
        if pattern.therapies and therapy not in pattern.therapies:
            continue
        found += [_bout(rng, pattern, day) for day in _beginnings(rng, pattern, list(doses), first, last)]
    return found


def _beginnings(rng: random.Random, pattern: Pattern, doses: list[date], first: date, last: date) -> Iterator[date]:
    if pattern.begins == AFTER_DOSE:
        for dose in doses:
            if rng.random() < pattern.chance:
                yield dose + timedelta(rng.randint(*pattern.delay))
        return
    for n in range((last - first).days + 1):
        if rng.random() < pattern.chance / 30:
            yield first + timedelta(n)


def _bout(rng: random.Random, pattern: Pattern, day: date) -> Bout:
    peaks = tuple(rng.randint(sign.low, sign.high) for sign in pattern.signs)
    return Bout(pattern, day, rng.randint(*pattern.rise), rng.randint(*pattern.stay), rng.randint(*pattern.fade), peaks)


def levels_on(bouts: Iterable[Bout], day: date) -> dict[str, int]:
    """The worst level of each symptom on a day."""
    levels: dict[str, int] = {}
    for bout in bouts:
        for code, level in bout.levels(day):
            levels[code] = max(level, levels.get(code, 0))
    return levels


def answers_for(rng: random.Random, levels: dict[str, int], *, usual_stools: int) -> Answers:
    """What a person would answer who feels so, in the catalogue's fields and units."""
    return {code: _answer(rng, code, level, usual_stools) for code, level in levels.items()}


ONLY_PRESENT = frozenset({'FLUSH', 'JAUNDICE'})
CELSIUS = {1: (37.2, 37.9), 2: (38.0, 38.6), 3: (38.4, 39.2), 4: (39.0, 40.0)}
STOOLS = {1: (1, 3), 2: (2, 5), 3: (5, 8), 4: (7, 10)}
WORRIES = (
    'I sleep badly and think a lot about the next scan.',
    'Is it fine to have the flu shot next week?',
    'My skin feels dry and tight.',
    'I lost my appetite for coffee, everything tastes of metal.',
)


def _answer(rng: random.Random, code: str, level: int, usual_stools: int) -> dict[str, Any]:
    if code in ONLY_PRESENT:
        return {'present': True}
    if code == 'OTHER':
        return {'text': rng.choice(WORRIES), 'worried': rng.random() < 0.5}
    if code == 'WRITING':
        return {'date_wrong': False, 'sentence_wrong': True}
    more: dict[str, Any] = {}
    if code == 'FEVER':
        more['celsius'] = round(rng.uniform(*CELSIUS[level]), 1)
    elif code == 'DIARRHEA':
        more['stools_24h'] = usual_stools + rng.randint(*STOOLS[level])
        if level >= 3:
            more['at_night'] = True
    elif code == 'RASH':
        more['percent_body'] = rng.randint(1, 4) * level + (6 if level > 2 else 0)
    return {'severity': level, **more}
