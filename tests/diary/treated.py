"""Treatments for the cast, made by the services themselves."""

from datetime import date, datetime, timedelta
from typing import Any

from clinic.models import Patient, User
from diary.models import Agent, Dose, Therapy, TreatmentCourse
from diary.services.treatment import enter_course, record_dose
from tests import cast

NEW_YORK_NINE = cast.NOW  # 16 November 2026, 9:00 in New York


def nurse_of(patient: Patient) -> User:
    found = User.objects.filter(email='rosa@example.com').first()
    return found or cast.make_member(patient.clinic, 'Rosa Diaz').user


def give_course(patient: Patient, agent: str = 'pembrolizumab', *, starts_on: date, **fields: Any) -> TreatmentCourse:
    """A course as a nurse enters it: 21-day cycles unless the fields say otherwise."""
    medicine = Agent.objects.select_related('therapy').get(name=agent)
    usual: dict[str, Any] = {
        'patient': patient,
        'by': nurse_of(patient),
        'therapy': medicine.therapy,
        'agent': medicine,
        'route': 'intravenous',
        'schedule': 'every_n_days',
        'cycle_days': 21,
        'dose_days': [1],
        'cycles': 6,
        'starts_on': starts_on,
        'now': NEW_YORK_NINE - timedelta(90),
    }
    return enter_course(**(usual | fields))


def give_dose(course: TreatmentCourse, given_at: datetime, **fields: Any) -> Dose:
    usual: dict[str, Any] = {'by': nurse_of(course.patient), 'now': NEW_YORK_NINE}
    return record_dose(course=course, given_at=given_at, **(usual | fields))


def therapy(code: str) -> Therapy:
    return Therapy.objects.get(code=code)
