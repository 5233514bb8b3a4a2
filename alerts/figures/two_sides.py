"""Flags by day on two sides, as one picture: the draft beside the rules in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alerts.figures.drawing import Line, Mark, Picture, Plot, Scale, number_steps, runs, spaced
from clinic.dates import date_format

MOST_DOTS = 31  # of a side, each with its words; more would lie on one another
Place = tuple[float, float]


@dataclass(frozen=True)
class Side:
    """One line: its kind in the style sheet, its name in the legend, a value for each day."""

    kind: str
    name: str
    values: Sequence[int]


def two_sides(days: Sequence[date], sides: Sequence[Side], *, picture: str, title: str, summary: str) -> Picture:
    """`picture` is its id on the page; the last side lies on top."""
    ticks = number_steps(max((value for side in sides for value in side.values), default=0))
    plot = Plot()
    scale, step = Scale(ticks[-1], plot.y2, plot.y1), (plot.x2 - plot.x1) / max(len(days), 1)
    xs = [round(plot.x1 + step * (n + 0.5), 1) for n in range(len(days))]
    places = [[(x, scale.at(value)) for x, value in zip(xs, side.values, strict=True)] for side in sides]
    lines = list(zip(sides, places, strict=True))
    return Picture(
        id=picture,
        title=title,
        summary=summary,
        plot=plot,
        y_ticks=[Mark(plot.x1, scale.at(tick), str(tick)) for tick in ticks],
        x_ticks=spaced([Mark(x, plot.y2, _day(day)) for x, day in zip(xs, days, strict=True)]),
        lines=[Line(run, side.kind) for side, found in lines for run in runs(found)],
        dots=[dot for side, found in lines for dot in _dots(side, found, days)],
        legend=[(side.kind, side.name) for side in sides],
    )


def _dots(side: Side, places: Sequence[Place], days: Sequence[date]) -> list[Mark]:
    if len(days) > MOST_DOTS:
        return [Mark(*places[-1], side.name, side.kind)]
    told = zip(places, days, side.values, strict=True)
    return [Mark(*place, f'{_day(day)}, {side.name}: {value}', side.kind) for place, day, value in told]


def _day(day: date) -> str:
    return date_format(day, 'j M')
