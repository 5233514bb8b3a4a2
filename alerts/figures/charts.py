"""The pictures of the figures' page: red against amber, how it goes from week to week, what is open now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from alerts.figures.drawing import (
    LEFT,
    RIGHT,
    WIDTH,
    Bar,
    Line,
    Mark,
    Picture,
    Plot,
    Scale,
    number_steps,
    runs,
    spaced,
    tick_words,
    time_steps,
)
from alerts.figures.measures import Times, time_words
from alerts.figures.span import Week
from clinic.dates import date_format

ROW, BAR, HEAD = 44, 14, 18  # of the picture with lying bars
Waits = Mapping[tuple[Any, ...], Times]
NOTHING = Times()


@dataclass(frozen=True)
class Lying:
    """One lying bar: its words above it, `value` to which it is filled, `reach` to which a thin line goes on."""

    words: str
    value: timedelta
    reach: timedelta
    kind: str


def against(picture_id: str, title: str, bars: Sequence[Lying], *, summary: str) -> Picture:
    """Bars below one another on one axis of time."""
    longest = max((bar.reach for bar in bars), default=timedelta())
    ticks = time_steps(longest)
    height = ROW * len(bars) + 30
    plot = Plot(2, 4, WIDTH - RIGHT - 18, height - 24)
    scale = Scale(ticks[-1].total_seconds(), plot.x1, plot.x2)
    at = [plot.y1 + ROW * n for n in range(len(bars))]
    return Picture(
        id=picture_id,
        title=title,
        summary=summary,
        height=height,
        plot=plot,
        x_ticks=[Mark(scale.at(tick.total_seconds()), plot.y2, tick_words(tick)) for tick in ticks],
        words=[Mark(plot.x1, y + HEAD - 5, bar.words) for y, bar in zip(at, bars, strict=True)],
        bars=[part for y, bar in zip(at, bars, strict=True) for part in _lying(scale, plot.x1, y + HEAD, bar)],
    )


def _lying(scale: Scale, x: float, y: float, bar: Lying) -> list[Bar]:
    filled, reach = scale.at(bar.value.total_seconds()), scale.at(bar.reach.total_seconds())
    thick = Bar(x, y, max(filled - x, 1), BAR, bar.words, bar.kind)
    thin = Bar(filled, y + BAR / 2 - 1.5, max(reach - filled, 0), 3, bar.words, bar.kind)
    return [thick, thin, Bar(max(reach - 2, x), y + 2, 2, BAR - 4, bar.words, bar.kind)]


def waits_by_week(weeks: Sequence[Week], waits: Waits, names: Mapping[str, str]) -> Picture:
    """The median wait of each week, one line for each of `names` (its key and its words)."""
    known = {name: [_told(waits.get((week.monday, name), NOTHING)) for week in weeks] for name in names}
    ticks = time_steps(max((time for times in known.values() for time in times if time), default=timedelta()))
    plot = Plot()
    scale = Scale(ticks[-1].total_seconds(), plot.y2, plot.y1)
    xs = _middles(plot, len(weeks))
    places = {
        name: [None if time is None else (x, scale.at(time.total_seconds())) for x, time in zip(xs, times, strict=True)]
        for name, times in known.items()
    }
    dots = [
        Mark(*place, f'{week_words(week)}, {names[name]}: {time_words(time)}', name)
        for name, row in places.items()
        for week, place, time in zip(weeks, row, known[name], strict=True)
        if place is not None and time is not None
    ]
    return Picture(
        id='waits',
        title=_('Wait until somebody has it, week by week'),
        summary=_trend(
            [
                (names[name], [None if time is None else time_words(time) for time in times])
                for name, times in known.items()
            ]
        ),
        plot=plot,
        y_ticks=[Mark(plot.x1, scale.at(tick.total_seconds()), tick_words(tick)) for tick in ticks],
        x_ticks=_week_ticks(weeks, xs, plot),
        lines=[Line(points, name) for name, row in places.items() for points in runs(row)],
        dots=dots,
        legend=list(names.items()),
    )


def columns_by_week(
    picture_id: str,
    title: str,
    weeks: Sequence[Week],
    values: Sequence[float | None],
    *,
    words: Callable[[float], str],
    top: float | None = None,
    aim: tuple[float, str] | None = None,
) -> Picture:
    """A column for each week that has a figure. `top` ends the axis, else the highest; `aim` draws a line with its words."""
    highest = max([0.0, *(value for value in values if value is not None), *([aim[0]] if aim else [])])
    ticks = number_steps(top or highest)
    plot = Plot()
    scale = Scale(ticks[-1], plot.y2, plot.y1)
    xs, wide = _middles(plot, len(weeks)), (plot.x2 - plot.x1) / len(weeks)
    bars = [
        Bar(
            round(x - wide * 0.36, 1),
            scale.at(value),
            round(wide * 0.72, 1),
            round(plot.y2 - scale.at(value), 1),
            label,
        )
        for week, x, value in zip(weeks, xs, values, strict=True)
        if value is not None
        for label in [f'{week_words(week)}: {words(value)}']
    ]
    return Picture(
        id=picture_id,
        title=title,
        summary=_trend([('', [None if value is None else words(value) for value in values])]),
        plot=plot,
        y_ticks=[Mark(plot.x1, scale.at(tick), words(tick)) for tick in ticks],
        x_ticks=_week_ticks(weeks, xs, plot),
        bars=bars,
        aim=Mark(plot.x2, scale.at(aim[0]), aim[1]) if aim else None,
        legend=[('aim', aim[1])] if aim else [],
    )


def by_age(words: Sequence[str], red: Sequence[int], amber: Sequence[int], names: Mapping[str, str]) -> Picture:
    """What is open now: a row for each age, red and amber behind one another."""
    most = max([1, *(a + b for a, b in zip(red, amber, strict=True))])
    ticks = number_steps(most)
    height = 24 * len(words) + 34
    plot = Plot(LEFT + 40, 6, WIDTH - RIGHT - 18, height - 24)
    scale = Scale(ticks[-1], plot.x1, plot.x2)
    bars: list[Bar] = []
    for n, (word, reds, ambers) in enumerate(zip(words, red, amber, strict=True)):
        y, between = plot.y1 + 24 * n + 4, scale.at(reds)
        bars += [Bar(plot.x1, y, between - plot.x1, 16, f'{word}, {names["red"]}: {reds}', 'red')] if reds else []
        width = scale.at(reds + ambers) - between
        bars += [Bar(between, y, width, 16, f'{word}, {names["amber"]}: {ambers}', 'amber')] if ambers else []
    return Picture(
        id='open',
        title=_('Open now, by age'),
        summary=' '.join(
            f'{word}: {reds} {names["red"]}, {ambers} {names["amber"]}.'
            for word, reds, ambers in zip(words, red, amber, strict=True)
            if reds + ambers
        )
        or _('Nothing is open.'),
        height=height,
        plot=plot,
        x_ticks=[Mark(scale.at(tick), plot.y2, str(tick)) for tick in ticks],
        words=[Mark(plot.x1 - 8, plot.y1 + 24 * n + 16, word, 'end') for n, word in enumerate(words)],
        bars=bars,
        legend=list(names.items()),
    )


def week_words(week: Week) -> str:
    """“16 Nov”, or “16–18 Nov” for a week that is not whole."""
    first = date_format(week.first, 'j M')
    if week.is_whole or week.first == week.last:
        return first
    same = week.first.month == week.last.month
    return f'{week.first.day if same else first}–{date_format(week.last, "j M")}'


def _told(times: Times) -> timedelta | None:
    return None if times.is_few else times.median


def _middles(plot: Plot, number: int) -> list[float]:
    wide = (plot.x2 - plot.x1) / number
    return [round(plot.x1 + wide * (n + 0.5), 1) for n in range(number)]


def _week_ticks(weeks: Sequence[Week], xs: Sequence[float], plot: Plot) -> list[Mark]:
    return spaced([Mark(x, plot.y2, date_format(week.first, 'j M')) for week, x in zip(weeks, xs, strict=True)])


def _trend(rows: Sequence[tuple[str, Sequence[str | None]]]) -> str:
    """The first and the last figure of each line, for who does not see it."""
    said = []
    for name, values in rows:
        known = [value for value in values if value]
        start = f'{name}: ' if name else ''
        if known:
            said.append(start + _('from %(first)s to %(last)s.') % {'first': known[0], 'last': known[-1]})
        else:
            said.append(start + _('too few to say.'))
    return ' '.join(said)
