"""The simulated clock: what happens next, and when."""

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Act = Callable[[datetime], object]
SWEEP = timedelta(seconds=5)  # config/schedule.py: how often beat sends the sweeps of the urgent queue
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Agenda:
    """Acts in the order of time; of one instant in the order in which they were put down."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._acts: list[tuple[datetime, int, Act]] = []
        self._number = itertools.count()

    def at(self, when: datetime, act: Act) -> None:
        """What lies in the past is done now."""
        heapq.heappush(self._acts, (max(when, self.now), next(self._number), act))

    def run(self, until: datetime) -> None:
        while self._acts and self._acts[0][0] <= until:
            self.now, _, act = heapq.heappop(self._acts)
            act(self.now)
        self.now = max(self.now, until)


def beat_at(when: datetime) -> datetime:
    """The first turn of the sweeps at or after an instant."""
    return EPOCH + -(-(when - EPOCH) // SWEEP) * SWEEP
