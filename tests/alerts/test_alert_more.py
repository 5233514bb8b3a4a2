"""On the alert's page: snooze, wake, useful or noise, open again, call again at, the script, the record; and what is hidden now."""

from datetime import date, timedelta
from typing import Any

import pytest

from alerts.models import Alert, Snooze
from alerts.services import snoozing, working
from clinic.models import Membership, Patient
from tests.alerts.conftest import FEVER, TIRED, alert_of, told_us
from tests.cast import NOW, SHARP, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
DAY = timedelta(days=1)
RASH: dict[str, dict[str, Any]] = {'RASH': {'severity': 1, 'percent_body': 4, 'painful': False}}


@pytest.fixture
def rash(ana: Patient) -> Alert:
    return alert_of(told_us(ana, RASH, at=NOW - timedelta(minutes=20)), 'same_day')


def shown(nurse: Membership, alert: Alert) -> str:
    response = client_of(nurse).get(f'/alerts/{alert.public_id}/')
    assert response.status_code == 200
    return response.content.decode()


def send(nurse: Membership, alert: Alert, step: str, **given: Any) -> Any:
    return client_of(nurse).post(f'/alerts/{alert.public_id}/{step}/', given)


def snooze(nurse: Membership, alert: Alert, **given: Any) -> Any:
    usual = {
        'snooze-version': alert.version,
        'snooze-level-RASH': '1',
        'snooze-number-RASH-percent_body': '4',
        'snooze-until': '2026-11-19',
        'snooze-why': 'discussed',
        'snooze-reason': '',
    }
    return send(nurse, alert, 'snooze', **(usual | given))


# -- snooze ----------------------------------------------------------------------------------------


def test_the_form_offers_todays_level_in_the_catalogues_words(rash: Alert, rosa: Membership) -> None:
    text = shown(rosa, rash)
    for words in (
        '<details class="disclosure" id="snooze"><summary data-key="z">Snooze</summary>',
        'Skin rash: expected up to',
        '<option value="1" selected>mild (as told)</option>',
        '<option value="2">moderate</option>',
        'name="snooze-number-RASH-percent_body" value="4.0"',
        'min="2026-11-16" max="2026-12-16"',
    ):
        assert words in text
    assert '<option value="3">' not in text


def test_a_nurse_snoozes_and_wakes_it(rash: Alert, rosa: Membership, tom: Membership) -> None:
    response = snooze(rosa, rash, **{'snooze-level-RASH': '2', 'snooze-reason': 'cream since Friday'})
    assert (response.status_code, response['Location']) == (302, '/worklist/')
    kept = Snooze.objects.get()
    assert kept.reason == 'known and discussed: cream since Friday'
    assert kept.expected['symptoms'] == {'RASH': {'severity': 2, 'yes': [], 'numbers': {'percent_body': 4}}}
    text = shown(tom, rash)
    assert text.count('Snoozed until the end of Thursday') == 2  # in the head and among the steps
    assert 'Skin rash: up to moderate, 4 % of the body' in text
    assert 'Take over' not in text
    assert 'Snooze anew' in text
    assert 'Snoozed until the end of Nov. 19, 2026' in text or 'Snoozed until the end of 19 Nov 2026' in text
    send(tom, rash, 'wake')
    rash.refresh_from_db()
    assert rash.state == 'reopened'
    assert 'Back on the list, the snooze ended: a nurse ended it' in shown(tom, rash)


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        ({'snooze-until': '2026-12-17'}, 'Choose a day from today on, at most 30 days ahead.'),
        ({'snooze-until': ''}, 'Choose a day.'),
        ({'snooze-why': ''}, 'Choose why, or write it.'),
        ({'snooze-why': 'own'}, 'Write the reason in a few words.'),
        ({'snooze-level-RASH': '4'}, 'Select a valid choice'),
        ({'snooze-version': '1'}, 'Something changed while you were looking.'),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_hidden(
    rash: Alert, ana: Patient, rosa: Membership, given: dict[str, str], words: str
) -> None:
    told_us(ana, RASH)  # version 2
    rash.refresh_from_db()
    response = snooze(rosa, rash, **given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Snooze.objects.exists()


def test_a_temperature_is_asked_in_the_clinics_unit_and_todays_own_value_is_within(
    ana: Patient, rosa: Membership
) -> None:
    """37.8 °C is 100.04 °F: shown rounded up, so that tomorrow's same reading is no news."""
    feverish: dict[str, dict[str, Any]] = {'FEVER': {'severity': 1, 'celsius': 37.8}}
    alert = alert_of(told_us(ana, feverish), 'same_day')
    assert alert.clinic.temperature_unit == 'F'
    assert 'temperature in °F: expected up to' in shown(rosa, alert)
    given = {'snooze-level-FEVER': '1', 'snooze-number-FEVER-celsius': '100.1'}
    assert snooze(rosa, alert, **given).status_code == 302
    told_us(ana, feverish, at=NOW + DAY)
    alert.refresh_from_db()
    assert alert.state == 'snoozed'


def test_red_has_no_snooze_and_refuses_a_forged_one(ana: Patient, rosa: Membership) -> None:
    fever = Alert.objects.get(pk=alert_of(told_us(ana, FEVER)).pk)
    assert 'id="snooze"' not in shown(rosa, fever)
    assert snooze(rosa, fever).status_code == 422
    fever.refresh_from_db()
    assert fever.state == 'open'


def test_what_cannot_be_snoozed_is_named(ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, {**RASH, 'OTHER': {'worried': True}}), 'same_day')
    text = shown(rosa, alert)
    assert 'Cannot be snoozed and comes back when it is told again: The patient is worried or asks for a call' in text


