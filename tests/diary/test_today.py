"""The today page, the one tap, and the help page."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command

from clinic.models import Caregiver, Clinic, Membership, Patient
from diary.catalogue import CatalogueView
from diary.models import Entry, Revision, Symptom
from diary.services.entries import correct_entry
from tests import cast
from tests.cast import client_of
from tests.diary.conftest import give_dose, write

TAP = '/entry/nothing-new/'
pytestmark = pytest.mark.usefixtures('diary')


def today(person: cast.Person) -> str:
    response = client_of(person).get('/today/')
    assert response.status_code == 200
    return response.content.decode()


def tap(patient: Patient, say: str, *, seen: Entry | None = None, **changes: str) -> Any:
    """Press a button of the today page on which `seen` was the previous entry."""
    shown = f'{seen.public_id}:{seen.current_number}' if seen else ''
    posted = {'diary_of': str(patient.public_id), 'client_uuid': str(uuid4()), 'say': say, 'seen': shown}
    return client_of(patient).post(TAP, posted | changes)


def latest(patient: Patient) -> Revision:
    found = Revision.objects.filter(entry__patient=patient).order_by('pk').last()
    assert found
    return found


# -- what it shows -------------------------------------------------------------------------------------------------------------


def test_it_greets_by_the_patients_own_clock_and_says_where_she_stands(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=4, by=rosa.user)
    page = today(ana)
    assert 'Good morning, Ana' in page
    assert 'Cycle 1 · day 5' in page
    assert 'Last dose Thursday 12 November' in page
    with time_machine.travel(datetime(2026, 11, 16, 23, 30, tzinfo=UTC), tick=False):
        assert 'Good evening, Ana' in today(ana)


def test_it_shows_what_was_felt_yesterday(ana: Patient) -> None:
    write(ana, {'FATIGUE': {'severity': 2}, 'ITCH': {'severity': 1}}, weight=80)
    page = today(ana)
    assert 'Tiredness: moderate, itching: mild' in page
    assert 'Weight 80 kg' in page


def test_it_says_who_is_watching_and_gives_the_number(ana: Patient) -> None:
    page = today(ana)
    assert 'Your team is watching now, until' in page
    assert 'tel:+12125550100' in page
    with time_machine.travel(cast.NOW - timedelta(days=1), tick=False):
        page = today(ana)
    assert 'Nobody is watching now.' in page
    assert 'tel:+12125550199' in page


def test_it_asks_luis_how_ana_is(ana: Patient, luis: Caregiver) -> None:
    page = today(luis)
    assert 'How is Ana today?' in page
    assert 'Ana’s diary, kept by you' in page


def test_the_last_seven_days_can_be_filled_in(ana: Patient) -> None:
    write(ana, {}, hours_ago=48)
    page = today(ana)
    assert page.count('?day=2026-11-') == 7
    assert '?day=2026-11-09' in page
    assert page.count('has an entry; add another') == 1


# -- one tap ---------------------------------------------------------------------------------------------------------------------


def test_nothing_new_is_one_tap_when_nothing_was_there(ana: Patient) -> None:
    before = write(ana, {'FEVER': {'celsius': 36.6}})
    assert 'Nothing new today' in today(ana)
    assert tap(ana, 'nothing', seen=before).status_code == 303
    assert latest(ana).nothing_new
    assert latest(ana).document == {'answers': {}, 'measurements': {}}


def test_it_is_one_tap_for_a_diary_that_begins_or_was_silent_for_long(ana: Patient) -> None:
    write(ana, {'DYSPNEA': {'severity': 3}}, hours_ago=170)
    assert 'Nothing new today' in today(ana)
    assert tap(ana, 'nothing').status_code == 303


def test_the_same_again_says_mild_and_moderate_things_once_more(ana: Patient) -> None:
    before = write(ana, {'FATIGUE': {'severity': 1}, 'ITCH': {'severity': 0}}, weight=80)
    page = today(ana)
    assert 'Still the same' in page
    assert 'Nothing new today' not in page
    assert tap(ana, 'same', seen=before).status_code == 303
    assert latest(ana).document['answers'] == {'FATIGUE': {'version': 1, 'values': {'severity': 1}}}
    assert latest(ana).document['measurements'] == {}


def test_all_gone_is_one_tap_too(ana: Patient) -> None:
    before = write(ana, {'FATIGUE': {'severity': 2}})
    assert tap(ana, 'gone', seen=before).status_code == 303
    assert latest(ana).document['answers'] == {'FATIGUE': {'version': 1, 'values': {'severity': 0}}}
    assert 'Still nothing new' in today(ana)


@pytest.mark.parametrize(
    'answers',
    [
        {'DYSPNEA': {'severity': 3}},
        {'HIVES': {'present': True}},
        {'FEVER': {'celsius': 38.4}},
        {'DIARRHEA': {'severity': 1, 'stools_24h': 4}},
        {'OTHER': {'text': 'my hand feels odd'}},
    ],
)
@pytest.mark.parametrize('say', ['nothing', 'same', 'gone'])
def test_a_danger_sign_is_neither_hidden_nor_repeated_by_a_tap(ana: Patient, answers: dict[str, Any], say: str) -> None:
    before = write(ana, answers)
    page = today(ana)
    assert 'How is it now?' in page
    assert 'name="say"' not in page
    response = tap(ana, say, seen=before)
    assert (response.status_code, response['Location']) == (302, '/entry/new/')
    assert Entry.objects.count() == 1


def test_a_tap_never_speaks_of_an_entry_that_was_not_on_the_page(ana: Patient) -> None:
    before = write(ana, {'FATIGUE': {'severity': 1}})
    correct_entry(
        entry=before,
        by=ana.user,  # type: ignore[arg-type]
        expected_number=1,
        document={'answers': {'ITCH': {'version': 1, 'values': {'severity': 2}}}, 'measurements': {}},
        recorded_at=cast.NOW,
        now=cast.NOW,
    )
    assert tap(ana, 'same', seen=before)['Location'] == '/today/'
    assert tap(ana, 'nothing', seen=before)['Location'] == '/today/'
    assert Entry.objects.count() == 1


def test_a_symptom_that_is_not_asked_any_more_is_not_said_again(ana: Patient) -> None:
    before = write(ana, {'FATIGUE': {'severity': 1}})
    Symptom.objects.filter(code='FATIGUE').update(retired_at=cast.NOW)
    assert 'How is it now?' in today(ana)
    assert tap(ana, 'same', seen=before).status_code == 302


def test_a_double_tap_is_one_entry(ana: Patient) -> None:
    client_uuid = str(uuid4())
    first, second = tap(ana, 'nothing', client_uuid=client_uuid), tap(ana, 'nothing', client_uuid=client_uuid)
    assert first['Location'] == second['Location']
    assert Entry.objects.count() == 1


def test_going_back_and_tapping_the_other_button_is_not_taken_for_the_first(ana: Patient) -> None:
    before = write(ana, {'FATIGUE': {'severity': 1}})
    client_uuid = str(uuid4())
    assert tap(ana, 'gone', seen=before, client_uuid=client_uuid).status_code == 303
    assert tap(ana, 'same', seen=before, client_uuid=client_uuid).status_code == 302
    assert tap(ana, 'gone', seen=before, client_uuid=client_uuid).status_code == 303
    assert Entry.objects.count() == 2


@pytest.mark.parametrize('changes', [{'client_uuid': 'one'}, {'say': 'everything'}, {'client_uuid': ''}])
def test_a_tap_that_does_not_fit_saves_nothing(ana: Patient, changes: dict[str, str]) -> None:
    assert tap(ana, **({'say': 'nothing'} | changes)).status_code == 400
    assert not Entry.objects.exists()


def test_a_tap_of_another_diary_saves_nothing(ana: Patient, ben: Patient) -> None:
    assert tap(ana, 'nothing', diary_of=str(ben.public_id)).status_code == 409
    assert not Entry.objects.exists()


def test_a_tap_is_a_post(ana: Patient) -> None:
    assert client_of(ana).get(TAP).status_code == 405


# -- the evening, and the check of the first weeks ---------------------------------------------------------------------------------


def evening(hours: int = 10) -> Any:
    """So many hours after 9:00 in New York."""
    return time_machine.travel(cast.NOW + timedelta(hours=hours), tick=False)


def test_after_a_hard_morning_she_is_asked_once_more_in_the_evening(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=10, by=rosa.user)
    write(ana, {'NAUSEA': {'severity': 3}, 'ITCH': {'severity': 1}}, hours_ago=1)
    assert 'this evening' not in today(ana)
    with evening():
        page = today(ana)
        assert 'How is it this evening?' in page
        assert 'Feeling sick: severe' in page
        assert '/entry/new/?short=1' in page
        short = client_of(ana).get('/entry/new/', {'short': '1'}).content.decode()
        assert short.count('name="NAUSEA.severity"') == 5
        assert 'name="FATIGUE.on"' not in short
        posted = {'diary_of': str(ana.public_id), 'client_uuid': str(uuid4()), 'short': '1'}
        posted |= {'NAUSEA.on': 'ask', 'NAUSEA.severity': '2', 'ITCH.on': 'ask', 'ITCH.severity': '1'}
        assert client_of(ana).post('/entry/new/', posted).status_code == 303
        assert 'this evening' not in today(ana)
    # All that was there is in the evening's entry: tomorrow nothing of it counts as new.
    assert set(latest(ana).document['answers']) == {'NAUSEA', 'ITCH'}


def test_a_severe_thing_is_answered_anew_in_the_evening_too(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=10, by=rosa.user)
    write(ana, {'NAUSEA': {'severity': 3}}, hours_ago=1)
    with evening():
        posted = {'diary_of': str(ana.public_id), 'client_uuid': str(uuid4()), 'short': '1', 'NAUSEA.on': 'ask'}
        response = client_of(ana).post('/entry/new/', posted)
    assert response.status_code == 422
    assert 'How is it this evening?' in response.content.decode()
    assert Entry.objects.count() == 1


def test_ben_is_asked_for_the_check_once_a_day_in_its_window(ben: Patient, rosa: Membership) -> None:
    give_dose(ben, 'car_t', days_ago=12, by=rosa.user)
    assert 'Nothing new, just the check' in today(ben)
    short = client_of(ben).get('/entry/new/', {'short': '1'}).content.decode()
    assert 'Monday, 16 November 2026' in short
    posted = {'diary_of': str(ben.public_id), 'client_uuid': str(uuid4()), 'short': '1', 'WRITING.on': 'ask'}
    assert client_of(ben).post('/entry/new/', posted).status_code == 422  # nothing at all was said
    posted |= {'WRITING.date_wrong': 'no', 'WRITING.sentence_wrong': 'no'}
    assert client_of(ben).post('/entry/new/', posted).status_code == 303
    assert latest(ben).document['answers']['WRITING']['values'] == {'date_wrong': False, 'sentence_wrong': False}
    assert 'just the check' not in today(ben)
    assert client_of(ben).get('/entry/new/', {'short': '1'}).status_code == 302
    with evening(24):
        assert 'just the check' in today(ben)


@pytest.mark.parametrize(('days_ago', 'asked'), [(0, True), (30, True), (31, False)])
def test_the_check_is_asked_in_its_window_only(ben: Patient, rosa: Membership, days_ago: int, asked: bool) -> None:
    give_dose(ben, 'car_t', days_ago=days_ago, by=rosa.user)
    assert ('just the check' in today(ben)) is asked
    assert ('name="WRITING.on"' in client_of(ben).get('/entry/new/').content.decode()) is asked


def test_a_day_told_without_the_check_still_has_it_to_do(ben: Patient, rosa: Membership) -> None:
    give_dose(ben, 'car_t', days_ago=12, by=rosa.user)
    write(ben, {}, hours_ago=1)
    page = today(ben)
    assert 'Only the date and sentence check is left for today.' in page
    assert 'That is enough for today.' not in page


# -- help --------------------------------------------------------------------------------------------------------------------------


def test_help_gives_the_clinics_numbers_even_without_any_sources(ana: Patient) -> None:
    page = client_of(ana).get('/help/').content.decode()
    for number in ('tel:911', 'tel:+12125550100', 'tel:+12125550199'):
        assert number in page
    assert 'Monday' in page


def test_help_never_leaves_another_countrys_emergency_number_alone(ana: Patient) -> None:
    call_command('load_content')
    assert 'Your emergency number is' not in client_of(ana).get('/help/').content.decode()
    Clinic.objects.update(emergency_number='999')
    page = client_of(ana).get('/help/').content.decode()
    assert page.index('call 911') < page.index('Your emergency number is 999.')


def test_luis_is_asked_about_ana_and_not_about_himself(ana: Patient, luis: Caregiver) -> None:
    write(ana, {'FATIGUE': {'severity': 1}})
    page = today(luis)
    assert 'Nothing bothers Ana today' in page
    assert 'bothers me' not in page


def test_help_warns_of_fever_after_car_t_cells_only_whom_it_concerns(
    ana: Patient, ben: Patient, rosa: Membership
) -> None:
    give_dose(ben, 'car_t', days_ago=3, by=rosa.user)
    assert 'after CAR T-cells' in client_of(ben).get('/help/').content.decode()
    assert 'after CAR T-cells' not in client_of(ana).get('/help/').content.decode()


def test_nobody_but_a_diarist_has_a_today_page(rosa: Membership, catalogue: CatalogueView) -> None:
    for address in ('/today/', '/help/', '/entry/new/'):
        assert client_of(rosa).get(address).status_code == 404


def test_help_quotes_the_call_list_exactly_and_marks_the_allergy_list_as_a_substitute(ana: Patient) -> None:
    call_command('load_content')
    page = client_of(ana).get('/help/').content.decode()
    for sign in ('Heart palpitations or chest pain.', 'Diarrhea or colitis.', 'Altered mental status.', 'Skin rash.'):
        assert f'<li><span lang="en">{sign}</span></li>' in page
    assert 'Cleveland Clinic, last reviewed 10/01/2020' in page
    allergy = page[page.index('Signs of an allergic reaction') :]
    assert 'Substitute list' in allergy
    assert '<li><span lang="en">throat tightness or change in voice</span></li>' in allergy
    assert 'These signs are another publisher’s: Infusion Reactions to Cancer Treatment' in allergy
