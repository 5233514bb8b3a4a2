"""How far a share that was counted in a sample may be from the truth: Wilson's score interval, also for days of unequal weight.

A miss rate is a small share of few cases. There the textbook interval (p ± 1.96 standard errors) says "0 to 0" after no miss in
twenty, and leaves 0..1; Wilson's says "0 to 16 %" and stays inside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054  # 95 of 100 lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Interval:
    """Shares from 0 to 1; `low` <= `high`."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Stratum:
    """One day: there were `population` cases, `rated` of them were drawn and looked at, `hits` of these met what was sought."""

    population: float
    rated: int
    hits: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """`share` of the whole population, from `rated` cases that are worth `effective` cases of a plain sample."""

    share: float
    interval: Interval
    rated: int
    hits: int
    population: float
    effective: float


def wilson(share: float, cases: float, *, z: float = Z95) -> Interval:
    """The score interval without correction for continuity. `cases` need not be whole. Raises ValueError for what is no share."""
    if not 0 <= share <= 1:
        raise ValueError('a share lies between 0 and 1')
    if cases <= 0:
        raise ValueError('no cases say nothing')
    square = z * z / cases
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(share * (1 - share) / cases + square / (4 * cases))
    # In exact arithmetic the share lies inside and 0 and 1 are never passed; the last digit may say otherwise.
    return Interval(max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach)))


def estimate(strata: Iterable[Stratum], *, z: float = Z95) -> Estimate | None:
    """The share in the whole population when each day was drawn by its own fraction; None where nothing was rated.

    A case stands for population / rated of its day. Unequal weights make the sample worth less than its number: Kish's effective
    size (Σw)² / Σw² takes its place in Wilson's formula. With equal fractions it is the number itself. Days without a rating
    are in neither. Raises ValueError for counts that cannot be.
    """
    known = [_checked(stratum) for stratum in strata if stratum.rated]
    if not known:
        return None
    rated, hits = sum(each.rated for each in known), sum(each.hits for each in known)
    weight = sum(each.population for each in known)
    share = sum(each.population * each.hits / each.rated for each in known) / weight
    share = min(1.0, max(0.0, share))
    effective = weight**2 / sum(each.population**2 / each.rated for each in known)
    return Estimate(share, wilson(share, effective, z=z), rated, hits, weight, effective)


def _checked(stratum: Stratum) -> Stratum:
    if not 0 <= stratum.hits <= stratum.rated <= stratum.population:
        raise ValueError('hits are some of the rated, and these some of the population')
    return stratum
