"""The page of silent patients, in every state, and what a nurse does there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.models import RuleSet, Silence
from alerts.services.silences import sweep_silences
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import TIRED, told_us
from tests.cast import NOW, client_of
from tests.diary.conftest import give_dose

pytestmark = pytest.mark.usefixtures('content', 'now')
HOUR = timedelta(hours=1)


def go_silent(
    patient: Patient,
    nurse: Membership,
    *,
    hours: float = 100,
    answers: Any = TIRED,
    therapy: str = 'cytokine',
    **more: int,
) -> Silence:
    """Treated some weeks ago, wrote `hours` ago, found this minute."""
    give_dose(patient, therapy, days_ago=more.get('days_ago', 40), by=nurse.user)
    told_us(patient, answers, at=NOW - timedelta(hours=hours), check=False)
    sweep_silences(now=NOW)
    return Silence.objects.get(patient=patient, ended_at=None)


def text_of(client: Client) -> str:
    return client.get('/silent/').content.decode()


def test_it_says_who_since_when_which_rule_and_whom_to_phone(ana: Patient, rosa: Membership) -> None:
    go_silent(ana, rosa)
    text = text_of(client_of(rosa))
    for expected in (
        'Ana Morales',
        'R-1001',
        'Last entry on 12 November at 5:00',
        'tiredness moderate',
        'Rule C06: no entry for 72 hours.',
        'tel:+12125550142',
        'Look by 13:00',
    ):
        assert expected in text


@pytest.mark.parametrize(
    ('case', 'words'),
    [
        (
            {'therapy': 'car_t', 'days_ago': 9, 'hours': 30},
            'no entry for 24 hours in the first 30 days after CAR T-cells',
        ),
        (
            {'hours': 30, 'answers': {'FATIGUE': {'severity': 3}}},
            'no entry for 24 hours (the rule alone: 72), because the last one told of something severe',
        ),
    ],
)
def test_the_rule_says_why_as_soon_as_that(ana: Patient, rosa: Membership, case: dict[str, Any], words: str) -> None:
    go_silent(ana, rosa, **case)
    assert words in text_of(client_of(rosa))


def test_a_habit_is_named(ana: Patient, rosa: Membership) -> None:
    for n in range(1, 6):
        told_us(ana, TIRED, at=NOW - timedelta(hours=50 + 24 * n), check=False)
    go_silent(ana, rosa, hours=50)
    assert 'no entry for 48 hours (the rule alone: 72); this patient usually writes every day' in text_of(
        client_of(rosa)
    )


def test_what_is_late_is_marked(ana: Patient, rosa: Membership) -> None:
    silence = go_silent(ana, rosa)
    assert 'data-late' not in text_of(client_of(rosa))
    Silence.objects.filter(pk=silence.pk).update(due_by=NOW - HOUR)
    text = text_of(client_of(rosa))
    assert 'data-late' in text
    assert 'Late: somebody should have looked by' in text


def test_empty_says_so_and_says_it_only_where_somebody_looked(rosa: Membership) -> None:
    assert 'Nobody is silent' in text_of(client_of(rosa))
    RuleSet.objects.update(status='retired')
    text = text_of(client_of(rosa))
    assert 'Nobody is silent' not in text
    assert 'nobody was looked for' in text


def test_reached_and_tried(ana: Patient, rosa: Membership) -> None:
    silence, client = go_silent(ana, rosa), client_of(rosa)
    client.post(f'/silent/{silence.pk}/tried/')
    assert 'Rosa Diaz tried today at 9:00, nobody answered' in text_of(client)
    client.post(f'/silent/{silence.pk}/reached/', {'note': 'All is well.'})
    silence.refresh_from_db()
    assert (silence.ended_how, silence.note) == ('reached', 'All is well.')
    assert 'silent-row' not in text_of(client)


def test_what_is_over_is_told_and_left_alone(ana: Patient, rosa: Membership, tom: Membership) -> None:
    silence = go_silent(ana, rosa)
    client_of(rosa).post(f'/silent/{silence.pk}/reached/')
    page = client_of(tom).post(f'/silent/{silence.pk}/tried/', follow=True)
    assert 'This is over already' in page.content.decode()
    silence.refresh_from_db()
    assert silence.tried_by is None


def test_a_stranger_changes_nothing(ana: Patient, rosa: Membership, sam: Membership) -> None:
    silence = go_silent(ana, rosa)
    assert client_of(sam).post(f'/silent/{silence.pk}/reached/').status_code == 404
    assert 'Ana' not in text_of(client_of(sam))
    silence.refresh_from_db()
    assert silence.ended_at is None


def test_thirty_rows_cost_as_many_queries_as_one(ana: Patient, rosa: Membership, riverside: Clinic) -> None:
    go_silent(ana, rosa)
    client = client_of(rosa)
    text_of(client)
    few = cost(lambda: text_of(client))
    for n in range(12):
        go_silent(cast.make_patient(riverside, f'Patient{n} Miller', primary_nurse=rosa), rosa)
    assert cost(lambda: text_of(client)) == few


def cost(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)