# -- what is hidden right now ----------------------------------------------------------------------


def hidden(nurse: Membership) -> str:
    return client_of(nurse).get('/hidden/').content.decode()


def test_the_page_says_who_what_up_to_which_level_why_and_until_when(
    rash: Alert, rosa: Membership, tom: Membership
) -> None:
    assert 'Nothing is snoozed' in hidden(tom)
    snooze(rosa, rash)
    text = hidden(tom)
    for words in (
        'Ana Morales',
        'Skin rash: up to mild, 4 % of the body',
        'known and discussed',
        'Rosa Diaz',
        'Thursday',
    ):
        assert words in text
    response = send(tom, rash, 'wake', back='hidden')
    assert response['Location'] == '/hidden/'
    assert 'Nothing is snoozed' in hidden(tom)


def test_no_stranger_sees_or_wakes_it(rash: Alert, rosa: Membership, sam: Membership) -> None:
    snooze(rosa, rash)
    assert 'Ana' not in hidden(sam)
    assert send(sam, rash, 'wake').status_code == 404
    rash.refresh_from_db()
    assert rash.state == 'snoozed'


def test_amber_behind_red_is_explained_there(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER | RASH)
    text = hidden(rosa)
    assert 'Behind an emergency or urgent alert' in text
    assert 'behind: urgent' in text


# -- useful or noise, undo, call again, a colleague's --------------------------------------------------------------------


def test_one_click_marks_it_and_another_changes_that(rash: Alert, rosa: Membership) -> None:
    for mark in ('noise', 'useful'):
        send(rosa, rash, 'mark', mark=mark)
        rash.refresh_from_db()
        assert rash.mark == mark
        assert f'value="{mark}" aria-pressed="true"' in shown(rosa, rash)
    send(rosa, rash, 'mark', mark='nonsense')
    rash.refresh_from_db()
    assert rash.mark == 'useful'


def test_what_was_closed_by_mistake_is_opened_again(rash: Alert, rosa: Membership) -> None:
    working.resolve(alert=rash, by=rosa.user, now=NOW, outcome='no_action')
    assert 'Open it again' in shown(rosa, rash)
    send(rosa, rash, 'undo')
    rash.refresh_from_db()
    assert rash.state == 'reopened'


def test_after_closing_the_way_back_is_one_link_away(rash: Alert, rosa: Membership) -> None:
    client = client_of(rosa)
    given = {'resolve-version': rash.version, 'resolve-outcome': 'no_action'}
    text = client.post(f'/alerts/{rash.public_id}/resolve/', given, follow=True).content.decode()
    assert f'<a href="/alerts/{rash.public_id}/#undo">Not right? Open it again</a>' in text


def test_it_is_too_late_after_a_day(rash: Alert, rosa: Membership) -> None:
    working.resolve(alert=rash, by=rosa.user, now=NOW - timedelta(hours=25), outcome='no_action')
    assert 'Open it again' not in shown(rosa, rash)
    client = client_of(rosa)
    text = client.post(f'/alerts/{rash.public_id}/undo/', follow=True).content.decode()
    assert 'It is too late to open it again' in text


