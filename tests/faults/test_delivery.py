"""Delivery on real processes: a worker killed at every step, two senders, a channel that hangs. Real messages are counted."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone

from alerts.models import Alert, ContactWay, Evaluation, Notification
from alerts.services import notifying, working
from clinic.models import Membership, Patient
from config.embedded import paths
from config.embedded.push_key import new_push_key
from tests import cast
from tests.alerts.conftest import open_alert, told_us
from tests.catchers import HOST, Caught, Device, Mailbox, mail_server, web_server
from tests.live import Stack, eventually, stack

pytestmark = pytest.mark.timeout(280)
FEVER: dict[str, dict[str, Any]] = {'FEVER': {'celsius': 38.6, 'severity': 2}}
NUMBER = '+12125550142'


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def web(settings: Any) -> Iterator[Caught]:
    with web_server() as caught:
        settings.SMS_URL = f'json://{HOST}:{caught.port}/sms/{{number}}'
        settings.PUSH_SERVICES, settings.VAPID_PRIVATE_KEY = [caught.origin], new_push_key()
        yield caught


@pytest.fixture
def env(mailbox: Mailbox, web: Caught, settings: Any) -> dict[str, str]:
    """What the processes are told: the receivers of this test are the mail server and the services."""
    return {
        'EMAIL_URL': mailbox.url,
        'SMS_URL': settings.SMS_URL,
        'PUSH_SERVICES': web.origin,
        'VAPID_PRIVATE_KEY': settings.VAPID_PRIVATE_KEY,
        'DEBUG': 'true',
    }


@pytest.fixture
def rosa(ward: list[Patient]) -> Membership:
    return ward[0].clinic.memberships.get()


@pytest.fixture
def nurses(ward: list[Patient]) -> list[Membership]:
    return [cast.make_member(ward[0].clinic, f'N{number} Lee') for number in range(20)]


def tell(alert: Alert, *people: Membership) -> None:
    event = alert.events.get()
    notifying.tell(
        key=f'event:{event.pk}',
        people=[person.user for person in people],
        path=f'/alerts/{alert.public_id}/',
        event=event,
        now=timezone.now(),
    )


def alert_of(patient: Patient) -> Alert:
    now = timezone.now()
    return open_alert(patient, at=now, due_at=now + timedelta(hours=1))


def ask(live: Stack, task: str = 'sweep_notifications') -> None:
    """What beat does, when the test wants it."""
    with Celery(broker=paths.broker_url(live.env['REDIS_URL'])) as app:
        app.send_task(f'alerts.tasks.{task}', queue='urgent', ignore_result=True)


def let_the_lease_end() -> None:
    Notification.objects.filter(status='waiting').update(next_try_at=timezone.now())


def none_waits() -> bool:
    return not Notification.objects.filter(status='waiting').exists()


def crash(live: Stack) -> None:
    """Start a worker that dies at its point, make it come there, and put a healthy one in its place."""
    live.start('worker')
    ask(live)
    eventually(lambda: 'SIGKILL' in live.log('worker'), within=90, what='the crash')
    live.kill('worker')


def recover(live: Stack) -> None:
    live.env.pop('VIGIL_DIE_AT')
    let_the_lease_end()
    live.start('worker')
    ask(live)
    eventually(none_waits, within=90, what='delivering what the crash left')


# What a crash at each point leaves: (the row's status, mails that arrived by then, mails that arrived in the end)
POINTS = {
    'notify.leased': ('waiting', 0, 1),
    'notify.sent': ('waiting', 1, 2),  # nobody can know whether it arrived: told twice is better than not at all
    'notify.marked': ('sent', 1, 1),
}


@pytest.mark.parametrize('point', POINTS)
def test_a_worker_killed_at_any_step_loses_no_message(
    ward: list[Patient], rosa: Membership, mailbox: Mailbox, env: dict[str, str], point: str
) -> None:
    status, by_then, in_the_end = POINTS[point]
    tell(alert_of(ward[0]), rosa)
    with stack(**env, VIGIL_DIE_AT=point) as live:
        crash(live)
        assert (Notification.objects.get().status, len(mailbox.mails)) == (status, by_then)
        recover(live)
    assert Notification.objects.get().status == 'sent'
    assert len(mailbox.mails) == in_the_end


def test_a_worker_killed_while_it_gives_a_way_up_takes_the_next_one_once(
    ward: list[Patient], rosa: Membership, mailbox: Mailbox, web: Caught, env: dict[str, str]
) -> None:
    way = ContactWay.objects.create(user=rosa.user, channel='sms', address=NUMBER, added_at=timezone.now())
    web.answers = [410] * 9
    tell(alert_of(ward[0]), rosa)
    with stack(**env, VIGIL_DIE_AT='notify.before_failed') as live:
        crash(live)
        assert list(Notification.objects.values_list('channel', 'status')) == [('sms', 'waiting')]
        recover(live)
    way.refresh_from_db()
    assert way.broken_at is not None
    assert list(Notification.objects.order_by('pk').values_list('channel', 'status')) == [
        ('sms', 'failed'),
        ('email', 'sent'),
    ]
    assert len(mailbox.mails) == 1


def test_two_senders_at_once_send_each_message_once(
    ward: list[Patient], nurses: list[Membership], mailbox: Mailbox, env: dict[str, str]
) -> None:
    for patient in ward[:3]:
        tell(alert_of(patient), *nurses)
        Notification.objects.filter(rank=1).update(rank=patient.pk % 9 + 2)
    code = (
        'from django.utils import timezone as t; from alerts.services import notifying as n; n.deliver_due(now=t.now())'
    )
    argv = [sys.executable, 'manage.py', 'shell', '--no-imports', '-c', code]
    with stack(**env) as live:
        senders = [subprocess.Popen(argv, env=live.env, cwd=paths.REPO) for _ in range(2)]
        assert [sender.wait(timeout=120) for sender in senders] == [0, 0]
    assert set(Notification.objects.values_list('status', 'attempts')) == {('sent', 1)}
    assert set(Counter(mailbox.to())) == {nurse.user.email for nurse in nurses}
    # Each nurse had three rows. Two senders may each take some of them, but no row twice.
    assert 20 <= len(mailbox.mails) <= 60
    assert sum(_counted(str(mail['Subject'])) for mail in mailbox.mails) == 60


def _counted(subject: str) -> int:
    """ "Vigil: 3 things need you now" tells of three."""
    return next((int(word) for word in subject.split() if word.isdigit()), 1)


def test_a_mail_server_that_hangs_holds_back_no_text_message_and_no_evaluation(
    ward: list[Patient], rosa: Membership, nurses: list[Membership], mailbox: Mailbox, web: Caught, env: dict[str, str]
) -> None:
    """It is silent for a minute. Meanwhile a text message goes out and an entry is checked; afterwards every mail arrives."""
    ContactWay.objects.create(user=rosa.user, channel='sms', address=NUMBER, added_at=timezone.now())
    mailbox.hangs = {nurse.user.email for nurse in nurses}
    tell(alert_of(ward[0]), *nurses)
    with stack('worker', **env) as live:
        ask(live)
        eventually(lambda: mailbox.begun, what='the first mail that hangs')
        tell(alert_of(ward[1]), rosa)
        told_us(ward[2], FEVER, at=timezone.now(), check=False)
        eventually(asking(live, 'sweep_pending', all_checked), within=60, what='the evaluation')
        texted = asking(live, 'sweep_notifications', lambda: '/sms/12125550142' in web.paths)
        eventually(texted, within=60, what='the text message')
        eventually(
            lambda: Notification.objects.filter(channel='email').exclude(error='').exists(), within=60, what='giving up'
        )
        assert mailbox.mails == []
        mailbox.hangs.clear()
        eventually(asking(live, 'sweep_notifications', none_waits), within=150, what='delivering every mail')
    assert mailbox.to() == sorted(nurse.user.email for nurse in nurses)


def asking(live: Stack, task: str, truth: Callable[[], bool]) -> Callable[[], bool]:
    """`truth`, with the task asked for again every second, as beat does."""

    def look() -> bool:
        ask(live, task)
        time.sleep(1)
        return truth()

    return look


def all_checked() -> bool:
    return not Evaluation.objects.filter(pending_since__isnull=False).exists()


def test_one_recipient_who_hangs_holds_back_nobody_else(
    ward: list[Patient], rosa: Membership, nurses: list[Membership], mailbox: Mailbox, env: dict[str, str]
) -> None:
    mailbox.hangs = {rosa.user.email}
    tell(alert_of(ward[0]), rosa, *nurses)
    with stack('worker', **env) as live:
        ask(live)
        eventually(lambda: len(mailbox.mails) == 20, within=60, what='telling the others')
    assert rosa.user.email not in mailbox.to()
    assert Notification.objects.exclude(status='sent').get().recipient == rosa.user


def test_what_was_acknowledged_between_writing_and_sending_is_not_sent(
    ward: list[Patient], rosa: Membership, nurses: list[Membership], mailbox: Mailbox, env: dict[str, str]
) -> None:
    """Rows are written while there is no worker; one alert is acknowledged before there is one."""
    taken, waiting = alert_of(ward[0]), alert_of(ward[1])
    tell(taken, *nurses)
    tell(waiting, rosa)
    working.acknowledge(alert=taken, by=rosa.user, now=timezone.now())
    with stack('worker', **env) as live:
        ask(live)
        eventually(none_waits, within=60, what='the sweep')
    assert mailbox.to() == [rosa.user.email]
    assert Counter(Notification.objects.values_list('status', flat=True)) == {'not_needed': 20, 'sent': 1}


def test_messages_go_from_way_to_way_until_one_works(
    ward: list[Patient], rosa: Membership, mailbox: Mailbox, web: Caught, env: dict[str, str]
) -> None:
    """The phone's subscription is gone, the number is refused, the mail arrives; fifty news make one message each time."""
    device = Device(web)
    for position, (channel, address) in enumerate((('push', device.subscription), ('sms', NUMBER))):
        ContactWay.objects.create(
            user=rosa.user, channel=channel, address=address, position=position, added_at=timezone.now()
        )
    web.answers = [410, 404]
    extra = [cast.make_patient(ward[0].clinic, f'More{number} Miller', user=False) for number in range(30)]
    for patient in [*ward, *extra]:
        tell(alert_of(patient), rosa)
    with stack('worker', **env) as live:
        ask(live)
        eventually(none_waits, within=90, what='delivering')
    assert web.paths == ['/device-1', '/sms/12125550142']
    assert device.notices()[0]['title'] == 'Vigil: 50 things need you now'
    assert [str(mail['Subject']) for mail in mailbox.mails] == ['Vigil: 50 things need you now']
    assert Counter(Notification.objects.values_list('channel', 'status')) == {
        ('push', 'failed'): 50,
        ('sms', 'failed'): 50,
        ('email', 'sent'): 50,
    }


def test_when_no_way_works_the_ladder_climbs_at_once(
    ward: list[Patient], rosa: Membership, mailbox: Mailbox, env: dict[str, str]
) -> None:
    mailbox.answers = ['550 no such user']
    alert = alert_of(ward[0])
    before = alert.due_at
    tell(alert, rosa)
    with stack('worker', **env) as live:
        ask(live)
        eventually(none_waits, within=60, what='giving up')
    alert.refresh_from_db()
    assert Notification.objects.get().status == 'failed'
    assert before is not None
    assert alert.due_at is not None
    assert alert.due_at < before - timedelta(minutes=50)
