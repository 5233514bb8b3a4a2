"""Planned pauses: a nurse's for a patient, a patient's own, and the end of either."""

from datetime import date, timedelta

import pytest

from clinic.models import Caregiver, Membership, Patient
from diary.models import DiaryPause
from diary.services.pauses import end_pause, plan_own_pause, plan_pause
from diary.services.treatment import TreatmentRefused
from tests.cast import NOW, client_of, user_of
from tests.diary.conftest import give_dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]
MONDAY = date(2026, 11, 16)
DAY = timedelta(1)


def planned(patient: Patient, by: Membership, first: date = MONDAY, days: int = 3) -> DiaryPause:
    return plan_pause(
        patient=patient, from_on=first, until_on=first + (days - 1) * DAY, reason='hospital', by=by.user, now=NOW
    )


def own(patient: Patient, first: date = MONDAY, last: date = MONDAY, reason: str = 'away') -> DiaryPause:
    return plan_own_pause(patient=patient, from_on=first, until_on=last, reason=reason, by=user_of(patient), now=NOW)


@pytest.mark.parametrize(
    ('first', 'days', 'field'), [(MONDAY, 0, 'until_on'), (MONDAY - 9 * DAY, 5, 'until_on'), (MONDAY, 91, 'until_on')]
)
def test_days_that_make_no_sense_are_refused(
    ana: Patient, rosa: Membership, first: date, days: int, field: str
) -> None:
    with pytest.raises(TreatmentRefused) as refused:
        planned(ana, rosa, first, days)
    assert refused.value.field == field
    assert not DiaryPause.on_record.exists()


def test_a_pause_may_have_begun_already_but_no_day_is_paused_twice(ana: Patient, rosa: Membership) -> None:
    planned(ana, rosa, MONDAY - DAY, days=3)
    with pytest.raises(TreatmentRefused):
        planned(ana, rosa, MONDAY + DAY, days=1)
    planned(ana, rosa, MONDAY + 2 * DAY, days=1)


def test_she_is_back_the_pause_ends_with_yesterday(ana: Patient, rosa: Membership) -> None:
    pause = end_pause(pause=planned(ana, rosa, MONDAY - 2 * DAY, days=9), by=rosa.user, now=NOW)
    assert (pause.until_on, pause.withdrawn_at) == (MONDAY - DAY, None)
    with pytest.raises(TreatmentRefused):
        end_pause(pause=pause, by=rosa.user, now=NOW)


@pytest.mark.parametrize('first', [MONDAY, MONDAY + 5 * DAY])
def test_a_pause_that_never_was_is_taken_back_and_stays_on_record(ana: Patient, rosa: Membership, first: date) -> None:
    pause = end_pause(pause=planned(ana, rosa, first), by=rosa.user, now=NOW)
    assert (pause.withdrawn_at, pause.withdrawn_by) == (NOW, rosa.user)
    assert not ana.diary_pauses.exists()
    with pytest.raises(TreatmentRefused):
        end_pause(pause=pause, by=rosa.user, now=NOW)


def test_a_patient_plans_her_own_within_limits(ana: Patient) -> None:
    for wrong in (
        lambda: own(ana, MONDAY - DAY),
        lambda: own(ana, last=MONDAY + 21 * DAY),
        lambda: own(ana, reason='agreed'),
    ):
        with pytest.raises(TreatmentRefused):
            wrong()
    assert own(ana, last=MONDAY + 20 * DAY).reason == 'away'


def test_in_the_weeks_after_car_t_cells_she_phones_instead(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'car_t', days_ago=30, by=rosa.user)
    with pytest.raises(TreatmentRefused, match='phone your team'):
        own(ana)
    assert planned(ana, rosa)  # her nurse can


def test_a_nurse_plans_and_ends_one_on_the_patients_page(rosa: Membership, ana: Patient) -> None:
    client, page = client_of(rosa), f'/patients/{ana.public_id}/'
    sent = {'from_on': '2026-11-16', 'until_on': '2026-11-20', 'reason': 'hospital'}
    assert client.post(f'{page}pauses/new/', sent).status_code == 302
    assert '16 Nov – 20 Nov 2026' in client.get(page).content.decode()
    pause = ana.diary_pauses.get()
    client.post(f'{page}pauses/{pause.pk}/end/')
    assert not ana.diary_pauses.exists()


def test_what_is_missing_is_asked_for_beside_its_field(rosa: Membership, ana: Patient) -> None:
    response = client_of(rosa).post(f'/patients/{ana.public_id}/pauses/new/', {})
    assert response.status_code == 422
    assert set(response.context['form'].errors) == {'from_on', 'until_on', 'reason'}


def test_a_patient_tells_her_team_and_comes_back(ana: Patient) -> None:
    client = client_of(ana)
    sent = {'from_on': '2026-11-16', 'until_on': '2026-11-17', 'reason': 'away'}
    assert client.post('/treatment/pause/', sent).status_code == 303
    text = client.get('/treatment/').content.decode()
    assert 'Monday 16 November – Tuesday 17 November' in text
    assert 'I am back' in text
    client.post(f'/treatment/pauses/{ana.diary_pauses.get().pk}/end/')
    assert not ana.diary_pauses.exists()


def test_a_caregiver_who_only_reads_plans_nothing(carmen: Caregiver, ana: Patient, rosa: Membership) -> None:
    pause = planned(ana, rosa)
    client = client_of(carmen)
    assert client.get('/treatment/pause/').status_code == 404
    assert client.post(f'/treatment/pauses/{pause.pk}/end/').status_code == 404
    assert 'I am back' not in client.get('/treatment/').content.decode()


def test_a_form_made_for_another_diary_saves_nothing(luis: Caregiver, ana: Patient) -> None:
    sent = {'from_on': '2026-11-16', 'until_on': '2026-11-17', 'reason': 'away', 'diary_of': 'somebody else'}
    assert client_of(luis).post('/treatment/pause/', sent).status_code == 409
    assert not ana.diary_pauses.exists()


def test_nobody_ends_another_patients_pause(ana: Patient, ben: Patient, rosa: Membership) -> None:
    pause = planned(ana, rosa)
    assert client_of(ben).post(f'/treatment/pauses/{pause.pk}/end/').status_code == 404
    assert client_of(rosa).post(f'/patients/{ben.public_id}/pauses/{pause.pk}/end/').status_code == 404
    assert ana.diary_pauses.exists()
