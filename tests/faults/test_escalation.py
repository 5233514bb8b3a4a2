"""Promise 3 on real processes: an alert climbs on time, each step once, whatever dies, doubles or comes late."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from alerts.engine.escalation import default_ladder
from alerts.engine.tiers import Tier
from alerts.models import Alert, AlertEvent, Notification
from alerts.services import sweeping
from clinic.faultpoints import VARIABLE
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import open_alert
from tests.cast import NOW
from tests.live import Stack, eventually, stack

pytestmark = pytest.mark.timeout(280)
POINTS = ['escalate.claimed', 'escalate.event', 'escalate.told', 'escalate.saved', 'escalate.committed']
SWEEP = """
import sys, django
django.setup()
from datetime import datetime
from alerts.services.sweeping import sweep_due
print(sweep_due(now=datetime.fromisoformat(sys.argv[1])))
"""


@pytest.fixture
def riverside(transactional_db: None) -> Clinic:
    return cast.make_clinic('Riverside Cancer Center')


@pytest.fixture
def nurses(riverside: Clinic) -> list[Membership]:
    return [cast.make_member(riverside, name, on_call=True) for name in ('Rosa Diaz', 'Tom Weber')]


@pytest.fixture(autouse=True)
def no_failures_of_before() -> None:
    sweeping._failed.clear()


def alerts_of(clinic: Clinic, number: int, *, due_at: datetime) -> list[Alert]:
    """Urgent alerts of as many patients, each due at its first rung."""
    patients = Patient.objects.bulk_create(
        Patient(clinic=clinic, name=f'Patient{n} Miller', record_number=f'E-{n}', time_zone='America/New_York')
        for n in range(number)
    )
    ladder = default_ladder(Tier.URGENT).to_json()
    return Alert.objects.bulk_create(
        Alert(
            clinic=clinic,
            patient=patient,
            line='red',
            tier='urgent',
            tier_rank=1,
            opened_at=due_at - timedelta(hours=1),
            waiting_since=due_at - timedelta(hours=1),
            acknowledge_by=due_at,
            last_flag_at=due_at,
            due_at=due_at,
            policy=ladder,
            step=2,
        )
        for patient in patients
    )


def steps_of(alerts: list[Alert]) -> Counter[int]:
    """How often each alert did a step."""
    events = AlertEvent.objects.filter(kind='escalated', alert__in=alerts).values_list('alert', flat=True)
    return Counter({alert.pk: 0 for alert in alerts} | Counter(events))


def each_once(alerts: list[Alert]) -> bool:
    return set(steps_of(alerts).values()) == {1}


def nobody_told_twice() -> bool:
    rows = Counter(Notification.objects.values_list('event__alert', 'recipient'))
    return set(rows.values()) == {1}


# -- kill -9 at every step -------------------------------------------------------------------------------------------------


@pytest.fixture
def live() -> Iterator[Stack]:
    with stack() as running:
        yield running


def sweep_in_a_process(live: Stack, at: datetime, **env: str) -> 'subprocess.CompletedProcess[str]':
    return subprocess.run(
        [sys.executable, '-c', SWEEP, at.isoformat()],
        env=live.env | {'DJANGO_SETTINGS_MODULE': 'config.settings'} | env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize('point', POINTS)
def test_a_sweep_that_dies_anywhere_has_done_its_step_wholly_or_not_at_all(
    riverside: Clinic, nurses: list[Membership], live: Stack, point: str
) -> None:
    (alert,) = alerts_of(riverside, 1, due_at=NOW)
    died = sweep_in_a_process(live, NOW, **{VARIABLE: point})
    assert died.returncode == -signal.SIGKILL, died.stderr
    done = point == 'escalate.committed'
    now = Alert.objects.get(pk=alert.pk)
    assert (now.due_at == NOW) is not done
    assert (AlertEvent.objects.count(), Notification.objects.count()) == ((1, 2) if done else (0, 0))
    again = sweep_in_a_process(live, NOW)
    assert again.stdout.strip() == ('0' if done else '1'), again.stderr
    assert (AlertEvent.objects.count(), Notification.objects.count()) == (1, 2)
    assert Alert.objects.get(pk=alert.pk).due_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize('point', ['escalate.claimed', 'escalate.event', 'escalate.saved', 'escalate.committed'])
def test_a_forgotten_alert_comes_back_once_whatever_dies(
    riverside: Clinic, nurses: list[Membership], live: Stack, point: str
) -> None:
    patient = cast.make_patient(riverside, 'Ana Morales', primary_nurse=nurses[0])
    nurse = nurses[0].user
    alert = open_alert(patient, state='acknowledged', owner=nurse, acknowledged_at=NOW, due_at=NOW)
    for dies in (True, False):
        sweep_in_a_process(live, NOW, **({VARIABLE: point} if dies else {}))
    assert Alert.objects.get(pk=alert.pk).state == 'reopened'
    assert AlertEvent.objects.filter(kind='returned').count() == 1
    assert nobody_told_twice()


# -- two of everything -------------------------------------------------------------------------------------------------------


def sweep_in_threads(number: int, *, now: datetime, **limits: float) -> list[int]:
    """As many workers at once; how many steps each did."""
    barrier = threading.Barrier(number)

    def run(_: int) -> int:
        try:
            barrier.wait(timeout=60)
            return sweeping.sweep_due(now=now, limit=20_000, **limits)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_workers_that_sweep_the_same_rows_at_once_do_each_step_once(
    riverside: Clinic, nurses: list[Membership]
) -> None:
    alerts = alerts_of(riverside, 150, due_at=NOW)
    done = sweep_in_threads(4, now=NOW)
    assert sum(done) == 150
    assert each_once(alerts)
    assert nobody_told_twice()


def test_a_row_that_another_worker_holds_keeps_nobody_waiting(riverside: Clinic, nurses: list[Membership]) -> None:
    """It is skipped, not waited for: one slow step must not hold up every alert behind it."""
    held, *others = alerts_of(riverside, 5, due_at=NOW)
    has_it, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Alert.objects.select_for_update().get(pk=held.pk)
                has_it.set()
                may_go.wait(60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert has_it.wait(30)
    swept: list[int] = []
    sweeper = threading.Thread(target=lambda: swept.extend(sweep_in_threads(1, now=NOW)))
    sweeper.start()
    sweeper.join(30)
    in_time = not sweeper.is_alive()
    may_go.set()
    holder.join()
    sweeper.join()
    assert in_time
    assert swept == [4]
    assert each_once(others)


def test_with_two_beats_and_workers_that_die_each_alert_climbs_once(
    riverside: Clinic, nurses: list[Membership]
) -> None:
    with stack('worker', 'beat') as live:
        first = live.children.pop('beat')
        live.start('beat')
        try:
            dice = random.Random(5)
            alerts = alerts_of(riverside, 120, due_at=timezone.now())
            for _ in range(3):
                time.sleep(dice.uniform(1, 4))
                live.kill('worker')
                live.start('worker')
            eventually(lambda: 0 not in steps_of(alerts).values(), within=90, what='telling of every alert')
            time.sleep(11)  # two more sweeps of each beat
        finally:
            first.stop()
    assert each_once(alerts)
    assert nobody_told_twice()


# -- very many, very late ----------------------------------------------------------------------------------------------------


@pytest.mark.timeout(1200)
def test_ten_thousand_at_once_are_done_once_each_and_a_fresh_emergency_goes_first(
    riverside: Clinic, nurses: list[Membership]
) -> None:
    """Most of them are same-day alerts on their way to the review list, as after a long absence of the workers."""
    alerts = alerts_of(riverside, 10_000, due_at=NOW)
    Alert.objects.filter(pk__gt=alerts[1000].pk).update(
        line='amber', tier='same_day', tier_rank=2, policy=default_ladder(Tier.SAME_DAY).to_json(), step=0, round=1
    )
    longest = timed_sweep()
    patient = cast.make_patient(riverside, 'Ben Katz', user=False)
    emergency = open_alert(patient, tier='emergency', due_at=NOW)
    longest = max(longest, timed_sweep())
    assert AlertEvent.objects.filter(alert=emergency, kind='escalated').count() == 1  # by the very next sweep
    while Alert.objects.filter(due_at__lte=NOW).exists():
        longest = max(longest, timed_sweep())
    done = AlertEvent.objects.filter(alert__in=alerts).values_list('alert', flat=True)
    assert set(Counter(done).values()) == {1}
    assert len(done) == 10_000
    assert nobody_told_twice()
    assert longest < 60  # not a speed test: a sweep that ignored its three seconds would take minutes


def timed_sweep() -> float:
    """Two workers sweep at once, for three seconds each; how long it took."""
    began = time.monotonic()
    assert sum(sweep_in_threads(2, now=NOW, for_seconds=3.0)) > 0
    return time.monotonic() - began


def test_after_a_long_absence_one_step_each_and_then_on_schedule(riverside: Clinic, nurses: list[Membership]) -> None:
    alerts = alerts_of(riverside, 20, due_at=NOW)
    late = NOW + timedelta(days=2)
    assert [sweeping.sweep_due(now=late + timedelta(minutes=m)) for m in (0, 1, 29, 30)] == [20, 0, 0, 20]
    assert set(steps_of(alerts).values()) == {2}


def test_a_clock_that_is_an_hour_behind_or_ahead_loses_and_doubles_nothing(
    riverside: Clinic, nurses: list[Membership]
) -> None:
    alerts = alerts_of(riverside, 5, due_at=NOW)
    hour = timedelta(hours=1)
    assert sweeping.sweep_due(now=NOW - hour) == 0
    assert sweeping.sweep_due(now=NOW + hour) == 5
    assert sweeping.sweep_due(now=NOW) == 0  # put right again
    assert sweeping.sweep_due(now=NOW + hour + timedelta(minutes=30)) == 5
    assert set(steps_of(alerts).values()) == {2}
