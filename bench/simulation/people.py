"""The made-up clinic: its hours, five nurses (or more) with theirs, their shifts on call, and its patients' lives."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from alerts.models import OnCallShift
from clinic.models import CareTeam, Clinic, Membership
from config.demo.cast import Place, enrol
from diary.catalogue import CatalogueView, current_catalogue
from diary.demo import story
from diary.demo.events import Corrected, Event, Written
from diary.demo.writer import Writer
from tests import cast

FRIDAY = 4
WORKDAYS = range(5)
HOURS = ((8.0, 16.5), (9.5, 18.0), (8.0, 16.5), (9.5, 18.0), (8.0, 18.0))  # clinic: 8 to 18
WARM_UP_DAYS = 30  # treatments began up to so many days before the first simulated one


@dataclass(frozen=True)
class Worker:
    """A nurse: when she is at the screen (local hours), and how fast she reads (1.0: usual)."""

    member: Membership
    begins: float
    ends: float
    pace: float

    def on_duty(self, at: datetime) -> bool:
        local = at.astimezone(self.member.clinic.zone)
        return local.weekday() in WORKDAYS and self.begins <= local.hour + local.minute / 60 < self.ends

    def next_start(self, at: datetime) -> datetime:
        """When her next working day begins."""
        local, zone = at.astimezone(self.member.clinic.zone), self.member.clinic.zone
        starts = time(int(self.begins), int(self.begins % 1 * 60))
        days = (datetime.combine(local.date() + timedelta(n), starts, zone) for n in range(8))
        return next(day for day in days if day > at and day.weekday() in WORKDAYS)


@dataclass(frozen=True)
class Cast:
    clinic: Clinic
    workers: tuple[Worker, ...]
    scripts: list[tuple[Event, Writer]]


def make_cast(*, patients: int, nurses: int, days: int, seed: int, start: datetime) -> Cast:
    clinic = cast.make_clinic('Simulated clinic')
    workers = tuple(_workers(clinic, nurses, random.Random(f'{seed}-workers')))
    _shifts(clinic, [worker.member for worker in workers])
    _teams(clinic, [worker.member for worker in workers])
    until = start + timedelta(days)
    place = Place(clinic, tuple(worker.member for worker in workers))
    zones = dict.fromkeys(range(patients), clinic.zone)
    scripts = list(_scripts(patients, place, zones, seed=seed, days=days + WARM_UP_DAYS, until=until, start=start))
    return Cast(clinic, workers, sorted(scripts, key=lambda each: each[0].at))


def _workers(clinic: Clinic, nurses: int, rng: random.Random) -> Iterator[Worker]:
    for number in range(nurses):
        member = cast.make_member(clinic, f'Nurse{number} Example')
        member.is_lead = number == 0
        member.save()
        yield Worker(member, *HOURS[number % len(HOURS)], pace=rng.uniform(0.7, 1.5))


def _shifts(clinic: Clinic, members: list[Membership]) -> None:
    """Somebody is on call at any time: each weekday from its 8:00 until the next day's, the weekend from Friday."""
    for day in range(7):
        member = members[min(day, FRIDAY) % len(members)]
        OnCallShift.objects.create(
            clinic=clinic,
            membership=member,
            starts_weekday=day,
            starts=time(8),
            ends_weekday=(day + 1) % 7,
            ends=time(8),
        )


def _teams(clinic: Clinic, members: list[Membership]) -> None:
    for name, share in (('North', members[::2]), ('South', members[1::2] or members)):
        CareTeam.objects.create(clinic=clinic, name=name).members.set(share)


def _scripts(
    patients: int, place: Place, zones: Mapping[int, object], *, seed: int, days: int, until: datetime, start: datetime
) -> Iterator[tuple[Event, Writer]]:
    """Everything that is typed; what was written in the diary before the first simulated day is left out."""
    catalogue: CatalogueView = current_catalogue()
    teams = list(place.clinic.care_teams.all())
    lives = story.population(seed, count=patients, days=days, until=until, zone_of=zones)  # type: ignore[arg-type]
    for person, life in lives:
        patient, nurse = enrol(person, place, now=start)
        patient.care_team = teams[person.number % len(teams)]
        patient.save(update_fields=['care_team'])
        writer = Writer(patient, nurse=nurse.user, diarist=cast.user_of(patient), catalogue=catalogue)
        events = life.events()
        written = {event.client_uuid for event in events if isinstance(event, Written) and event.at >= start}
        for event in events:
            if not isinstance(event, Written | Corrected) or event.client_uuid in written:
                yield event, writer
