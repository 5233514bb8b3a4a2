"""Worker, beat and broker: hints that may be lost, and the sweeps that find what is owed."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min

from alerts.channels import CHANNELS, Message, SendFailed
from alerts.models import Alert, Channel, Evaluation, Notification, NotificationStatus
from alerts.services import notifying, sweeping
from alerts.services.evaluation import evaluate, evaluate_pending
from alerts.tasks import GRACE
from bench.simulation.agenda import Agenda, beat_at
from bench.simulation.crashes import House, Killed, Kills

RESTART = (2, 60)  # seconds until the service manager has a killed worker back
LATENCY = timedelta(seconds=1)  # from commit to a worker's start; measured: well under it


class Post:
    """The mail server: it notes what arrives, and is away when the house says so."""

    def __init__(self, agenda: Agenda, house: House) -> None:
        self.agenda, self.house = agenda, house
        self.arrived: list[str] = []
        self.count = self.refused = 0

    def reaches(self, address: str) -> bool:
        return bool(address)

    def send(self, address: str, message: Message) -> None:
        if not self.house.is_up('mail', self.agenda.now):
            self.refused += 1
            raise SendFailed('away', permanent=False)
        self.count += 1
        self.arrived.append(address)

    @contextmanager
    def installed(self) -> Any:
        real = CHANNELS[Channel.EMAIL]
        CHANNELS[Channel.EMAIL] = self
        try:
            yield
        finally:
            CHANNELS[Channel.EMAIL] = real


@dataclass
class Background:
    """`after` is called when anything may have changed; `ring` with each address that a message arrived at."""

    agenda: Agenda
    house: House
    kills: Kills
    post: Post
    after: Callable[[datetime], None] = lambda now: None
    ring: Callable[[str, datetime], None] = lambda address, now: None
    hints_lost: int = 0
    sweeps: int = 0
    _turns: set[datetime] = field(default_factory=set)

    def hint(self, revision: int, now: datetime) -> None:
        """What hints.send says to the broker. Wiped or away, the broker forgets it."""
        row = (
            Evaluation.objects.filter(revision=revision, pending_since__isnull=False)
            .values_list('pk', flat=True)
            .first()
        )
        if row is None:
            return
        if not self.house.is_up('broker', now):
            self._lose(now)
            return
        self.agenda.at(now + LATENCY, lambda at: self._take(row, now, at))

    def owe(self, now: datetime) -> None:
        """Something is owed of which no hint tells."""
        self._turn(now + GRACE)

    def look_ahead(self, now: datetime) -> None:
        """Wake up when the next clock of an alert or the next message is due; in between a sweep finds nothing."""
        due = Alert.objects.filter(due_at__isnull=False).aggregate(at=Min('due_at'))['at']
        waiting = Notification.objects.filter(status=NotificationStatus.WAITING).aggregate(at=Min('next_try_at'))['at']
        for at in (due, waiting):
            if at is not None:
                self._turn(at)

    def _take(self, row: int, sent: datetime, now: datetime) -> None:
        """A worker takes the message, once there is one; the broker may be wiped meanwhile."""
        back = self.house.back_at(('worker', 'broker'), now)
        if self.house.back_at(('broker',), sent) != sent or any(
            sent < begin <= back for begin, _end in self.house.down['broker']
        ):
            self._lose(now)
        elif back > now:
            self.owe(sent)
            self.agenda.at(back, lambda at: self._take(row, sent, at))
        else:
            self._done(lambda: evaluate(evaluation_id=row, now=now), now)

    def _lose(self, now: datetime) -> None:
        self.hints_lost += 1
        self.owe(now)

    def _turn(self, at: datetime) -> None:
        turn = beat_at(max(at, self.agenda.now))
        if turn not in self._turns:
            self._turns.add(turn)
            self.agenda.at(turn, self._sweep)

    def _sweep(self, now: datetime) -> None:
        self._turns.discard(now)
        runs = self.house.sweeps_at(now)
        if runs > now:
            self._turn(runs)
            return
        self.sweeps += 1
        for sweep in (
            lambda: evaluate_pending(now=now, older_than=GRACE),
            lambda: sweeping.sweep_due(now=now),
            lambda: notifying.deliver_due(now=now),
        ):
            if not self._done(sweep, now):
                break
        oldest = Evaluation.objects.filter(pending_since__isnull=False).aggregate(at=Min('pending_since'))['at']
        if oldest is not None:
            self._turn(max(oldest + GRACE, now + timedelta(seconds=1)))

    def _done(self, work: Callable[[], object], now: datetime) -> bool:
        """False when the worker died at it."""
        alive = True
        try:
            with self.kills.threaten():
                work()
        except Killed:
            alive = False
            self.house.fall('worker', now, seconds=self.kills.rng.uniform(*RESTART))
            self.owe(now)
        arrived, self.post.arrived = self.post.arrived, []
        for address in arrived:
            self.ring(address, now)
        self.after(now)
        self.look_ahead(now)
        return alive
