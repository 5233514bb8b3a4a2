"""Nurses at the real worklist: they take what stands first, read, phone, resolve, are interrupted, forget, sleep."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from alerts.engine.lifecycle import IllegalMove
from alerts.models import WAITING, Alert, AlertState, Line, Mark, Outcome, TierChoice
from alerts.queries.worklist import REVIEW, UNOWNED, Choice, Desk, chosen, desk_of
from alerts.services import snoozing, working
from alerts.services.held import AlreadyDone, ChangedMeanwhile
from alerts.services.snoozing import CannotSnooze
from bench.simulation.agenda import Agenda
from bench.simulation.crashes import House, Killed, Kills
from bench.simulation.people import Worker

MISSED = (AlreadyDone, ChangedMeanwhile, IllegalMove, CannotSnooze)
NOTICES = (3, 45)  # seconds until a nurse at the screen sees a new row
READS = (20, 150)  # seconds, before she takes it
PHONES = (120, 600)  # a call
CLOSES = (30, 240)  # writing it up
WAKES = (180, 1200)  # from a message in the night to the screen
SLEEPS_ON, FORGETS, REACHED, CALLS_AMBER, SNOOZES, MARKS = 0.2, 0.03, 0.85, 0.4, 0.15, 0.35
TRIES = 3
CALM = (Outcome.SELF_CARE, Outcome.APPOINTMENT, Outcome.NO_ACTION, Outcome.TREATMENT_HELD)


@dataclass
class Shift:
    """What one nurse is doing."""

    worker: Worker
    desk: Desk
    busy: int | None = None  # the alert that she is at; a call that she tries again later comes in between
    coming: bool = False


@dataclass
class Team:
    agenda: Agenda
    house: House
    kills: Kills
    workers: tuple[Worker, ...]
    rng: random.Random
    after: Callable[[datetime], None] = lambda now: None
    taken: Counter[tuple[str, object]] = field(default_factory=Counter)
    overtaken: int = 0

    def __post_init__(self) -> None:
        self.shifts = {worker.member.user.email: Shift(worker, desk_of(worker.member)) for worker in self.workers}

    # -- coming to the screen -------------------------------------------------------------------------------------------
    def begin(self, now: datetime) -> None:
        for shift in self.shifts.values():
            self._come(shift, shift.worker.next_start(now))

    def _come(self, shift: Shift, start: datetime) -> None:
        def arrive(now: datetime) -> None:
            self._come(shift, shift.worker.next_start(now))
            self._look(shift, now)

        self.agenda.at(start, arrive)

    def ring(self, address: str, now: datetime) -> None:
        """A message arrives. In the night it may be slept through; the ladder is there for that."""
        shift = self.shifts.get(address)
        if shift is None or shift.worker.on_duty(now) or shift.coming or self.rng.random() < SLEEPS_ON:
            return
        shift.coming = True
        self.agenda.at(now + self._span(WAKES), lambda at: self._up(shift, at))

    def notice(self, now: datetime) -> None:
        """Whoever is at the screen and free sees that something waits."""
        there = [one for one in self.shifts.values() if one.busy is None and not one.coming and one.worker.on_duty(now)]
        if there and Alert.objects.filter(state__in=WAITING).exists():
            for shift in there:
                shift.coming = True
                self.agenda.at(now + self._span(NOTICES), partial(self._up, shift))

    def _up(self, shift: Shift, now: datetime) -> None:
        shift.coming = False
        self._look(shift, now)

    def _look(self, shift: Shift, now: datetime) -> None:
        """The first row of her list. At night she came for what cannot wait."""
        up = self.house.back_at(('web',), now)
        if up > now:
            self.agenda.at(up + self._span(NOTICES), lambda at: self._look(shift, at))
            return
        if shift.busy is not None:
            return
        on_duty = shift.worker.on_duty(now)
        row = chosen(shift.desk, Choice(UNOWNED)).first()
        row = row or (chosen(shift.desk, Choice(REVIEW)).first() if on_duty else None)
        if row is None or (row.line == Line.AMBER and not on_duty):
            return
        shift.busy = row.pk
        self.agenda.at(now + self._span(READS, shift), lambda at: self._take(shift, row, at))

    def _free(self, shift: Shift, alert: Alert, now: datetime) -> None:
        """She is done with an alert. Where that was no more than a second call, she goes on with what she is at."""
        if shift.busy == alert.pk:
            shift.busy = None
            self._look(shift, now)

    # -- working an alert -----------------------------------------------------------------------------------------------
    def _take(self, shift: Shift, row: Alert, now: datetime) -> None:
        user = shift.worker.member.user

        def done(alert: Alert) -> None:
            local = now.astimezone(shift.worker.member.clinic.zone)
            self.taken[user.email, local.date()] += 1
            if self.rng.random() < FORGETS:
                self._free(shift, alert, now)
            elif alert.line == Line.RED or self.rng.random() < CALLS_AMBER:
                self.agenda.at(now + self._span(PHONES, shift), lambda at: self._phone(shift, alert, 1, at))
            else:
                self.agenda.at(now + self._span(CLOSES, shift), lambda at: self._close(shift, alert, at))

        act = lambda: working.acknowledge(alert=row, by=user, now=now, seen=row.version)  # noqa: E731
        self._click(shift, row, act, done, lambda at: self._take(shift, row, at), now)

    def _phone(self, shift: Shift, alert: Alert, attempt: int, now: datetime) -> None:
        reached = self.rng.random() < REACHED

        def done(alert: Alert) -> None:
            if reached or attempt == TRIES:
                self.agenda.at(now + self._span(CLOSES, shift), lambda at: self._close(shift, alert, at, reached))
                return
            again = now + timedelta(minutes=self.rng.randint(10, 40))
            self.agenda.at(again, lambda at: self._phone(shift, alert, attempt + 1, at))
            self._free(shift, alert, now)

        user = shift.worker.member.user
        act = lambda: working.note_contact(alert=self._hers(shift, alert), by=user, now=now, reached=reached)  # noqa: E731
        self._click(shift, alert, act, done, lambda at: self._phone(shift, alert, attempt, at), now)

    def _close(self, shift: Shift, alert: Alert, now: datetime, reached: bool = True) -> None:
        user = shift.worker.member.user

        def act() -> Alert:
            mine = self._hers(shift, alert)
            if mine.line == Line.AMBER and self.rng.random() < SNOOZES:
                day = now.astimezone(mine.clinic.zone).date() + timedelta(days=self.rng.randint(2, 7))
                return snoozing.snooze(
                    alert=mine, by=user, now=now, until=day, reason='Known.', levels={}, seen=mine.version
                )
            outcome = self._outcome(mine, reached)
            mine = working.resolve(alert=mine, by=user, now=now, outcome=outcome, seen=mine.version)
            if self.rng.random() < MARKS:
                mine = working.mark(alert=mine, by=user, now=now, mark=self._mark(outcome))
            return mine

        again = partial(self._close, shift, alert, reached=reached)
        self._click(shift, alert, act, lambda _alert: self._free(shift, alert, now), again, now)

    def _hers(self, shift: Shift, alert: Alert) -> Alert:
        """As it is now; news may have sent it back to the list meanwhile, and somebody else may have it."""
        fresh = Alert.objects.select_related('clinic', 'patient').get(pk=alert.pk)
        if fresh.owner_id != shift.worker.member.user_id or fresh.state not in (
            AlertState.ACKNOWLEDGED,
            AlertState.CONTACTED,
        ):
            raise ChangedMeanwhile
        return fresh

    def _click(
        self,
        shift: Shift,
        alert: Alert,
        act: Callable[[], Alert],
        done: Callable[[Alert], None],
        again: Callable[[datetime], None],
        now: datetime,
    ) -> None:
        """Through the web server, which may be away or die at it; then she tries again. Who comes too late goes on."""
        up = self.house.back_at(('web',), now)
        if up > now:
            self.agenda.at(up + self._span(NOTICES), again)
            return
        try:
            with self.kills.threaten():
                changed = act()
        except Killed:
            self.house.fall('web', now, seconds=self.rng.uniform(2, 30))
            self.agenda.at(now + timedelta(seconds=40), again)
            return
        except MISSED:
            self.overtaken += 1
            self._free(shift, alert, now)
            return
        self.after(now)
        done(changed)

    def _outcome(self, alert: Alert, reached: bool) -> Outcome:
        if not reached:
            return Outcome.NOT_REACHED
        if alert.tier == TierChoice.EMERGENCY:
            return self.rng.choice((Outcome.SENT_TO_EMERGENCY, Outcome.ADMITTED))
        return self.rng.choices(CALM, (60, 20, 12, 8))[0]

    def _mark(self, outcome: Outcome) -> Mark:
        return Mark.NOISE if outcome == Outcome.NO_ACTION else Mark.USEFUL

    def _span(self, seconds: tuple[int, int], shift: Shift | None = None) -> timedelta:
        return timedelta(seconds=self.rng.uniform(*seconds) * (shift.worker.pace if shift else 1))
