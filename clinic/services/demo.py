"""The made-up people of the demo. Nobody of them is real, and only they can be chosen without a password."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction

from clinic.consent_facts import facts_of
from clinic.models import Caregiver, CareTeam, Clinic, ConsentRole, Membership, OpeningHours, Patient, User
from clinic.services.consenting import agree
from clinic.services.members import tell_django_admin

RIGHTS = ('can_write', 'can_see_advice', 'can_see_photos')
PASSWORD = 'vigil-demo-only'  # noqa: S105  (of made-up people, printed for everybody who runs the demo)


@dataclass(frozen=True)
class DemoPeople:
    """Two clinics that do not see each other: Riverside with Ana, Ben and their team, Lakeside with Olga and her nurse."""

    riverside: Clinic
    lakeside: Clinic
    ana: Patient
    ben: Patient
    luis: Caregiver
    rosa: Membership
    tom: Membership
    grace: Membership
    hugo: Membership
    sam: Membership
    olga: Patient


@transaction.atomic
def make_demo_people(now: datetime) -> DemoPeople:
    """Make the people, or find those who are there already; roles and records that were changed since stay changed."""
    riverside = _clinic(
        'Riverside Cancer Center',
        time_zone='America/New_York',
        phone_day='+12125550100',
        phone_night='+12125550199',
        emergency_number='911',
        temperature_unit='F',
    )
    lakeside = _clinic(
        'Lakeside Clinic',
        time_zone='Europe/London',
        phone_day='+442079460100',
        phone_night='+442079460199',
        emergency_number='999',
        temperature_unit='C',
    )
    rosa = _member(riverside, 'Rosa Diaz', is_nurse=True, on_call=True)
    tom = _member(riverside, 'Tom Weber', is_nurse=True)
    grace = _member(riverside, 'Grace Kim', is_admin=True, is_lead=True)
    hugo = _member(riverside, 'Hugo Lang', is_admin=True)
    sam = _member(lakeside, 'Sam Patel', is_nurse=True, is_admin=True, on_call=True)
    team = _team(riverside, 'Team Riverside', rosa, tom)
    ana = _patient(riverside, 'Ana Morales', 'R-1001', '+12125550142', now=now, primary_nurse=rosa, care_team=team)
    ben = _patient(riverside, 'Ben Katz', 'R-1002', '+12125550143', now=now, primary_nurse=tom, care_team=team)
    olga = _patient(lakeside, 'Olga Novak', 'L-2001', '+442079460142', now=now, primary_nurse=sam)
    luis = _caregiver(ana, 'Luis Morales', relationship='husband', now=now)
    return DemoPeople(riverside, lakeside, ana, ben, luis, rosa, tom, grace, hugo, sam, olga)


def _clinic(name: str, **fields: Any) -> Clinic:
    clinic, created = Clinic.objects.get_or_create(name=name, defaults=fields)
    if created:
        OpeningHours.objects.bulk_create(
            OpeningHours(clinic=clinic, weekday=day, opens=time(8), closes=time(18)) for day in range(5)
        )
    return clinic


def _user(name: str) -> User:
    """The addresses end in .example, a name that no mail ever reaches."""
    email = f'{name.split(" ")[0].lower()}@vigil.example'
    found = User.objects.filter(email=email, is_demo=True).first()
    return found or User.objects.create_user(email, PASSWORD, name=name, is_demo=True)


def _member(clinic: Clinic, name: str, **role: bool) -> Membership:
    user = _user(name)
    membership, _created = Membership.objects.get_or_create(user=user, clinic=clinic, defaults=role)
    tell_django_admin(user)
    return membership


def _team(clinic: Clinic, name: str, *members: Membership) -> CareTeam:
    team, _created = CareTeam.objects.get_or_create(clinic=clinic, name=name)
    team.members.add(*members)
    return team


def _patient(clinic: Clinic, name: str, record_number: str, phone: str, *, now: datetime, **fields: Any) -> Patient:
    user = _user(name)
    usual = {
        'name': name,
        'user': user,
        'email': user.email,
        'phone': phone,
        'time_zone': clinic.time_zone,
        'language': clinic.language,
        'temperature_unit': clinic.temperature_unit,
        'weight_unit': 'lb' if clinic.temperature_unit == 'F' else 'kg',
        'is_synthetic': True,
    }
    patient, created = Patient.objects.get_or_create(
        clinic=clinic, record_number=record_number, defaults=usual | fields
    )
    if created:
        agree(patient=patient, by=user, role=ConsentRole.PATIENT, facts=facts_of(patient), now=now)
    return patient


def _caregiver(patient: Patient, name: str, *, relationship: str, now: datetime) -> Caregiver:
    place = {'relationship': relationship, 'starts_at': now} | dict.fromkeys(RIGHTS, True)
    caregiver, created = Caregiver.objects.get_or_create(user=_user(name), patient=patient, defaults=place)
    if created:
        agree(patient=patient, by=caregiver.user, role=ConsentRole.CAREGIVER, facts=facts_of(patient), now=now)
    return caregiver
