"""/metrics: figures for Prometheus that tell nothing about anybody, to who bears the token."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from alerts.models import Alert, Check, Drill, Evaluation, Heartbeat, Notification, NotificationStatus
from alerts.services import working
from clinic.models import Clinic, Membership, Patient
from config import metrics
from tests import cast
from tests.alerts.conftest import open_alert, told_us
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOKEN = 'a-token-of-the-monitoring'


@pytest.fixture
def token(settings: object) -> str:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    return TOKEN


def text_of(token: str = TOKEN) -> str:
    response = Client().get('/metrics', headers={'Authorization': f'Bearer {token}'})
    assert response.status_code == 200
    return response.content.decode()


def figures() -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name without the prefix and the values of its labels."""
    families = text_string_to_metric_families(text_of())
    samples = [sample for family in families for sample in family.samples]
    return {(one.name.removeprefix('vigil_'), tuple(one.labels.values())): one.value for one in samples}


# -- who may read ---------------------------------------------------------------------------------------------------------
def test_without_the_token_there_is_no_such_page(token: str, rosa: Membership, visitor: Client) -> None:
    for given in ({}, {'Authorization': 'Bearer wrong'}, {'Authorization': TOKEN}, {'Authorization': f'Basic {TOKEN}'}):
        assert visitor.get('/metrics', headers=given).status_code == 404
        assert client_of(rosa).get('/metrics', headers=given).status_code == 404
    assert visitor.post('/metrics', headers={'Authorization': f'Bearer {TOKEN}'}).status_code == 405


def test_where_no_token_is_set_nobody_reads_not_even_from_the_same_machine(visitor: Client, settings: object) -> None:
    """Behind a proxy on this machine the whole world comes from 127.0.0.1."""
    for given in ({}, {'Authorization': 'Bearer '}, {'Authorization': 'Bearer x'}):
        assert visitor.get('/metrics', headers=given, REMOTE_ADDR='127.0.0.1').status_code == 404
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert visitor.get('/metrics').status_code == 200


