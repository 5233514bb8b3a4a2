"""Watches every red alert from outside: is each step of its ladder taken when it should be, whatever is broken just then?

What "should" means is written out here a second time, and does not ask the ladder's own arithmetic: an alert that waits has an
instant in the database, not later than its longest rung from now, nor than its promised instant while that is ahead; and by the
first turn of the sweeps after it that nothing prevents, somebody has acknowledged it or the next people were told.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.models import WAITING, Alert
from bench.simulation.crashes import House

SAME_DAY = 2  # its tier_rank
TOLERANCE = timedelta(seconds=5)  # one turn of the sweeps
LONGEST = {'emergency': timedelta(minutes=60), 'urgent': timedelta(minutes=60)}
WITHIN = {'emergency': timedelta(minutes=5), 'urgent': timedelta(minutes=60)}  # the default rules promise this or less


@dataclass(frozen=True)
class Owed:
    """The next step of one alert: `due`, since `seen`."""

    due: datetime
    seen: datetime


@dataclass
class Watcher:
    house: House
    owed: dict[int, Owed] = field(default_factory=dict)
    waits: set[tuple[int, datetime]] = field(default_factory=set)
    steps: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    latest: timedelta = timedelta()
    delayed: int = 0
    longest_delay: timedelta = timedelta()

    def look(self, now: datetime) -> None:
        """After anything that may have changed an alert."""
        reds = {row.pk: row for row in Alert.objects.filter(state__in=WAITING, tier_rank__lt=SAME_DAY).order_by()}
        for pk in list(self.owed):
            if pk not in reds:
                self._settled(pk, 'acknowledged', now)
        for row in reds.values():
            self._judge(row, now)

    def end(self, now: datetime) -> None:
        """What is still owed at the end and could have been done."""
        for pk in list(self.owed):
            self._settled(pk, 'at the end', now)

    def _judge(self, row: Alert, now: datetime) -> None:
        before = self.owed.get(row.pk)
        self.waits.add((row.pk, row.waiting_since))
        if row.due_at is None:
            self.wrong.append(f'alert {row.pk} waits without an instant')
            return
        if before is None or before.due != row.due_at:
            if before is not None:
                self._settled(row.pk, 'escalated', now)
            self._fits(row, now)
            self.owed[row.pk] = Owed(row.due_at, now)

    def _fits(self, row: Alert, now: datetime) -> None:
        assert row.due_at is not None
        if row.due_at - now > LONGEST[row.tier]:
            self.wrong.append(f'alert {row.pk} would climb only after {row.due_at - now}')
        if now < row.acknowledge_by < row.due_at:
            self.wrong.append(f'alert {row.pk} would not climb at its promised instant')
        if row.acknowledge_by - row.waiting_since > WITHIN[row.tier]:
            self.wrong.append(f'alert {row.pk} is promised for {row.acknowledge_by - row.waiting_since}')

    def _settled(self, pk: int, how: str, now: datetime) -> None:
        owed = self.owed.pop(pk)
        if now < owed.due:
            self.steps[f'{how} before it was due'] += 1
            return
        possible = self.house.sweeps_at(max(owed.due, owed.seen))
        late = max(now - possible, timedelta())
        self.steps[how] += 1
        self.latest = max(self.latest, late)
        self.delayed += possible - owed.due > TOLERANCE
        self.longest_delay = max(self.longest_delay, possible - owed.due)
        if late > TOLERANCE:
            self.wrong.append(f'alert {pk} was {how} {late} after a sweep could have run')
