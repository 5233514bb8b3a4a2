"""Tables of figures: what a person reads and what a machine reads of the same cell, with the number of cases beside it."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alerts.figures.measures import Rate, Share, Times, minutes, time_words

NONE = '–'
HEAD = ('table', 'row', 'figure', 'value', 'unit', 'cases', 'shown')
FORMULA = ('=', '+', '-', '@', '\t', '\r')


@dataclass(frozen=True)
class Cell:
    """`text` and, small, `beside` it; for machines `value` in `unit`, standing on `n` cases. Too few cases: no value."""

    text: str
    beside: str = ''
    value: float | None = None
    unit: str = ''
    n: int | None = None


@dataclass(frozen=True)
class Row:
    label: str
    cells: Sequence[Cell]
    note: str = ''


@dataclass(frozen=True)
class Table:
    """`first` heads the rows' labels, `columns` the cells. `words` explains what is counted."""

    id: str
    title: str
    first: str
    columns: Sequence[str]
    rows: Sequence[Row]
    words: str = ''


def count_cell(number: int) -> Cell:
    return Cell(number_format(number, use_l10n=True, force_grouping=True), value=number)


def median_cell(times: Times) -> Cell:
    return _time_cell(times, 'median')


def p90_cell(times: Times) -> Cell:
    return _time_cell(times, 'p90')


def share_cell(share: Share) -> Cell:
    if not share.of:
        return Cell(NONE, n=0, unit='%')
    beside = _('%(part)d of %(of)d') % {'part': share.part, 'of': share.of}
    return _figure(share.percent, lambda value: _('%(n)d %%') % {'n': round(value)}, beside, '%', share.of)


def rate_cell(rate: Rate) -> Cell:
    if not rate.each:
        return Cell(NONE, n=0, unit='per 100')
    beside = _('%(many)d in %(each)d') % {'many': rate.many, 'each': rate.each}
    return _figure(rate.per_hundred, lambda value: number_format(round(value, 1), 1), beside, 'per 100', rate.each)


def as_csv(tables: Iterable[Table], *, about: Sequence[tuple[str, str]]) -> str:
    """Every cell of the tables on a line of its own; `about` (name, value) stands in front of each, such as the span."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([*(name for name, _value in about), *HEAD])
    for table in tables:
        writer.writerows([*(value for _name, value in about), *line] for line in _lines(table))
    return out.getvalue()


def _lines(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            value = '' if cell.value is None else f'{cell.value:.10g}'
            n = '' if cell.n is None else str(cell.n)
            shown = f'{cell.text} ({cell.beside})' if cell.beside else cell.text
            yield [table.title, harmless(row.label), column, value, cell.unit, n, shown]


def harmless(text: str) -> str:
    """A care team may be called “=1+1”: a spreadsheet must not compute it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _time_cell(times: Times, which: str) -> Cell:
    if not times.n:
        return Cell(NONE, n=0, unit='min')
    time = getattr(times, which)
    beside = _('n = %(n)d') % {'n': times.n}
    value = None if times.is_few else minutes(time)
    return _figure(value, lambda _value: time_words(time), beside, 'min', times.n)


def _figure(value: float | None, words: Callable[[float], str], beside: str, unit: str, n: int) -> Cell:
    if value is None:
        return Cell(_('too few to say'), beside, None, unit, n)
    return Cell(words(value), beside, round(value, 1), unit, n)
