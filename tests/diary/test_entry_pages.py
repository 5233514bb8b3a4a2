"""Writing an entry by the page: what is stored, what is asked again, and what is refused."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Caregiver, Membership, Patient
from diary.catalogue import CatalogueView
from diary.models import ContextCode, Entry, Revision
from diary.services.conditions import start_context
from tests import cast
from tests.cast import client_of
from tests.diary.conftest import give_dose, write

NEW = '/entry/new/'
pytestmark = pytest.mark.usefixtures('diary')


def page_of(patient: Patient, **answers: str) -> dict[str, str]:
    """What a browser posts: names with a point are written with two underscores."""
    fields = {name.replace('__', '.'): value for name, value in answers.items()}
    return {'diary_of': str(patient.public_id), 'client_uuid': str(uuid4()), **fields}


def document_of(patient: Patient) -> dict[str, Any]:
    return Revision.objects.get(entry__patient=patient).document


def text_of(response: Any) -> str:
    return str(response.content.decode())


def checked(page: str, name: str) -> list[str]:
    """The values of the radios of this name that are chosen on a page."""
    return re.findall(f'type="radio"[^>]* name="{re.escape(name)}" value="([^"]*)" checked', page)


def filled_in(page: str) -> dict[str, str]:
    """What a browser sends of a page that nobody has touched."""
    form = page[page.index('<main') :]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    radios = re.findall(r'type="radio"[^>]* name="([^"]+)" value="([^"]*)" checked', form)
    return dict(hidden) | dict(radios)


# -- saving ------------------------------------------------------------------------------------------------------------------


def test_ana_tells_of_a_fever_and_is_led_to_the_advice(ana: Patient) -> None:
    posted = page_of(ana, FEVER__on='1', FEVER__severity='2', FEVER__celsius='101.5', FEVER__celsius__unit='F')
    response = client_of(ana).post(NEW, posted)
    entry = Entry.objects.get(patient=ana)
    assert (response.status_code, response['Location']) == (303, reverse('alerts:advice', args=[entry.public_id]))
    assert document_of(ana)['answers']['FEVER']['values'] == {'severity': 2, 'celsius': 38.611111111111114}
    assert not entry.is_late


def test_sent_twice_it_is_one_entry_and_the_same_page(ana: Patient) -> None:
    posted = page_of(ana, COUGH__on='1', COUGH__severity='1')
    client = client_of(ana)
    assert client.post(NEW, posted)['Location'] == client.post(NEW, posted)['Location']
    assert Revision.objects.count() == 1


def test_going_back_and_adding_a_danger_sign_corrects_the_entry(ana: Patient) -> None:
    posted = page_of(ana, COUGH__on='1', COUGH__severity='1')
    client = client_of(ana)
    client.post(NEW, posted)
    again = client.post(NEW, posted | {'DYSPNEA.on': '1', 'DYSPNEA.severity': '3'})
    entry = Entry.objects.get(patient=ana)
    assert again['Location'] == reverse('alerts:advice', args=[entry.public_id])
    assert [set(each.document['answers']) for each in entry.revisions.order_by('number')] == [
        {'COUGH'},
        {'COUGH', 'DYSPNEA'},
    ]
    assert entry.current_number == 2
    client.post(NEW, posted)  # a late copy of the first submit changes nothing
    assert entry.revisions.count() == 2


def test_a_page_that_was_corrected_elsewhere_is_not_sent_again_over_it(ana: Patient) -> None:
    posted = page_of(ana, COUGH__on='1', COUGH__severity='1')
    client = client_of(ana)
    client.post(NEW, posted)
    entry = Entry.objects.get(patient=ana)
    path = reverse('diary:entry_correct', args=[entry.public_id])
    client.post(path, page_of(ana, expected='1', COUGH__on='1', COUGH__severity='2'))
    refused = client.post(NEW, posted | {'COUGH.severity': '0'})
    assert refused.status_code == 400
    assert 'Somebody changed this entry' in text_of(refused)
    assert entry.revisions.count() == 2


def test_the_browser_may_keep_the_page_that_is_written_on_and_no_other(ana: Patient) -> None:
    client = client_of(ana)
    assert client.get(NEW)['Cache-Control'] == 'private, no-cache'
    for path in ('diary:today', 'diary:diary', 'diary:charts', 'diary:treatment', 'clinic:me'):
        assert 'no-store' in client.get(reverse(path))['Cache-Control']


def test_several_entries_a_day_are_fine(ana: Patient) -> None:
    for _ in range(2):
        client_of(ana).post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1'))
    assert Entry.objects.filter(patient=ana).count() == 2


def test_a_submit_needs_few_queries(ana: Patient, django_assert_max_num_queries: Any) -> None:
    client = client_of(ana)
    client.post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1'))
    with django_assert_max_num_queries(16):
        client.post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1'))


def test_a_missed_day_is_filled_in_late_and_labelled(ana: Patient) -> None:
    posted = page_of(ana, day='2026-11-14', part='evening', ITCH__on='1', ITCH__severity='1')
    assert client_of(ana).post(NEW, posted).status_code == 303
    entry = Entry.objects.get(patient=ana)
    assert entry.is_late
    assert entry.about_at.astimezone(ana.zone).isoformat() == '2026-11-14T19:00:00-05:00'


def test_each_step_of_another_days_form_says_which_day_it_is_about(ana: Patient) -> None:
    def bar(path: str) -> str:
        return client_of(ana).get(path).content.decode().split('data-steps-bar')[1]

    assert 'For Saturday 14 November, filled in late' in bar(f'{NEW}?day=2026-11-14')
    assert 'steps-about' not in bar(NEW)
    entry = write(ana, {'ITCH': {'severity': 1}})
    assert 'Entry of Sunday 15 November' in bar(f'/entry/{entry.public_id}/correct/')


def test_a_late_entry_asks_when_in_the_day_it_was(ana: Patient) -> None:
    posted = page_of(ana, day='2026-11-14', ITCH__on='1', ITCH__severity='1')
    response = client_of(ana).post(NEW, posted)
    assert response.status_code == 422
    assert 'Please say when in the day it was.' in text_of(response)


# -- asked again -------------------------------------------------------------------------------------------------------------


def test_nothing_is_lost_when_something_is_asked_again(ana: Patient) -> None:
    posted = page_of(
        ana, COUGH__on='1', OTHER__on='1', OTHER__text='My <hand> feels odd', VOMIT__on='1', VOMIT__times_24h='many'
    )
    response = client_of(ana).post(NEW, posted)
    page = text_of(response)
    assert response.status_code == 422
    assert 'href="#q-COUGH-severity"' in page
    assert 'My &lt;hand&gt; feels odd</textarea>' in page
    assert 'value="many"' in page
    assert posted['client_uuid'] in page
    assert not Entry.objects.exists()


def test_a_hundred_and_two_degrees_celsius_is_asked_again_and_saved_as_meant(ana: Patient) -> None:
    posted = page_of(ana, FEVER__on='1', FEVER__celsius='102', FEVER__celsius__unit='C')
    response = client_of(ana).post(NEW, posted)
    assert response.status_code == 422
    assert '102 °F (38.9 °C)' in text_of(response)
    assert client_of(ana).post(NEW, posted | {'FEVER.celsius.meant': '102|C>102|F'}).status_code == 303
    assert document_of(ana)['answers']['FEVER']['raw'] == {'celsius': ['102', 'F']}


def test_a_weight_in_the_wrong_unit_is_noticed_by_the_last_one(ana: Patient) -> None:
    write(ana, {}, weight=82)
    response = client_of(ana).post(NEW, page_of(ana, m__weight='180', m__weight__unit='kg'))
    assert response.status_code == 422
    assert '180 lb (81.6 kg)' in text_of(response)


def test_an_empty_page_is_not_taken_for_all_is_well(ana: Patient) -> None:
    posted = page_of(ana)
    response = client_of(ana).post(NEW, posted)
    assert response.status_code == 422
    assert 'You chose nothing. Is that right?' in text_of(response)
    assert client_of(ana).post(NEW, posted | {'nothing': '1'}).status_code == 303
    assert Revision.objects.get().nothing_new


# -- the page itself -----------------------------------------------------------------------------------------------------------


def test_every_symptom_is_on_the_page_once(ana: Patient, diary: CatalogueView) -> None:
    page = text_of(client_of(ana).get(NEW))
    for code in diary.offered({}):
        assert page.count(f'name="{code}.on"') == 1, code
    assert 'WRITING' not in page


def test_what_was_there_comes_first_then_what_is_usual(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=5, by=rosa.user)
    write(ana, {'DIZZY': {'severity': 1}})
    page = text_of(client_of(ana).get(NEW))
    places = [page.index(f'name="{code}.on"') for code in ('DIZZY', 'FATIGUE', 'FEVER', 'SEIZURE')]
    assert places == sorted(places)
    assert 'As you told us on Sunday 15 November' in page


def test_what_was_told_last_time_stands_and_one_thing_is_changed(ana: Patient) -> None:
    write(ana, {'FATIGUE': {'severity': 2}, 'ITCH': {'severity': 1}, 'FEVER': {'celsius': 36.9}}, weight=80)
    page = text_of(client_of(ana).get(NEW))
    assert checked(page, 'FATIGUE.severity') == ['2']
    assert checked(page, 'ITCH.severity') == ['1']
    assert 'value="36.9"' not in page
    assert client_of(ana).post(NEW, filled_in(page) | {'ITCH.severity': '0'}).status_code == 303
    document = Revision.objects.order_by('pk').last().document  # type: ignore[union-attr]
    assert {code: each['values'] for code, each in document['answers'].items()} == {
        'FATIGUE': {'severity': 2},
        'ITCH': {'severity': 0},
    }
    assert document['measurements'] == {}


@pytest.mark.parametrize('short', ['', '1'])
def test_a_danger_sign_of_last_time_is_asked_anew(ana: Patient, short: str) -> None:
    write(ana, {'HIVES': {'present': True}, 'DYSPNEA': {'severity': 3, 'at_rest': True}, 'COUGH': {'severity': 1}})
    page = text_of(client_of(ana).get(NEW, {'short': short}))
    assert checked(page, 'DYSPNEA.severity') == checked(page, 'DYSPNEA.at_rest') == checked(page, 'HIVES.present') == []
    response = client_of(ana).post(NEW, filled_in(page))
    assert response.status_code == 422
    for name in ('HIVES-present', 'DYSPNEA-severity'):
        assert f'href="#q-{name}"' in text_of(response)
        assert f'id="q-{name}"' in text_of(response)
    assert checked(text_of(response), 'COUGH.severity') == ['1']


def test_reasons_are_told_what_was_gone_what_medicine_hides_and_what_follows_a_dose(
    ana: Patient, rosa: Membership
) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=1, by=rosa.user)
    begun = cast.NOW - timedelta(days=3)
    steroids = ContextCode.ON_STEROIDS
    start_context(patient=ana, code=steroids, from_at=begun, until_at=None, by=rosa.user, now=cast.NOW)
    write(ana, {'ITCH': {'severity': 1}}, hours_ago=48)
    write(ana, {'COUGH': {'severity': 1}}, hours_ago=24)
    page = text_of(client_of(ana).get(NEW))
    titles = ['new or worse last time', 'Gone last time. Is it back?', 'your medicine can hide them']
    places = [page.index(title) for title in (*titles, 'Common with your treatment', 'Watch for these after your dose')]
    assert places == sorted(places)
    assert 'last time: mild' in page


def test_a_late_entry_fills_nothing_in(ana: Patient) -> None:
    write(ana, {'FATIGUE': {'severity': 2}}, hours_ago=72)
    page = text_of(client_of(ana).get(NEW, {'day': '2026-11-14'}))
    assert 'value="ask"' not in page
    assert checked(page, 'FATIGUE.severity') == []


def test_the_writing_check_is_asked_after_car_t_only(ben: Patient, rosa: Membership) -> None:
    give_dose(ben, 'car_t', days_ago=12, by=rosa.user)
    client = client_of(ben)
    assert 'name="WRITING.on"' in text_of(client.get(NEW))
    posted = page_of(ben, WRITING__on='1', WRITING__date_wrong='yes', WRITING__sentence_wrong='no')
    assert client.post(NEW, posted).status_code == 303
    assert document_of(ben)['answers']['WRITING']['values'] == {'date_wrong': True, 'sentence_wrong': False}


def test_the_writing_check_is_unknown_to_everybody_else(ana: Patient) -> None:
    response = client_of(ana).post(NEW, page_of(ana, WRITING__on='1', WRITING__date_wrong='yes'))
    assert response.status_code == 422
    assert not Entry.objects.exists()


# -- caregivers ----------------------------------------------------------------------------------------------------------------


def test_luis_writes_in_anas_diary_and_the_entry_says_so(ana: Patient, luis: Caregiver) -> None:
    client = client_of(luis)
    client.post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1'))
    revision = Revision.objects.get()
    assert (revision.entry.patient, revision.recorded_by) == (ana, luis.user)
    assert 'Written by Luis Morales' in text_of(client.get(f'/entry/{revision.entry.public_id}/'))


def test_a_page_of_another_diary_saves_nothing(ana: Patient, ben: Patient, luis: Caregiver) -> None:
    response = client_of(luis).post(NEW, page_of(ben, COUGH__on='1', COUGH__severity='1'))
    assert response.status_code == 409
    assert (
        client_of(luis).post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1') | {'diary_of': ''}).status_code
        == 409
    )
    assert not Entry.objects.exists()


def test_carmen_reads_but_cannot_write(ana: Patient, carmen: Caregiver) -> None:
    entry = write(ana, {'COUGH': {'severity': 1}})
    client = client_of(carmen)
    assert client.get('/today/').status_code == 200
    assert 'nothing-new' not in text_of(client.get('/today/'))
    page = client.get(f'/entry/{entry.public_id}/')
    assert page.status_code == 200
    assert 'Correct this entry' not in text_of(page)
    assert client.get(NEW).status_code == 404
    assert client.post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1')).status_code == 404
    assert client.post('/entry/nothing-new/', page_of(ana)).status_code == 404
    assert client.post(f'/entry/{entry.public_id}/correct/', page_of(ana)).status_code == 404


# -- reading and correcting ------------------------------------------------------------------------------------------------------


def test_a_correction_keeps_both_versions_and_says_what_changed(ana: Patient) -> None:
    entry = write(ana, {'FATIGUE': {'severity': 1}, 'ITCH': {'severity': 1}})
    client, address = client_of(ana), f'/entry/{entry.public_id}/correct/'
    form = text_of(client.get(address))
    assert 'name="expected" value="1"' in form
    posted = page_of(ana, expected='1', FATIGUE__on='1', FATIGUE__severity='3')
    assert client.post(address, posted).status_code == 303
    page = text_of(client.get(f'/entry/{entry.public_id}/'))
    assert '<del>Mild</del> → <ins>Severe</ins>' in page
    assert '<del>Mild</del> → <span class="muted">taken away</span>' in page
    assert 'Before: version 1' in page
    assert [r.document['answers'].keys() for r in entry.revisions.order_by('number')] == [
        {'FATIGUE', 'ITCH'},
        {'FATIGUE'},
    ]


def test_two_who_correct_at_once_are_told(ana: Patient, luis: Caregiver) -> None:
    entry = write(ana, {'FATIGUE': {'severity': 1}})
    address = f'/entry/{entry.public_id}/correct/'
    client_of(ana).post(address, page_of(ana, expected='1', FATIGUE__on='1', FATIGUE__severity='3'))
    response = client_of(luis).post(address, page_of(ana, expected='1', FATIGUE__on='1', FATIGUE__severity='2'))
    assert response.status_code == 409
    assert 'Somebody changed this entry' in text_of(response)
    assert entry.revisions.count() == 2


def test_a_correction_sent_twice_is_one(ana: Patient) -> None:
    entry = write(ana, {'FATIGUE': {'severity': 1}})
    posted = page_of(ana, expected='1', FATIGUE__on='1', FATIGUE__severity='3')
    for _ in range(2):
        assert client_of(ana).post(f'/entry/{entry.public_id}/correct/', posted).status_code == 303
    assert entry.revisions.count() == 2


def test_an_old_entry_is_read_but_not_corrected(ana: Patient) -> None:
    entry = write(ana, {'FATIGUE': {'severity': 1}}, hours_ago=24 * 8)
    client = client_of(ana)
    assert 'Correct this entry' not in text_of(client.get(f'/entry/{entry.public_id}/'))
    assert client.post(f'/entry/{entry.public_id}/correct/', page_of(ana, expected='1')).status_code == 400


def test_an_unusual_number_that_was_confirmed_is_not_asked_again_in_a_correction(ana: Patient) -> None:
    client = client_of(ana)
    posted = page_of(
        ana, FEVER__on='1', FEVER__celsius='43', FEVER__celsius__unit='C', FEVER__celsius__meant='43|C>43|C'
    )
    client.post(NEW, posted)
    form = text_of(client.get(f'/entry/{Entry.objects.get().public_id}/correct/'))
    assert 'name="FEVER.celsius.meant" value="43|C&gt;43|C"' in form


# -- bad input ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('day', 'hint'),
    [
        ('2026-11-17', 'still to come'),
        ('2030-01-01', 'still to come'),
        ('2026-11-08', 'more than 7 days'),
        ('yesterday', 'not a day'),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_plain_words(ana: Patient, day: str, hint: str) -> None:
    client = client_of(ana)
    for response in (
        client.get(NEW, {'day': day}),
        client.post(NEW, page_of(ana, day=day, part='night', COUGH__on='1', COUGH__severity='1')),
    ):
        assert response.status_code == 400
        assert hint in text_of(response)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    'extra', [{'HICCUP.on': '1'}, {'COUGH.severity': 'x'}, {'m.height': '180'}, {'client_uuid': 'one'}]
)
def test_what_does_not_fit_our_questions_saves_nothing(ana: Patient, extra: dict[str, str]) -> None:
    posted = page_of(ana, COUGH__on='1', COUGH__severity='1') | extra
    assert client_of(ana).post(NEW, posted).status_code == 422
    assert not Entry.objects.exists()


def test_a_million_answers_are_refused(ana: Patient) -> None:
    body = '&'.join(f'COUGH.{n}=1' for n in range(20_000))
    response = client_of(ana).post(NEW, body, content_type='application/x-www-form-urlencoded')
    assert response.status_code == 413
    assert 'nothing was saved' in text_of(response)


def test_a_huge_body_is_refused(ana: Patient) -> None:
    response = client_of(ana).post(NEW, page_of(ana, OTHER__on='1', OTHER__text='a' * 300_000))
    assert response.status_code in (400, 413)
    assert not Entry.objects.exists()


def test_json_in_place_of_a_form_saves_nothing(ana: Patient) -> None:
    response = client_of(ana).post(NEW, {'FEVER': {'severity': 2}}, content_type='application/json')
    assert response.status_code == 422
    assert not Entry.objects.exists()


def test_a_page_without_its_token_saves_nothing(ana: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user, backend='django.contrib.auth.backends.ModelBackend')  # type: ignore[arg-type]
    assert client.post(NEW, page_of(ana, COUGH__on='1', COUGH__severity='1')).status_code == 403
    assert not Entry.objects.exists()


@pytest.mark.parametrize('tail', ['', 'correct/'])
def test_somebody_elses_entry_is_not_found(ana: Patient, ben: Patient, olga: Patient, tail: str) -> None:
    entry = write(ben, {'COUGH': {'severity': 1}})
    for person in (ana, olga):
        assert client_of(person).get(f'/entry/{entry.public_id}/{tail}').status_code == 404
        assert (
            client_of(person).post(f'/entry/{entry.public_id}/correct/', page_of(ana, expected='1')).status_code == 404
        )
    assert client_of(ana).get(f'/entry/{uuid4()}/').status_code == 404
    assert entry.revisions.count() == 1
