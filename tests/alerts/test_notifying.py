"""The outbox: who is told by which way, once, together, and never of what somebody has in hand."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, OperationalError, connection, transaction

from alerts.channels import CHANNELS, Message, SendFailed
from alerts.models import Alert, AlertEvent, ContactWay, Heartbeat, Notification
from alerts.services import delivering, handing, notifying, outbox, working
from alerts.services.ways import remove_way
from alerts.tasks import sweep_notifications
from clinic.models import Clinic, Membership, Patient, User
from tests import cast
from tests.alerts.conftest import open_alert
from tests.cast import NOW

pytestmark = pytest.mark.django_db
NUMBER = '+12125550142'


@pytest.fixture(autouse=True)
def set_up(settings: Any) -> None:
    settings.BASE_URL = 'https://vigil.example/'
    settings.SMS_URL = 'json://sms.example/{number}'


def of(alert: Alert, kind: str = 'opened') -> AlertEvent:
    return alert.events.filter(kind=kind).latest('pk')


def tell(event: AlertEvent, *people: Membership, numbers: tuple[str, ...] = (), now: datetime = NOW) -> int:
    return notifying.tell(
        key=f'event:{event.pk}',
        people=[person.user for person in people],
        numbers=numbers,
        path=f'/alerts/{event.alert.public_id}/',
        event=event,
        now=now,
    )


def row() -> Notification:
    return Notification.objects.get()


def way(person: Membership, channel: str, address: str, **fields: Any) -> ContactWay:
    return ContactWay.objects.create(
        **{'user': person.user, 'channel': channel, 'address': address, 'added_at': NOW, **fields}
    )


class Service:
    """A channel that fails as told, then takes everything. What it took stands in `taken`."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.taken: list[tuple[str, Message]] = []
        self.tries = 0
        self.before: Callable[[], object] = lambda: None

    def reaches(self, address: str) -> bool:
        return True

    def send(self, address: str, message: Message) -> None:
        self.tries += 1
        self.before()
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append((address, message))


Serve = Callable[..., Service]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    def take_the_place(channel: str, *failures: BaseException) -> Service:
        service = Service(*failures)
        monkeypatch.setitem(CHANNELS, channel, service)
        return service

    return take_the_place


GONE = SendFailed('HTTP 410', permanent=True)
BUSY = SendFailed('HTTP 503', permanent=False)


# -- who is told -------------------------------------------------------------------------------------------------------
def test_each_person_is_told_once(anas_alert: Alert, rosa: Membership, tom: Membership) -> None:
    assert tell(of(anas_alert), rosa, rosa) == 1
    assert tell(of(anas_alert), rosa, tom) == 2
    assert [notifying.deliver_due(now=NOW) for _ in range(2)] == [2, 0]
    assert sorted(message.to[0] for message in mail.outbox) == ['rosa@example.com', 'tom@example.com']


def test_a_person_is_told_by_her_first_way_that_works(anas_alert: Alert, rosa: Membership) -> None:
    way(rosa, 'sms', '+12125550141', position=0, broken_at=NOW)
    way(rosa, 'sms', '+12125550149', position=1, removed_at=NOW)
    second = way(rosa, 'sms', NUMBER, position=2)
    tell(of(anas_alert), rosa)
    assert (row().channel, row().way) == ('sms', second)


def test_who_changed_her_ways_meanwhile_is_not_told_twice(anas_alert: Alert, rosa: Membership) -> None:
    tell(of(anas_alert), rosa)
    way(rosa, 'sms', NUMBER)
    assert tell(of(anas_alert), rosa) == 1
    assert row().channel == 'email'


def test_a_number_of_a_ladder_gets_a_text_message(anas_alert: Alert, serve: Serve) -> None:
    sms = serve('sms')
    assert tell(of(anas_alert), numbers=(NUMBER, NUMBER)) == 1
    assert notifying.deliver_due(now=NOW) == 1
    assert [address for address, _message in sms.taken] == [NUMBER]


