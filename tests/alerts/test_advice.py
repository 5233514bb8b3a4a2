"""The advice: computed at once, from the rules, with the clinic's real numbers; and closed to every failure."""

import logging
import socket
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from alerts.models import RuleSet
from alerts.services import advice as advising
from alerts.services import working
from alerts.services.advice import advise
from alerts.services.evaluation import evaluate_pending
from alerts.words.advice import words_for
from clinic.models import Caregiver, Clinic, Membership, Patient
from diary.documents import EMPTY
from diary.services.entries import correct_entry
from tests.alerts.conftest import BREATHLESS, FEVER, SICK, TIRED, alert_of, told_us
from tests.cast import NOW, SHARP, client_of
from tests.diary.treated import give_course, give_dose

pytestmark = pytest.mark.usefixtures('content', 'now')
SUNDAY = NOW - timedelta(days=1)


def page(patient: Patient, answers: dict[str, Any], *, check: bool = True) -> str:
    entry = told_us(patient, answers, check=check)
    whole = client_of(patient).get(f'/entry/{entry.public_id}/advice/').content.decode()
    return whole[whole.index('<main') :]


@pytest.mark.parametrize(
    ('answers', 'tier', 'title'),
    [
        (BREATHLESS, 'emergency', 'Call 911 now'),
        (FEVER, 'urgent', 'Phone your team now'),
        (TIRED, 'same_day', 'Your team looks at this today'),
        (SICK, 'monitor', 'Look after yourself'),
        ({}, 'none', 'Saved. Nothing to do now'),
    ],
)
def test_the_page_says_first_what_to_do(ana: Patient, answers: dict[str, Any], tier: str, title: str) -> None:
    text = page(ana, answers, check=False)
    assert text.index(f'data-tier="{tier}"') < text.index(title) < text.index('What happens next')


def test_the_advice_needs_no_worker_and_no_ledger(ana: Patient) -> None:
    entry = told_us(ana, FEVER, check=False)
    assert advise(entry=entry, now=NOW).tier == 'urgent'


