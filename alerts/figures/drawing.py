"""Pictures as coordinates, 360 wide: templates/alerts/figures_picture.html draws them, no library is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from alerts.figures.measures import DAY, HOUR, MINUTE, time_words

WIDTH, TOP, LEFT, RIGHT, BOTTOM, HEIGHT = 360, 14, 52, 8, 24, 132
MOST_TICKS = 5
FEWEST_BETWEEN = 44  # between two words below the axis
TIME_STEPS = (
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 4, 6, 12)),
    *(n * DAY for n in (1, 2, 5, 7, 14, 28, 56, 112, 224, 448, 896)),
)


@dataclass(frozen=True)
class Plot:
    x1: float = LEFT
    y1: float = TOP
    x2: float = WIDTH - RIGHT
    y2: float = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Mark:
    """A word, a tick or a dot at a place. `kind` chooses colour and shape: 'red', 'amber' or none."""

    x: float
    y: float
    label: str
    kind: str = ''


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    kind: str = ''


@dataclass(frozen=True)
class Line:
    """The points of an SVG polyline."""

    points: str
    kind: str = ''


@dataclass(frozen=True)
class Picture:
    """A picture in its own units. `summary` says in words what a person sees; the figures stand in a table beside it."""

    id: str
    title: str
    summary: str
    height: float = HEIGHT
    plot: Plot = field(default_factory=Plot)
    y_ticks: Sequence[Mark] = ()
    x_ticks: Sequence[Mark] = ()
    words: Sequence[Mark] = ()
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    dots: Sequence[Mark] = ()
    aim: Mark | None = None
    legend: Sequence[tuple[str, str]] = ()
    width: float = WIDTH


@dataclass(frozen=True)
class Scale:
    """Turns a value from 0 to `top` into a place from `zero` to `far`."""

    top: float
    zero: float
    far: float

    def at(self, value: float) -> float:
        return round(self.zero + (self.far - self.zero) * value / self.top, 1)


def time_steps(longest: timedelta) -> list[timedelta]:
    """Round times from 0 to the first that is not less than `longest`, at most MOST_TICKS of them beyond 0."""
    seconds = max(longest.total_seconds(), MINUTE)
    step = next(step for step in TIME_STEPS if step * MOST_TICKS >= seconds)
    return [timedelta(seconds=step * n) for n in range(_steps_to(seconds, step) + 1)]


def number_steps(most: float) -> list[int]:
    """The same for numbers."""
    step = next(step for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000) if step * MOST_TICKS >= most)
    return [step * n for n in range(_steps_to(max(most, 1), step) + 1)]


def tick_words(time: timedelta) -> str:
    return time_words(time) if time else '0'


def runs(places: Sequence[tuple[float, float] | None]) -> list[str]:
    """The polylines through what is known; nothing is drawn over a gap."""
    found: list[list[str]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(f'{place[0]},{place[1]}')
    return [' '.join(run) for run in found if len(run) > 1]


def spaced(marks: Sequence[Mark]) -> list[Mark]:
    """As many of the words below the axis as fit, the last always among them."""
    kept: list[Mark] = []
    for mark in reversed(marks):
        if not kept or kept[-1].x - mark.x >= FEWEST_BETWEEN:
            kept.append(mark)
    return kept[::-1]


def _steps_to(value: float, step: float) -> int:
    return -int(-value // step)
