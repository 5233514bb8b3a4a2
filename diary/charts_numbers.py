"""A chart of something measured, such as the temperature with the line from which it is a fever.

    number_chart([(day, 80), …], chart_id='weight', title='Weight (kg)', said=lambda value: '80 kg', first=day, last=day) -> Chart

Values are in the reader's own unit. The axis has round numbers around what was measured and its lines; it need not begin at 0.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.dates import date_format
from diary.charts import (
    BRIDGE,
    LEFT,
    WIDTH,
    Chart,
    Frame,
    Line,
    Mark,
    dose_marks,
    treatment_words,
    x_ticks,
)
from diary.timeline import PlannedCycle

RISE = 84  # the height of the plot
MOST_STEPS = 4
Value = tuple[date, float]


def number_chart(
    values: Iterable[Value],
    *,
    chart_id: str,
    title: str,
    said: Callable[[float], str],
    first: date,
    last: date,
    cycles: Sequence[PlannedCycle] = (),
    doses: Iterable[date] = (),
    written: Collection[date] = (),
    limit: tuple[float, str] | None = None,
    usual: tuple[float, str] | None = None,
    narrowest: float = 1,
    words: Sequence[str] = (),
) -> Chart:
    """One value a day; what lies outside `first` to `last` is left out. `limit` and `usual` are lines with their words.

    Raises ValueError where nothing is left to draw.
    """
    shown = sorted((day, value) for day, value in values if first <= day <= last)
    if not shown:
        raise ValueError('nothing was measured in this time')
    lines = [line[0] for line in (limit, usual) if line]
    ticks = round_ticks([value for _day, value in shown] + lines, narrowest=narrowest)
    frame = Frame(first, last, RISE)
    low, high = ticks[0], ticks[-1]

    def rise(value: float) -> float:
        return RISE * (value - low) / (high - low)

    inside = [cycle for cycle in cycles if cycle.starts_on <= last and cycle.ends_on >= first]
    given = sorted({day for day in doses if first <= day <= last})
    return Chart(
        id=chart_id,
        title=title,
        summary=' '.join(words),
        width=WIDTH,
        height=frame.height,
        plot=frame.plot,
        y_ticks=[Mark(LEFT, frame.y(rise(tick)), f'{Decimal(str(tick)).normalize():f}') for tick in ticks],
        x_ticks=x_ticks(frame, inside),
        bands=[frame.band(cycle) for cycle in inside if cycle.number % 2 == 0],
        doses=dose_marks(frame, given),
        baseline=Mark(LEFT, frame.y(rise(usual[0])), usual[1]) if usual else None,
        limit=Mark(LEFT, frame.y(rise(limit[0])), limit[1]) if limit else None,
        lines=[
            Line(frame.polyline([(day, rise(value)) for day, value in run])) for run in _runs(shown) if len(run) > 1
        ],
        dots=[
            Mark(frame.x(day), frame.y(rise(value)), f'{_date(day)}: {said(value)}')
            for run in _runs(shown)
            for day, value in run
            if len(run) == 1 or frame.has_room
        ],
        columns=[_('Day'), _('Measured'), _('Treatment')],
        rows=[[_date(day), said(value), treatment_words(day, inside, given)] for day, value in reversed(shown)],
        radius=frame.radius,
        strip=frame.strip(written),
        words=list(words),
    )


def round_ticks(values: Sequence[float], *, narrowest: float) -> list[float]:
    """Evenly spaced round numbers, the first at or below all of `values`, the last at or above; at least `narrowest` apart."""
    low, high = min(values), max(values)
    if high - low < narrowest:
        middle, floor = (low + high) / 2, min(0.0, low)
        low, high = max(floor, middle - narrowest / 2), middle + narrowest / 2
    for step in _round_steps((high - low) / MOST_STEPS):
        start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if end - start <= MOST_STEPS:
            break
    return [round(n * step, 6) for n in range(start, max(end, start + 1) + 1)]


def _round_steps(least: float) -> Iterator[float]:
    """1, 2 and 5 times powers of ten, from about `least` on."""
    power = 10.0 ** math.floor(math.log10(least))
    while True:
        yield from (step * power for step in (1, 2, 5) if step * power >= least - 1e-9)
        power *= 10


def _runs(values: Sequence[Value]) -> list[list[Value]]:
    """The stretches that a line may join."""
    runs: list[list[Value]] = []
    for day, value in values:
        if runs and day - runs[-1][-1][0] <= BRIDGE:
            runs[-1].append((day, value))
        else:
            runs.append([(day, value)])
    return runs


def _date(day: date) -> str:
    return date_format(day, 'j F Y')
