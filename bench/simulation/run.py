"""Puts clock, house, people and services together, and plays."""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from alerts import hints
from alerts.figures.span import Span
from alerts.queries.figures import Scope
from bench.simulation.agenda import Agenda
from bench.simulation.background import Background, Post
from bench.simulation.crashes import House, Kills
from bench.simulation.nurses import Team
from bench.simulation.people import Cast, make_cast
from bench.simulation.phones import Phones
from bench.simulation.verdict import Losses, figures, losses
from bench.simulation.watcher import Watcher

START = datetime(2026, 10, 5, 4, tzinfo=UTC)  # a Monday, midnight in New York; clocks go back in the fourth week
SETTLE = timedelta(hours=3)  # after the last day: what is under way comes to rest, nothing breaks
KILLED = 0.004  # share of all pieces of work, of workers and of web requests, that die in the middle


@dataclass(frozen=True)
class Setting:
    patients: int = 1000
    nurses: int = 5
    days: int = 30
    seed: int = 1
    killed: float = KILLED
    often: float = 1.0  # how often processes fall over, against their habits


@dataclass(frozen=True)
class Result:
    losses: Losses
    told: dict[str, Any]


def play(setting: Setting) -> Result:
    """Play the month. `told` is for people; `losses` says whether every promise was kept."""
    began = time.perf_counter()
    with _quiet():
        with hints.silent():
            cast, script = _beforehand(setting)
        made = time.perf_counter()
        stage = Stage(setting, cast)
        stage.play(script)
        played = time.perf_counter()
        result = stage.judged()
    seconds = {'people': made - began, 'month': played - made, 'judging': time.perf_counter() - played}
    return Result(result.losses, {'simulated': True, **asdict(setting), 'seconds': _rounded(seconds), **result.told})


class Stage:
    """Everything that takes part, wired together."""

    def __init__(self, setting: Setting, cast: Cast) -> None:
        self.cast, self.end = cast, START + timedelta(days=setting.days)
        rng = random.Random(f'{setting.seed}-simulation')
        self.agenda = Agenda(START)
        self.house = House(rng, start=START, until=self.end, often=setting.often)
        self.kills = Kills(rng, setting.killed)
        self.post = Post(self.agenda, self.house)
        self.watcher = Watcher(self.house)
        self.background = Background(self.agenda, self.house, self.kills, self.post)
        self.team = Team(self.agenda, self.house, self.kills, cast.workers, rng)
        self.phones = Phones(self.agenda, self.house, self.kills, self.background, rng)
        self.background.after = self.background_changed
        self.background.ring = self.team.ring
        self.team.after = self.nurse_did

    def play(self, script: list[Any]) -> None:
        with self.kills.installed(), self.post.installed(), self.background.installed():
            for event, writer in script:
                self.agenda.at(event.at, lambda now, event=event, writer=writer: self.phones.send(event, writer, now))
            self.team.begin(START)
            self.agenda.run(self.end)
            self.kills.share = 0
            self.agenda.run(self.end + SETTLE)
        self.watcher.end(self.agenda.now)

    def background_changed(self, now: datetime) -> None:
        self.watcher.look(now)
        self.team.notice(now)

    def nurse_did(self, now: datetime) -> None:
        self.watcher.look(now)
        self.background.look_ahead(now)

    def judged(self) -> Result:
        found = losses(self.cast.clinic, self.phones.saved)
        found.wrong = self.watcher.wrong
        found.red_off_schedule = len(self.watcher.wrong)
        first = START.astimezone(self.cast.clinic.zone).date()
        span = Span(
            first, self.agenda.now.astimezone(self.cast.clinic.zone).date(), self.cast.clinic.zone, self.agenda.now
        )
        told = figures(Scope(self.cast.clinic, span), self.team.taken)
        return Result(found, told | {'red': self._red(), 'broken': self._broken(), 'lost': _counts(found)})

    def _red(self) -> dict[str, Any]:
        """Whether each wait of a red alert was met, and each step taken when something could take it."""
        watcher = self.watcher
        return {
            'waits': len(watcher.waits),
            'steps': dict(watcher.steps),
            'on_schedule_percent': 100 * (1 - len(watcher.wrong) / max(1, len(watcher.waits))),
            'latest_after_a_sweep_could_run_s': watcher.latest.total_seconds(),
            'held_up_by_what_was_broken': watcher.delayed,
            'longest_held_up_s': watcher.longest_delay.total_seconds(),
        }

    def _broken(self) -> dict[str, Any]:
        return {
            'minutes_away': {name: round(self.house.seconds_down(name) / 60) for name in self.house.down},
            'times_away': {name: len(spans) for name, spans in self.house.down.items()},
            'killed_in_the_middle': len(self.kills.at_points),
            'hints_lost': self.background.hints_lost,
            'sent_again_by_phones': self.phones.sent_again,
            'clicks_overtaken': self.team.overtaken,
            'sweeps': self.background.sweeps,
            'messages': self.post.count,
            'messages_refused': self.post.refused,
        }


def _beforehand(setting: Setting) -> tuple[Cast, list[Any]]:
    """The people, with the treatment that was entered before the first day; what happens then and after it."""
    cast = make_cast(**_size(setting), start=START)
    early = [each for each in cast.scripts if each[0].at < START]
    for event, writer in early:
        writer.write(event)
    return cast, cast.scripts[len(early) :]


def _size(setting: Setting) -> dict[str, int]:
    return {name: getattr(setting, name) for name in ('patients', 'nurses', 'days', 'seed')}


def _counts(found: Losses) -> dict[str, int]:
    return {name: value for name, value in vars(found).items() if isinstance(value, int)}


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in seconds.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """The log stays empty: of crashes there are many here. The server does not die for real, so no commit waits for the disk."""
    with connection.cursor() as cursor:
        cursor.execute('SET synchronous_commit TO off')
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        with connection.cursor() as cursor:
            cursor.execute('RESET synchronous_commit')
