"""Reminders: at her hour, by her way, quiet when it is done, and nothing about health in them."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction

from alerts.models import Channel, ContactWay, Notification
from alerts.services import promises
from alerts.services.notifying import RANK, deliver_due, tell
from alerts.services.outbox import lease
from alerts.services.reminding import remind_due
from clinic.models import Membership, Patient
from diary.models import DiaryPause, Reminder
from diary.services import reminders
from tests.cast import NOW, SHARP, client_of
from tests.diary.conftest import give_dose, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content', 'now')]
SIX = SHARP.replace(hour=23)  # 18:00 in New York
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def asked(ana: Patient, rosa: Membership) -> Reminder:
    """Ana is in treatment, wrote yesterday, and wants to be reminded at six."""
    give_dose(ana, 'checkpoint_inhibitor', days_ago=10, by=rosa.user)
    write(ana, {}, hours_ago=24)
    return reminders.choose(patient=ana, is_on=True, at=time(18), now=NOW)


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


def sent(moment: datetime) -> int:
    """How many messages leave when the sweeps run at a moment."""
    mail.outbox.clear()
    with at(moment):
        remind_due(now=moment)
        deliver_due(now=moment)
    return len(mail.outbox)


def test_she_is_reminded_at_her_hour_and_not_before(asked: Reminder, ana: Patient) -> None:
    assert asked.next_at == SIX
    assert sent(SIX - MINUTE) == 0
    assert sent(SIX) == 1
    message = mail.outbox[0]
    assert message.to == [ana.user.email]
    assert message.subject == 'Vigil: time for your diary'
    assert '/today/' in message.body
    asked.refresh_from_db()
    assert asked.next_at == SIX + DAY


def test_nothing_about_her_or_her_health_is_in_it(asked: Reminder, ana: Patient) -> None:
    assert sent(SIX) == 1
    text = f'{mail.outbox[0].subject} {mail.outbox[0].body}'.lower()
    for word in ('ana', 'morales', 'riverside', 'cancer', 'treatment', 'symptom', 'immuno', 'clinic'):
        assert word not in text, word


def test_whoever_has_written_is_left_in_peace(asked: Reminder, ana: Patient) -> None:
    write(ana, {}, hours_ago=-8)
    assert sent(SIX) == 0


def test_an_entry_that_comes_between_the_row_and_its_sending_stops_it(asked: Reminder, ana: Patient) -> None:
    with at(SIX):
        assert remind_due(now=SIX) == 1
        write(ana, {}, hours_ago=-9)
        mail.outbox.clear()
        deliver_due(now=SIX + MINUTE)
    assert mail.outbox == []
    assert Notification.objects.get(key__startswith='reminder:').status == 'not_needed'


def test_in_hospital_nobody_is_reminded(asked: Reminder, ana: Patient, rosa: Membership) -> None:
    today = NOW.date()
    DiaryPause.objects.create(
        patient=ana, from_on=today, until_on=today, reason='hospital', recorded_by=rosa.user, recorded_at=NOW
    )
    assert sent(SIX) == 0
    assert sent(SIX + DAY) == 1


def test_after_three_missed_days_her_team_looks_after_her_instead(asked: Reminder) -> None:
    assert [sent(SIX + days * DAY) for days in range(5)] == [1, 1, 1, 0, 0]


def test_two_sweeps_remind_once(asked: Reminder) -> None:
    assert (remind_due(now=SIX), remind_due(now=SIX)) == (1, 0)
    Reminder.objects.update(
        next_at=SIX
    )  # as if a worker had died between telling and planning, and its transaction were kept
    remind_due(now=SIX)
    assert Notification.objects.filter(key__startswith='reminder:').count() == 1


def test_one_that_fails_keeps_no_other_waiting(
    asked: Reminder, ben: Patient, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_dose(ben, 'checkpoint_inhibitor', days_ago=1, by=rosa.user)
    reminders.choose(patient=ben, is_on=True, at=time(18), now=NOW)
    Reminder.objects.filter(patient=asked.patient).update(next_at=SIX - MINUTE)  # the first in the row
    real = reminders_diary(monkeypatch, fails_for=asked.patient)
    assert remind_due(now=SIX) == 1
    assert Reminder.objects.get(pk=asked.pk).next_at == SIX - MINUTE
    real.undo()
    assert remind_due(now=SIX) == 1


def test_many_that_always_fail_take_nobodys_place(
    asked: Reminder, ben: Patient, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_dose(ben, 'checkpoint_inhibitor', days_ago=1, by=rosa.user)
    reminders.choose(patient=ben, is_on=True, at=time(18), now=NOW)
    Reminder.objects.filter(patient=asked.patient).update(next_at=SIX - DAY)  # the oldest, and it will fail
    reminders_diary(monkeypatch, fails_for=asked.patient)
    assert remind_due(now=SIX, limit=1) == 1
    assert Notification.objects.get(key__startswith='reminder:').recipient == ben.user


def reminders_diary(monkeypatch: pytest.MonkeyPatch, *, fails_for: Patient) -> pytest.MonkeyPatch:
    from alerts.services import reminding

    kept = reminding.diary_of

    def diary_of(patient: Patient, *, now: datetime) -> Any:
        if patient == fails_for:
            raise ValueError('made up')
        return kept(patient, now=now)

    monkeypatch.setattr(reminding, 'diary_of', diary_of)
    return monkeypatch


def test_no_alert_waits_behind_reminders(asked: Reminder, rosa: Membership) -> None:
    remind_due(now=SIX)
    tell(key='gap:1', people=[rosa.user], path='/', now=SIX + MINUTE)
    first, second = (
        Notification.objects.get(pk__in=lease(now=SIX + MINUTE, channels=[Channel.EMAIL])) for _ in range(2)
    )
    assert (first.recipient, second.recipient) == (rosa.user, asked.patient.user)
    assert second.rank > max(RANK.values())


def test_she_is_told_by_the_way_that_she_chose(asked: Reminder, ana: Patient, settings: Any) -> None:
    settings.SMS_URL = 'json://127.0.0.1:9/{number}'
    ContactWay.objects.create(user=ana.user, channel=Channel.SMS, address='+12125550177', added_at=NOW)
    assert remind_due(now=SIX) == 1
    assert Notification.objects.get(key__startswith='reminder:').channel == Channel.SMS


def test_a_reminder_that_fails_is_no_broken_promise_of_the_clinic(asked: Reminder) -> None:
    remind_due(now=SIX)
    Notification.objects.update(status='failed', created_at=SIX)
    assert promises.delivery(now=SIX + MINUTE).ok


def test_another_zone_shows_another_hour(asked: Reminder, ana: Patient, rosa: Membership) -> None:
    ana.time_zone = 'Europe/London'
    ana.save()
    reminders.replan(patient=ana, now=NOW)
    asked.refresh_from_db()
    assert asked.next_at == SHARP.replace(hour=18)


def test_on_without_a_time_cannot_be_stored(asked: Reminder) -> None:
    with pytest.raises(IntegrityError, match='reminder_on_has_a_time'), transaction.atomic():
        Reminder.objects.update(next_at=None)


# -- the page ------------------------------------------------------------------------------------------------------------
def test_she_chooses_on_her_page(ana: Patient) -> None:
    client = client_of(ana)
    assert 'Remind me each day' in client.get('/today/').content.decode()
    response = client.post('/me/reminder/', {'remind': 'yes', 'at': '07:30'}, follow=True)
    assert 'You will be reminded each day at 7:30' in response.content.decode()
    chosen = Reminder.objects.get(patient=ana)
    assert (chosen.is_on, chosen.at, chosen.next_at) == (True, time(7, 30), (SHARP + DAY).replace(hour=12, minute=30))
    assert 'Remind me each day' not in client.get('/today/').content.decode()
    client.post('/me/reminder/', {'remind': 'no', 'at': '07:30'})
    chosen.refresh_from_db()
    assert (chosen.is_on, chosen.next_at) == (False, None)


def test_another_number_takes_the_place_of_the_first(ana: Patient, settings: Any) -> None:
    settings.SMS_URL = 'json://127.0.0.1:9/{number}'
    client = client_of(ana)
    for number in ('+12125550177', '+12125550178', ''):
        assert client.post('/me/reminder/', {'remind': 'yes', 'at': '18:00', 'number': number}).status_code == 302
        left = list(ContactWay.objects.filter(user=ana.user, removed_at=None).values_list('address', flat=True))
        assert left == ([number] if number else [])


def test_a_time_that_is_none_is_told(ana: Patient) -> None:
    response = client_of(ana).post('/me/reminder/', {'remind': 'yes', 'at': '25:00'})
    assert response.status_code == 422
    assert 'Write a time, such as 18:30.' in response.content.decode()
    assert not Reminder.objects.exists()


def test_the_page_of_today_asks_what_the_reminder_asks(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=10, by=rosa.user)
    write(ana, {'FATIGUE': {'severity': 3}}, hours_ago=0)
    client = client_of(ana)
    assert 'That is enough for today.' in client.get('/today/').content.decode()
    with at(SIX):
        assert 'Today was hard.' in client_of(ana).get('/today/').content.decode()


# -- the evening after a hard day ----------------------------------------------------------------------------------------------


@pytest.fixture
def at_nine(asked: Reminder, ana: Patient) -> Reminder:
    """Ana wants to be reminded at nine in the morning."""
    return reminders.choose(patient=ana, is_on=True, at=time(9), now=NOW + MINUTE)


def test_after_a_hard_entry_the_reminder_looks_in_the_evening_too(at_nine: Reminder, ana: Patient) -> None:
    write(ana, {'NAUSEA': {'severity': 3}}, hours_ago=-1)  # at ten
    at_nine.refresh_from_db()
    assert at_nine.next_at == SIX
    assert sent(SIX) == 1
    at_nine.refresh_from_db()
    assert at_nine.next_at == SHARP + DAY
    assert sent(SIX + MINUTE) == 0


def test_a_calm_entry_changes_no_reminder(at_nine: Reminder, ana: Patient) -> None:
    write(ana, {'NAUSEA': {'severity': 2}}, hours_ago=-1)
    at_nine.refresh_from_db()
    assert at_nine.next_at == SHARP + DAY


def test_the_evening_has_a_reminder_of_its_own_beside_the_mornings(asked: Reminder, ana: Patient) -> None:
    reminders.choose(patient=ana, is_on=True, at=time(9, 30), now=NOW)
    assert sent(NOW + 30 * MINUTE) == 1
    write(ana, {'HIVES': {'present': True}}, hours_ago=-1)
    assert sent(SIX) == 1


def test_better_by_the_afternoon_it_keeps_quiet_in_the_evening(at_nine: Reminder, ana: Patient) -> None:
    write(ana, {'NAUSEA': {'severity': 3}}, hours_ago=-1)
    write(ana, {'NAUSEA': {'severity': 1}}, hours_ago=-5)
    assert sent(SIX) == 0
