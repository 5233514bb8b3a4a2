"""Before a diary is kept: the words, the yes, its record, newer words, and taking it back. Safety never waits for any of it."""

import hashlib
import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from alerts.queries.silences import writers
from clinic import consent_words
from clinic.consent_facts import hours_words
from clinic.consent_words import current, every_words, words_of
from clinic.models import ConsentRole, OpeningHours
from clinic.services.consenting import agree, take_back
from diary.due import Due, due
from diary.queries_due import diary_of
from tests.cast import FACTS, NOW, agreed, client_of, make_patient, make_user
from tests.diary.conftest import give_dose, write

pytestmark = pytest.mark.django_db
WELCOME = reverse('alerts:welcome')


@pytest.fixture
def nora(riverside):
    """A patient who has just accepted her invitation, and was asked nothing yet."""
    patient = make_patient(riverside, 'Nora Ek', user=False)
    patient.user = make_user('Nora Ek')
    patient.save()
    return patient


@pytest.fixture
def newer(monkeypatch):
    """New words for patients: version 2."""
    first = words_of('patient', 1, 'en')
    more = {('patient', 2, 'en'): consent_words.Words('patient', 2, 'en', first.text.replace('in peace', 'calmly'))}
    every = every_words() | more
    monkeypatch.setattr(consent_words, 'every_words', lambda: every)
    current.cache_clear()
    yield
    current.cache_clear()


def say_yes(client, **more):
    digest = re.search(r'name="digest" value="(\w+)"', client.get(WELCOME).content.decode())[1]
    return client.post(WELCOME, {'digest': digest} | more)


# -- first run -----------------------------------------------------------------------------------------------------------------
def test_the_first_page_says_who_sees_what_how_fast_and_that_nobody_watches_at_night(nora, content):
    client = client_of(nora)
    assert client.get('/today/').url == f'{WELCOME}?next=%2Ftoday%2F'
    page = client.get(WELCOME).content.decode()
    for words in (
        'Your care team at Riverside Cancer Center reads your diary',
        'Monday to Friday 8:00–18:00',
        'aim to look within 1 hour',
        'within 4 hours in which the clinic is open',
        'Nobody watches at night',
        '(212) 555-0199',
        'waits on your phone',
        'You can stop on any day',
    ):
        assert words in page
    assert '<script type="module"' in page
    assert 'onclick' not in page


@pytest.mark.parametrize('page', ['diary:help', 'alerts:what_we_look_for', 'clinic:me'])
def test_safety_is_never_behind_the_question(nora, content, page):
    assert client_of(nora).get(reverse(page)).status_code == 200


@pytest.mark.parametrize(
    'page', ['diary:diary', 'diary:entry_new', 'diary:export', 'clinic:helpers', 'alerts:reminder']
)
def test_nothing_else_opens_before_she_has_said_yes(nora, content, page):
    answer = client_of(nora).get(reverse(page))
    assert (answer.status_code, answer.url.split('?')[0]) == (303, WELCOME)


def test_what_is_sent_before_a_yes_is_not_stored_and_not_said_to_be(nora, content):
    sent = {'client_uuid': '11111111-1111-4111-8111-111111111111', 'say': 'nothing'}
    answer = client_of(nora).post(reverse('diary:nothing_new'), sent)
    assert (answer.status_code, answer.url) == (303, WELCOME)
    assert not nora.entries.exists()


def test_a_yes_is_kept_with_its_words_and_their_facts_and_leads_on(nora, content, now):
    client = client_of(nora)
    assert say_yes(client, next='/diary/').url == '/diary/'
    said = nora.consents.get()
    kept = Path(consent_words.FOLDER / 'patient-1.en.txt').read_bytes()
    assert (said.act, said.version, said.language, said.by, said.at) == ('given', 1, 'en', nora.user, NOW)
    assert said.digest == hashlib.sha256(kept).hexdigest()
    assert said.facts['phone_night'] == '(212) 555-0199'
    assert client.get('/today/').status_code == 200


def test_what_she_agreed_to_can_be_read_again_word_for_word_after_the_hours_have_changed(nora, content, now):
    client = client_of(nora)
    say_yes(client)
    OpeningHours.objects.filter(clinic=nora.clinic).delete()
    page = client.get(reverse('clinic:agreement')).content.decode()
    assert 'Agreed on 16 November 2026, 9:00, version 1' in page
    assert 'Monday to Friday 8:00–18:00' in page


