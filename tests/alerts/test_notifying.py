"""The outbox: everybody on call is told once, without a word about whom or why."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection

from alerts.channels import CHANNELS, Message, SendFailed, email
from alerts.models import Alert, AlertEvent, Notification
from alerts.services import notifying, outbox, working
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import open_alert
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def base_url(settings: Any) -> None:
    settings.BASE_URL = 'https://vigil.example/'


def opened(alert: Alert) -> AlertEvent:
    return alert.events.get(kind='opened')


def row() -> Notification:
    return Notification.objects.get()


def test_everybody_on_call_is_told_once(anas_alert: Alert, rosa: Membership, tom: Membership) -> None:
    assert notifying.announce(event=opened(anas_alert), now=NOW) == 1
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert (row().recipient, row().status) == (rosa.user, 'waiting')
    assert [notifying.deliver_due(now=NOW) for _ in range(2)] == [1, 0]
    assert [message.to for message in mail.outbox] == [['rosa@example.com']]


def test_when_nobody_is_on_call_everybody_is_told(ben: Patient, tom: Membership, grace: Membership) -> None:
    assert notifying.announce(event=opened(open_alert(ben)), now=NOW) == 2


def test_nobody_of_another_clinic_is_told(anas_alert: Alert, sam: Membership) -> None:
    Membership.objects.filter(pk=sam.pk).update(on_call=True)
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert row().recipient != sam.user


def test_who_left_is_not_told(anas_alert: Alert, rosa: Membership, riverside: Clinic) -> None:
    left = cast.make_member(riverside, 'Nina Ray', on_call=True, active=False)
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert not Notification.objects.filter(recipient=left.user).exists()


def test_a_same_day_alert_waits_for_the_worklist(ana: Patient) -> None:
    assert notifying.announce(event=opened(open_alert(ana, tier='same_day')), now=NOW) == 0


@pytest.mark.parametrize(('kind', 'told'), [('raised', 1), ('reopened', 1), ('joined', 0), ('noted', 0)])
def test_only_news_is_announced(anas_alert: Alert, kind: str, told: int) -> None:
    event = AlertEvent.objects.create(alert=anas_alert, kind=kind, at=NOW, state='open', tier='urgent')
    assert notifying.announce(event=event, now=NOW) == told


def test_the_message_holds_a_link_and_nothing_about_the_patient(anas_alert: Alert, ana: Patient) -> None:
    notifying.announce(event=opened(anas_alert), now=NOW)
    notifying.deliver_due(now=NOW)
    (message,) = mail.outbox
    text = f'{message.subject} {message.body}'
    assert f'https://vigil.example/alerts/{anas_alert.public_id}/' in text
    for secret in ('Ana', 'Morales', 'R-1001', 'fever', 'infection', 'urgent', str(ana.public_id)):
        assert secret.lower() not in text.lower()


def test_who_is_acknowledged_meanwhile_calls_nobody_out(anas_alert: Alert, tom: Membership) -> None:
    notifying.announce(event=opened(anas_alert), now=NOW)
    working.acknowledge(alert=anas_alert, by=tom.user, now=NOW)
    assert notifying.deliver_due(now=NOW) == 0
    assert (row().status, mail.outbox) == ('not_needed', [])


def test_an_old_message_is_not_needed_when_the_alert_came_back_with_its_own(anas_alert: Alert, tom: Membership) -> None:
    notifying.announce(event=opened(anas_alert), now=NOW)
    working.acknowledge(alert=anas_alert, by=tom.user, now=NOW)
    Alert.objects.filter(pk=anas_alert.pk).update(state='reopened')
    event = AlertEvent.objects.create(alert=anas_alert, kind='reopened', at=NOW, state='open', tier='urgent')
    notifying.announce(event=event, now=NOW)
    assert notifying.deliver_due(now=NOW) == 1
    assert dict(Notification.objects.values_list('event__kind', 'status')) == {
        'opened': 'not_needed',
        'reopened': 'sent',
    }


class Refusing:
    """A mail server that fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.tries = 0

    def reaches(self, person: object) -> bool:
        return True

    def send(self, person: object, message: object) -> None:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)


def with_server(monkeypatch: pytest.MonkeyPatch, *failures: Exception) -> Refusing:
    server = Refusing(*failures)
    monkeypatch.setitem(CHANNELS, 'email', server)
    return server


