"""The days of a symptom cycle by cycle: one row a cycle, below each other on the same days, so that day 5 stands below day 5.

    cycle_chart(rows, levels=…, written=…, chart_id='chart-1', title='Tiredness', words=[…], today=day) -> CycleChart

Bars, not lines: five words drawn as lines over each other hide each other. A day without an entry is dotted, never low.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from clinic.dates import date_format
from diary.charts import WIDTH, Band, Mark, day_runs

MARGIN, HEAD, RISE, FOOT, GAP, TICKS = 4, 18, 8, 10, 6, 16
LEVELS = 4
DAYS_A_TICK = 7
WIDEST_BAR, SHARE = 14.0, 0.72  # of a bar; of a day's width


@dataclass(frozen=True)
class Row:
    """One cycle, or a month without one, first and last day included; `offset` is 0 where the first day is called day 0."""

    title: str
    first: date
    last: date
    offset: int = 1

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    hollow: bool = False


@dataclass(frozen=True)
class DrawnRow:
    """`start` to `end` is the dotted line of the days that are over, `written` is drawn through."""

    title: str
    y: float
    axis: float
    start: float
    end: float
    is_now: bool
    bars: list[Bar]
    written: list[Band]
    doses: list[Mark]


@dataclass(frozen=True)
class CycleChart:
    id: str
    title: str
    words: list[str]
    width: int
    height: int
    rows: list[DrawnRow]
    ticks: list[Mark]
    columns: list[str]
    table: list[list[str]]


def cycle_chart(
    rows: Sequence[Row],
    *,
    levels: Mapping[date, tuple[int, str]],
    apart: Collection[date] = (),
    written: Collection[date],
    doses: Collection[date] = (),
    today: date,
    chart_id: str,
    title: str,
    said: Sequence[str] = (),
) -> CycleChart:
    """`rows` newest first. `levels` is how bad each reported day was, 1 to 4, with its word; level 0 with a word is drawn lowest:
    it was there, and not told how bad."""
    longest = max(row.days for row in rows)
    step = HEAD + RISE * LEVELS + FOOT + GAP
    column = (WIDTH - 2 * MARGIN) / longest
    drawn = [
        _row(row, n * step, column, levels=levels, apart=apart, written=written, doses=doses, today=today)
        for n, row in enumerate(rows)
    ]
    first_number = rows[0].offset
    return CycleChart(
        chart_id,
        title,
        list(said),
        WIDTH,
        step * len(rows) + TICKS,
        drawn,
        [
            Mark(_centre(n, column), step * len(rows) + TICKS - 5, str(n + first_number))
            for n in range(0, longest, DAYS_A_TICK)
        ],
        [_('Cycle'), _('Day'), _('How bad'), _('Treatment')],
        [line for row in rows for line in _lines(row, levels, written, doses)],
    )


def _centre(n: int, column: float) -> float:
    return round(MARGIN + column * (n + 0.5), 1)


def _row(
    row: Row,
    top: float,
    column: float,
    *,
    levels: Mapping[date, tuple[int, str]],
    apart: Collection[date],
    written: Collection[date],
    doses: Collection[date],
    today: date,
) -> DrawnRow:
    axis = top + HEAD + RISE * LEVELS
    last = min(row.last, today)
    width = round(min(WIDEST_BAR, column * SHARE), 1)

    def place(day: date) -> float:
        return _centre((day - row.first).days, column)

    def bar(day: date) -> Bar:
        level, word = levels[day]
        height = RISE * level or 2
        label = _('%(day)s: %(word)s') % {'day': date_format(day, 'j F'), 'word': word}
        hollow = day in apart or not level
        return Bar(round(place(day) - width / 2, 1), axis - height, width, height, label, hollow)

    return DrawnRow(
        row.title,
        top + HEAD - 4,
        axis,
        MARGIN,
        round(MARGIN + column * ((last - row.first).days + 1), 1),
        row.first <= today <= row.last,
        [bar(day) for day in sorted(levels) if row.first <= day <= last],
        [
            Band(round(place(run[0]) - column / 2, 1), round(column * len(run), 1))
            for run in day_runs(written, row.first, last)
        ],
        [
            Mark(place(day), axis, _('Dose on %(day)s') % {'day': date_format(day, 'j F Y')})
            for day in sorted(set(doses))
            if row.first <= day <= row.last
        ],
    )


def _lines(
    row: Row, levels: Mapping[date, tuple[int, str]], written: Collection[date], doses: Collection[date]
) -> list[list[str]]:
    """Newest first: every day with an entry."""
    days = [row.first + timedelta(n) for n in range(row.days)]
    return [
        [
            row.title,
            f'{(day - row.first).days + row.offset} ({date_format(day, "j M")})',
            levels[day][1] if day in levels else _('none'),
            _('dose') if day in doses else '',
        ]
        for day in reversed(days)
        if day in written
    ]