def test_a_contact_says_when_she_calls_again(rash: Alert, rosa: Membership) -> None:
    given = {'contact-version': rash.version, 'contact-reached': 'yes', 'contact-call_back_at': '2026-11-16T15:30'}
    assert send(rosa, rash, 'contact', **given).status_code == 302
    rash.refresh_from_db()
    assert rash.call_back_at == SHARP.replace(hour=20, minute=30)  # 15:30 in New York
    text = shown(rosa, rash)
    assert 'Calls again today at 15:30' in text
    assert 'To be called again by 15:30. If nothing happens by 15:40, it comes back to the list.' in text
    assert 'Spoke with the patient, Rosa Diaz, calls again 16 Nov 2026 15:30' in text
    again = given | {'contact-version': rash.version, 'contact-call_back_at': '2026-11-16T08:59'}
    response = send(rosa, rash, 'contact', **again)
    assert response.status_code == 422
    assert 'Choose a time that is still to come.' in response.content.decode()


def test_a_colleagues_alert_is_not_closed_without_a_word_for_it(rash: Alert, rosa: Membership, tom: Membership) -> None:
    alert = working.acknowledge(alert=rash, by=rosa.user, now=NOW)
    assert 'I close it for Rosa Diaz' in shown(tom, alert)
    assert 'I close it for' not in shown(rosa, alert)
    given = {'resolve-version': alert.version, 'resolve-outcome': 'no_action'}
    response = send(tom, alert, 'resolve', **given)
    assert response.status_code == 422
    assert 'Rosa Diaz has this alert.' in response.content.decode()
    assert send(tom, alert, 'resolve', **given, **{'resolve-for_colleague': 'on'}).status_code == 302
    alert.refresh_from_db()
    assert alert.state == 'resolved'


# -- script and record -----------------------------------------------------------------------------


def test_the_script_of_the_worst_rule_is_there_and_called_a_draft(ana: Patient, rosa: Membership) -> None:
    text = shown(rosa, alert_of(told_us(ana, FEVER)))
    assert 'What to ask on the phone' in text
    assert 'Was a medicine against fever taken, which, and when?' in text
    assert 'Your clinic must read it and sign it off' in text


def test_the_record_tells_what_was_written_asked_and_done(ana: Patient, rosa: Membership) -> None:
    fever = alert_of(told_us(ana, FEVER, at=NOW - timedelta(minutes=19)))
    working.acknowledge(alert=fever, by=rosa.user, now=NOW - timedelta(minutes=16))
    working.note_contact(
        alert=fever, by=rosa.user, now=NOW - timedelta(minutes=10), reached=True, note='38.4 now,\nno chills'
    )
    working.mark(alert=fever, by=rosa.user, now=NOW, mark='useful')
    alert = working.resolve(alert=fever, by=rosa.user, now=NOW, outcome='appointment')
    text = shown(rosa, alert)
    record = text[text.index('id="record"') :].split('>', 1)[1].split('</textarea>')[0]
    assert record.splitlines() == [
        'Ana Morales, record R-1001. Vigil alert: urgent.',
        '16 Nov 2026 08:41 diary entry: Fever or feeling hot: moderate, 101.5 °F (38.6 °C).',
        'Rule R02: Signs of infection: fever or shaking chills.',
        '16 Nov 2026 08:44 Acknowledged, Rosa Diaz',
        '16 Nov 2026 08:50 Spoke with the patient, Rosa Diaz: 38.4 now, no chills',
        '16 Nov 2026 09:00 Resolved: appointment, Rosa Diaz',
    ]


def test_the_common_path_takes_three_posts_and_nothing_new_is_required(ana: Patient, rosa: Membership) -> None:
    fever, client = alert_of(told_us(ana, FEVER)), client_of(rosa)
    client.post(f'/alerts/{fever.public_id}/acknowledge/', {'version': fever.version})
    fever.refresh_from_db()
    client.post(f'/alerts/{fever.public_id}/contact/', {'contact-version': fever.version, 'contact-reached': 'yes'})
    fever.refresh_from_db()
    client.post(
        f'/alerts/{fever.public_id}/resolve/',
        {'resolve-version': fever.version, 'resolve-outcome': 'self_care'},
    )
    fever.refresh_from_db()
    assert fever.state == 'resolved'


def test_a_snooze_made_in_the_service_shows_its_day(rash: Alert, ana: Patient, rosa: Membership) -> None:
    snoozing.snooze(
        alert=rash, by=rosa.user, now=NOW, until=date(2026, 11, 17), reason='x', levels={}, seen=rash.version
    )
    told_us(ana, TIRED, at=NOW + timedelta(seconds=1), check=False)
    assert 'Snoozed until the end of tomorrow' in shown(rosa, rash)