def test_only_the_words_that_were_read_are_agreed_to(nora, content):
    answer = client_of(nora).post(WELCOME, {'digest': '0' * 64})
    assert answer.status_code == 200
    assert not nora.consents.exists()


@pytest.mark.parametrize('next_page', ['https://evil.example/', '//evil.example', 'javascript:alert(1)'])
def test_a_yes_leads_nowhere_outside_the_house(nora, content, next_page):
    assert say_yes(client_of(nora), next=next_page).url == '/'


def test_in_spanish_the_spanish_words_are_kept(nora, content):
    nora.user.language = 'es'
    nora.user.save()
    client = client_of(nora)
    assert 'De noche no vigila nadie' in client.get(WELCOME).content.decode()
    say_yes(client)
    assert nora.consents.get().digest == words_of('patient', 1, 'es').digest


def test_a_helper_is_asked_about_each_diary(ana, content):
    person = make_user('Eva Lind')
    ana.caregivers.create(user=person, starts_at=NOW.replace(year=2020), can_write=False)
    client = client_of(person)
    assert client.get('/today/').url.startswith(WELCOME)
    page = client.get(WELCOME).content.decode()
    assert 'Before you help Ana' in page
    assert 'You can read Ana’s diary, charts and treatment.' in page
    assert 'You can write for Ana.' not in page
    say_yes(client)
    assert ana.consents.get(by=person).role == 'caregiver'
    assert client.get('/today/').status_code == 200


# -- newer words ---------------------------------------------------------------------------------------------------------------
def test_newer_words_ask_again_and_can_wait_until_tomorrow(ana, content, newer, now):
    client = client_of(ana)
    assert client.get('/today/').url == f'{WELCOME}?next=%2Ftoday%2F'
    assert client.post(WELCOME, {'do': 'later', 'next': '/today/'}).url == '/today/'
    assert client.get('/today/').status_code == 200
    assert client_of(ana).get('/today/').status_code == 303  # the next session, or the next day


def test_newer_words_hold_up_nothing_that_is_being_sent_and_no_advice(ana, content, newer, now):
    sent = {'diary_of': ana.public_id, 'client_uuid': '11111111-1111-4111-8111-111111111111', 'say': 'nothing'}
    client = client_of(ana)
    saved = client.post(reverse('diary:nothing_new'), sent)
    assert saved.url == reverse('alerts:advice', args=[ana.entries.get().public_id])
    assert client.get(saved.url).status_code == 200
    assert client.get(reverse('diary:help')).status_code == 200


def test_a_yes_to_newer_words_leaves_the_earlier_one_on_record(ana, content, newer, now):
    say_yes(client_of(ana))
    assert [(said.version, said.act) for said in ana.consents.all()] == [(2, 'given'), (1, 'given')]


# -- taking it back ------------------------------------------------------------------------------------------------------------
def test_whoever_stops_is_asked_nothing_and_can_still_read_and_take_everything(ana, rosa, content, now):
    give_dose(ana, 'checkpoint_inhibitor', days_ago=6, by=rosa.user)
    entry = write(ana, {}, hours_ago=1)
    client = client_of(ana)
    assert due(diary_of(ana, now=NOW.replace(day=17)), now=NOW.replace(day=17)) is Due.DAY
    client.post(reverse('clinic:stop'))
    assert due(diary_of(ana, now=NOW.replace(day=17)), now=NOW.replace(day=17)) is Due.NOTHING
    today = client.get('/today/').content.decode()
    assert 'You have stopped the diary' in today
    assert reverse('diary:entry_new') not in today
    for page in ('diary:diary', 'diary:export_csv', 'diary:help', 'clinic:agreement'):
        assert client.get(reverse(page)).status_code == 200
    assert client.get(reverse('diary:entry_new')).url.startswith(WELCOME)
    assert ana.entries.get() == entry


def test_whoever_stops_is_not_called_silent(ana, rosa, riverside):
    assert ana in writers(riverside, now=NOW)
    take_back(patient=ana, by=ana.user, now=NOW)
    assert ana not in writers(riverside, now=NOW)


