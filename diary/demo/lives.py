"""One made-up life: the treatment, what holds, the diary with its gaps, late entries and corrections."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from diary.demo.episodes import Answers, Bout, answers_for, bouts_of, levels_on
from diary.demo.events import (
    ContextHeld,
    Corrected,
    CourseEntered,
    CourseStopped,
    DoseGiven,
    Event,
    UsualMeasured,
    Written,
)
from diary.demo.people import Person
from diary.models import ContextCode, ScheduleKind
from diary.timeline import PlannedCycle, plan

LATE, CORRECTED, TWICE_A_DAY, DELAYED, STOPPED_EARLY = 0.3, 0.03, 0.04, 0.06, 0.05
SICK_ENOUGH_TO_WRITE = 0.97
WEIGHED, PRESSURE_TAKEN = 0.12, 0.05


@dataclass(frozen=True)
class Fresh:
    """An entry that was written some minutes before the end of the story, so that there is something to do."""

    minutes_ago: int
    answers: Answers


@dataclass
class Life:
    """The story of one person until `until`; `first` is the first day of the diary, in her own time zone."""

    rng: random.Random
    person: Person
    zone: ZoneInfo
    first: date
    until: datetime
    starts_on: date
    fresh: Fresh | None = None
    bouts: Sequence[Bout] | None = None  # instead of drawn ones
    quiet_days: int = 0  # last days without an entry
    on_time: bool = False  # no dose is late, no course ends early

    def events(self) -> list[Event]:
        """Everything that is typed, in the order of time."""
        doses = self._dose_times()
        bouts = self._bouts([at.date() for at, _moved in doses])
        found = [*self._course(doses), *self._usual(), *self._contexts(bouts, doses), *self._diary(bouts)]
        return sorted((event for event in found if event.at <= self.until), key=lambda event: event.at)

    def _at(self, day: date, hour: float) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.zone) + timedelta(hours=hour)

    @property
    def today(self) -> date:
        return self.until.astimezone(self.zone).date()

    # -- treatment ------------------------------------------------------------------------------------------------------
    def _dose_times(self) -> list[tuple[datetime, bool]]:
        """When doses were given, and whether this moved the cycles; a late dose shifts all that follow."""
        regimen, start, number = self.person.regimen, self.starts_on, 1
        found: list[tuple[datetime, bool]] = []
        while number <= regimen.cycles and start <= self.today:
            cycle, following = self._cycle_and_next(start)
            late = self.rng.randint(2, 5) if number > 1 and self._can_be_late() else 0
            if late:
                cycle, following = self._cycle_and_next(start + timedelta(late))
            days = cycle.doses[:1] if regimen.home else cycle.doses
            found += [
                (self._at(day, round(self.rng.uniform(8.5, 15), 1)), late > 0) for day in days if day <= self.today
            ]
            start, number = following, number + 1
        return [(at, moved) for at, moved in found if at <= self.until]

    def _can_be_late(self) -> bool:
        may = len(self.person.regimen.dose_days) == 1 and not self.on_time
        return may and self.rng.random() < DELAYED

    def _cycle_and_next(self, start: date) -> tuple[PlannedCycle, date]:
        regimen = self.person.regimen
        if regimen.schedule == ScheduleKind.ONCE:
            (only,) = plan('once', start, cycle_days=regimen.cycle_days, dose_days=(1,), cycles=1)
            return only, only.ends_on + timedelta(1)
        this, following = plan(
            regimen.schedule, start, cycle_days=regimen.cycle_days, dose_days=regimen.dose_days, cycles=2
        )
        return this, following.starts_on

    def _course(self, doses: Sequence[tuple[datetime, bool]]) -> Iterator[Event]:
        entered = self._at(self.starts_on - timedelta(3), 11)
        yield CourseEntered(at=entered, regimen=self.person.regimen, starts_on=self.starts_on)
        for at, moved in doses:
            typed = at + timedelta(minutes=self.rng.randint(5, 50))
            yield DoseGiven(at=typed, given_at=at, amount=self.person.regimen.amount, moves_cycles=moved)
        if len(doses) > 2 and self.fresh is None and not self.on_time and self.rng.random() < STOPPED_EARLY:
            last = doses[-1][0].date() + timedelta(1)
            yield CourseStopped(at=self._at(last, 16), on=last)

    # -- what is usual, what holds --------------------------------------------------------------------------------------
    def _usual(self) -> Iterator[Event]:
        at, person = self._at(self.first, 6), self.person
        yield UsualMeasured(at=at, kind='stools_24h', number=Decimal(person.usual_stools), unit='')
        yield UsualMeasured(at=at, kind='systolic_bp', number=Decimal(person.systolic), unit='mmHg')
        yield UsualMeasured(at=at, kind='weight', number=Decimal(str(person.weight)), unit='kg')

    def _contexts(self, bouts: Sequence[Bout], doses: Sequence[tuple[datetime, bool]]) -> Iterator[Event]:
        steroids_until = self.first
        for bout in sorted(bouts, key=lambda each: each.begins_on):
            begins = bout.begins_on + timedelta(bout.rise + 1)
            strong = bout.pattern.name in ('gut', 'rash', 'joints') and max(bout.peaks) >= 2
            if strong and begins > steroids_until and self.rng.random() < 0.4:
                steroids_until = begins + timedelta(self.rng.randint(10, 28))
                until = None if steroids_until >= self.today else self._at(steroids_until, 23)
                yield ContextHeld(
                    at=self._at(begins, 14), code=ContextCode.ON_STEROIDS, from_at=self._at(begins, 13), until_at=until
                )
        if self.person.regimen.therapy == 'car_t' and doses:
            at = doses[0][0]
            yield ContextHeld(
                at=at + timedelta(hours=1), code=ContextCode.NEUTROPENIA_RISK, from_at=at, until_at=at + timedelta(28)
            )

    def _bouts(self, doses: list[date]) -> Sequence[Bout]:
        if self.bouts is not None:
            return self.bouts
        drawn = bouts_of(self.rng, therapy=self.person.regimen.therapy, doses=doses, first=self.first, last=self.today)
        return [bout for bout in drawn if bout.begins_on >= self.first]

    # -- the diary ------------------------------------------------------------------------------------------------------
    def _diary(self, bouts: Sequence[Bout]) -> Iterator[Event]:
        last = self.today - timedelta(self.quiet_days or (1 if self.fresh else 0))
        for n in range((last - self.first).days + 1):
            day = self.first + timedelta(n)
            levels = levels_on(bouts, day)
            if self._writes(n, levels):
                yield from self._entries(day, levels)
        if self.fresh:
            at = self.until - timedelta(minutes=self.fresh.minutes_ago)
            yield Written(at=at, client_uuid=self._uuid(), about_at=at, answers=self.fresh.answers)

    def _writes(self, n: int, levels: dict[str, int]) -> bool:
        """Adherence falls with time, less so on bad days."""
        chance = max(0.35, self.person.keen - self.person.tires * n)
        if max(levels.values(), default=0) >= 2:
            chance = max(chance, SICK_ENOUGH_TO_WRITE)
        return self.rng.random() < chance

    def _entries(self, day: date, levels: dict[str, int]) -> Iterator[Event]:
        first = self._entry(day, levels, hour=self._hour())
        yield first
        if self.rng.random() < CORRECTED and first.answers:
            yield self._correction(first)
        if self.rng.random() < TWICE_A_DAY and levels:
            yield self._entry(day, levels, hour=22.5 + self.rng.random())

    def _hour(self) -> float:
        return self.rng.uniform(17.5, 21.5) if self.person.evening else self.rng.uniform(7, 10.5)

    def _entry(self, day: date, levels: dict[str, int], *, hour: float) -> Written:
        about = self._at(day, hour).replace(microsecond=0)
        typed = about
        if max(levels.values(), default=0) < 2 and self.rng.random() < LATE * (1 - self.person.keen):
            typed = self._at(day + timedelta(self.rng.randint(1, 3)), self.rng.uniform(8, 21)).replace(microsecond=0)
        return Written(
            at=typed,
            client_uuid=self._uuid(),
            about_at=about,
            answers=answers_for(self.rng, levels, usual_stools=self.person.usual_stools),
            measurements=self._measured(),
        )

    def _measured(self) -> dict[str, float]:
        found: dict[str, float] = {}
        if self.rng.random() < WEIGHED:
            found['weight'] = round(self.person.weight * self.rng.uniform(0.975, 1.02), 1)
        if self.rng.random() < PRESSURE_TAKEN:
            found['systolic_bp'] = self.person.systolic + self.rng.randint(-12, 14)
        return found

    def _correction(self, written: Written) -> Corrected:
        """On second thoughts one of the symptoms was milder or worse."""
        code = self.rng.choice(sorted(written.answers))
        answer = dict(written.answers[code])
        if 'severity' in answer:
            answer['severity'] = 2 if answer['severity'] == 1 else answer['severity'] - 1
        return Corrected(
            at=written.at + timedelta(minutes=self.rng.randint(4, 150)),
            client_uuid=written.client_uuid,
            answers={**written.answers, code: answer},
            measurements=written.measurements,
        )

    def _uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)
