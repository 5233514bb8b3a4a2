"""Each channel against a receiver on this machine: what arrives, what a refusal means, and whom a member cannot make us call."""

import json
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings

from alerts.channels import CHANNELS, Message, SendFailed, email, other, push, sms
from alerts.channels.base import http_failure
from alerts.models import Alert, ContactWay, Notification
from alerts.services import notifying
from clinic.models import Membership, Patient
from config.checks import channels_are_set_up
from config.embedded.push_key import new_push_key
from tests.alerts.conftest import open_alert
from tests.cast import NOW
from tests.catchers import HOST, Caught, Device, Mailbox, mail_server, web_server

SECRETS = ('Ana', 'Morales', 'R-1001', 'fever', 'infection', 'urgent', 'Riverside', 'patient')
MESSAGE = Message(path='/alerts/7/')
NUMBER = '+12125550142'
HOSTED = list(django_settings.OTHER_SERVICES)  # as it is when nobody says otherwise


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server() as box:
        settings.EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend'
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = HOST, box.port, False
        yield box


@pytest.fixture
def web(settings: Any) -> Iterator[Caught]:
    """A web server that plays the text message service, a member's other service and the browsers' push service."""
    with web_server() as caught:
        settings.SMS_URL = f'json://{HOST}:{caught.port}/sms/{{number}}'
        settings.OTHER_SERVICES = ['json']
        settings.PUSH_SERVICES = [caught.origin]
        settings.VAPID_PRIVATE_KEY = new_push_key()
        yield caught


@pytest.fixture(autouse=True)
def base_url(settings: Any) -> None:
    settings.BASE_URL = 'https://vigil.example/'


def failure_of(channel: str, address: str) -> SendFailed:
    with pytest.raises(SendFailed) as told:
        CHANNELS[channel].send(address, MESSAGE)
    assert address not in str(told.value)
    return told.value


# -- what arrives ------------------------------------------------------------------------------------------------------
def test_an_e_mail_arrives(mailbox: Mailbox) -> None:
    email.send('rosa@example.com', MESSAGE)
    assert mailbox.to() == ['rosa@example.com']
    assert mailbox.mails[0]['Subject'] == 'Vigil: something needs you now'
    assert b'https://vigil.example/alerts/7/' in mailbox.raw[0]


def test_a_notice_arrives_on_the_device_and_only_the_device_can_read_it(web: Caught) -> None:
    device = Device(web)
    push.send(device.subscription, MESSAGE)
    assert device.notices() == [{'title': 'Vigil: something needs you now', 'url': 'https://vigil.example/alerts/7/'}]
    _path, headers, body = web.posts[0]
    assert b'vigil.example' not in body
    assert (headers['Urgency'], headers['Content-Encoding']) == ('high', 'aes128gcm')
    assert headers['Authorization'].startswith('vapid t=')


def test_a_text_message_arrives_at_the_number(web: Caught) -> None:
    sms.send(NUMBER, MESSAGE)
    assert web.paths == ['/sms/12125550142']
    said = json.loads(web.posts[0][2])
    assert (said['title'], said['message']) == ('Vigil: something needs you now', 'https://vigil.example/alerts/7/')


def test_a_message_arrives_at_another_service(web: Caught) -> None:
    other.send(f'json://{HOST}:{web.port}/rosas-own', MESSAGE)
    assert web.paths == ['/rosas-own']


def test_a_mail_service_takes_the_place_of_the_mail_server(web: Caught, settings: Any) -> None:
    settings.EMAIL_BACKEND = 'anymail.backends.postmark.EmailBackend'
    settings.ANYMAIL = {'POSTMARK_SERVER_TOKEN': 'x', 'POSTMARK_API_URL': web.origin}
    web.answers, web.says = [200], b'{"ErrorCode": 0, "Message": "OK", "To": "rosa@example.com", "MessageID": "1"}'
    email.send('rosa@example.com', MESSAGE)
    assert json.loads(web.posts[0][2])['Subject'] == 'Vigil: something needs you now'


@pytest.mark.django_db
def test_nothing_about_the_patient_is_in_any_of_them(
    mailbox: Mailbox, web: Caught, ana: Patient, rosa: Membership
) -> None:
    """The bytes that went over the wire, by each channel, about an alert whose patient and symptom would show."""
    device = Device(web)
    alert = open_alert(ana)
    ways = {'push': device.subscription, 'sms': NUMBER, 'other': f'json://{HOST}:{web.port}/own', 'email': None}
    for name, address in ways.items():
        ContactWay.objects.all().delete()
        if address:
            ContactWay.objects.create(user=rosa.user, channel=name, address=address, added_at=NOW)
        tell(alert, rosa, key=name)
        assert notifying.deliver_due(now=NOW) == 1
    assert list(Notification.objects.order_by('pk').values_list('channel', flat=True)) == list(ways)
    bodies = [body.decode() for path, _headers, body in web.posts if path != '/device-1']
    texts = [*bodies, json.dumps(device.notices()), mailbox.raw[0].decode()]
    assert len(texts) == 4
    for text in texts:
        assert str(alert.public_id) in text
        for secret in (*SECRETS, str(ana.public_id)):
            assert secret.lower() not in text.lower()


