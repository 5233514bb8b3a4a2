"""The hand-over: everything the next shift must know, since when, and at a constant cost."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert, AlertState, OnCallShift, Snooze
from alerts.pages.handover import Handover, handover_of
from alerts.services import silences, working
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import FEVER, TIRED, alert_of, open_alert, told_us
from tests.alerts.test_silent_page import go_silent
from tests.cast import NOW, SHARP, client_of
from tests.diary.conftest import give_dose

pytestmark = pytest.mark.usefixtures('content', 'now')
HOUR = timedelta(hours=1)


def shift(nurse: Membership, *, now: datetime = NOW, hours: int | None = None) -> Handover:
    return handover_of(nurse.clinic, user=nurse.user, now=now, hours=hours)


def on_call(nurse: Membership, weekday: int, starts: int, to: int, ends: int) -> None:
    OnCallShift.objects.create(
        clinic=nurse.clinic,
        membership=nurse,
        starts_weekday=weekday,
        starts=time(starts),
        ends_weekday=to,
        ends=time(ends),
    )


def snooze(alert: Alert, nurse: Membership) -> Snooze:
    working.acknowledge(alert=alert, by=nurse.user, now=NOW - HOUR)
    until = NOW + timedelta(days=2)
    Alert.objects.filter(pk=alert.pk).update(state=AlertState.SNOOZED, snoozed_until=until, due_at=until)
    return Snooze.objects.create(
        alert=alert,
        patient=alert.patient,
        clinic=alert.clinic,
        expected={'rules': [], 'symptoms': {}},
        reason='Known since spring, the cream helps',
        by=nurse.user,
        at=NOW - HOUR,
        until=until,
    )


# -- since when -----------------------------------------------------------------------------------------------------------
def test_it_begins_with_the_last_hand_over_of_the_plan(rosa: Membership, tom: Membership) -> None:
    on_call(tom, 6, 20, 0, 7)
    on_call(rosa, 0, 7, 0, 20)
    found = shift(rosa)
    assert found.since == SHARP - 2 * HOUR  # Monday 7:00 in New York
    assert (found.plan.now, found.plan.next) == ((rosa,), ())


def test_without_a_plan_it_is_the_last_twelve_hours_and_it_can_be_chosen(rosa: Membership) -> None:
    assert shift(rosa).since == NOW - 12 * HOUR
    assert shift(rosa, hours=72).since == NOW - 72 * HOUR
    assert client_of(rosa).get('/hand-over/?hours=24').status_code == 200
    assert client_of(rosa).get('/hand-over/?hours=5').status_code == 404


# -- what is in it --------------------------------------------------------------------------------------------------------
def test_every_alert_stands_where_it_belongs(
    riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership, tom: Membership
) -> None:
    waits = open_alert(ana, tier='same_day', at=NOW - HOUR)
    worse = open_alert(ben, tier='emergency', at=NOW - HOUR / 2)
    cara, dora, emil = (cast.make_patient(riverside, name) for name in ('Cara Lee', 'Dora Lin', 'Emil Roth'))
    mine = open_alert(cara, at=NOW - 3 * HOUR)
    working.note_contact(alert=mine, by=tom.user, now=NOW - 2 * HOUR, reached=True, note='Drinks enough.')
    hidden = snooze(open_alert(dora, tier='same_day', at=NOW - 2 * HOUR), rosa)
    ended = open_alert(emil, at=NOW - 5 * HOUR)
    working.resolve(alert=ended, by=tom.user, now=NOW - 4 * HOUR, outcome='appointment', note='Tomorrow at 10.')
    before = open_alert(emil, tier='same_day', at=NOW - 50 * HOUR)
    working.resolve(alert=before, by=tom.user, now=NOW - 49 * HOUR, outcome='self_care')
    found = shift(rosa)
    assert [row.alert for row in found.waiting] == [worse, waits]
    assert [(row.alert, row.note.note if row.note else '') for row in found.in_hand] == [(mine, 'Drinks enough.')]
    assert [(each.row.alert, each.reason) for each in found.snoozed] == [(hidden.alert, hidden.reason)]
    assert [(row.alert, row.note.note if row.note else '') for row in found.resolved] == [(ended, 'Tomorrow at 10.')]
    text = client_of(rosa).get('/hand-over/').content.decode()
    for words in ('Drinks enough.', 'Known since spring', 'Appointment', 'Tomorrow at 10.', 'Tom Weber', 'Emil Roth'):
        assert words in text


def test_expected_calls_come_first_by_time(ana: Patient, ben: Patient, rosa: Membership) -> None:
    for patient, hours in ((ana, 5), (ben, 1)):
        alert = open_alert(patient, at=NOW - HOUR)
        working.acknowledge(alert=alert, by=rosa.user, now=NOW)
        Alert.objects.filter(pk=alert.pk).update(call_back_at=NOW + hours * HOUR)
    assert [row.alert.patient for row in shift(rosa).call_backs] == [ben, ana]
    assert 'call Mon 16 Nov, 10:00' in client_of(rosa).get('/hand-over/').content.decode()


def test_only_the_last_note_of_each_alert_is_told(ana: Patient, rosa: Membership) -> None:
    alert = open_alert(ana)
    working.add_note(alert=alert, by=rosa.user, now=NOW, note='The first.')
    working.add_note(alert=alert, by=rosa.user, now=NOW, note='The second.')
    (row,) = shift(rosa).waiting
    assert row.note is not None
    assert row.note.note == 'The second.'


def test_silent_patients_and_who_of_them_was_reached(ana: Patient, ben: Patient, rosa: Membership) -> None:
    go_silent(ana, rosa)
    silences.reached(silence=go_silent(ben, rosa), by=rosa.user, now=NOW, note='Was at the sea.')
    found = shift(rosa)
    assert [row.silence.patient for row in found.silent] == [ana]
    assert [each.patient for each in found.reached] == [ben]
    text = client_of(rosa).get('/hand-over/').content.decode()
    assert 'Was at the sea.' in text
    assert 'Rule C06' in text


def test_entries_that_nobody_has_checked_are_said_first(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER, at=NOW - HOUR, check=False)
    assert shift(rosa).unchecked.count == 1
    text = client_of(rosa).get('/hand-over/').content.decode()
    assert '1 entry is not checked yet.' in text
    assert text.index('not checked yet') < text.index('Waiting: nobody has it')


def test_a_quiet_shift_says_none_and_nobody_on_call_is_said(rosa: Membership) -> None:
    Membership.objects.update(on_call=False)
    text = client_of(rosa).get('/hand-over/').content.decode()
    assert text.count('None.') == 6
    assert 'Nobody is on call' in text


def test_the_drill_and_other_clinics_are_not_in_it(ana: Patient, olga: Patient, rosa: Membership) -> None:
    open_alert(olga)
    open_alert(ana, is_drill=True)
    Patient.objects.filter(pk=ana.pk).update(is_drill=True)
    assert shift(rosa).waiting == ()


def test_it_costs_the_same_however_much_happened(ana: Patient, rosa: Membership, riverside: Clinic) -> None:
    give_dose(ana, 'cytokine', days_ago=3, by=rosa.user)
    snooze(alert_of(told_us(ana, TIRED, at=NOW - 2 * HOUR), 'same_day'), rosa)
    go_silent(cast.make_patient(riverside, 'Silent Sue'), rosa)
    few = cost(lambda: shift(rosa))
    for n in range(5):
        patient = cast.make_patient(riverside, f'Patient{n} Miller')
        told_us(patient, FEVER)
        working.add_note(alert=alert_of(told_us(patient, FEVER)), by=rosa.user, now=NOW, note='Seen.')
        go_silent(cast.make_patient(riverside, f'Silent{n} Miller'), rosa)
    assert cost(lambda: shift(rosa)) <= few


def cost(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)
