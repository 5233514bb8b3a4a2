"""Charts as coordinates: a template draws them (templates/components/chart.html), no library is needed.

    severity_chart(points, chart_id='chart-1', title='Tiredness', first=day, last=day, cycles=planned, doses=days) -> Chart

`points` are Point(day, level): the worst answer of each local day on which the diary has an entry, level 0 where the symptom was
not reported. A day without an entry has no point, and a line never runs over a gap of more than one such day. `levels` are
the words of the axis, lowest first; `tier` on a point colours its dot and is named in its label.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.dates import date_format
from diary.timeline import PlannedCycle

WIDTH, TOP, LEFT, RIGHT, BOTTOM = 360, 22, 84, 12, 24
STEP = 24  # the height of one level
BRIDGE = timedelta(2)
FEWEST_PIXELS_BETWEEN_TICKS = 34
MOST_DATES = 4
SMALLEST_DOT, LARGEST_DOT = 3, 5


@dataclass(frozen=True)
class Point:
    """What was answered for one local day. `tier` is set where the entry of this day was flagged."""

    day: date
    level: int
    tier: str = ''


@dataclass(frozen=True)
class Plot:
    """The frame of the picture inside its margins."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def height(self) -> float:
        return self.y2 - self.y1


@dataclass(frozen=True)
class Mark:
    """Something at a place: a tick, a dose, a dot, a baseline."""

    x: float
    y: float
    label: str
    tier: str = ''


@dataclass(frozen=True)
class Band:
    x: float
    width: float


@dataclass(frozen=True)
class Line:
    """The points of an SVG polyline; `second` draws it as the other of two lines."""

    points: str
    second: bool = False


@dataclass(frozen=True)
class Chart:
    """A picture in its own units, with the same figures as a table."""

    id: str
    title: str
    summary: str
    width: int
    height: int
    plot: Plot
    y_ticks: list[Mark] = field(default_factory=list)
    x_ticks: list[Mark] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    doses: list[Mark] = field(default_factory=list)
    baseline: Mark | None = None
    lines: list[Line] = field(default_factory=list)
    dots: list[Mark] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    radius: float = 5  # of the dots; smaller where days are narrow


def severity_words() -> list[str]:
    """The scale's words, from none to very severe."""
    return [_('none'), _('mild'), _('moderate'), _('severe'), _('very severe')]


def yes_no_words() -> list[str]:
    return [_('no'), _('yes')]


def severity_chart(
    points: Iterable[Point],
    *,
    chart_id: str,
    title: str,
    first: date,
    last: date,
    cycles: Sequence[PlannedCycle] = (),
    doses: Iterable[date] = (),
    levels: Sequence[str] | None = None,
) -> Chart:
    """One symptom from `first` to `last`, both included; what lies outside is left out. Raises ValueError for an unknown level."""
    words = list(levels) if levels else severity_words()
    shown = sorted((p for p in points if first <= p.day <= last), key=lambda p: p.day)
    if any(not 0 <= p.level < len(words) for p in shown):
        raise ValueError(f'a level outside 0 to {len(words) - 1}')
    frame = _Frame(first, last, len(words))
    inside = [cycle for cycle in cycles if cycle.starts_on <= last and cycle.ends_on >= first]
    runs = _runs(shown)
    given = sorted({day for day in doses if first <= day <= last})
    return Chart(
        id=chart_id,
        title=title,
        summary=_summary(shown, words, first, last),
        width=WIDTH,
        height=frame.height,
        plot=frame.plot,
        y_ticks=[Mark(LEFT, frame.y(level), word) for level, word in enumerate(words)],
        x_ticks=_cycle_ticks(frame, inside) if inside else _date_ticks(frame),
        bands=[frame.band(cycle) for cycle in inside if cycle.number % 2 == 0],
        doses=[Mark(frame.x(day), TOP, _('Dose on %(day)s') % {'day': _day(day)}) for day in given],
        lines=[Line(frame.polyline(run)) for run in runs if len(run) > 1],
        dots=[
            Mark(frame.x(p.day), frame.y(p.level), f'{_day(p.day)}: {words[p.level]}', p.tier)
            for run in runs
            for p in run
            if p.level and (len(run) == 1 or frame.has_room)
        ],
        columns=[_('Day'), _('How bad'), _('Treatment')],
        radius=frame.radius,
        rows=[[_day(p.day), words[p.level], _treatment(p.day, inside, given)] for p in reversed(shown)],
    )


