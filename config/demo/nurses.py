"""Made-up nurses who work the alerts of the past, so that a believable few are open now."""

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.models import WAITING, Alert, AlertState, Line, Mark, Outcome, TierChoice
from alerts.services import working
from clinic.models import Clinic, Patient, User

Step = Callable[[Alert, User, datetime], object]
OPENS, CLOSES = 8, 18
WEEKEND = 5
CALM = (Outcome.SELF_CARE, Outcome.APPOINTMENT, Outcome.NO_ACTION, Outcome.TREATMENT_HELD, Outcome.NOT_REACHED)
HOW_OFTEN = (60, 20, 10, 6, 4)
NOTES = {
    Outcome.SELF_CARE: 'Spoke on the phone. Told what to do at home, and to write again tomorrow.',
    Outcome.APPOINTMENT: 'Comes to the clinic tomorrow.',
    Outcome.NO_ACTION: 'Known and unchanged.',
    Outcome.TREATMENT_HELD: 'The next dose waits until the doctor has seen this.',
    Outcome.NOT_REACHED: 'Called twice and left a message. The family was told.',
    Outcome.SENT_TO_EMERGENCY: 'Sent to the emergency department, which knows of the treatment.',
    Outcome.ADMITTED: 'Admitted to the ward.',
}


class Nurses:
    """What nurses will do, ordered by time. Red alerts are worked at any hour, amber ones while the clinic is open."""

    def __init__(self, seed: int, *, working_at: dict[int, list[User]]) -> None:
        self._rng = random.Random(f'{seed}-nurses')  # noqa: S311  (a story, no secret)
        self._marks = random.Random(f'{seed}-marks')  # noqa: S311  (its own, so that a mark changes nothing else)
        self._users = working_at  # by clinic
        self._todo: list[tuple[datetime, int, int, User, Step]] = []
        self._expected: set[int] = set()  # alerts that somebody will acknowledge
        self._number = itertools.count()

    def look(self, patient: Patient, *, now: datetime) -> bool:
        """Somebody will take the alerts of this patient that wait. Whether there are any."""
        waiting = list(Alert.objects.filter(patient=patient, state__in=WAITING).order_by('line'))
        for alert in waiting:
            if alert.pk not in self._expected:
                self._expected.add(alert.pk)
                self._plan(alert, patient.clinic, now=now)
        return bool(waiting)

    def work_until(self, now: datetime) -> None:
        """Do what was to be done by `now`."""
        while self._todo and self._todo[0][0] <= now:
            at, _number, alert, nurse, step = heapq.heappop(self._todo)
            step(Alert.objects.get(pk=alert), nurse, at)

    def _plan(self, alert: Alert, clinic: Clinic, *, now: datetime) -> None:
        nurse = self._rng.choice(self._users[clinic.pk])
        taken = self._soon(now, 4, 38) if alert.line == Line.RED else self._in_hours(self._soon(now, 35, 240), clinic)
        reached = self._soon(taken, 3, 45)
        done = self._soon(reached, 10, 300)
        for at, step in ((taken, self._take), (reached, self._phone), (done, self._close)):
            heapq.heappush(self._todo, (at, next(self._number), alert.pk, nurse, step))

    def _soon(self, now: datetime, low: int, high: int) -> datetime:
        return now + timedelta(minutes=self._rng.randint(low, high))

    def _in_hours(self, at: datetime, clinic: Clinic) -> datetime:
        """The same time if the clinic is open then, else some minutes after it opens."""
        local = at.astimezone(clinic.zone)
        if local.weekday() < WEEKEND and OPENS <= local.hour < CLOSES:
            return at
        day = local if local.hour < OPENS else local + timedelta(1)
        while day.weekday() >= WEEKEND:
            day += timedelta(1)
        return day.replace(hour=OPENS, minute=self._rng.randint(5, 59))

    # -- the three steps; an alert that changed meanwhile is left to the next round -----------------------------------------
    def _take(self, alert: Alert, nurse: User, at: datetime) -> None:
        self._expected.discard(alert.pk)
        if alert.is_waiting:
            working.acknowledge(alert=alert, by=nurse, now=at)

    def _phone(self, alert: Alert, nurse: User, at: datetime) -> None:
        if alert.state == AlertState.ACKNOWLEDGED:
            working.note_contact(alert=alert, by=nurse, now=at, reached=self._rng.random() < 0.9)

    def _close(self, alert: Alert, nurse: User, at: datetime) -> None:
        if alert.state in (AlertState.ACKNOWLEDGED, AlertState.CONTACTED):
            outcome = self._outcome(alert)
            working.resolve(alert=alert, by=nurse, now=at, outcome=outcome, note=NOTES[outcome])
            self._mark(alert, outcome, nurse, at)

    def _mark(self, alert: Alert, outcome: Outcome, nurse: User, at: datetime) -> None:
        """Two of three say whether it was worth it; mostly where nothing was to do it was noise."""
        marks, noisy = (
            self._marks.random() < 0.66,
            self._marks.random() < (0.8 if outcome == Outcome.NO_ACTION else 0.08),
        )
        if marks:
            working.mark(alert=alert, by=nurse, now=at, mark=Mark.NOISE if noisy else Mark.USEFUL)

    def _outcome(self, alert: Alert) -> Outcome:
        if alert.tier == TierChoice.EMERGENCY:
            return self._rng.choice((Outcome.SENT_TO_EMERGENCY, Outcome.ADMITTED))
        if alert.tier == TierChoice.URGENT and self._rng.random() < 0.12:
            return Outcome.SENT_TO_EMERGENCY
        return self._rng.choices(CALM, HOW_OFTEN)[0]
