"""Worker, beat and broker: hints that may be lost, and the sweeps that find what is owed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.db.models import Min
from django.db.models.signals import post_save

from alerts import hints
from alerts.channels import CHANNELS, Message, SendFailed
from alerts.models import Alert, Channel, Evaluation, Notification, NotificationStatus
from alerts.services import notifying, sweeping
from alerts.services.evaluation import evaluate, evaluate_pending
from alerts.tasks import GRACE
from bench.simulation.agenda import EPOCH, SWEEP, Agenda, beat_at
from bench.simulation.crashes import House, Killed, Kills

RESTART = (2, 60)  # seconds until the service manager has a killed worker back
LATENCY = timedelta(seconds=1)  # from commit to a worker's start; measured: well under it
LEFT_OVER = timedelta(minutes=5)  # until a sweep is played again for what it could not do; a kill has it played at once
SWEEPS: dict[str, Callable[[datetime], object]] = {
    'alerts.tasks.sweep_pending': lambda now: evaluate_pending(now=now, older_than=GRACE),
    'alerts.tasks.sweep_due': lambda now: sweeping.sweep_due(now=now),
    'alerts.tasks.sweep_notifications': lambda now: notifying.deliver_due(now=now),
}


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
    _hinted: set[str] = field(default_factory=set)
    _touched: bool = False
    _swept: datetime = EPOCH

    def send(self, task: str, *args: int) -> None:
        """Takes the place of hints.send: what is said to the broker after a commit. Away or wiped later, the broker forgets it."""
        now = self.agenda.now
        self.kills.point('after the commit')
        if not self.house.is_up('broker', now):
            self._lose(now)
        elif args:
            self.agenda.at(now + LATENCY, lambda at: self._take(args[0], now, at))
        elif task not in self._hinted:
            self._hinted.add(task)
            self.agenda.at(now + LATENCY, lambda at: self._take_sweep(task, at))

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Messages come here, and saved alerts are noticed."""
        with mock.patch.object(hints, 'send', self.send):
            post_save.connect(self._saved, sender=Alert)
            yield
            post_save.disconnect(self._saved, sender=Alert)

    def _saved(self, **_signal: object) -> None:
        self._touched = True

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
            self._touched = False
            self._done(lambda: evaluate(evaluation_id=row, now=now), now, quiet=True)

    def _take_sweep(self, task: str, now: datetime) -> None:
        self._hinted.discard(task)
        if self.house.back_at(('worker', 'broker'), now) > now:
            self._lose(now)
        else:
            self._done(lambda: SWEEPS[task](now), now)

    def _lose(self, now: datetime) -> None:
        self.hints_lost += 1
        self.owe(now)

    def _turn(self, at: datetime) -> None:
        turn = max(beat_at(max(at, self.agenda.now)), self._swept + SWEEP)
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
        self._swept = now
        for sweep in SWEEPS.values():
            if not self._done(lambda sweep=sweep: sweep(now), now):  # type: ignore[misc]
                break
        oldest = Evaluation.objects.filter(pending_since__isnull=False).aggregate(at=Min('pending_since'))['at']
        if oldest is not None:
            self._turn(oldest + GRACE if oldest + GRACE > now else now + LEFT_OVER)

    def _done(self, work: Callable[[], object], now: datetime, *, quiet: bool = False) -> bool:
        """False when the worker died at it. A `quiet` work that saved no alert has nothing to look at."""
        alive = True
        try:
            with self.kills.threaten():
                work()
        except Killed:
            alive = False
            self.house.fall('worker', now, seconds=self.kills.rng.uniform(*RESTART))
            self.owe(now)
        if quiet and alive and not self._touched:
            return True
        arrived, self.post.arrived = self.post.arrived, []
        for address in arrived:
            self.ring(address, now)
        self.after(now)
        self.look_ahead(now)
        return alive