# -- what they read -------------------------------------------------------------------------------------------------------
def test_alerts_by_tier_and_state_and_those_that_are_late(
    token: str, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    clinic = str(ana.clinic_id)
    open_alert(ana, at=NOW - 2 * HOUR)  # promised within an hour
    working.acknowledge(alert=open_alert(ben, at=NOW - 2 * HOUR), by=rosa.user, now=NOW - 90 * MINUTE)
    open_alert(ben, tier='same_day', at=NOW - MINUTE)
    found = figures()
    assert found['alerts_open', (clinic, 'open', 'urgent')] == 1
    assert found['alerts_open', (clinic, 'acknowledged', 'urgent')] == 1
    assert found['alerts_open', (clinic, 'open', 'same_day')] == 1
    assert found['alerts_late', (clinic, 'urgent')] == 1
    assert ('alerts_late', (clinic, 'same_day')) not in found
    assert found['acknowledged_24h', (clinic, 'urgent')] == found['acknowledged_in_time_24h', (clinic, 'urgent')] == 1
    assert found['acknowledged_longest_seconds_24h', (clinic, 'urgent')] == 1800


def test_steps_that_are_due_and_not_taken(token: str, ana: Patient, ben: Patient) -> None:
    assert figures()['escalations_late_seconds', ()] == 0
    open_alert(ana, due_at=NOW - 3 * MINUTE)
    open_alert(ben, due_at=NOW + MINUTE)
    found = figures()
    assert (found['escalations_due', ()], found['escalations_late_seconds', ()]) == (1, 180)


def test_entries_that_wait_to_be_checked(token: str, ana: Patient, olga: Patient) -> None:
    assert figures()['oldest_unchecked_seconds', ()] == 0
    told_us(ana, {}, at=NOW - 4 * MINUTE, check=False)
    told_us(olga, {}, at=NOW - MINUTE, check=False)
    found = figures()
    assert found['oldest_unchecked_seconds', ()] == 240
    assert found['entries_unchecked', (str(ana.clinic_id),)] == found['entries_unchecked', (str(olga.clinic_id),)] == 1


def test_messages_that_are_late_or_failed(token: str, rosa: Membership) -> None:
    def message(key: str, status: str, *, minutes: int) -> None:
        at = NOW - minutes * MINUTE
        Notification.objects.create(
            key=key, recipient=rosa.user, channel='email', path='/', status=status, created_at=at, next_try_at=at
        )

    message('a', NotificationStatus.WAITING, minutes=2)
    message('b', NotificationStatus.FAILED, minutes=60)
    message('c', NotificationStatus.FAILED, minutes=25 * 60)
    message('d', NotificationStatus.SENT, minutes=2)
    found = figures()
    assert (found['notifications_waiting', ()], found['notifications_late_seconds', ()]) == (1, 120)
    assert found['notifications_failed_24h', ()] == 1


def test_the_watchers_and_the_drill(token: str, riverside: Clinic) -> None:
    Heartbeat.objects.create(name='alerts.tasks.sweep_pending', at=NOW - 7 * timedelta(seconds=1))
    Check.objects.create(name='evaluation', ok=False, since=NOW - HOUR, at=NOW - MINUTE)
    for day, broken in ((15, ''), (16, 'sent')):
        at = NOW - (16 - day) * timedelta(days=1) - HOUR
        Drill.objects.create(
            clinic=riverside, day=at.date(), started_at=at, finished_at=at, broken=broken, limit_seconds=60
        )
    Drill.objects.create(clinic=riverside, day=NOW.date() + timedelta(1), started_at=NOW, limit_seconds=60)  # goes on
    found, clinic = figures(), str(riverside.pk)
    assert found['heartbeat_age_seconds', ('alerts.tasks.sweep_pending',)] == 7
    assert (found['check_ok', ('evaluation',)], found['check_age_seconds', ('evaluation',)]) == (0, 60)
    assert (found['drill_ok', (clinic,)], found['drill_age_seconds', (clinic,)]) == (0, 3600)


def test_a_drill_is_not_counted_as_work(token: str, ana: Patient, rosa: Membership) -> None:
    ana.is_drill = True
    ana.save()
    told_us(ana, {}, at=NOW - 4 * MINUTE, check=False)
    drill = open_alert(ana, at=NOW - 2 * HOUR, due_at=NOW - HOUR)
    Alert.objects.update(is_drill=True)
    before = figures()
    working.acknowledge(alert=drill, by=rosa.user, now=NOW)
    for found in (before, figures()):
        assert not [
            key for key in found if key[0] in ('alerts_open', 'alerts_late', 'entries_unchecked', 'acknowledged_24h')
        ]
        assert found['escalations_due', ()] == found['oldest_unchecked_seconds', ()] == 0


def test_nobody_and_nothing_that_was_written_is_named(token: str, ana: Patient, rosa: Membership) -> None:
    told_us(ana, {'PALPIT': {'severity': 1}}, at=NOW - MINUTE)
    alert = Alert.objects.get()
    text = text_of()
    for secret in (ana.name, rosa.user.name, ana.clinic.name, ana.record_number, alert.summary, str(alert.public_id)):
        assert secret not in text
    assert not re.search(r'palpit|R01|fever', text, re.IGNORECASE)


# -- its cost -------------------------------------------------------------------------------------------------------------
def test_it_asks_as_often_for_many_as_for_few(token: str, riverside: Clinic) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            text_of()
        return len(caught)

    few = asked()
    for n in range(9):
        open_alert(cast.make_patient(riverside, f'P{n} Example'))
    assert asked() == few


def test_a_part_that_takes_too_long_says_so_and_the_others_answer(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleepy(now: object) -> Iterator[object]:
        with connection.cursor() as cursor:
            cursor.execute('SELECT pg_sleep(60)')
        yield from ()

    monkeypatch.setitem(metrics.PARTS, 'entries', sleepy)
    monkeypatch.setattr(metrics, 'BUDGET', timedelta(milliseconds=300))
    found = figures()
    assert found['metrics_ok', ('entries',)] == 0
    assert found['metrics_ok', ('alerts',)] == 1
    assert ('oldest_unchecked_seconds', ()) not in found
    assert found['metrics_ok', ('answers',)] == 0  # no time was left for what came after
    assert Evaluation.objects.count() == 0  # the connection still works
