"""A diary that was read back: every entry is evaluated, the team is told of what is recent, and nobody is called for last March."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from alerts.models import Alert, Evaluation, Flag
from alerts.services.evaluation import evaluate_pending
from clinic.models import Clinic, Patient
from diary.catalogue import current_catalogue
from diary.export.fhir import bundle_of, gathered_of
from diary.export.gathered import gathered
from diary.services.reading import read_diary
from tests import cast
from tests.alerts.conftest import FEVER, told_us
from tests.cast import NOW
from tests.diary.conftest import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content', 'now')]
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def read_back(clinic: Clinic, *, fever_days_ago: int) -> Patient:
    """A diary of another instance with one fever in it, read into this one now."""
    with transaction.atomic():
        patient = cast.make_patient(cast.make_clinic('There'), 'Ana Morales', record_number='R-1')
        write(patient, FEVER, hours_ago=24 * fever_days_ago)
        text = json.dumps(bundle_of(gathered(patient), current_catalogue('en')))
        transaction.set_rollback(True)
    return read_diary(found=gathered_of(json.loads(text)), clinic=clinic, now=NOW)


def flags(patient: Patient) -> set[bool]:
    """Of each standing flag that somebody would have to answer, whether it called anybody."""
    red = Flag.objects.filter(patient=patient, tier__in=('emergency', 'urgent'), withdrawn_at=None)
    return {flag.alert_id is not None for flag in red}


def test_a_fever_of_last_march_is_flagged_and_calls_nobody(lakeside: Clinic) -> None:
    patient = read_back(lakeside, fever_days_ago=240)
    evaluate_pending(now=NOW + SECOND)
    assert not Evaluation.objects.filter(patient=patient, pending_since__isnull=False).exists()
    assert flags(patient) == {False}
    assert not Alert.objects.exists()


def test_a_fever_of_yesterday_calls_the_team(lakeside: Clinic) -> None:
    patient = read_back(lakeside, fever_days_ago=1)
    evaluate_pending(now=NOW + SECOND)
    assert flags(patient) == {True}


def test_an_entry_that_waited_for_a_month_calls_the_team(ana: Patient) -> None:
    """Nothing was evaluated here for a month: nobody has looked at it, so it is news."""
    told_us(ana, FEVER, at=NOW - 30 * DAY, check=False)
    evaluate_pending(now=NOW)
    assert flags(ana) == {True}


def test_what_is_read_back_stays_quiet_when_it_is_looked_at_again(lakeside: Clinic) -> None:
    patient = read_back(lakeside, fever_days_ago=240)
    evaluate_pending(now=NOW + SECOND)
    Evaluation.objects.filter(patient=patient).update(pending_since=_later())
    evaluate_pending(now=_later())
    assert not Alert.objects.exists()


def _later() -> datetime:
    return NOW + 2 * DAY