def test_whom_nothing_reaches_is_not_counted_and_shows_as_failed(
    anas_alert: Alert, rosa: Membership, settings: Any
) -> None:
    settings.SMS_URL = ''
    User.objects.filter(pk=rosa.user.pk).update(is_active=False)
    rosa.user.refresh_from_db()
    assert tell(of(anas_alert), rosa, numbers=(NUMBER,)) == 0
    assert set(Notification.objects.values_list('status', 'error')) == {('failed', 'no way')}


def test_rows_live_and_die_with_the_callers_transaction(anas_alert: Alert, rosa: Membership) -> None:
    with transaction.atomic():
        tell(of(anas_alert), rosa)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_the_database_refuses_a_second_row_for_the_same_news_person_and_way(
    anas_alert: Alert, rosa: Membership
) -> None:
    tell(of(anas_alert), rosa)
    with pytest.raises(IntegrityError):
        Notification.objects.create(
            key=row().key, recipient=rosa.user, channel='email', path='/', created_at=NOW, next_try_at=NOW
        )


def test_each_reads_it_in_her_own_language(anas_alert: Alert, rosa: Membership, serve: Serve) -> None:
    User.objects.filter(pk=rosa.user.pk).update(language='es')
    server = serve('email')
    tell(of(anas_alert), rosa)
    notifying.deliver_due(now=NOW)
    assert server.taken[0][1].language == 'es'


# -- when it is not needed any more ------------------------------------------------------------------------------------
def test_who_is_acknowledged_meanwhile_calls_nobody_out(anas_alert: Alert, rosa: Membership, tom: Membership) -> None:
    tell(of(anas_alert), rosa)
    working.acknowledge(alert=anas_alert, by=tom.user, now=NOW)
    assert notifying.deliver_due(now=NOW) == 0
    assert (row().status, mail.outbox) == ('not_needed', [])


@pytest.mark.parametrize('state', ['contacted', 'snoozed', 'resolved'])
def test_nobody_is_called_out_for_what_is_in_hand_asleep_or_closed(ana: Patient, rosa: Membership, state: str) -> None:
    fields: dict[str, Any] = {'owner': rosa.user, 'acknowledged_at': NOW, 'tier': 'same_day', 'state': state}
    extra = {'snoozed': {'snoozed_until': NOW}, 'resolved': {'resolved_at': NOW, 'outcome': 'no_action'}}
    alert = open_alert(ana, **(fields | extra.get(state, {})))
    tell(of(alert), rosa)
    assert notifying.deliver_due(now=NOW) == 0
    assert (row().status, mail.outbox) == ('not_needed', [])


def test_an_old_message_is_not_needed_when_the_alert_came_back_with_its_own(
    anas_alert: Alert, rosa: Membership, tom: Membership
) -> None:
    tell(of(anas_alert), rosa)
    working.acknowledge(alert=anas_alert, by=tom.user, now=NOW)
    Alert.objects.filter(pk=anas_alert.pk).update(state='reopened')
    AlertEvent.objects.create(alert=anas_alert, kind='reopened', at=NOW, state='reopened', tier='urgent')
    tell(of(anas_alert, 'reopened'), rosa)
    assert notifying.deliver_due(now=NOW) == 1
    assert dict(Notification.objects.values_list('event__kind', 'status')) == {
        'opened': 'not_needed',
        'reopened': 'sent',
    }


def test_what_is_about_no_alert_is_sent_as_it_is(rosa: Membership) -> None:
    assert notifying.tell(key='gap:1', people=[rosa.user], path='/on-call/', now=NOW) == 1
    assert notifying.deliver_due(now=NOW) == 1
    assert 'https://vigil.example/on-call/' in mail.outbox[0].body


