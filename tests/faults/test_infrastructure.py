"""The ground gives way under real processes: broker wiped, beat or worker dead, killed at every step. It holds, and it shows."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from alerts.models import Alert, Check, Drill, Evaluation, Flag, Heartbeat
from alerts.unread import RULE
from clinic.models import Membership, Patient
from diary.models import Entry
from tests import cast
from tests.faults.test_nothing_is_lost import (
    assert_all_stored_and_checked_once,
    assert_every_flag_is_in_one_alert,
    nothing_pending,
    phones_of,
    post_all,
)
from tests.live import Phone, Stack, eventually, stack
from tests.poisoned import poison

pytestmark = pytest.mark.timeout(300)
STEPS = ['evaluate.locked', 'evaluate.read', 'evaluate.settled', 'evaluate.committed']


@pytest.fixture
def nurse(ward: list[Patient]) -> Membership:
    return ward[0].clinic.memberships.get(is_nurse=True)


@pytest.fixture
def admin(ward: list[Patient]) -> Membership:
    return cast.make_member(ward[0].clinic, 'Grace Kim', is_admin=True)


def health(live: Stack) -> tuple[int, set[str]]:
    status, lines = live_get(live, '/health/work')
    return status, set(lines.splitlines())


def live_get(live: Stack, path: str) -> tuple[int, str]:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(live.url + path, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def is_well(live: Stack) -> Callable[[], bool]:
    return lambda: health(live) == (200, {'well'})


def wipe(live: Stack) -> None:
    client = redis.Redis(unix_socket_path=str(live.place / 'broker.sock'), socket_timeout=5)
    client.flushall()
    client.close()


# -- broker, beat, worker ------------------------------------------------------------------------------------------------


def test_a_broker_that_is_wiped_again_and_again_loses_nothing(ward: list[Patient]) -> None:
    with stack('web', 'worker', 'beat') as live:
        phones, wiped = phones_of(live, ward[:10]), 0
        with ThreadPoolExecutor(1) as pool:
            posting = pool.submit(post_all, phones, 6)
            while not posting.done():
                wipe(live)
                wiped += 1
                time.sleep(0.15)
        saved = posting.result()
        eventually(nothing_pending, within=90, what='checking every entry')
        eventually(is_well(live), within=90, what='health')
    assert wiped > 3
    assert_all_stored_and_checked_once(saved)
    assert_every_flag_is_in_one_alert(ward[:10])


def test_zero_beats_for_a_minute_turn_health_red_and_beats_turn_it_green_again(
    ward: list[Patient], nurse: Membership
) -> None:
    with stack('web', 'worker', 'beat') as live:
        eventually(is_well(live), within=90, what='health')
        desk = Phone(live, nurse)
        assert 'has stopped' not in desk.get('/worklist/')[1]
        live.kill('beat')
        eventually(lambda: 'stopped alerts.tasks.audit' in health(live)[1], within=120, what='red')
        assert health(live)[0] == 503
        assert 'own work has stopped' in desk.get('/worklist/')[1]
        live.start('beat')
        eventually(is_well(live), within=90, what='green')
        assert 'own work has stopped' not in desk.get('/worklist/')[1]


def test_with_the_worker_dead_health_turns_red(ward: list[Patient]) -> None:
    with stack('web', 'worker', 'beat') as live:
        eventually(is_well(live), within=90, what='health')
        live.kill('worker')
        eventually(lambda: health(live)[0] == 503, within=120, what='red')


# -- killed at every step ------------------------------------------------------------------------------------------------


def die_at(live: Stack, point: str) -> None:
    """A worker that kills itself there; it is gone, and a healthy one is started in its place."""
    deaths = live.log('worker').count('SIGKILL')
    live.env['VIGIL_DIE_AT'] = point
    live.start('worker')
    eventually(lambda: live.log('worker').count('SIGKILL') > deaths, within=60, what=f'dying at {point}')
    live.kill('worker')
    del live.env['VIGIL_DIE_AT']


def test_killed_at_each_step_of_an_evaluation_nothing_is_lost_or_doubled(ward: list[Patient]) -> None:
    saved = []
    with stack('web', 'beat') as live:
        for step, patient in zip([*STEPS, 'sweep_pending.next'], ward, strict=False):
            saved += post_all(phones_of(live, [patient]), 2)
            die_at(live, step)
        assert 'SIGKILL' in live.log('worker')
        live.start('worker')
        eventually(nothing_pending, within=90, what='checking every entry')
    assert_all_stored_and_checked_once(saved)
    assert_every_flag_is_in_one_alert(ward[: len(STEPS) + 1])


def test_killed_between_counting_a_failure_and_telling_the_nurse_she_is_told(ward: list[Patient]) -> None:
    with stack('web', 'beat') as live:
        post_all(phones_of(live, ward[:1]), 1)
        poison(Entry.objects.get())
        die_at(live, 'evaluate.counted')
        live.start('worker')
        eventually(lambda: Flag.objects.filter(rule=RULE).exists(), within=90, what='telling the nurse')
    assert Flag.objects.filter(rule=RULE).count() == 1


@pytest.mark.parametrize('step', ['audit.judged', 'drill.looked'])
def test_killed_in_the_middle_of_watching_it_goes_on_watching(
    ward: list[Patient], admin: Membership, step: str
) -> None:
    with stack('web', 'beat', DRILL_SECONDS='90') as live:
        ask_for_a_drill(live, admin)
        die_at(live, step)
        live.start('worker')
        eventually(lambda: not Drill.objects.filter(finished_at=None).exists(), within=150, what='the end of the drill')
        eventually(is_well(live), within=90, what='health')
    assert Drill.objects.get().broken == ''


# -- poison --------------------------------------------------------------------------------------------------------------


def test_a_poison_entry_is_set_aside_a_nurse_told_and_the_others_unharmed(
    ward: list[Patient], nurse: Membership
) -> None:
    with stack('web') as live:
        saved = post_all(phones_of(live, ward[:3]), 2)
        bad = Entry.objects.order_by('pk')[0]
        poison(bad, {'answers': {'FEVER': ['rubbish']}, 'measurements': {}})
        live.start('worker')
        live.start('beat')
        eventually(lambda: Flag.objects.filter(rule=RULE).exists(), within=90, what='telling the nurse')
        eventually(lambda: Evaluation.objects.filter(pending_since__isnull=False).count() == 1, what='the others')
        status, page = Phone(live, nurse).get('/worklist/')
        assert status == 200
        assert 'An entry could not be checked' in page
        eventually(is_well(live), within=90, what='health')
        row = Evaluation.objects.get(revision__entry=bad)
        assert (row.attempts >= 3, row.error) == (True, 'EntryUnreadable')
        assert 'rubbish' not in live.log('worker')
    assert Evaluation.objects.exclude(pk=row.pk).filter(evaluated_at=None).count() == 0
    assert len(saved) == Entry.objects.count()
    assert Alert.objects.get(flags__rule=RULE).tier == 'urgent'


# -- the fire drill --------------------------------------------------------------------------------------------------------


def ask_for_a_drill(live: Stack, admin: Membership) -> Phone:
    phone = Phone(live, admin)
    _status, page = phone.get('/clinic/watch/')
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page[:2000]
    phone.hidden = {'csrfmiddlewaretoken': token[1]}
    assert phone.post('/clinic/watch/drill/', {})[0] == 200
    assert Drill.objects.filter(finished_at=None).exists()
    return phone


def ended() -> bool:
    return Drill.objects.filter(finished_at__isnull=False).exists()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody answers."""
    import socket

    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        yield int(taken.getsockname()[1])


