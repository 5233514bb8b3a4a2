"""Enrols the made-up population in the two clinics of the demo."""

from dataclasses import dataclass
from datetime import datetime

from clinic.consent_facts import facts_of
from clinic.models import Clinic, ConsentRole, Membership, Patient, User
from clinic.services.consenting import agree
from clinic.services.demo import DemoPeople
from clinic.services.enrolment import Details, enrol_patient
from diary.demo.people import Person

LAKESIDE_EVERY = 8  # one in so many is a patient of the second clinic


@dataclass(frozen=True)
class Place:
    """A clinic and who works there."""

    clinic: Clinic
    nurses: tuple[Membership, ...]


def places(people: DemoPeople) -> tuple[Place, Place]:
    return Place(people.riverside, (people.rosa, people.tom)), Place(people.lakeside, (people.sam,))


def place_of(number: int, people: DemoPeople) -> Place:
    riverside, lakeside = places(people)
    return lakeside if number % LAKESIDE_EVERY == LAKESIDE_EVERY - 1 else riverside


def enrol(person: Person, place: Place, *, now: datetime) -> tuple[Patient, Membership]:
    """A made-up patient with a sign-in that no password opens, who has agreed, and her nurse."""
    nurse = place.nurses[person.number % len(place.nurses)]
    details = Details(
        name=person.name,
        record_number=f'S-{person.number + 1:05}',
        birth_date=person.birth_date,
        email='',
        phone=_phone(place.clinic, person.number),
        time_zone=place.clinic.time_zone,
        language=place.clinic.language,
        temperature_unit=place.clinic.temperature_unit,
        weight_unit='lb' if place.clinic.temperature_unit == 'F' else 'kg',
        primary_nurse=nurse,
        care_team=None,
    )
    patient = enrol_patient(clinic=place.clinic, by=nurse.user, now=now, details=details).patient
    patient.user = User.objects.create_user(f'synthetic-{person.number + 1}@vigil.example', None, name=person.name)
    patient.is_synthetic = True
    patient.save(update_fields=['user', 'is_synthetic'])
    agree(patient=patient, by=patient.user, role=ConsentRole.PATIENT, facts=facts_of(patient), now=now)
    return patient, nurse


def _phone(clinic: Clinic, number: int) -> str:
    """Numbers that are kept free for stories: 555-01xx in North America, 020 7946 0xxx in London."""
    return f'+121255501{number % 100:02}' if clinic.time_zone.startswith('America') else f'+442079460{number % 1000:03}'
