"""How often a rule fired, week by week: a line that fits into a row, and what it comes to in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from math import sqrt

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alerts.figures.drawing import Scale, runs
from alerts.figures.measures import Rate
from alerts.figures.span import Week

WIDTH, HEIGHT, EDGE = 120, 30, 4
SPAN = 4  # so many weeks at either end are compared
SURE = 2.0  # standard errors: less is chance
LEAST_TOP = 2.0  # flags on 100 entries: below, a line of a rule that hardly fires would look wild


class Direction(Enum):
    FEW = 'few'
    LEVEL = 'level'
    UP = 'up'
    DOWN = 'down'


@dataclass(frozen=True)
class Trend:
    """`lines` are SVG polylines in a box of `width` by `height`; `last` is the newest place, None where it is not known."""

    direction: Direction
    words: str
    lines: Sequence[str]
    last: tuple[float, float] | None
    width: int = WIDTH
    height: int = HEIGHT


def trend_of(weeks: Sequence[Week], flags: Counter[date], entries: Counter[date]) -> Trend:
    """Of the flags on 100 entries; a week with hardly an entry is a gap."""
    rates = [Rate(flags[week.monday], entries[week.monday]) for week in weeks]
    values = [rate.per_hundred for rate in rates]
    scale = Scale(max([LEAST_TOP, *(value for value in values if value is not None)]), HEIGHT - EDGE, EDGE)
    step = (WIDTH - 2 * EDGE) / max(len(weeks) - 1, 1)
    places = [None if v is None else (round(EDGE + n * step, 1), scale.at(v)) for n, v in enumerate(values)]
    before, after = _sum(rates[:SPAN]), _sum(rates[-SPAN:])
    turn = direction(before, after)
    return Trend(turn, _words(turn, before, after), runs(places), places[-1] if places else None)


def direction(before: Rate, after: Rate) -> Direction:
    """Whether two counts differ by more than chance lets them: flags come one by one, so a count's variance is the count."""
    if before.is_few or after.is_few:
        return Direction.FEW
    change = after.many / after.each - before.many / before.each
    error = sqrt(before.many / before.each**2 + after.many / after.each**2)
    if abs(change) <= SURE * error:
        return Direction.LEVEL
    return Direction.UP if change > 0 else Direction.DOWN


def _sum(rates: Sequence[Rate]) -> Rate:
    return Rate(sum(rate.many for rate in rates), sum(rate.each for rate in rates))


def _words(turn: Direction, before: Rate, after: Rate) -> str:
    if turn is Direction.FEW or before.per_hundred is None or after.per_hundred is None:
        return _('too few entries at its beginning or end to say')
    said = {'before': _short(before.per_hundred), 'after': _short(after.per_hundred)}
    if turn is Direction.LEVEL:
        return _('no clear change (%(before)s, then %(after)s on 100)') % said
    if turn is Direction.UP:
        return _('more often: from %(before)s to %(after)s on 100') % said
    return _('less often: from %(before)s to %(after)s on 100') % said


def _short(value: float) -> str:
    """Django cuts digits off; a rate is rounded."""
    return number_format(round(value, 1), 1)