def tell(alert: Alert, *people: Membership, key: str) -> int:
    return notifying.tell(
        key=key,
        people=[person.user for person in people],
        path=f'/alerts/{alert.public_id}/',
        event=alert.events.get(),
        now=NOW,
    )


# -- what a refusal means ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ('answer', 'permanent'),
    [('550 no such user', True), ('452 mailbox full', False), ('421 busy', False), ('553 not here', True)],
)
def test_a_mail_server_refuses_for_good_or_for_now(mailbox: Mailbox, answer: str, permanent: bool) -> None:
    mailbox.answers = [answer]
    assert failure_of('email', 'rosa@example.com').permanent is permanent
    assert mailbox.mails == []


def test_a_mail_server_that_is_away_may_come_back(settings: Any, mailbox: Mailbox) -> None:
    settings.EMAIL_PORT = 1
    assert failure_of('email', 'rosa@example.com').permanent is False


@pytest.mark.parametrize(
    ('error', 'permanent'),
    [
        (smtplib.SMTPAuthenticationError(535, b'no'), False),
        (smtplib.SMTPSenderRefused(550, b'no', 'x'), False),
        (smtplib.SMTPDataError(554, b'no'), False),
        (smtplib.SMTPConnectError(554, b'no'), False),
        (smtplib.SMTPRecipientsRefused({'rosa@example.com': (550, b'no')}), True),
        (smtplib.SMTPServerDisconnected(), False),
        (TimeoutError(), False),
    ],
)
def test_our_own_sign_in_sender_or_server_is_not_the_recipients_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception, permanent: bool
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr('django.core.mail.EmailMessage.send', refuse)
    assert failure_of('email', 'rosa@example.com').permanent is permanent


@pytest.mark.parametrize(('status', 'permanent'), [(422, True), (401, False), (429, False), (500, False)])
def test_a_mail_service_refuses_for_good_or_for_now(web: Caught, settings: Any, status: int, permanent: bool) -> None:
    settings.EMAIL_BACKEND = 'anymail.backends.postmark.EmailBackend'
    settings.ANYMAIL = {'POSTMARK_SERVER_TOKEN': 'x', 'POSTMARK_API_URL': web.origin}
    web.answers = [status]
    failure = failure_of('email', 'rosa@example.com')
    assert (failure.code, failure.permanent) == (f'HTTP {status}', permanent)


STATUSES = [(404, True), (410, True), (400, True), (401, False), (403, False), (429, False), (500, False), (503, False)]


@pytest.mark.parametrize(('status', 'permanent'), STATUSES)
@pytest.mark.parametrize('channel', ['push', 'sms', 'other'])
def test_a_service_refuses_for_good_or_for_now(web: Caught, channel: str, status: int, permanent: bool) -> None:
    web.answers = [status]
    failure = failure_of(channel, address_at(web, channel))
    assert (failure.code, failure.permanent) == (f'HTTP {status}', permanent)
    assert len(web.posts) == 1


def address_at(web: Caught, channel: str) -> str:
    return {'push': Device(web).subscription, 'sms': NUMBER, 'other': f'json://{HOST}:{web.port}/own'}[channel]


