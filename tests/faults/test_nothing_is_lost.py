"""Promises 1 and 2 on real processes: every entry is stored once and evaluated once, and no alert is lost or doubled."""

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db.models import Count

from alerts.models import Alert, AlertEvent, Evaluation, Flag, Notification
from clinic.models import Patient
from diary.models import Entry, Revision
from tests.live import Phone, Stack, eventually, stack

pytestmark = pytest.mark.timeout(240)

FEVER = {'FEVER.on': 'on', 'FEVER.severity': '2', 'FEVER.celsius': '38.6', 'FEVER.celsius.unit': 'C'}
RASH = {'RASH.on': 'on', 'RASH.severity': '1'}
KINDS = (FEVER, RASH)


def post_all(phones: list[Phone], each: int) -> list[uuid.UUID]:
    """Every patient writes `each` entries, five patients at a time; the client UUIDs, each of which was told "saved".

    The phones are made by the test's own thread: another one would leave a database connection open.
    """

    def write(phone: Phone) -> list[uuid.UUID]:
        phone.open_form()
        saved = []
        for number in range(each):
            client_uuid = uuid.uuid4()
            status, page = phone.post('/entry/new/', KINDS[number % 2], client_uuid=str(client_uuid))
            assert status == 200, page[:2000]  # the advice page, after the redirect
            assert 'class="advice" data-tier="' in page, page[page.find('<title') :][:4000]
            saved.append(client_uuid)
        return saved

    with ThreadPoolExecutor(5) as pool:
        return [one for saved in pool.map(write, phones) for one in saved]


def phones_of(live: Stack, patients: list[Patient]) -> list[Phone]:
    return [Phone(live, patient) for patient in patients]


def nothing_pending() -> bool:
    return not Evaluation.objects.filter(pending_since__isnull=False).exists()


def assert_all_stored_and_checked_once(saved: list[uuid.UUID]) -> None:
    assert sorted(Entry.objects.values_list('client_uuid', flat=True)) == sorted(saved)
    assert Revision.objects.count() == len(saved)
    assert Evaluation.objects.count() == len(saved)
    assert Evaluation.objects.filter(evaluated_at=None).count() == 0
    tiers = Evaluation.objects.values_list('revision__document', 'tier')
    assert all(tier == ('urgent' if 'FEVER' in document['answers'] else tier) for document, tier in tiers)
    doubled = (
        Flag.objects.filter(withdrawn_at=None)
        .values('evaluation', 'rule')
        .annotate(times=Count('pk'))
        .filter(times__gt=1)
    )
    assert not doubled.exists()


def assert_every_flag_is_in_one_alert(patients: list[Patient]) -> None:
    """Each patient has just one red alert, with all of her fevers in it, and it was announced once."""
    fevers = Flag.objects.filter(rule='R02', withdrawn_at=None)
    assert fevers.count() == Revision.objects.filter(document__answers__has_key='FEVER').count()
    assert not fevers.filter(alert=None).exists()
    for patient in patients:
        alert = Alert.objects.get(patient=patient, line='red')
        red = Flag.objects.filter(patient=patient, tier__in=['emergency', 'urgent'], withdrawn_at=None)
        assert alert.entry_count == red.values('evaluation__revision__entry').distinct().count()
        assert not red.exclude(alert=alert).exists()
        assert alert.events.filter(kind='opened').count() == 1
    told = Notification.objects.values('event__alert', 'recipient').annotate(times=Count('pk')).filter(times__gt=1)
    assert not told.exists()
    assert AlertEvent.objects.filter(kind='opened', alert__line='red').count() == len(patients)


def test_a_worker_killed_while_it_evaluates_loses_and_doubles_nothing(ward: list[Patient]) -> None:
    with stack('web', 'worker', 'beat') as live:
        dice = random.Random(7)
        phones = phones_of(live, ward)
        with ThreadPoolExecutor(1) as pool:
            posting = pool.submit(post_all, phones, 6)
            while not posting.done():
                time.sleep(dice.uniform(0.2, 0.9))
                live.kill('worker')
                live.start('worker')
        saved = posting.result()
        eventually(nothing_pending, within=90, what='checking every entry')
        eventually(
            lambda: not Notification.objects.filter(status='waiting').exists(), within=60, what='telling the nurse'
        )
    assert len(saved) == 120
    assert_all_stored_and_checked_once(saved)
    assert_every_flag_is_in_one_alert(ward)


def test_with_the_broker_gone_for_half_a_minute_patients_save_and_are_advised(ward: list[Patient]) -> None:
    """200 entries are posted while there is no broker; when it is back, the sweep finds every one."""
    with stack('web', 'worker', 'beat') as live:
        began = time.monotonic()
        live.kill('broker')
        saved = post_all(phones_of(live, ward), 10)
        assert not nothing_pending()
        time.sleep(max(0.0, 30 - (time.monotonic() - began)))
        live.start('broker')
        eventually(nothing_pending, within=120, what='checking every entry')
    assert len(saved) == 200
    assert_all_stored_and_checked_once(saved)
    assert_every_flag_is_in_one_alert(ward)


def test_a_frozen_broker_keeps_nobody_waiting(ward: list[Patient]) -> None:
    """A publish to a frozen broker blocks for many seconds; the post and the advice must not know of it."""
    patients = ward[:3]
    with stack('web', 'worker', 'beat') as live:
        live.freeze('broker')
        began = time.monotonic()
        saved = post_all(phones_of(live, patients), 4)
        took = (time.monotonic() - began) / 4
        live.thaw('broker')
        eventually(nothing_pending, within=120, what='checking every entry')
    # Not a speed test: a blocked publish takes 5 s and more, a post that does not wait for it a fraction of one.
    assert took < 4, f'a post took {took:.1f} s with a frozen broker'
    assert_all_stored_and_checked_once(saved)
    assert_every_flag_is_in_one_alert(patients)


def test_an_entry_sent_again_after_the_answer_was_lost_is_one(ward: list[Patient]) -> None:
    with stack('web') as live:
        phone = Phone(live, ward[0])
        phone.open_form()
        client_uuid = str(uuid.uuid4())
        answers = [phone.post('/entry/new/', FEVER, client_uuid=client_uuid) for _ in range(3)]
        live.kill('web')
        live.start('web')
        answers.append(phone.post('/entry/new/', FEVER, client_uuid=client_uuid))
    assert {status for status, _ in answers} == {200}
    assert (Entry.objects.count(), Revision.objects.count(), Evaluation.objects.count()) == (1, 1, 1)


def test_with_no_worker_at_all_the_age_of_the_oldest_unchecked_entry_shows(ward: list[Patient]) -> None:
    with stack('web') as live:
        saved = post_all(phones_of(live, ward[:2]), 1)
        assert Evaluation.objects.filter(pending_since__isnull=False).count() == len(saved)
        nurse = ward[0].clinic.memberships.get()
        status, page = Phone(live, nurse).get('/worklist/')
    assert status == 200
    assert 'oldest' in page.lower()
