"""What breaks: processes that are away for a while, and work that dies in the middle of a transaction."""

import random
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import ModuleType
from unittest import mock

from django.db.models.signals import post_save

from alerts.models import AlertEvent
from alerts.services import delivering, evaluation, outbox, setting_aside, sweeping
from bench.simulation.agenda import beat_at
from diary.models import Revision
from diary.signals import entry_recorded

BACKGROUND = ('beat', 'broker', 'worker')
WITH_POINTS: tuple[ModuleType, ...] = (delivering, evaluation, outbox, setting_aside, sweeping)
DEEPEST = 9  # at which of the points that a piece of work passes it dies


@dataclass(frozen=True)
class Habit:
    """How often a process falls over by itself, and for how long (seconds)."""

    every: timedelta
    shortest: int
    longest: int


HABITS = {
    'web': Habit(timedelta(days=2), 10, 600),
    'worker': Habit(timedelta(days=1), 5, 1800),
    'beat': Habit(timedelta(days=2), 5, 1200),
    'broker': Habit(timedelta(days=2), 5, 1800),
    'mail': Habit(timedelta(days=4), 60, 7200),  # somebody else's
}


class Killed(BaseException):
    """kill -9, as far as one process can play it: no `except Exception` sees it, the transaction rolls back."""


class House:
    """Which process is away when. Some of it is drawn beforehand, some comes of killing."""

    def __init__(self, rng: random.Random, *, start: datetime, until: datetime, often: float = 1.0) -> None:
        self.down = {name: list(_drawn(rng, habit, start, until, often)) for name, habit in HABITS.items()}

    def back_at(self, names: Iterable[str], at: datetime) -> datetime:
        """The first instant from `at` on at which all of them run."""
        names = tuple(names)
        while True:
            later = max((end for name in names for begin, end in self.down[name] if begin <= at < end), default=at)
            if later == at:
                return at
            at = later

    def is_up(self, name: str, at: datetime) -> bool:
        return self.back_at((name,), at) == at

    def sweeps_at(self, at: datetime) -> datetime:
        """The first turn of the sweeps from `at` on that is sent, carried and done."""
        while True:
            turn = beat_at(at)
            at = self.back_at(BACKGROUND, turn)
            if at == turn:
                return turn

    def fall(self, name: str, at: datetime, *, seconds: float) -> None:
        self.down[name].append((at, at + timedelta(seconds=seconds)))

    def seconds_down(self, name: str) -> float:
        return sum((end - begin).total_seconds() for begin, end in self.down[name])


@dataclass
class Kills:
    """Lets a share of all pieces of work die: at a fault point that they pass (clinic/faultpoints.py), or between two rows."""

    rng: random.Random
    share: float
    at_points: list[str] = field(default_factory=list)
    _left: int = 0

    @contextmanager
    def threaten(self) -> Iterator[None]:
        """What is done inside may die."""
        self._left = self.rng.randint(1, DEEPEST) if self.rng.random() < self.share else 0
        try:
            yield
        finally:
            self._left = 0

    def point(self, name: str) -> None:
        if self._left:
            self._left -= 1
            if not self._left:
                self.at_points.append(name)
                raise Killed(name)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Every fault point of the services, and every row that the web or a worker writes between two of them."""
        with ExitStack() as stack:
            for module in WITH_POINTS:
                stack.enter_context(mock.patch.object(module, 'point', self.point))
            post_save.connect(self._stored, sender=AlertEvent)
            entry_recorded.connect(self._recorded, sender=Revision)
            stack.callback(post_save.disconnect, self._stored, sender=AlertEvent)
            stack.callback(entry_recorded.disconnect, self._recorded, sender=Revision)
            yield

    def _stored(self, **_signal: object) -> None:
        self.point('event stored')

    def _recorded(self, **_signal: object) -> None:
        self.point('entry stored')


def _drawn(
    rng: random.Random, habit: Habit, start: datetime, until: datetime, often: float
) -> Iterator[tuple[datetime, datetime]]:
    at = start
    while often:
        at += timedelta(seconds=rng.expovariate(often / habit.every.total_seconds()))
        if at >= until:
            return
        end = at + timedelta(seconds=rng.randint(habit.shortest, habit.longest))
        yield at, end
        at = end
