"""A symptom day by day, as a strip of small bars: a picture with the same in words (templates/diary/summary_strip.html)."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clinic.dates import date_format
from diary.catalogue import SymptomSpec
from diary.fields import LEVELS

MOST_DAYS = 62  # more would be hairs, and their words a speech
STEP, HEIGHT, GAP = 6, 16, 1


@dataclass(frozen=True)
class Felt:
    """One symptom on one day. `level` is on the scale of now and None where none was told; `most` the highest of each number."""

    spec: SymptomSpec
    level: int | None
    word: str
    most: Mapping[str, float]


@dataclass(frozen=True)
class Bar:
    """One day with an entry. `level` is 0 where the symptom was not reported; what was only there is as high as moderate."""

    x: int
    level: int

    @property
    def height(self) -> int:
        return 1 if self.level == 0 else HEIGHT * self.level // (LEVELS - 1)

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Strip:
    """`days` days from left to right, `STEP` wide each; no bar where there is no entry. `words` say the days with the symptom."""

    days: int
    bars: tuple[Bar, ...]
    words: str

    @property
    def width(self) -> int:
        return self.days * STEP

    @property
    def bar_width(self) -> int:
        return STEP - GAP

    height = HEIGHT


def strip_of(days: Sequence[date], written: Collection[date], felt: Mapping[date, Felt]) -> Strip | None:
    """The strip of these days, one after the other; None for too many, and for a single one, which the words tell."""
    if not 1 < len(days) <= MOST_DAYS:
        return None
    bars = tuple(Bar(n * STEP, _level(felt.get(day))) for n, day in enumerate(days) if day in written)
    return Strip(len(days), bars, '; '.join(_runs(days, felt)))


def _level(felt: Felt | None) -> int:
    if felt is None:
        return 0
    return 2 if felt.level is None else max(felt.level, 1)


def _runs(days: Iterable[date], felt: Mapping[date, Felt]) -> Iterable[str]:
    """Such as “2 Nov – 4 Nov: mild”; only the days where nothing else is known of them."""
    for word, run in itertools.groupby(days, key=lambda day: felt[day].word if day in felt else None):
        if word is not None:
            first, *others = (date_format(day, 'j M') for day in run)
            told = f'{first} – {others[-1]}' if others else first
            yield f'{told}: {word}' if word else told
