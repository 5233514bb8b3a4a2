"""The named cast. A test says who is on the stage, and reads as a sentence.

Riverside Cancer Center (New York): Ana and Ben are patients; Luis, Ana's husband, may write in her diary, Carmen, her
sister, only reads it; Rosa is Ana's nurse and on call, Tom is a nurse, Grace is the admin. Lakeside (London) is another
clinic: Sam is its nurse, Olga its patient; to everybody of Riverside they are strangers.
"""

import itertools
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from clinic.middleware import CAME_ON
from clinic.models import Caregiver, CareTeam, Clinic, ConsentRole, Membership, OpeningHours, Patient, User
from clinic.services.consenting import agree

SHARP = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)  # Monday, 9:00 in New York, 14:00 in London
# Nobody comes on the stroke of a second, so no test does.
NOW = SHARP + timedelta(microseconds=123_456)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = 'a-long-enough-pass-phrase'
BACKEND = 'django.contrib.auth.backends.ModelBackend'

FACTS = {
    'clinic': 'Riverside Cancer Center',
    'name': 'Ana',
    'hours': 'Monday to Friday, 8:00 to 18:00',
    'emergency': '911',
    'phone_day': '(212) 555-0100',
    'phone_night': '(212) 555-0199',
}  # what stood in the gaps of the words that they agreed to
Person = User | Patient | Membership | Caregiver
_numbers = itertools.count(1)


def make_user(name: str, **fields: Any) -> User:
    """A person with a sign-in; the address follows from the name."""
    email = fields.pop('email', f'{name.split(" ")[0].lower()}@example.com')
    return User.objects.create_user(email, PASSWORD, name=name, **fields)


def make_clinic(name: str, **fields: Any) -> Clinic:
    """A clinic that is open from Monday to Friday, 8:00 to 18:00."""
    usual = {'time_zone': 'America/New_York', 'phone_day': '+12125550100', 'phone_night': '+12125550199'}
    clinic = Clinic.objects.create(name=name, **(usual | fields))
    OpeningHours.objects.bulk_create(
        OpeningHours(clinic=clinic, weekday=day, opens=time(8), closes=time(18)) for day in range(5)
    )
    return clinic


def make_member(clinic: Clinic, name: str, **fields: Any) -> Membership:
    """A member of a clinic; a nurse unless the fields say otherwise. An admin opens Django's admin, as in the product."""
    role = {'is_nurse': not fields.get('is_admin', False)} | fields
    user = make_user(name, is_staff=role.get('is_admin', False))
    return Membership.objects.create(user=user, clinic=clinic, **role)


def make_patient(clinic: Clinic, name: str, *, user: bool = True, **fields: Any) -> Patient:
    """A patient who has accepted her invitation, or with user=False one who has not."""
    usual = {
        'record_number': f'R-{next(_numbers):05}',
        'time_zone': clinic.time_zone,
        'temperature_unit': clinic.temperature_unit,
        'language': clinic.language,
    }
    account = make_user(name) if user else None
    patient = Patient.objects.create(clinic=clinic, name=name, user=account, **(usual | fields))
    if account is not None:
        agreed(patient, account)
    return patient


def make_caregiver(patient: Patient, name: str, *, can_write: bool = True, **fields: Any) -> Caregiver:
    user = fields.pop('user', None) or make_user(name)
    agreed(patient, user, ConsentRole.CAREGIVER)
    usual = {'can_write': can_write, 'can_see_advice': True, 'can_see_photos': True, 'starts_at': LONG_AGO}
    return Caregiver.objects.create(user=user, patient=patient, **(usual | fields))


def agreed(patient: Patient, by: User, role: ConsentRole = ConsentRole.PATIENT) -> None:
    """Whoever keeps a diary has read what is shared with whom, and said yes; a test about that asks for no such person."""
    agree(patient=patient, by=by, role=role, facts=FACTS, now=LONG_AGO)


def make_team(clinic: Clinic, name: str, *members: Membership) -> CareTeam:
    team = CareTeam.objects.create(clinic=clinic, name=name)
    team.members.set(members)
    return team


def user_of(person: Person) -> User:
    user = person if isinstance(person, User) else person.user
    assert user is not None, f'{person} has no sign-in yet'
    return user


def client_of(person: Person) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user_of(person), backend=BACKEND)
    session = client.session
    session[CAME_ON] = timezone.now().date().isoformat()  # she has been here today: no page has to write that down
    session.save()
    return client