# -- together, the most pressing first ---------------------------------------------------------------------------------
def test_fifty_at_once_are_one_message(riverside: Clinic, rosa: Membership, tom: Membership, serve: Serve) -> None:
    server = serve('email')
    alerts = [open_alert(cast.make_patient(riverside, f'Patient{n} Miller', user=False)) for n in range(50)]
    for alert in alerts:
        tell(of(alert), rosa)
    working.acknowledge(alert=alerts[7], by=tom.user, now=NOW)
    assert notifying.deliver_due(now=NOW) == 49
    ((address, message),) = server.taken
    assert (address, message.count, message.path) == ('rosa@example.com', 49, '/worklist/')
    assert message.title == 'Vigil: 49 things need you now'
    assert set(Notification.objects.values_list('status', 'attempts')) == {('sent', 1), ('not_needed', 1)}


def test_two_news_of_one_alert_are_one_thing(anas_alert: Alert, rosa: Membership, serve: Serve) -> None:
    server = serve('email')
    tell(of(anas_alert), rosa)
    AlertEvent.objects.create(alert=anas_alert, kind='escalated', at=NOW, state='open', tier='urgent')
    tell(of(anas_alert, 'escalated'), rosa)
    assert notifying.deliver_due(now=NOW) == 2
    ((_address, message),) = server.taken
    assert (message.count, message.path) == (1, f'/alerts/{anas_alert.public_id}/')


def test_a_drill_says_so_and_is_never_mixed_with_what_is_real(
    ana: Patient, ben: Patient, rosa: Membership, serve: Serve
) -> None:
    server = serve('email')
    tell(of(open_alert(ana)), rosa)
    tell(of(open_alert(ben, is_drill=True)), rosa)
    assert notifying.deliver_due(now=NOW) == 2
    assert sorted((message.drill, message.count) for _address, message in server.taken) == [(False, 1), (True, 1)]


def test_an_emergency_goes_before_what_is_older(
    riverside: Clinic, rosa: Membership, tom: Membership, grace: Membership, serve: Serve
) -> None:
    server = serve('email')
    for person, tier, minutes in ((rosa, 'same_day', 9), (tom, 'urgent', 5), (grace, 'emergency', 0)):
        patient = cast.make_patient(riverside, f'For {tier}', user=False)
        tell(of(open_alert(patient, tier=tier)), person, now=NOW - timedelta(minutes=minutes))
    for _ in range(3):
        notifying.deliver_due(now=NOW, limit=1)
    assert [address.split('@')[0] for address, _message in server.taken] == ['grace', 'tom', 'rosa']


def test_hundreds_flow_in_one_sweep(riverside: Clinic, ana: Patient, serve: Serve) -> None:
    server = serve('email')
    event = of(open_alert(ana))
    tell(event, *(cast.make_member(riverside, f'N{number} Lee') for number in range(300)))
    assert notifying.deliver_due(now=NOW, for_seconds=200) == 300  # however slow this machine is
    assert len({address for address, _message in server.taken}) == len(server.taken) == 300


# -- when it fails -----------------------------------------------------------------------------------------------------
def test_a_passing_failure_is_tried_again_later(anas_alert: Alert, rosa: Membership, serve: Serve) -> None:
    server = serve('email', BUSY)
    tell(of(anas_alert), rosa)
    assert notifying.deliver_due(now=NOW) == 0
    assert (row().status, row().error) == ('waiting', 'HTTP 503')
    assert notifying.deliver_due(now=NOW + timedelta(seconds=5)) == 0
    assert server.tries == 1
    assert notifying.deliver_due(now=NOW + timedelta(minutes=1)) == 1
    assert (row().status, row().error) == ('sent', '')


