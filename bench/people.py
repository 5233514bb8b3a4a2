"""Patients for the benchmarks, with a believable history, made through the product's own services."""

import random
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from alerts.services.evaluation import evaluate_pending
from clinic.models import Clinic, Membership, Patient, User
from diary.models import Dose, Route, ScheduleKind, Therapy, TreatmentCourse
from diary.services.entries import record_entry
from tests import cast

BACKEND = 'django.contrib.auth.backends.ModelBackend'


def clinic_with_patients(count: int, *, days: int = 6, name: str = 'Bench Clinic') -> tuple[Clinic, list[Patient]]:
    """A clinic with a nurse on call and `count` patients, each with a course, a dose and `days` earlier entries."""
    clinic = cast.make_clinic(name)
    nurse = cast.make_member(clinic, f'{uuid.uuid4().hex[:8]} Nurse', on_call=True)
    patients = [_patient(clinic, nurse, number) for number in range(count)]
    for patient in patients:
        _history(patient, days)
    evaluate_pending(now=timezone.now(), limit=count * days)
    return clinic, patients


def _patient(clinic: Clinic, nurse: Membership, number: int) -> Patient:
    user = User.objects.create(email=f'patient{number}@{uuid.uuid4().hex[:8]}.example', name=f'Patient {number}')
    patient = cast.make_patient(clinic, f'Patient {number}', user=False)
    patient.user = user
    patient.save()
    cast.agreed(patient, user)
    now = timezone.now()
    course = TreatmentCourse.objects.create(
        patient=patient,
        therapy=Therapy.objects.get(code='checkpoint_inhibitor'),
        route=Route.INTRAVENOUS,
        schedule=ScheduleKind.CYCLES,
        cycle_days=21,
        dose_days=[1],
        planned_cycles=6,
        starts_on=(now - timedelta(days=10)).date(),
        entered_by=nurse.user,
        entered_at=now,
    )
    Dose.objects.create(course=course, given_at=now - timedelta(days=10), recorded_by=nurse.user, recorded_at=now)
    return patient


def _history(patient: Patient, days: int) -> None:
    dice = random.Random(patient.pk)
    now = timezone.now()
    for back in range(days, 0, -1):
        at = now - timedelta(days=back)
        answers = {
            code: {'version': 1, 'values': {'severity': 1}} for code in dice.sample(['FATIGUE', 'ITCH', 'HEADACHE'], 2)
        }
        record_entry(
            patient=patient,
            by=cast.user_of(patient),
            client_uuid=uuid.uuid4(),
            about_at=at,
            recorded_at=at,
            now=at,
            document={'answers': answers, 'measurements': {}},
        )


def session_of(user: User) -> str:
    """The key of a signed-in session; this process and the web server must share SECRET_KEY."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def fields(kind: str) -> dict[str, Any]:
    """The same three symptoms, as the diary's page or the bare form names them."""
    dot = '.' if kind == 'diary' else '_'
    values = {
        f'FEVER{dot}severity': '2',
        f'FEVER{dot}celsius': '38.6',
        f'FATIGUE{dot}severity': '1',
        f'DIARRHEA{dot}severity': '1',
        f'DIARRHEA{dot}stools_24h': '2',
    }
    if kind == 'diary':
        values |= {'FEVER.on': 'on', 'FATIGUE.on': 'on', 'DIARRHEA.on': 'on', 'FEVER.celsius.unit': 'C'}
    return values