@pytest.mark.parametrize(('channel', 'path'), [('push', '/device-1'), ('sms', '/sms/12125550142'), ('other', '/own')])
def test_a_service_that_hangs_may_come_back(
    web: Caught, channel: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ('push', 'services'):
        monkeypatch.setattr(f'alerts.channels.{module}.READ_SECONDS', 0.3)
    web.hangs = {path}
    assert failure_of(channel, address_at(web, channel)).permanent is False


@pytest.mark.parametrize('channel', ['push', 'sms', 'other'])
def test_a_service_that_is_away_may_come_back(web: Caught, channel: str, settings: Any) -> None:
    address = address_at(web, channel).replace(str(web.port), '1')
    settings.SMS_URL, settings.PUSH_SERVICES = f'json://{HOST}:1/{{number}}', [f'http://{HOST}:1']
    assert failure_of(channel, address).permanent is False


def test_every_http_status_is_for_good_or_for_now() -> None:
    assert [status for status in range(400, 600) if not http_failure(status).permanent] == [
        *(401, 402, 403, 408, 425, 429),
        *range(500, 600),
    ]


# -- whom a member cannot make us call ---------------------------------------------------------------------------------
@pytest.mark.parametrize('scheme', ['json', 'jsons', 'xml', 'form', 'ntfy', 'apprise', 'mailto', 'matrix', 'syslog'])
def test_a_service_at_a_host_of_ones_own_choice_is_not_taken(web: Caught, settings: Any, scheme: str) -> None:
    settings.OTHER_SERVICES = HOSTED
    address = f'{scheme}://{HOST}:{web.port}/inside'
    assert not other.reaches(address)
    assert not other.is_understood(address)
    assert failure_of('other', address).permanent is True
    assert web.posts == []


def test_a_known_service_is_taken(settings: Any) -> None:
    settings.OTHER_SERVICES = HOSTED
    assert other.is_understood('tgram://123456789:abcdefghijklmnopqrstuvwxyz/12345/')
    assert not other.is_understood('tgram://')
    assert not other.is_understood('no address at all')


@pytest.mark.parametrize(
    'endpoint',
    [
        'http://169.254.169.254/latest/',
        'https://evil.example/',
        'https://evil.example/fcm.googleapis.com',
        'https://evil.example#.push.apple.com/',
        'https://user@fcm.googleapis.com/',
        'https://evil.example\\.push.apple.com/',
        'http://fcm.googleapis.com/',
        '',
    ],
)
def test_a_push_service_that_is_no_browsers_is_not_called(web: Caught, settings: Any, endpoint: str) -> None:
    settings.PUSH_SERVICES = ['https://fcm.googleapis.com', 'https://*.push.apple.com']
    address = json.dumps(json.loads(Device(web).subscription) | {'endpoint': endpoint})
    assert not push.reaches(address)
    assert failure_of('push', address).permanent is True


@pytest.mark.parametrize('address', ['', 'x', '[]', '{}', '{"endpoint": 3}', 'null'])
def test_what_is_no_subscription_is_not_taken(web: Caught, address: str) -> None:
    assert not push.reaches(address)


def test_a_subscription_without_its_keys_is_given_up(web: Caught) -> None:
    address = json.dumps({'endpoint': f'{web.origin}/x', 'keys': {'p256dh': 'x', 'auth': 'y'}})
    with pytest.raises(SendFailed) as told:
        push.send(address, MESSAGE)
    assert told.value.permanent is True


@pytest.mark.parametrize('channel', ['push', 'sms', 'other'])
def test_a_redirect_is_not_followed(web: Caught, channel: str) -> None:
    web.answers = [307, 307]
    failure_of(channel, address_at(web, channel))
    assert '/elsewhere' not in web.paths


@pytest.mark.parametrize('number', ['', '5550142', '+1', '+12125550142/../admin', 'Ana', '+1 212 555 0142'])
def test_only_a_whole_number_gets_a_text_message(web: Caught, number: str) -> None:
    assert not sms.reaches(number)
    with pytest.raises(SendFailed) as told:
        sms.send(number, MESSAGE)
    assert told.value.permanent
    assert web.posts == []


def test_a_text_message_without_a_service_is_not_the_numbers_fault(web: Caught, settings: Any) -> None:
    settings.SMS_URL = ''
    assert not failure_of('sms', NUMBER).permanent


def test_what_is_not_set_up_reaches_nobody(web: Caught, settings: Any) -> None:
    device = Device(web)
    settings.SMS_URL = settings.VAPID_PRIVATE_KEY = ''
    assert not sms.reaches(NUMBER)
    assert not push.reaches(device.subscription)
    assert push.public_key() == ''


# -- what is said ------------------------------------------------------------------------------------------------------
def test_a_message_says_how_many_things_wait_and_what_is_a_drill_or_a_test() -> None:
    assert Message(path='/').title == 'Vigil: something needs you now'
    assert Message(path='/', count=50).title == 'Vigil: 50 things need you now'
    assert 'drill' in Message(path='/', drill=True).title
    assert 'test' in Message(path='/', test=True).title


def test_what_apprise_says_of_tokens_and_numbers_is_in_no_log(web: Caught, capfd: pytest.CaptureFixture[str]) -> None:
    web.answers = [500]
    failure_of('sms', NUMBER)
    assert not other.is_understood('json://')
    assert '2125550142' not in ''.join(capfd.readouterr())


@pytest.mark.parametrize(
    ('name', 'value', 'told'),
    [
        ('SMS_URL', 'twilio://x', 'vigil.E010'),
        ('VAPID_PRIVATE_KEY', 'x', 'vigil.E011'),
        ('SMS_URL', 'a://{number}', ''),
    ],
)
def test_a_channel_that_could_not_work_is_told_at_the_start(settings: Any, name: str, value: str, told: str) -> None:
    setattr(settings, name, value)
    assert [error.id for error in channels_are_set_up(None)] == ([told] if told else [])