def test_after_a_refusal_for_good_the_next_way_is_taken_at_once(
    anas_alert: Alert, rosa: Membership, serve: Serve
) -> None:
    push, sms, mail_server = serve('push', GONE), serve('sms', GONE), serve('email')
    ways = [way(rosa, 'push', '{}', position=0), way(rosa, 'sms', NUMBER, position=1)]
    tell(of(anas_alert), rosa)
    assert notifying.deliver_due(now=NOW) == 1
    assert (push.tries, sms.tries, len(mail_server.taken)) == (1, 1, 1)
    assert list(Notification.objects.order_by('pk').values_list('channel', 'status')) == [
        ('push', 'failed'),
        ('sms', 'failed'),
        ('email', 'sent'),
    ]
    assert Notification.objects.values('key', 'event', 'path', 'rank', 'created_at').distinct().count() == 1
    assert ContactWay.objects.filter(pk__in=[each.pk for each in ways], broken_at=None).count() == 0


def test_a_way_that_keeps_failing_gives_way_within_a_minute(anas_alert: Alert, rosa: Membership, serve: Serve) -> None:
    sms, mail_server = serve('sms', *[BUSY] * 99), serve('email')
    mine = way(rosa, 'sms', NUMBER)
    tell(of(anas_alert), rosa)
    for seconds in range(0, 61, 5):
        notifying.deliver_due(now=NOW + timedelta(seconds=seconds))
    assert (sms.tries, len(mail_server.taken)) == (outbox.TRIES_OF_MANY, 1)
    mine.refresh_from_db()
    assert mine.broken_at is None  # it may be well again for the next message


def test_fifty_that_fail_together_are_together_again_on_the_next_way(
    riverside: Clinic, rosa: Membership, serve: Serve
) -> None:
    serve('sms', GONE)
    mail_server = serve('email')
    way(rosa, 'sms', NUMBER)
    for number in range(50):
        tell(of(open_alert(cast.make_patient(riverside, f'P{number} Roe', user=False))), rosa)
    assert notifying.deliver_due(now=NOW) == 50
    assert [message.count for _address, message in mail_server.taken] == [50]


@pytest.mark.parametrize('how', ['removed', 'broken'])
def test_a_way_that_was_taken_away_or_broke_meanwhile_is_passed_over(
    anas_alert: Alert, rosa: Membership, serve: Serve, how: str
) -> None:
    sms, mail_server = serve('sms'), serve('email')
    hers = way(rosa, 'sms', NUMBER)
    tell(of(anas_alert), rosa)
    if how == 'removed':
        remove_way(way=hers, now=NOW)
    else:
        outbox.break_way(hers.pk, now=NOW)
    assert notifying.deliver_due(now=NOW) == 1
    assert (sms.tries, len(mail_server.taken)) == (0, 1)


def test_the_last_way_is_tried_for_over_an_hour(anas_alert: Alert, rosa: Membership, serve: Serve) -> None:
    server = serve('email', *[BUSY] * 99)
    tell(of(anas_alert), rosa)
    for minute in range(24 * 60):
        if row().status == 'waiting' and row().next_try_at <= NOW + timedelta(minutes=minute):
            notifying.deliver_due(now=NOW + timedelta(minutes=minute))
            last = minute
    assert (server.tries, row().status) == (outbox.TRIES, 'failed')
    assert last > 60


