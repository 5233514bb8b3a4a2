"""The pages of silent runs and of rules set aside in a real browser: phone and desk, light and dark; axe finds nothing."""

import itertools
import random
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.utils import timezone

from alerts.models import Alert, SilentFlag
from alerts.services.rules.trying import look
from clinic.models import Clinic, Membership, Patient
from tests import browser
from tests.alerts.conftest import BREATHLESS, FEVER, SICK, TIRED, told_us
from tests.alerts.rules.silent_stage import any_tiredness_is_an_emergency, in_force, on_trial
from tests.axe import violations_by_day_and_night
from tests.browser import Opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]
REASON = (
    'Our patients at home have a nurse with them who judges their breath. Severe breath goes to the team, not to 911.'
)


def less_breath(rules: dict[str, Any]) -> None:
    rules['E01'] = rules['E01'] | {'when': {'symptom': 'DYSPNEA', 'gte': 4}}


def more_tiredness_less_fever(rules: dict[str, Any]) -> None:
    less_breath(rules)
    any_tiredness_is_an_emergency(rules)
    del rules['R02']


@pytest.fixture
def paths(riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership, grace: Membership) -> dict[str, list[str]]:
    """Nine days of entries, looked at; who reads which pages."""
    now = timezone.now()
    loosened = in_force(riverside, less_breath, set_aside={'E01': REASON}, at=now - timedelta(days=12))
    draft = on_trial(riverside, more_tiredness_less_fever, since=now - timedelta(days=9), based_on=loosened)
    pick = random.Random(5)
    for day in range(9):
        for patient in (ana, ben):
            told_us(patient, pick.choice([FEVER, TIRED, SICK, TIRED, {}]), at=at(now, day, pick))
    entry = told_us(ana, BREATHLESS | TIRED, at=now - timedelta(minutes=20))
    look(now=now)
    alert = Alert.objects.get(patient=ana, line='red')
    apart = SilentFlag.objects.filter(rule='Z01', patient=ana).latest('revision__entry__about_at').revision.entry
    return {
        'ana': [f'/entry/{entry.public_id}/advice/', f'/entry/{entry.public_id}/'],
        'rosa': [
            *('/worklist/', f'/alerts/{alert.public_id}/', '/hand-over/', f'/patients/{ana.public_id}/'),
            f'/patients/{ana.public_id}/entries/{entry.public_id}/',
        ],
        'grace': [
            f'/clinic/rules/{draft.pk}/trial/',
            f'/clinic/rules/{draft.pk}/trial/{apart.public_id}/',
            f'/clinic/rules/{loosened.pk}/trial/',
        ],
    }


def at(now: datetime, day: int, pick: random.Random) -> datetime:
    return now - timedelta(days=9 - day) + timedelta(hours=pick.randint(1, 10))


@pytest.mark.timeout(280)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    opened: Opened, paths: dict[str, list[str]], ana: Patient, rosa: Membership, grace: Membership
) -> None:
    found, people = [], {'ana': ana, 'rosa': rosa, 'grace': grace}
    for who, size in itertools.product(people, (browser.PHONE, browser.DESK)):
        page = opened(people[who], '/me/', size)
        for path in paths[who]:
            page.goto(urljoin(page.url, path))
            assert urlsplit(page.url).path == path
            found += violations_by_day_and_night(page)
            assert browser.fits(page), path
    assert found == []