def test_a_passing_failure_is_tried_again_later(anas_alert: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    server = with_server(monkeypatch, SendFailed('SMTP 451', permanent=False))
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert notifying.deliver_due(now=NOW) == 0
    assert (row().status, row().error) == ('waiting', 'SMTP 451')
    assert notifying.deliver_due(now=NOW + timedelta(seconds=5)) == 0
    assert server.tries == 1
    assert notifying.deliver_due(now=NOW + timedelta(minutes=1)) == 1
    assert (row().status, row().error) == ('sent', '')


def test_a_permanent_failure_is_not_tried_again(anas_alert: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    server = with_server(monkeypatch, SendFailed('recipient refused', permanent=True))
    notifying.announce(event=opened(anas_alert), now=NOW)
    for hour in range(3):
        notifying.deliver_due(now=NOW + timedelta(hours=hour))
    assert (server.tries, row().status) == (1, 'failed')


def test_it_gives_up_in_the_end_and_says_so(anas_alert: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    server = with_server(monkeypatch, *[SendFailed('TimeoutError', permanent=False)] * 99)
    notifying.announce(event=opened(anas_alert), now=NOW)
    for hour in range(30):
        notifying.deliver_due(now=NOW + timedelta(hours=hour))
    assert (server.tries, row().status) == (outbox.TRIES, 'failed')


def test_a_sender_that_dies_mid_way_only_delays(anas_alert: Alert) -> None:
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert outbox.lease(now=NOW, channels=CHANNELS) == [row().pk]  # and here it dies; tests/faults kills a real one
    assert notifying.deliver_due(now=NOW) == 0
    assert notifying.deliver_due(now=NOW + outbox.LEASE) == 1


def test_one_failing_message_does_not_stop_the_others(
    anas_alert: Alert, tom: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    Membership.objects.filter(pk=tom.pk).update(on_call=True)
    with_server(monkeypatch, SendFailed('SMTP 550', permanent=True))
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert notifying.deliver_due(now=NOW) == 1
    assert sorted(Notification.objects.values_list('status', flat=True)) == ['failed', 'sent']


def test_a_message_that_breaks_its_channel_is_tried_again_and_keeps_nobody_elses_back(
    anas_alert: Alert, tom: Membership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Membership.objects.filter(pk=tom.pk).update(on_call=True)
    with_server(monkeypatch, ValueError('rosa@example.com'))
    notifying.announce(event=opened(anas_alert), now=NOW)
    assert notifying.deliver_due(now=NOW) == 1
    assert sorted(Notification.objects.values_list('status', flat=True)) == ['sent', 'waiting']
    assert 'rosa' not in caplog.text
    assert notifying.deliver_due(now=NOW + outbox.LEASE) == 1


def test_the_database_refuses_a_second_row_for_one_event_and_person(anas_alert: Alert, rosa: Membership) -> None:
    notifying.announce(event=opened(anas_alert), now=NOW)
    with pytest.raises(IntegrityError):
        Notification.objects.create(event=opened(anas_alert), recipient=rosa.user, channel='email', next_try_at=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_message_once(riverside: Clinic, ana: Patient) -> None:
    for name in ('Ada Lee', 'Eve Roy', 'Ida Poe'):
        cast.make_member(riverside, name, on_call=True)
    notifying.announce(event=opened(open_alert(ana)), now=NOW)
    barrier = Barrier(4)

    def send(_: int) -> int:
        try:
            barrier.wait(timeout=30)
            return notifying.deliver_due(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 4
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 4


@pytest.mark.parametrize(
    ('error', 'permanent'),
    [
        (smtplib.SMTPResponseException(451, b'busy'), False),
        (smtplib.SMTPSenderRefused(550, b'no', 'x'), True),
        (smtplib.SMTPRecipientsRefused({'x': (550, b'unknown')}), True),
        (smtplib.SMTPRecipientsRefused({'x': (450, b'later')}), False),
        (smtplib.SMTPServerDisconnected(), False),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
    ],
)
def test_the_channel_says_whether_another_try_can_help(
    rosa: Membership, monkeypatch: pytest.MonkeyPatch, error: Exception, permanent: bool
) -> None:
    def send(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr('django.core.mail.EmailMessage.send', send)
    with pytest.raises(SendFailed) as told:
        email.send(rosa.user.email, Message(path='/'))
    assert told.value.permanent is permanent
    assert 'rosa' not in str(told.value)