def test_a_message_that_breaks_its_channel_is_tried_again_and_keeps_nobody_elses_back(
    anas_alert: Alert, rosa: Membership, tom: Membership, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    serve('email', ValueError('rosa@example.com'))
    tell(of(anas_alert), rosa, tom)
    assert notifying.deliver_due(now=NOW) == 1
    assert sorted(Notification.objects.values_list('status', flat=True)) == ['sent', 'waiting']
    assert 'rosa' not in caplog.text
    assert 'ValueError' in caplog.text


# -- when nobody heard of it -------------------------------------------------------------------------------------------
def due(alert: Alert) -> datetime | None:
    alert.refresh_from_db()
    return alert.due_at


@pytest.fixture
def climbing(ana: Patient) -> Alert:
    """An alert whose next rung is due in a quarter of an hour."""
    return open_alert(ana, due_at=NOW + timedelta(minutes=15))


def test_when_nobody_could_be_told_the_next_rung_is_due_now(climbing: Alert, rosa: Membership, serve: Serve) -> None:
    serve('email', GONE)
    tell(of(climbing), rosa)
    notifying.deliver_due(now=NOW)
    assert row().status == 'failed'
    due_at = due(climbing)
    assert due_at is not None
    assert due_at - NOW < timedelta(minutes=1)


def test_when_another_was_told_the_ladder_keeps_its_time(
    climbing: Alert, rosa: Membership, tom: Membership, serve: Serve
) -> None:
    serve('email', GONE)
    tell(of(climbing), rosa, tom)
    assert notifying.deliver_due(now=NOW) == 1
    assert due(climbing) == NOW + timedelta(minutes=15)


def test_when_both_fail_the_last_of_them_makes_it_due(
    climbing: Alert, rosa: Membership, tom: Membership, serve: Serve
) -> None:
    serve('email', GONE, GONE)
    tell(of(climbing), rosa, tom)
    notifying.deliver_due(now=NOW)
    due_at = due(climbing)
    assert due_at is not None
    assert due_at - NOW < timedelta(minutes=1)


def test_the_clock_of_what_somebody_has_in_hand_is_left_alone(
    climbing: Alert, rosa: Membership, tom: Membership, serve: Serve
) -> None:
    server = serve('email', GONE)
    tell(of(climbing), rosa)
    in_hand = NOW + timedelta(hours=2)
    server.before = lambda: None
    rows = outbox.lease(now=NOW, channels=CHANNELS)
    Alert.objects.update(state='acknowledged', owner=tom.user, acknowledged_at=NOW, due_at=in_hand)
    outbox.mark_failed(rows, GONE, now=NOW)
    assert due(climbing) == in_hand


# -- what hangs or dies ------------------------------------------------------------------------------------------------
def test_a_sender_that_dies_mid_way_only_delays(anas_alert: Alert, rosa: Membership) -> None:
    tell(of(anas_alert), rosa)
    assert outbox.lease(now=NOW, channels=CHANNELS) == [row().pk]  # and here it dies; tests/faults kills a real one
    assert notifying.deliver_due(now=NOW) == 0
    assert notifying.deliver_due(now=NOW + outbox.LEASE) == 1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second stands for the ten seconds that a channel may take."""
    monkeypatch.setattr(handing, 'MOST_SECONDS', 0.5)
    monkeypatch.setattr(handing, 'SLOW_SECONDS', 0.2)


def test_a_channel_that_hangs_is_given_up_and_keeps_no_other_back(
    riverside: Clinic, anas_alert: Alert, rosa: Membership, serve: Serve, impatient: None
) -> None:
    """Nobody's text message hangs behind twenty e-mails that do; each of those is put off, not lost."""
    hung = Event()
    mails, sms = serve('email'), serve('sms')
    mails.before = hung.wait
    people = [cast.make_member(riverside, f'N{number} Lee') for number in range(20)]
    tell(of(anas_alert), *people)
    way(rosa, 'sms', NUMBER)
    tell(of(anas_alert), rosa, now=NOW)
    try:
        assert notifying.deliver_due(now=NOW) == 1
    finally:
        hung.set()
    assert len(sms.taken) == 1
    assert mails.tries == handing.PER_CHANNEL
    assert Notification.objects.filter(channel='email', status='waiting').count() == 20
    assert Notification.objects.filter(error='no answer').count() == handing.PER_CHANNEL


def test_one_address_that_hangs_keeps_no_other_of_its_channel_back(
    riverside: Clinic, anas_alert: Alert, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, 'MOST_SECONDS', 5)  # time for nineteen others, also on a busy machine
    hung, calls = Event(), iter(range(999))
    mails = serve('email')
    mails.before = lambda: hung.wait() if next(calls) == 0 else None
    tell(of(anas_alert), *(cast.make_member(riverside, f'N{number} Lee') for number in range(20)))
    try:
        assert notifying.deliver_due(now=NOW) == 19
    finally:
        hung.set()


def test_what_comes_back_too_late_never_speaks_for_another_message(
    serve: Serve, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python gives a freed object's id to a later one: the hung thread's "sent" must not be taken for that one's."""
    monkeypatch.setattr(handing, 'id', lambda _parcel: 7, raising=False)
    hung, again = Event(), Event()
    mails, hands = serve('email'), handing.Hands()
    mails.before = hung.wait
    hands.give(handing.Parcel((1,), 'email', 'rosa@example.com', Message(path='/')))
    time.sleep(0.6)
    assert [failure and failure.code for _parcel, failure in hands.take(wait=0)] == ['no answer']
    mails.before = again.wait
    hands.give(handing.Parcel((2,), 'email', 'tom@example.com', Message(path='/')))
    try:
        hung.set()
        assert hands.take(wait=0.3) == []
    finally:
        again.set()


def test_a_sweep_begins_nothing_when_its_time_is_over(anas_alert: Alert, rosa: Membership) -> None:
    tell(of(anas_alert), rosa)
    assert notifying.deliver_due(now=NOW, for_seconds=0) == 0
    assert (row().status, row().attempts) == ('waiting', 0)


@pytest.mark.django_db(transaction=True)
def test_a_second_sweep_leaves_the_worker_to_others(anas_alert: Alert, rosa: Membership) -> None:
    tell(of(anas_alert), rosa)

    def elsewhere() -> int | None:
        try:
            return notifying.sweep(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with connection.cursor() as cursor:
            cursor.execute('select pg_advisory_lock(%s)', [delivering.LOCK])
            assert pool.submit(elsewhere).result() is None
            cursor.execute('select pg_advisory_unlock(%s)', [delivering.LOCK])
        assert pool.submit(elsewhere).result() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_gives_way_leaves_no_sign_of_life(rosa: Membership) -> None:
    """The other one may hang: after a minute in which none came to its end everybody can see it."""

    def other() -> bool:
        try:
            return bool(sweep_notifications.apply().successful())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with connection.cursor() as cursor:
            cursor.execute('select pg_advisory_lock(%s)', [delivering.LOCK])
            assert pool.submit(other).result()
            assert not Heartbeat.objects.exists()
            cursor.execute('select pg_advisory_unlock(%s)', [delivering.LOCK])
        assert pool.submit(other).result()
        assert Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_freezes_loses_its_lock(rosa: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session would live as long as its socket does: the server ends one that has asked nothing for long."""
    monkeypatch.setattr(delivering, 'FROZEN_SECONDS', 1)
    frozen, thawed = Event(), Event()

    def freeze(**kwargs: Any) -> int:
        frozen.set()
        thawed.wait(60)
        return 0

    def elsewhere() -> int | None:
        try:
            return notifying.sweep(now=NOW)
        finally:
            connection.close()

    monkeypatch.setattr(delivering, 'deliver_due', freeze)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(elsewhere)
        assert frozen.wait(30)
        monkeypatch.setattr(delivering, 'deliver_due', lambda **kwargs: 7)
        try:
            end = time.monotonic() + 30
            while (second := notifying.sweep(now=NOW)) is None and time.monotonic() < end:
                time.sleep(0.2)
            assert second == 7
        finally:
            thawed.set()
        with pytest.raises(OperationalError):
            first.result()


def test_after_a_sweep_the_session_may_rest_again(rosa: Membership) -> None:
    notifying.sweep(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute('show idle_session_timeout')
        assert cursor.fetchone() == ('0',)


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_message_once(riverside: Clinic, ana: Patient) -> None:
    people = [cast.make_member(riverside, f'N{number} Lee') for number in range(40)]
    tell(of(open_alert(ana)), *people)
    barrier = Barrier(4)

    def send(_: int) -> int:
        try:
            barrier.wait(timeout=30)
            return notifying.deliver_due(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 40
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 40
