"""The clock jumps an hour, forward or back: nothing is lost, doubled or left lying, and what stopped still shows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from alerts.models import Alert, AlertEvent, Evaluation, Heartbeat, Notification
from alerts.services import watching
from alerts.tasks import audit, sweep_drills, sweep_due, sweep_notifications, sweep_pending
from clinic.models import Membership, Patient
from tests.alerts.conftest import FEVER, told_us
from tests.cast import NOW
from tests.poisoned import poison

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db]
HOUR = timedelta(hours=1)
SWEEPS = (sweep_pending, sweep_due, sweep_notifications, sweep_drills, audit)


@pytest.fixture(autouse=True)
def no_drill(settings: Any) -> None:
    settings.DRILL_DAILY = False


def everything_at(now: datetime) -> None:
    """One turn of every sweep, by the clock that the worker reads."""
    with time_machine.travel(now, tick=False):
        for sweep in SWEEPS:
            assert sweep.apply().successful(), sweep.name


def test_forward_an_alert_does_one_step_and_nobody_is_told_twice(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER)
    everything_at(NOW + timedelta(seconds=10))
    events = AlertEvent.objects.filter(alert__line='red').count()
    told = Notification.objects.count()
    everything_at(NOW + HOUR)
    assert AlertEvent.objects.filter(alert__line='red').count() <= events + 1
    everything_at(NOW + HOUR + timedelta(seconds=5))
    assert AlertEvent.objects.filter(alert__line='red').count() <= events + 1
    assert Notification.objects.values('key', 'recipient').distinct().count() == Notification.objects.count() >= told
    assert Alert.objects.get(line='red').due_at > NOW + HOUR


def test_back_an_entry_that_was_owed_by_the_old_clock_is_checked_now(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER, check=False)
    everything_at(NOW - HOUR)
    assert not Evaluation.objects.filter(pending_since__isnull=False).exists()
    assert Alert.objects.filter(line='red', state='open').exists()


def test_back_a_set_aside_entry_is_tried_again_without_waiting_an_hour(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER, check=False)
    poison(entry)
    for seconds in (10, 20, 30):
        everything_at(NOW + timedelta(seconds=seconds))
    assert Evaluation.objects.get().attempts == 3
    everything_at(NOW - HOUR)
    assert Evaluation.objects.get().attempts == 4


@pytest.mark.parametrize('jump', [HOUR, -HOUR])
def test_after_a_jump_health_is_red_until_the_sweeps_have_run_by_the_new_clock(
    rosa: Membership, jump: timedelta
) -> None:
    everything_at(NOW)
    everything_at(NOW + timedelta(seconds=15))
    for name in watching.sweeps():
        watching.beat(name, now=NOW + timedelta(seconds=15))
    assert watching.health(now=NOW + timedelta(seconds=20)).is_well
    then = NOW + jump
    assert watching.AUDIT in watching.health(now=then).stopped, 'a sign of another hour is none'
    for name in watching.sweeps():
        watching.beat(name, now=then)
    everything_at(then)
    assert watching.health(now=then).is_well
    assert Heartbeat.objects.filter(at=then).count() >= len(SWEEPS)
