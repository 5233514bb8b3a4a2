"""One alert: why, what was answered, what to do; and who may."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert, Flag
from alerts.services import working
from alerts.services.evaluation import evaluate_pending
from clinic.models import Caregiver, Membership, Patient
from diary.documents import EMPTY
from diary.models import Baseline, Context
from diary.services.entries import correct_entry
from tests.alerts.conftest import FEVER, SICK, TIRED, alert_of, told_us
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
DAY = timedelta(days=1)
STOOLS: dict[str, Any] = {'DIARRHEA': {'severity': 2, 'stools_24h': 6, 'at_night': True}}
STEPS = ('acknowledge', 'take-over', 'contact', 'note', 'resolve')


@pytest.fixture
def fever(ana: Patient) -> Alert:
    return alert_of(told_us(ana, FEVER))


def shown(nurse: Membership, alert: Alert) -> str:
    response = client_of(nurse).get(f'/alerts/{alert.public_id}/')
    assert response.status_code == 200
    return response.content.decode()


def send(nurse: Membership, alert: Alert, step: str, **given: Any) -> Any:
    return client_of(nurse).post(f'/alerts/{alert.public_id}/{step}/', given)


def test_it_says_why_by_rule_sentence_document_and_basis(fever: Alert, rosa: Membership) -> None:
    text = shown(rosa, fever)
    for words in (
        'Rule R02',
        'Fever or feeling hot: temperature 38.6 °C (the rule asks for 38 °C or more)',
        '“Signs of infection, such as fever and chills.”',
        'Immunotherapy, Cleveland Clinic, last reviewed 10/01/2020',
        'Founding list, read again on the publisher’s page',
        'Default rules 1',
    ):
        assert words in text


def test_the_answers_stand_beside_yesterdays_and_the_usual(ana: Patient, rosa: Membership) -> None:
    Baseline.objects.create(
        patient=ana, kind='stools_24h', value=1, raw='1', measured_at=NOW - DAY, recorded_by=rosa.user, recorded_at=NOW
    )
    told_us(ana, {'DIARRHEA': {'severity': 1, 'stools_24h': 2}}, at=NOW - DAY)
    told_us(ana, STOOLS)
    text = shown(rosa, Alert.objects.get(line='red'))
    assert 'moderate, 6 stools in 24 hours, at night' in text
    assert 'mild, 2 stools in 24 hours' in text
    assert '<td>1 stool in 24 hours</td>' in text
    assert 'usual 1 (the rule asks for 4 or more over usual)' in text
    assert 'worse' in text


def test_the_phone_the_chart_the_doses_and_the_contexts_are_there(fever: Alert, ana: Patient, rosa: Membership) -> None:
    Context.objects.create(patient=ana, code='on_steroids', from_at=NOW - DAY, recorded_by=rosa.user, recorded_at=NOW)
    text = shown(rosa, fever)
    for words in ('href="tel:+12125550142"', '<svg viewBox=', 'takes steroids', 'none recorded', 'What happened'):
        assert words in text


def test_a_withdrawn_flag_stays_with_its_reason(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    alert = alert_of(entry)
    correct_entry(
        entry=entry, by=ana.user, expected_number=1, document=EMPTY, recorded_at=NOW, now=NOW, nothing_new=True
    )
    evaluate_pending(now=NOW)
    assert Flag.objects.filter(alert=alert, withdrawn_at=None).count() == 0
    text = shown(rosa, alert)
    assert 'Nothing that fired holds any more.' in text
    assert '<s>Signs of infection: fever or shaking chills</s>' in text
    assert 'corrected' in text


def test_it_says_when_what_raised_it_no_longer_holds(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER)
    worse = told_us(ana, {'CHESTPAIN': {'severity': 2}}, at=NOW + timedelta(minutes=1))
    alert, later = alert_of(worse, 'emergency'), NOW + timedelta(minutes=2)
    assert 'no longer holds' not in shown(rosa, alert)
    correct_entry(
        entry=worse, by=ana.user, expected_number=1, document=EMPTY, recorded_at=later, now=later, nothing_new=True
    )
    evaluate_pending(now=later)
    assert 'What raised this alert to “emergency” no longer holds.' in shown(rosa, alert)


def test_the_patients_other_open_alert_is_one_click_away(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER | TIRED)
    red, amber = Alert.objects.get(line='red'), Alert.objects.get(line='amber')
    assert f'/alerts/{amber.public_id}/' in shown(rosa, red)
    assert f'/alerts/{red.public_id}/' in shown(rosa, amber)


def test_a_nurse_acknowledges_notes_a_call_and_resolves(fever: Alert, rosa: Membership) -> None:
    assert send(rosa, fever, 'acknowledge', version=fever.version).status_code == 302
    text = shown(rosa, fever)
    assert 'You have it' in text
    assert 'seen 9:00' in text
    fever.refresh_from_db()
    given = {'contact-version': fever.version, 'contact-reached': 'yes', 'contact-note': 'Took paracetamol.'}
    send(rosa, fever, 'contact', **given)
    assert 'Took paracetamol.' in shown(rosa, fever)
    fever.refresh_from_db()
    given = {'resolve-version': fever.version, 'resolve-outcome': 'appointment', 'resolve-note': 'At 15:00.'}
    response = send(rosa, fever, 'resolve', **given)
    assert (response.status_code, response['Location']) == (302, '/worklist/')
    text = shown(rosa, fever)
    assert 'Resolved: appointment' in text
    assert 'At 15:00.' in text
    assert 'id="resolve"' not in text


def test_the_second_nurse_is_told_who_has_it(fever: Alert, rosa: Membership, tom: Membership) -> None:
    working.acknowledge(alert=fever, by=rosa.user, now=NOW)
    assert 'Rosa Diaz is on it.' in shown(tom, fever)
    send(tom, fever, 'acknowledge', version=fever.version)
    client = client_of(tom)
    client.post(f'/alerts/{fever.public_id}/acknowledge/', {'version': fever.version})
    text = client.get(f'/alerts/{fever.public_id}/').content.decode()
    assert 'Rosa Diaz was faster and has done this at 9:00.' in text


def test_a_colleague_takes_over(fever: Alert, rosa: Membership, tom: Membership) -> None:
    alert = working.acknowledge(alert=fever, by=rosa.user, now=NOW)
    send(tom, fever, 'take-over', version=alert.version)
    text = shown(tom, fever)
    assert 'Took over from Rosa Diaz' in text
    assert 'You have it' in text


@pytest.mark.parametrize(
    ('step', 'given', 'words'),
    [
        ('contact', {}, 'Choose whether somebody answered.'),
        ('contact', {'contact-reached': 'maybe'}, 'contact'),
        ('note', {'note-note': '   '}, 'Write a few words first.'),
        ('note', {'note-note': 'x' * 4001}, '4000'),
        ('resolve', {'resolve-version': 1}, 'Choose how it ended.'),
        ('resolve', {'resolve-version': 1, 'resolve-outcome': 'cured'}, 'cured'),
    ],
)
def test_what_is_missing_is_said_beside_it_and_nothing_is_saved(
    fever: Alert, rosa: Membership, step: str, given: dict[str, Any], words: str
) -> None:
    response = send(rosa, fever, step, **given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert fever.events.count() == 1


def test_nobody_resolves_what_she_has_not_read(fever: Alert, ana: Patient, rosa: Membership) -> None:
    seen = fever.version
    told_us(ana, {'CHESTPAIN': {'severity': 2}}, at=NOW + timedelta(minutes=1))
    client = client_of(rosa)
    given = {'resolve-version': seen, 'resolve-outcome': 'self_care', 'resolve-note': 'Drinks more.'}
    text = client.post(f'/alerts/{fever.public_id}/resolve/', given).content.decode()
    assert 'Something changed while you were looking.' in text
    assert '>\nDrinks more.</textarea>' in text, 'what she typed is still there'
    fever.refresh_from_db()
    assert (fever.state, fever.tier) == ('open', 'emergency')
    assert f'name="resolve-version" value="{fever.version}"' in text, 'having read it, she may send it again'


def test_a_call_about_the_fever_does_not_acknowledge_the_chest_pain_that_came_meanwhile(
    fever: Alert, ana: Patient, rosa: Membership
) -> None:
    seen = working.acknowledge(alert=fever, by=rosa.user, now=NOW).version
    told_us(ana, {'CHESTPAIN': {'severity': 2}}, at=NOW + timedelta(minutes=1))
    given = {'contact-version': seen, 'contact-reached': 'yes', 'contact-note': 'Only the fever.'}
    response = send(rosa, fever, 'contact', **given)
    assert response.status_code == 422
    text = response.content.decode()
    assert 'Something changed while you were looking.' in text
    assert 'Only the fever.' in text
    fever.refresh_from_db()
    assert (fever.state, fever.tier, fever.contacted_at) == ('reopened', 'emergency', None)
    assert 'Raised to emergency' in text
    response = send(rosa, fever, 'contact', **(given | {'contact-version': fever.version}))
    assert response.status_code == 302
    fever.refresh_from_db()
    assert fever.state == 'contacted'


def test_what_an_earlier_entry_of_the_alert_told_stays_in_sight(fever: Alert, ana: Patient, rosa: Membership) -> None:
    told_us(ana, {'CHESTPAIN': {'severity': 2}}, at=NOW + timedelta(hours=1))
    text = shown(rosa, fever)
    assert 'Also in this alert' in text
    assert '38.6 °C' in text[text.index('Also in this alert') : text.index('id="why"')]


def test_the_date_of_birth_stands_by_the_name(fever: Alert, ana: Patient, rosa: Membership) -> None:
    assert 'born' not in shown(rosa, fever)
    ana.birth_date = date(1961, 4, 2)
    ana.save()
    assert 'born 2 Apr 1961' in shown(rosa, fever)


def test_what_a_person_typed_is_shown_as_text(fever: Alert, rosa: Membership) -> None:
    send(rosa, fever, 'note', **{'note-note': '<script>alert(1)</script>'})
    text = shown(rosa, fever)
    assert '<script>alert(1)</script>' not in text
    assert '&lt;script&gt;alert(1)&lt;/script&gt;' in text


def test_strangers_find_nothing_and_change_nothing(
    fever: Alert, ana: Patient, luis: Caregiver, grace: Membership, sam: Membership
) -> None:
    for person in (sam, grace, ana, luis):
        assert client_of(person).get(f'/alerts/{fever.public_id}/').status_code == 404
        for step in STEPS:
            given = {'version': 1, 'contact-reached': 'yes', 'note-note': 'x', 'resolve-outcome': 'no_action'}
            given |= {'resolve-version': 1, 'contact-version': 1}
            response = client_of(person).post(f'/alerts/{fever.public_id}/{step}/', given)
            assert response.status_code == 404
    fever.refresh_from_db()
    assert (fever.state, fever.events.count()) == ('open', 1)


def test_a_visitor_signs_in_first_and_nobody_finds_what_is_not_there(fever: Alert, rosa: Membership) -> None:
    assert Client().get(f'/alerts/{fever.public_id}/').status_code == 302
    assert client_of(rosa).get(f'/alerts/{uuid.uuid4()}/').status_code == 404


def test_steps_are_taken_by_post_only(fever: Alert, rosa: Membership) -> None:
    for step in STEPS:
        assert client_of(rosa).get(f'/alerts/{fever.public_id}/{step}/').status_code == 405


def test_beside_the_worklist_only_the_heart_of_the_page_is_sent(fever: Alert, rosa: Membership) -> None:
    response = client_of(rosa).get(
        f'/alerts/{fever.public_id}/', headers={'HX-Request': 'true', 'HX-Target': 'preview'}
    )
    text = response.content.decode()
    assert '<html' not in text
    assert 'Open the whole page' in text


def test_the_cost_does_not_grow_with_the_diary(ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, FEVER))
    client = client_of(rosa)

    def cost() -> int:
        client.get(f'/alerts/{alert.public_id}/')
        with CaptureQueriesContext(connection) as seen:
            client.get(f'/alerts/{alert.public_id}/')
        return len(seen)

    told_us(ana, TIRED | SICK, at=NOW - timedelta(hours=1))
    few = cost()
    for day in range(1, 6):
        told_us(ana, FEVER | TIRED, at=NOW - day * DAY)
    assert cost() == few


def test_a_closed_alert_is_found_on_the_patients_page(fever: Alert, ana: Patient, rosa: Membership) -> None:
    page = f'/patients/{ana.public_id}/'
    working.resolve(alert=fever, by=rosa.user, now=NOW, outcome='appointment')
    text = client_of(rosa).get(page).content.decode()
    assert f'/alerts/{fever.public_id}/' in text
    assert 'appointment' in text
