"""A course of treatment as one line: cycles side by side, doses above, today on it. Coordinates only; a template draws them.

    course_line(cycles, given=days, to_come=days, today=day) -> CourseLine

A dose that was given is filled, one that is planned is hollow; doses on days in a row are one bar.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from diary.charts import Band, Mark, day_runs
from diary.timeline import PlannedCycle

WIDTH, HEIGHT, MARGIN = 360, 64, 8
DOSES, TOP, BAR, NUMBERS = 9, 20, 16, 52  # heights: of the doses, of the line, how thick it is, of the numbers below
GAP, FEWEST_PIXELS_BETWEEN_NUMBERS = 2, 18
NARROWEST_DOSE = 7


@dataclass(frozen=True)
class Piece:
    """One cycle. `past` is the part of it that is over, today's part included; its width is 0 before it begins."""

    x: float
    width: float
    past: float
    is_now: bool


@dataclass(frozen=True)
class DoseMark:
    """One dose, or several on days in a row: then `width` is more than that of a dot."""

    x: float
    width: float
    planned: bool


@dataclass(frozen=True)
class CourseLine:
    width: int
    height: int
    bar: Band
    pieces: list[Piece]
    numbers: list[Mark]
    doses: list[DoseMark]
    today: float | None


def course_line(
    cycles: Sequence[PlannedCycle], *, given: Collection[date], to_come: Collection[date], today: date
) -> CourseLine:
    """`cycles` in order, at least one; days outside them are left out. `today` is None in the result where it is outside."""
    first, last = cycles[0].starts_on, cycles[-1].ends_on
    per_day = (WIDTH - 2 * MARGIN) / ((last - first).days + 1)

    def x(day: date) -> float:
        return MARGIN + per_day * (day - first).days

    def piece(cycle: PlannedCycle) -> Piece:
        gap = GAP if per_day * cycle.length > 3 * GAP else 0
        width = per_day * cycle.length - gap
        past = min(max(x(today) + per_day - x(cycle.starts_on), 0), width)
        return Piece(round(x(cycle.starts_on), 1), round(width, 1), round(past, 1), today in cycle)

    def marks(days: Collection[date], *, planned: bool) -> list[DoseMark]:
        found = []
        for run in day_runs(days, first, last):
            middle = x(run[0]) + per_day * len(run) / 2
            width = max(NARROWEST_DOSE, per_day * len(run))
            start = min(max(middle - width / 2, 0), WIDTH - width)
            found.append(DoseMark(round(start, 1), round(width, 1), planned))
        return found

    return CourseLine(
        WIDTH,
        HEIGHT,
        Band(TOP, BAR),
        [piece(cycle) for cycle in cycles],
        _numbers(cycles, [x(cycle.starts_on) + per_day * cycle.length / 2 for cycle in cycles]),
        [*marks(given, planned=False), *marks(to_come, planned=True)],
        round(x(today) + per_day / 2, 1) if first <= today <= last else None,
    )


def _numbers(cycles: Sequence[PlannedCycle], middles: Sequence[float]) -> list[Mark]:
    """The number of each cycle below its middle, as many as fit."""
    found: list[Mark] = []
    for cycle, middle in zip(cycles, middles, strict=True):
        if not found or middle - found[-1].x >= FEWEST_PIXELS_BETWEEN_NUMBERS:
            found.append(Mark(round(middle, 1), NUMBERS, str(cycle.number)))
    return found
