"""Charts as coordinates: a template draws them (templates/components/chart.html), no library is needed.

    severity_chart(points, chart_id='chart-1', title='Tiredness', first=day, last=day, cycles=planned, doses=days) -> Chart

`points` are Point(day, level): the worst answer of each local day on which the diary has an entry, level 0 where the symptom was
not reported. A day without an entry has no point, and a line never runs over a gap of more than one such day. The strip below
the picture is drawn through on `written` days (those with a point, where not given) and dotted where there is no entry.
`levels` are the words of the axis, lowest first; `tier` on a point colours its dot and is named in its label; a point of an
older scale is hollow, in its own `word`, and no line leads to it. charts_numbers.py draws what was measured, charts_cycles.py
the days cycle by cycle.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.dates import date_format
from diary.timeline import PlannedCycle

WIDTH, TOP, LEFT, RIGHT, BOTTOM = 360, 22, 84, 12, 32
STRIP = 8  # how far below the axis the strip of days with an entry lies
STEP = 24  # the height of one level
BRIDGE = timedelta(2)
FEWEST_PIXELS_BETWEEN_TICKS = 34
MOST_DATES = 4
SMALLEST_DOT, LARGEST_DOT = 3, 5


@dataclass(frozen=True)
class Point:
    """What was answered for one local day. `tier` is set where the entry of this day was flagged, `apart` where the answer is on
    an older scale; `word` is then its own."""

    day: date
    level: int
    tier: str = ''
    apart: bool = False
    word: str = ''


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
    hollow: bool = False


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
class Strip:
    """The line below the picture: dotted from end to end, drawn through where there is an entry."""

    y: float
    written: list[Band]


@dataclass(frozen=True)
class Chart:
    """A picture in its own units, with the same figures as a table. `words` stand beside it, where `summary` is only read out;
    `limit` is a line that means something by itself, such as a fever."""

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
    strip: Strip | None = None
    photos: list[Mark] = field(default_factory=list)
    limit: Mark | None = None
    words: list[str] = field(default_factory=list)


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
    written: Collection[date] | None = None,
    photos: Collection[date] = (),
    said: Sequence[str] = (),
) -> Chart:
    """One symptom from `first` to `last`, both included; what lies outside is left out. `said` are the words beside it.

    Raises ValueError for an unknown level.
    """
    words = list(levels) if levels else severity_words()
    shown = sorted((p for p in points if first <= p.day <= last), key=lambda p: p.day)
    if any(not 0 <= p.level < len(words) for p in shown):
        raise ValueError(f'a level outside 0 to {len(words) - 1}')
    frame = Frame(first, last, STEP * (len(words) - 1))
    inside = [cycle for cycle in cycles if cycle.starts_on <= last and cycle.ends_on >= first]
    runs = _runs(shown)
    given = sorted({day for day in doses if first <= day <= last})
    days = {p.day for p in shown} if written is None else written
    return Chart(
        id=chart_id,
        title=title,
        summary=_summary(shown, words, first, last),
        width=WIDTH,
        height=frame.height,
        plot=frame.plot,
        y_ticks=[Mark(LEFT, frame.y(STEP * level), word) for level, word in enumerate(words)],
        x_ticks=x_ticks(frame, inside),
        bands=[frame.band(cycle) for cycle in inside if cycle.number % 2 == 0],
        doses=dose_marks(frame, given),
        lines=[Line(frame.polyline([(p.day, STEP * p.level) for p in run])) for run in runs if len(run) > 1],
        dots=[
            Mark(frame.x(p.day), frame.y(STEP * p.level), f'{_day(p.day)}: {_word(p, words)}', p.tier, hollow=p.apart)
            for run in runs
            for p in run
            if p.level and (len(run) == 1 or frame.has_room)
        ],
        columns=[_('Day'), _('How bad'), _('Treatment')],
        radius=frame.radius,
        rows=[[_day(p.day), _word(p, words), treatment_words(p.day, inside, given)] for p in reversed(shown)],
        strip=frame.strip(days),
        photos=photo_marks(frame, photos),
        words=list(said),
    )


def _word(point: Point, words: Sequence[str]) -> str:
    return _('%(word)s (older words)') % {'word': point.word} if point.apart else words[point.level]


class Frame:
    """Turns days, and heights above the axis, into places in the picture."""

    def __init__(self, first: date, last: date, rise: float) -> None:
        self.first, self.last = first, last
        self.height = round(TOP + rise + BOTTOM)
        self.plot = Plot(LEFT, TOP, WIDTH - RIGHT, TOP + rise)
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

    def y(self, rise: float) -> float:
        return round(self.plot.y2 - rise, 1)

    def band(self, cycle: PlannedCycle) -> Band:
        start, end = self.x(max(cycle.starts_on, self.first)), self.x(min(cycle.ends_on + timedelta(1), self.last))
        return Band(start, round(max(end - start, 1), 1))

    def polyline(self, run: Sequence[tuple[date, float]]) -> str:
        return ' '.join(f'{self.x(day)},{self.y(rise)}' for day, rise in run)

    def strip(self, written: Collection[date]) -> Strip:
        """Each stretch of days with an entry, half a day wider on both sides, inside the plot."""
        half = self.per_day / 2
        spans = [(self.x(run[0]) - half, self.x(run[-1]) + half) for run in day_runs(written, self.first, self.last)]
        inside = [(max(start, self.plot.x1), min(end, self.plot.x2)) for start, end in spans]
        return Strip(
            self.plot.y2 + STRIP, [Band(round(start, 1), round(max(end - start, 1), 1)) for start, end in inside]
        )


def day_runs(days: Collection[date], first: date, last: date) -> list[list[date]]:
    """The days from `first` to `last`, cut where one is missing."""
    runs: list[list[date]] = []
    for day in sorted(day for day in set(days) if first <= day <= last):
        if runs and day - runs[-1][-1] == timedelta(1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def x_ticks(frame: Frame, cycles: Sequence[PlannedCycle]) -> list[Mark]:
    return _cycle_ticks(frame, cycles) if cycles else _date_ticks(frame)


def dose_marks(frame: Frame, doses: Iterable[date]) -> list[Mark]:
    return [Mark(frame.x(day), TOP, _('Dose on %(day)s') % {'day': _day(day)}) for day in doses]


def photo_marks(frame: Frame, photos: Collection[date]) -> list[Mark]:
    inside = sorted(day for day in set(photos) if frame.first <= day <= frame.last)
    return [Mark(frame.x(day), TOP, _('Photo on %(day)s') % {'day': _day(day)}) for day in inside]


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """The stretches that a line may join."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and not point.apart and not runs[-1][-1].apart and point.day - runs[-1][-1].day <= BRIDGE:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _cycle_ticks(frame: Frame, cycles: Sequence[PlannedCycle]) -> list[Mark]:
    """The number of each cycle below its first day, as many as fit."""
    ticks: list[Mark] = []
    for cycle in cycles:
        x = frame.x(max(cycle.starts_on, frame.first))
        if not ticks or x - ticks[-1].x >= FEWEST_PIXELS_BETWEEN_TICKS:
            ticks.append(Mark(x, frame.plot.y2, _('C%(number)d') % {'number': cycle.number}))
    return ticks


