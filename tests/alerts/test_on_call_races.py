"""Two who change a plan at once, and a sweep that dies between its steps."""

import contextlib
import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from alerts.models import Notification, OnCallOverride
from alerts.people.roster import Roster, roster_of
from alerts.services.rostering import PlanRefused, take_gap, tell_of_gaps
from clinic.models import Clinic, Membership
from config.embedded import paths
from tests.alerts.on_call_stage import MON, SAT, at, shift
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_nurses_who_take_a_gap_at_once_one_gets_it(
    riverside: Clinic, rosa: Membership, tom: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift(rosa, MON, 8, SAT, 8)
    gap = {'starts_at': at('2026-11-21 08:00'), 'ends_at': at('2026-11-23 08:00')}
    both_have_read, refused = threading.Barrier(2), []

    def read_slowly(clinic: Clinic, **given: object) -> Roster:
        roster = roster_of(clinic, **given)  # type: ignore[arg-type]
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_read.wait(2)  # as it should be, the second waits for the first, and this ends by itself
        return roster

    def take(who: Membership) -> None:
        try:
            take_gap(by=who, now=NOW, **gap)
        except PlanRefused as told:
            refused.append(told.reason)
        finally:
            connection.close()

    monkeypatch.setattr('alerts.services.rostering.roster_of', read_slowly)
    nurses = [threading.Thread(target=take, args=[who]) for who in (rosa, tom)]
    for nurse in nurses:
        nurse.start()
    for nurse in nurses:
        nurse.join()
    assert OnCallOverride.objects.count() == 1
    assert ['This is no gap any more' in words for words in refused] == [True]


def sweep_that_dies_at(name: str) -> int:
    """A real process that sweeps at the test's time; its return code."""
    url = os.environ.get('DATABASE_URL') or paths.database_url()
    ours = make_conninfo(**(conninfo_to_dict(url) | {'dbname': connection.settings_dict['NAME']}))
    code = (
        'import django; django.setup(); from datetime import datetime; from alerts.services.rostering import tell_of_gaps;'
        f' tell_of_gaps(now=datetime.fromisoformat("{NOW.isoformat()}"))'
    )
    env = {'DATABASE_URL': ours, 'VIGIL_DIE_AT': name, 'DEBUG': 'true', 'DJANGO_SETTINGS_MODULE': 'config.settings'}
    return subprocess.run(
        [sys.executable, '-c', code], env=os.environ | env, cwd=settings.BASE_DIR, check=False
    ).returncode


@pytest.mark.parametrize('step', ['roster.gap', 'roster.told'])
def test_a_sweep_that_dies_tells_of_the_gap_the_next_time_and_once(
    riverside: Clinic, tom: Membership, grace: Membership, step: str
) -> None:
    assert sweep_that_dies_at(step) == -signal.SIGKILL
    assert Notification.objects.count() == 0
    tell_of_gaps(now=NOW)
    tell_of_gaps(now=NOW)
    assert [row.recipient for row in Notification.objects.all()] == [grace.user]