def test_helpers_lose_a_diary_that_was_stopped_at_once_and_get_it_back_with_it(ana, luis, now):
    client = client_of(luis)
    assert client.get('/today/').status_code == 200
    take_back(patient=ana, by=ana.user, now=NOW)
    assert client.get('/today/').status_code == 404
    agree(patient=ana, by=ana.user, role=ConsentRole.PATIENT, facts=FACTS, now=NOW)
    assert client.get('/today/').status_code == 200


def test_the_team_is_told_who_has_stopped(ana, rosa, content, now):
    assert 'Stopped the diary' not in client_of(rosa).get(reverse('alerts:silent')).content.decode()
    take_back(patient=ana, by=ana.user, now=NOW)
    page = client_of(rosa).get(reverse('alerts:silent')).content.decode()
    assert 'Stopped the diary' in page
    assert 'Ana Morales' in page
    for page in (reverse('clinic:patients'), reverse('diary:patient', args=[ana.public_id])):
        assert 'stopped the diary' in client_of(rosa).get(page).content.decode()


def test_stopping_twice_counts_once_and_beginning_again_asks_for_a_yes(ana, content, now):
    client = client_of(ana)
    client.post(reverse('clinic:stop'))
    client.post(reverse('clinic:stop'))
    assert [said.act for said in ana.consents.all()] == ['withdrawn', 'given']
    say_yes(client)
    assert client.get(reverse('diary:entry_new')).status_code == 200
    assert [said.act for said in ana.consents.all()] == ['given', 'withdrawn', 'given']


# -- the record ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize('sql', ['UPDATE clinic_consent SET version = 9', 'DELETE FROM clinic_consent'])
def test_the_database_lets_nobody_change_what_was_agreed_to(ana, sql):
    with pytest.raises(IntegrityError, match='append-only'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert ana.consents.get().version == 1


def test_every_version_is_there_in_both_languages_as_people_agreed_to_it():
    assert [message for message in run_checks() if message.id == 'vigil.E012'] == []
    versions = {(role, version) for role, version, _language in every_words()}
    assert {(role, version, language) for role, version in versions for language in ('en', 'es')} == set(every_words())


def test_words_that_were_changed_after_the_fact_are_an_error_at_start(tmp_path, monkeypatch):
    for path in consent_words.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / 'patient-1.en.txt').write_text('! Something else')
    (tmp_path / 'patient-2.en.txt').write_text('! New')
    monkeypatch.setattr(consent_words, 'FOLDER', tmp_path)
    assert consent_words.changed_since_written() == ['patient-1.en.txt', 'patient-2.en.txt']


def test_both_languages_say_the_same_parts_with_the_same_gaps():
    for (role, version, language), words in every_words().items():
        other = words_of(role, version, 'en')
        for mark in (r'\{\w+\}', r'(?m)^@\w+', r'(?m)^# \w+', r'(?m)^- '):
            assert sorted(re.findall(mark, words.text)) == sorted(re.findall(mark, other.text)), (role, language, mark)


def test_hours_are_said_as_people_say_them(riverside):
    assert hours_words(riverside) == 'Monday to Friday 8:00–18:00'
    OpeningHours.objects.create(clinic=riverside, weekday=5, opens='09:00', closes='12:00')
    assert hours_words(riverside) == 'Monday to Friday 8:00–18:00, Saturday 9:00–12:00'
    riverside.opening_hours.all().delete()
    assert hours_words(riverside) == 'no set hours, so do not count on anybody reading'


# -- staff ---------------------------------------------------------------------------------------------------------------------
def test_a_nurse_notes_what_a_patient_without_a_sign_in_says_on_paper(riverside, rosa, now):
    pat = make_patient(riverside, 'Pat Orr', user=False)
    client, page = client_of(rosa), reverse('clinic:paper_consent', args=[pat.public_id])
    client.post(page, {'do': 'agree'})
    client.post(page, {'do': 'stop'})
    assert [(said.act, said.way, said.by) for said in pat.consents.all()] == [
        ('withdrawn', 'paper', rosa.user),
        ('given', 'paper', rosa.user),
    ]


def test_nobody_says_yes_on_paper_for_somebody_who_signs_in(ana, rosa):
    assert client_of(rosa).post(reverse('clinic:paper_consent', args=[ana.public_id])).status_code == 404


def test_who_noted_on_paper_first_and_signs_in_later_still_reads_the_words(nora, rosa):
    agreed(nora, rosa.user)
    assert client_of(nora).get('/today/').url.startswith(WELCOME)
