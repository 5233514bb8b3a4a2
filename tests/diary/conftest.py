"""What the diary's tests need beside the cast."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.conf import settings

from clinic.models import Patient, User
from diary.catalogue import CatalogueView, current_catalogue
from diary.documents import make_document
from diary.models import Cycle, Dose, Entry, Therapy, TreatmentCourse
from diary.services.entries import record_entry
from diary.services.symptoms import load_catalogue, words_mapping
from tests import cast


@cache
def catalogue_mapping() -> dict[str, Any]:
    return yaml.safe_load((Path(settings.BASE_DIR) / 'alerts/clinical/catalogue.yaml').read_text())


@pytest.fixture
def catalogue(db: None) -> CatalogueView:
    """The project's own catalogue, loaded, in English."""
    load_catalogue(mapping=catalogue_mapping(), words=words_mapping(), now=cast.NOW)
    return current_catalogue('en')


@pytest.fixture
def diary(catalogue: CatalogueView, now: datetime) -> CatalogueView:
    """The catalogue is loaded and the clock stands at Monday 16 November 2026, 9:00 in New York."""
    return catalogue


def give_dose(patient: Patient, therapy: str, *, days_ago: int, by: User) -> Dose:
    """One dose of this class, so many days ago."""
    given_at = cast.NOW - timedelta(days=days_ago)
    course = TreatmentCourse.objects.create(
        patient=patient,
        therapy=Therapy.objects.get(code=therapy),
        route='intravenous',
        schedule='every_n_days',
        cycle_days=21,
        dose_days=[1],
        planned_cycles=1,
        starts_on=given_at.date(),
        entered_by=by,
        entered_at=given_at,
    )
    ends_on = given_at.date() + timedelta(days=20)
    cycle = Cycle.objects.create(course=course, number=1, starts_on=given_at.date(), ends_on=ends_on)
    return Dose.objects.create(course=course, cycle=cycle, given_at=given_at, recorded_by=by, recorded_at=given_at)


def write(
    patient: Patient, answers: dict[str, Any], *, hours_ago: float = 24, by: User | None = None, **measured: float
) -> Entry:
    """An entry that the patient wrote some hours ago."""
    at = cast.NOW - timedelta(hours=hours_ago)
    assert patient.user
    return record_entry(
        patient=patient,
        by=by or patient.user,
        client_uuid=uuid4(),
        about_at=at,
        recorded_at=at,
        now=at,
        document=make_document(answers, current_catalogue('en'), measurements=measured),
    ).revision.entry
