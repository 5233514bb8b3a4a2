"""The alert's page says in words what the clock did, and what it does next."""

from datetime import timedelta

import pytest

from alerts.models import Alert, AlertEvent
from alerts.services import escalating, sweeping, working
from alerts.words.climbing import happened_words, next_words, span_words
from clinic.models import Membership, Patient
from tests.alerts.conftest import open_alert
from tests.cast import NOW, client_of

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def armed(alert: Alert) -> Alert:
    escalating.arm(alert=alert, event=alert.events.get(), now=NOW)
    alert.save()
    return alert


def last_words(alert: Alert) -> str:
    return happened_words(AlertEvent.objects.filter(alert=alert).latest('pk'))


def after(alert: Alert, span: timedelta) -> Alert:
    sweeping.sweep_due(now=NOW + span)
    return Alert.objects.get(pk=alert.pk)


def test_each_step_names_the_people_and_the_round(ana: Patient, tom: Membership) -> None:
    alert = armed(open_alert(ana, tier='emergency', minutes=5))
    after(alert, 5 * MINUTE)
    assert last_words(alert) == 'Told Rosa Diaz and Tom Weber (team)'
    after(alert, 10 * MINUTE)
    assert last_words(alert) == 'Nobody could be told (nobody stands for: lead)'
    after(alert, 15 * MINUTE)
    assert last_words(alert) == 'Told Rosa Diaz (primary nurse and on call), second round'


def test_who_was_missing_is_said(ana: Patient, rosa: Membership, tom: Membership) -> None:
    Membership.objects.filter(pk=rosa.pk).update(on_call=False)
    alert = armed(open_alert(ana))
    after(alert, 30 * MINUTE)
    assert last_words(alert) == 'Nobody could be told (nobody stands for: lead)'


def test_what_came_back_says_why(ana: Patient, rosa: Membership) -> None:
    alert = working.acknowledge(alert=open_alert(ana), by=rosa.user, now=NOW)
    after(alert, HOUR)
    assert last_words(alert) == 'Came back: nothing happened for 1 hour'
    alert = working.note_contact(alert=alert, by=rosa.user, now=NOW + HOUR, reached=True)
    after(alert, 9 * HOUR)
    assert last_words(alert) == 'Came back: spoken with the patient, then not resolved for 8 hours'


def test_what_happens_next_is_said_while_it_waits_and_while_somebody_has_it(ana: Patient, rosa: Membership) -> None:
    alert = armed(open_alert(ana))
    assert next_words(alert, now=NOW) == 'If nobody takes it by 9:30, who is on call is told.'
    assert next_words(alert, now=NOW + HOUR) == 'Since 9:30 this is overdue: who is on call is told.'
    alert = after(alert, 30 * MINUTE)
    assert next_words(alert, now=NOW) == 'If nobody takes it by 10:00, the whole team is told.'
    alert = working.acknowledge(alert=alert, by=rosa.user, now=NOW + 31 * MINUTE)
    assert next_words(alert, now=NOW) == 'If nothing more happens by 10:31, it comes back to the list.'
    alert = working.resolve(alert=alert, by=rosa.user, now=NOW + 40 * MINUTE, outcome='no_action')
    assert next_words(alert, now=NOW) == ''


def test_the_end_of_a_same_day_ladder_is_told(ana: Patient, grace: Membership) -> None:
    alert = armed(open_alert(ana, tier='same_day', minutes=240))
    for hours in (2, 4, 5):
        alert = after(alert, hours * HOUR)
    assert next_words(alert, now=NOW) == 'If nobody takes it by 16:00, it moves to the review list.'
    alert = after(alert, 7 * HOUR)
    assert next_words(alert, now=NOW).startswith('Everybody on the ladder was told.')
    assert last_words(alert).startswith('Everybody was told and nobody took it')


def test_after_the_last_round_red_is_told_again(ana: Patient, grace: Membership) -> None:
    alert = open_alert(ana, tier='emergency', step=0, round=3, due_at=NOW)
    assert next_words(after(alert, HOUR), now=NOW + HOUR) == 'If nobody takes it by 11:00, the lead is told again.'


@pytest.mark.parametrize(
    ('minutes', 'words'), [(1, '1 minute'), (45, '45 minutes'), (60, '1 hour'), (90, '1 hour and 30 minutes')]
)
def test_spans_are_told_as_people_say_them(minutes: int, words: str) -> None:
    assert span_words(minutes) == words


@pytest.mark.usefixtures('now')
def test_the_page_shows_both(ana: Patient, rosa: Membership, tom: Membership) -> None:
    alert = armed(open_alert(ana, tier='emergency', minutes=5))
    alert = after(alert, 5 * MINUTE)
    page = client_of(rosa).get(f'/alerts/{alert.public_id}/').content.decode()
    assert 'Told Rosa Diaz and Tom Weber (team)' in page
    assert 'If nobody takes it by 9:10, the lead is told.' in page