def test_the_advice_touches_no_network(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database speaks through libpq; whatever Python itself would connect to (the broker) is cut off."""

    def cut_off(*args: object) -> None:
        raise AssertionError('the request asked for the network')

    monkeypatch.setattr(socket.socket, 'connect', cut_off)
    assert 'Phone your team now' in page(ana, FEVER)


def test_it_says_what_she_told_us_what_led_to_it_first(ana: Patient) -> None:
    entry = told_us(ana, SICK | {'FATIGUE': {'severity': 0}} | FEVER)
    found = advise(entry=entry, now=NOW)
    assert [str(told) for told in found.reported] == [
        'Fever or feeling hot: moderate, 101.5 °F',
        'Feeling sick to the stomach: mild',
    ]


def test_it_says_when_the_last_dose_was_so_that_she_can_tell_it_on_the_phone(ana: Patient) -> None:
    assert 'and when the last dose was.' in page(ana, FEVER)
    give_dose(give_course(ana, starts_on=date(2026, 11, 14)), NOW - timedelta(days=2))
    assert 'treated with immunotherapy, last dose on Saturday 14 November.' in page(ana, BREATHLESS)


@pytest.mark.parametrize(('answers', 'tel'), [(BREATHLESS, 'tel:911'), (FEVER, 'tel:+12125550100'), (TIRED, '')])
def test_todays_page_says_first_what_is_pressing_until_somebody_has_spoken_with_her(
    ana: Patient, rosa: Membership, answers: dict[str, Any], tel: str
) -> None:
    entry = told_us(ana, answers)
    today = client_of(ana).get('/today/').content.decode()
    main = today[today.index('<main') :]
    assert ('Not answered yet' in main) is bool(tel)
    if tel:
        assert main.index(tel) < main.index('How are you now?')
        alert = alert_of(entry, 'emergency' if answers is BREATHLESS else 'urgent')
        working.note_contact(alert=alert, by=rosa.user, reached=True, now=NOW, note='')
        assert 'Not answered yet' not in client_of(ana).get('/today/').content.decode()


def test_when_the_clinic_is_open_its_day_number_comes_first(ana: Patient) -> None:
    text = page(ana, FEVER)
    assert text.index('tel:+12125550100') < text.index('tel:911') < text.index('tel:+12125550199')
    assert 'Your team is watching now, until 18:00.' in text


def test_when_the_clinic_is_closed_the_night_number_comes_first_and_the_page_says_so(ana: Patient) -> None:
    entry = told_us(ana, FEVER, at=SUNDAY)
    found = advise(entry=entry, now=SUNDAY)
    words = advising_words(found, SUNDAY, ana)
    assert [phone.tel for phone in words.phones] == ['+12125550199', '911', '+12125550100']
    assert words.watching.startswith('Nobody is at the screen now: your clinic opens tomorrow at 8:00.')


def advising_words(found: advising.Advice, now: datetime, patient: Patient) -> Any:
    return words_for(found, now=now, zone=patient.zone)


def test_a_clinic_that_told_no_hours_promises_no_watch(ana: Patient) -> None:
    ana.clinic.opening_hours.all().delete()
    assert 'Nobody is sure to be watching.' in page(ana, {})


@pytest.mark.parametrize(('answers', 'minutes'), [(FEVER, 60), (BREATHLESS, 5), (TIRED, 240), (SICK, None)])
def test_the_promise_counts_from_when_the_entry_came(
    ana: Patient, answers: dict[str, Any], minutes: int | None
) -> None:
    found = advise(entry=told_us(ana, answers, check=False), now=NOW + timedelta(minutes=2))
    assert found.seen_by == (minutes and NOW + timedelta(minutes=minutes))


def test_a_same_day_finding_at_the_weekend_is_looked_at_on_monday(ana: Patient) -> None:
    found = advise(entry=told_us(ana, TIRED, at=SUNDAY), now=SUNDAY)
    assert found.seen_by == SHARP - timedelta(hours=1) + timedelta(hours=4)
    assert advising_words(found, SUNDAY, ana).title == 'Your team looks at this tomorrow'


def test_every_reason_shows_its_sentence_its_document_and_on_what_basis(ana: Patient) -> None:
    text = page(ana, FEVER)
    assert '“Signs of infection, such as fever and chills.”' in text
    assert 'Cleveland Clinic, last reviewed 10/01/2020' in text
    assert 'Founding list, read again on the publisher’s page' in text


def test_a_substitute_is_called_a_substitute(ana: Patient) -> None:
    found = advise(entry=told_us(ana, {'HIVES': {'present': True}}), now=NOW)
    reason = next(reason for reason in found.reasons if reason.rule == 'A03')
    assert reason.is_substitute
    assert 'Substitute: the founding list was lost' in page(ana, {'HIVES': {'present': True}})


def break_the_rules() -> None:
    RuleSet.objects.update(status='retired')
    broken = {'rules': {'E01': {'tier': 'purple'}}}
    RuleSet.objects.create(
        version=99, status='published', content=broken, digest='broken', created_at=NOW, published_at=NOW
    )


@pytest.mark.parametrize('harm', [break_the_rules, lambda: RuleSet.objects.update(status='retired')])
def test_what_cannot_be_checked_says_phone_this_number(
    ana: Patient, harm: Any, caplog: pytest.LogCaptureFixture
) -> None:
    entry = told_us(ana, FEVER, check=False)
    harm()
    with caplog.at_level(logging.ERROR):
        response = client_of(ana).get(f'/entry/{entry.public_id}/advice/')
    text = response.content.decode()
    assert response.status_code == 200
    assert text.index('Not checked: please phone this number') < text.index('tel:+12125550100')
    assert 'could not be computed' in caplog.text
    for secret in ('38.6', 'fever', 'Ana', 'FEVER'):
        assert secret not in caplog.text


def test_a_fault_in_the_engine_is_not_checked_either(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr('alerts.engine.program.Program.evaluate_window', fault)
    found = advise(entry=told_us(ana, FEVER, check=False), now=NOW)
    assert not found.checked
    assert [str(told) for told in found.reported] == ['Fever or feeling hot: moderate, 101.5 °F']


def test_reasons_that_cannot_be_shown_never_hide_the_advice(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*args: object) -> None:
        raise KeyError('cites')

    monkeypatch.setattr(advising, 'reasons', fault)
    found = advise(entry=told_us(ana, FEVER), now=NOW)
    assert (found.tier, found.reasons) == ('urgent', ())


def test_a_correction_changes_the_advice(ana: Patient) -> None:
    entry = told_us(ana, FEVER)
    correct_entry(
        entry=entry, by=ana.user, expected_number=1, document=EMPTY, recorded_at=NOW, now=NOW, nothing_new=True
    )
    entry.refresh_from_db()
    assert advise(entry=entry, now=NOW).tier == 'none'


def test_a_day_filled_in_late_that_completes_a_pattern_says_so_at_once(ana: Patient) -> None:
    """Sick today, and now she tells that she was sick yesterday too: today's entry is flagged by it."""
    sick = {'NAUSEA': {'severity': 2}}
    today = told_us(ana, sick, at=NOW - timedelta(hours=1))
    late = told_us(ana, sick, at=NOW - timedelta(days=1), check=False)
    found = advise(entry=late, now=NOW)
    assert (found.tier, [reason.rule for reason in found.reasons]) == ('same_day', ['C03', 'M01'])
    assert evaluate_pending(now=NOW)
    assert alert_of(today, 'same_day').flags.get().rule == 'C03'
    text = client_of(ana).get(f'/entry/{late.public_id}/advice/').content.decode()
    assert 'Your team has answered this.' not in text


def test_what_a_later_entry_says_by_itself_is_not_the_late_ones_advice(ana: Patient) -> None:
    told_us(ana, BREATHLESS)
    late = told_us(ana, SICK, at=NOW - timedelta(days=1))
    assert advise(entry=late, now=NOW).tier == 'monitor'


@pytest.mark.parametrize(
    ('before', 'words'),
    [(BREATHLESS, 'If it is still there, call 911 now.'), (FEVER, 'phone your team now.'), (TIRED, '')],
)
def test_a_calm_entry_does_not_hide_a_worse_one_that_nobody_has_answered(
    ana: Patient, rosa: Membership, before: dict[str, Any], words: str
) -> None:
    worse = told_us(ana, before, at=NOW - timedelta(hours=1))
    assert words in page(ana, {})
    if words:
        working.note_contact(
            alert=alert_of(worse, advise(entry=worse, now=NOW).tier), by=rosa.user, now=NOW, reached=True
        )
    assert 'something more serious before' not in page(ana, {})


def test_an_old_entry_says_when_it_was(ana: Patient) -> None:
    entry = told_us(ana, FEVER, at=NOW - timedelta(days=3))
    text = client_of(ana).get(f'/entry/{entry.public_id}/advice/').content.decode()
    assert 'What you wrote is from 13 November, 9:00.' in text


def test_once_it_is_answered_the_page_says_so_first(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    path = f'/entry/{entry.public_id}/advice/'
    assert 'Your team has answered this.' not in client_of(ana).get(path).content.decode()
    working.resolve(alert=alert_of(entry), by=rosa.user, now=NOW, outcome='self_care')
    text = client_of(ana).get(path).content.decode()
    assert text.index('Your team has answered this.') < text.index('Do not wait until they phone you.')


def test_her_caregivers_read_it_too_and_nobody_else(
    ana: Patient, luis: Caregiver, carmen: Caregiver, olga: Patient, ben: Patient, rosa: Membership, sam: Membership
) -> None:
    entry = told_us(ana, FEVER)
    for path in (f'/entry/{entry.public_id}/advice/', f'/entry/{entry.public_id}/advice/receipt/'):
        assert [client_of(person).get(path).status_code for person in (ana, luis, carmen)] == [200, 200, 200]
        assert [client_of(person).get(path).status_code for person in (olga, ben, rosa, sam)] == [404] * 4
        assert Client().get(path).status_code == 302


def test_the_numbers_are_those_of_her_own_clinic(olga: Patient, lakeside: Clinic) -> None:
    text = page(olga, BREATHLESS)
    assert 'Call 999 now' in text
    assert 'tel:+442079460100' in text