def test_with_all_alive_the_drill_is_green_and_nobody_was_called_out(
    ward: list[Patient], admin: Membership, nurse: Membership
) -> None:
    with stack('web', 'worker', 'beat', DRILL_ADDRESS='drills@example.com') as live:
        phone = ask_for_a_drill(live, admin)
        eventually(ended, within=150, what='the end of the drill')
        assert Drill.objects.get().broken == ''
        eventually(is_well(live), within=90, what='health')
        page = phone.get('/clinic/watch/')[1]
        assert 'All is well.' in page
        (mail,) = [file.read_text() for file in (live.place / 'mail').iterdir()]
        assert 'To: drills@example.com' in mail
        assert 'fire drill' in mail
        eventually(lambda: not Alert.objects.exclude(state='resolved').exists(), what='clearing up')
        assert 'Fire drill' not in Phone(live, nurse).get('/patients/?whose=all')[1]
    assert Alert.objects.filter(is_drill=False).count() == 0


def test_with_the_worker_dead_the_drill_is_red_and_names_the_link(ward: list[Patient], admin: Membership) -> None:
    with stack('web', 'worker', 'beat', DRILL_SECONDS='5') as live:
        eventually(is_well(live), within=90, what='health')
        live.kill('worker')
        phone = ask_for_a_drill(live, admin)
        time.sleep(6)
        page = phone.get('/clinic/watch/')[1]
        assert 'The entry was not checked: no worker did it.' in page
        live.start('worker')
        eventually(ended, within=90, what='the end of the drill')
        assert Drill.objects.get().broken == 'checked'
        eventually(lambda: 'red drill' in health(live)[1], within=90, what='red')


def test_with_mail_refused_the_drill_is_red_and_names_the_link(
    ward: list[Patient], admin: Membership, closed_port: int
) -> None:
    refused = f'smtp://127.0.0.1:{closed_port}'
    with stack('web', 'worker', 'beat', DRILL_SECONDS='10', EMAIL_URL=refused) as live:
        phone = ask_for_a_drill(live, admin)
        eventually(ended, within=90, what='the end of the drill')
        drill = Drill.objects.get()
        assert drill.broken == 'sent'
        assert drill.listed_at is not None
        assert 'no message went out' in phone.get('/clinic/watch/')[1]
        eventually(lambda: 'red drill' in health(live)[1], within=90, what='red')
        assert Check.objects.get(name=f'drill:{drill.clinic_id}').detail == {'broken': 'sent'}
    assert Heartbeat.objects.exists()
