"""The sweep for silences dies between its steps: who was silent is found the next time, once, and who wrote is let go, once."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from alerts.models import RuleSet, Silence
from alerts.services.silences import sweep_silences
from clinic.faultpoints import VARIABLE
from clinic.models import Clinic, Membership, Patient
from config.embedded import paths
from tests import cast
from tests.alerts.conftest import TIRED, told_us
from tests.cast import NOW
from tests.diary.conftest import give_dose

HOUR = timedelta(hours=1)
POINTS = ['silences.ended', 'silences.clinic']
SWEEP = f"""
import django
django.setup()
from datetime import datetime
from alerts.services.silences import sweep_silences
sweep_silences(now=datetime.fromisoformat({NOW.isoformat()!r}))
"""


@pytest.fixture
def clinic(transactional_db: None, content: RuleSet) -> Clinic:
    return cast.make_clinic('Riverside Cancer Center')


@pytest.fixture
def ana(clinic: Clinic) -> Patient:
    """Ana, on treatment, who wrote four days ago; committed, so that another process sees it."""
    rosa: Membership = cast.make_member(clinic, 'Rosa Diaz')
    patient = cast.make_patient(clinic, 'Ana Morales')
    give_dose(patient, 'checkpoint_inhibitor', days_ago=40, by=rosa.user)
    told_us(patient, TIRED, at=NOW - 96 * HOUR, check=False)
    return patient


def sweep_that_dies_at(point: str) -> int:
    url = os.environ.get('DATABASE_URL') or paths.database_url()
    ours = make_conninfo(**(conninfo_to_dict(url) | {'dbname': connection.settings_dict['NAME']}))
    env = {'DATABASE_URL': ours, VARIABLE: point, 'DEBUG': 'true', 'DJANGO_SETTINGS_MODULE': 'config.settings'}
    return subprocess.run(
        [sys.executable, '-c', SWEEP], env=os.environ | env, cwd=settings.BASE_DIR, check=False, timeout=120
    ).returncode


@pytest.mark.parametrize('point', POINTS)
def test_who_fell_silent_is_found_once_whatever_dies(ana: Patient, point: str) -> None:
    assert sweep_that_dies_at(point) == -signal.SIGKILL
    assert Silence.objects.count() == (
        1 if point == 'silences.clinic' else 0
    )  # the clinic's own transaction is wholly in or out
    sweep_silences(now=NOW)
    sweep_silences(now=NOW)
    assert Silence.objects.get().ended_at is None


@pytest.mark.parametrize('point', POINTS)
def test_who_wrote_again_is_let_go_once_whatever_dies(ana: Patient, point: str) -> None:
    sweep_silences(now=NOW - HOUR)
    told_us(ana, TIRED, at=NOW - HOUR, check=False)
    assert sweep_that_dies_at(point) == -signal.SIGKILL
    assert (Silence.objects.get().ended_at is None) is (point == 'silences.ended')
    sweep_silences(now=NOW)
    sweep_silences(now=NOW + HOUR)
    assert (Silence.objects.get().ended_how, Silence.objects.count()) == ('wrote', 1)