def _date_ticks(frame: Frame) -> list[Mark]:
    span = (frame.last - frame.first).days
    parts = min(MOST_DATES - 1, max(1, span))
    days = [frame.first + timedelta(span * n // parts) for n in range(parts + 1)]
    return [Mark(frame.x(day), frame.plot.y2, date_format(day, 'j M')) for day in dict.fromkeys(days)]


def _summary(points: Sequence[Point], words: Sequence[str], first: date, last: date) -> str:
    """What a person sees in the picture, in words; the worst among the levels that can be compared."""
    felt = [point for point in points if point.level]
    span = _('From %(first)s to %(last)s.') % {'first': _day(first), 'last': _day(last)}
    if not felt:
        return f'{span} {_("Not reported in this time.")}'
    worst = max(felt, key=lambda point: (not point.apart, point.level, point.day))
    days = ngettext('Reported on %(n)d day.', 'Reported on %(n)d days.', len(felt)) % {'n': len(felt)}
    most = _('Worst: %(word)s on %(day)s.') % {'word': _word(worst, words), 'day': _day(worst.day)}
    latest = _('Last: %(word)s on %(day)s.') % {'word': _word(points[-1], words), 'day': _day(points[-1].day)}
    return f'{span} {days} {most} {latest}'


def treatment_words(day: date, cycles: Sequence[PlannedCycle], doses: Sequence[date]) -> str:
    cycle = next((cycle for cycle in cycles if day in cycle), None)
    numbers = {'cycle': cycle.number, 'day': cycle.day_number(day)} if cycle else {}
    parts = [_('Cycle %(cycle)d · day %(day)d') % numbers] if cycle else []
    return ', '.join(parts + ([_('dose')] if day in doses else []))


def _day(day: date) -> str:
    return date_format(day, 'j F Y')