class _Frame:
    """Turns days and levels into places in the picture."""

    def __init__(self, first: date, last: date, levels: int) -> None:
        self.first, self.last, self.levels = first, last, levels
        self.height = TOP + STEP * (levels - 1) + BOTTOM
        self.plot = Plot(LEFT, TOP, WIDTH - RIGHT, TOP + STEP * (levels - 1))
        self.per_day = (self.plot.x2 - self.plot.x1) / max(1, (last - first).days)

    @property
    def radius(self) -> float:
        return round(min(LARGEST_DOT, max(SMALLEST_DOT, self.per_day * 0.6)), 1)

    @property
    def has_room(self) -> bool:
        """Whether the dots of two days would stand apart; where not, the line alone says more."""
        return self.per_day >= SMALLEST_DOT

    def x(self, day: date) -> float:
        return round(self.plot.x1 + self.per_day * (day - self.first).days, 1)

    def y(self, level: int) -> float:
        return round(self.plot.y2 - STEP * level, 1)

    def band(self, cycle: PlannedCycle) -> Band:
        start, end = self.x(max(cycle.starts_on, self.first)), self.x(min(cycle.ends_on + timedelta(1), self.last))
        return Band(start, round(max(end - start, 1), 1))

    def polyline(self, run: Sequence[Point]) -> str:
        return ' '.join(f'{self.x(p.day)},{self.y(p.level)}' for p in run)


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """The stretches that a line may join."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and point.day - runs[-1][-1].day <= BRIDGE:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _cycle_ticks(frame: _Frame, cycles: Sequence[PlannedCycle]) -> list[Mark]:
    """The number of each cycle below its first day, as many as fit."""
    ticks: list[Mark] = []
    for cycle in cycles:
        x = frame.x(max(cycle.starts_on, frame.first))
        if not ticks or x - ticks[-1].x >= FEWEST_PIXELS_BETWEEN_TICKS:
            ticks.append(Mark(x, frame.plot.y2, _('C%(number)d') % {'number': cycle.number}))
    return ticks


def _date_ticks(frame: _Frame) -> list[Mark]:
    span = (frame.last - frame.first).days
    parts = min(MOST_DATES - 1, max(1, span))
    days = [frame.first + timedelta(span * n // parts) for n in range(parts + 1)]
    return [Mark(frame.x(day), frame.plot.y2, date_format(day, 'j M')) for day in dict.fromkeys(days)]


def _summary(points: Sequence[Point], words: Sequence[str], first: date, last: date) -> str:
    """What a person sees in the picture, in words."""
    felt = [point for point in points if point.level]
    span = _('From %(first)s to %(last)s.') % {'first': _day(first), 'last': _day(last)}
    if not felt:
        return f'{span} {_("Not reported in this time.")}'
    worst = max(felt, key=lambda point: (point.level, point.day))
    days = ngettext('Reported on %(n)d day.', 'Reported on %(n)d days.', len(felt)) % {'n': len(felt)}
    most = _('Worst: %(word)s on %(day)s.') % {'word': words[worst.level], 'day': _day(worst.day)}
    latest = _('Last: %(word)s on %(day)s.') % {'word': words[points[-1].level], 'day': _day(points[-1].day)}
    return f'{span} {days} {most} {latest}'


def _treatment(day: date, cycles: Sequence[PlannedCycle], doses: Sequence[date]) -> str:
    cycle = next((cycle for cycle in cycles if day in cycle), None)
    numbers = {'cycle': cycle.number, 'day': cycle.day_number(day)} if cycle else {}
    parts = [_('Cycle %(cycle)d · day %(day)d') % numbers] if cycle else []
    return ', '.join(parts + ([_('dose')] if day in doses else []))


def _day(day: date) -> str:
    return date_format(day, 'j F Y')
