"""The patients' phones, and the nurses' keyboards for treatment: what is typed is sent until the server says that it is saved."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from bench.simulation.agenda import Agenda
from bench.simulation.background import Background
from bench.simulation.crashes import House, Killed, Kills
from diary.demo.events import Corrected, Event, Written
from diary.demo.writer import Writer

AGAIN = (5, 90)  # seconds until a phone tries again
RESTART = (2, 30)  # seconds until a killed web process is back
ANSWER_LOST, TWICE = 0.01, 0.02  # shares of entries: the server dies after the commit; a second tap


@dataclass
class Phones:
    agenda: Agenda
    house: House
    kills: Kills
    background: Background
    rng: random.Random
    saved: set[UUID] = field(default_factory=set)  # she was told "saved"
    sent_again: int = 0
    typed: int = 0

    def send(self, event: Event, writer: Writer, now: datetime) -> None:
        """Once the web server is there. A treatment event is typed again by a nurse who saw an error."""
        up = self.house.back_at(('web',), now)
        if up > now or self._too_early(event, writer):
            self._again(event, writer, up)
            return
        try:
            with self.kills.threaten():
                revision = writer.write(replace(event, at=now))
        except Killed:
            self.house.fall('web', now, seconds=self.rng.uniform(*RESTART))
            self.background.owe(now)  # it may have died after the commit, before its hint
            self._again(event, writer, self.house.back_at(('web',), now))
            return
        if revision is None:
            self.background.owe(now)
            return
        self._answered(event, writer, now)

    def _answered(self, event: Event, writer: Writer, now: datetime) -> None:
        assert isinstance(event, Written | Corrected)
        fate = self.rng.random()
        if fate < ANSWER_LOST:
            self.house.fall('web', now, seconds=self.rng.uniform(*RESTART))
            self._again(event, writer, self.house.back_at(('web',), now))
            return
        if fate < ANSWER_LOST + TWICE:
            self._again(event, writer, now)
        self.typed += event.client_uuid not in self.saved
        self.saved.add(event.client_uuid)

    def _again(self, event: Event, writer: Writer, since: datetime) -> None:
        self.sent_again += 1
        again = since + timedelta(seconds=self.rng.uniform(*AGAIN))
        self.agenda.at(again, lambda at: self.send(event, writer, at))

    def _too_early(self, event: Event, writer: Writer) -> bool:
        """A correction waits in the phone until its entry is saved."""
        return isinstance(event, Corrected) and event.client_uuid not in self.saved
