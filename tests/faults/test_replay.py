"""A replay interrupted at every step, by real processes that die: what comes out is what an undisturbed one gives."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from alerts.models import Replay, ReplayCase, ReplayFlag, ReplayState, RuleSet
from alerts.services.rules import replay_run, replaying
from clinic.models import User
from config.embedded import paths
from tests.alerts.rules.replay_stage import asked, author, draft_of, run, tell
from tests.cast import NOW
from tests.live import eventually, stack

pytestmark = [pytest.mark.timeout(240), pytest.mark.django_db(transaction=True)]

# The second time where a step comes once for each batch: then another one is stored already.
STEPS = (
    'replay.planned',
    'replay.begun',
    'replay.claimed:2',
    'replay.evaluated:2',
    'replay.flags:2',
    'replay.cases:2',
    'replay.counted:2',
    'replay.committed:2',
    'replay.finishing',
    'replay.finished',
)
CHANGES: dict[str, Any] = {
    **dict.fromkeys(('S02', 'C02', 'C03', 'R06S', 'U08')),
    'M01': {'tier': 'same_day'},
    'R04S': {'when': {'symptom': 'DIARRHEA', 'gte': 2}},
    'R02': {'tier': 'emergency'},
}
WORK = (
    'import django, time; django.setup()\n'
    'from django.utils import timezone\n'
    'from alerts.services.rules import replay_run\n'
    'replay_run.MOST_ENTRIES = 20\n'
    '{also}\n'
    'while replay_run.work(replay_id={pk}, for_seconds=0, clock=timezone.now): pass'
)
# A batch takes so long that whoever looks on sees the first one done and the second one begun.
SLOWLY = 'done = replay_run.point; replay_run.point = lambda name: (done(name), time.sleep(0.5))'


@pytest.fixture
def draft(transactional_db: None, content: RuleSet, monkeypatch: pytest.MonkeyPatch) -> RuleSet:
    """A draft that makes a difference, of a clinic with a past that is cut into several batches."""
    monkeypatch.setattr(replay_run, 'MOST_ENTRIES', 20)
    clinic = tell(patients=2)
    return draft_of(clinic, author(clinic), CHANGES)


def result(replay: Replay) -> tuple[Any, ...]:
    """Everything that a replay leaves, but for the numbers that the database gives and the time of day."""
    replay.refresh_from_db()
    flags = ReplayFlag.objects.filter(replay=replay).order_by('revision', 'rule')
    cases = ReplayCase.objects.filter(replay=replay).order_by('revision', 'line', 'drafted')
    return (
        replay.state,
        replay.figures,
        replay.patients_done,
        replay.entries_done,
        list(flags.values_list('patient', 'revision', 'rule', 'tier', 'day', 'drafted', 'in_force')),
        list(
            cases.values_list(
                'patient', 'line', 'tier', 'tier_in_force', 'opened_at', 'revision', 'rules', 'entries', 'drafted'
            )
        ),
    )


def worker_process(replay: Replay, also: str = '', **env: str) -> 'subprocess.Popen[bytes]':
    """A process that works at a replay, on the test's database; it runs the line `also` before it begins."""
    url = os.environ.get('DATABASE_URL') or paths.database_url()
    ours = make_conninfo(**(conninfo_to_dict(url) | {'dbname': connection.settings_dict['NAME']}))
    given = {'DATABASE_URL': ours, 'DEBUG': 'true', 'DJANGO_SETTINGS_MODULE': 'config.settings'} | env
    code = WORK.format(pk=replay.pk, also=also)
    return subprocess.Popen([sys.executable, '-c', code], env=os.environ | given, cwd=settings.BASE_DIR)


def by(draft: RuleSet) -> User:
    assert draft.created_by is not None
    return draft.created_by


@pytest.mark.timeout(480)  # ten processes, each of which has to start
def test_a_worker_killed_at_any_step_changes_nothing_of_what_comes_out(draft: RuleSet) -> None:
    """One undisturbed replay, then one for each step: killed there, taken up by another one, and done."""
    undisturbed = result(run(asked(draft, by(draft))))
    assert undisturbed[1]['flagged']['entries']['gained'] > 0
    assert undisturbed[1]['cases']['lost']
    assert undisturbed[5]
    for step in STEPS:
        replay = asked(draft, by(draft))
        assert worker_process(replay, VIGIL_DIE_AT=step).wait() == -signal.SIGKILL, step
        assert result(run(replay)) == undisturbed, step


def test_two_workers_at_once_share_the_batches_and_do_none_twice(draft: RuleSet) -> None:
    undisturbed = result(run(asked(draft, by(draft))))
    replay = asked(draft, by(draft))
    workers = [worker_process(replay) for _ in range(2)]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert result(replay) == undisturbed


def test_a_worker_that_freezes_in_a_batch_holds_back_nothing_and_doubles_nothing(draft: RuleSet) -> None:
    """The others do the rest. Awake again it ends its batch, or finds that the database has let go of it for another one."""
    undisturbed = result(run(asked(draft, by(draft))))
    replay = asked(draft, by(draft))
    frozen = worker_process(replay, SLOWLY)
    eventually(lambda: Replay.objects.get(pk=replay.pk).patients_done > 0, within=120, what='the first batch')
    os.kill(frozen.pid, signal.SIGSTOP)
    assert worker_process(replay).wait() == 0
    os.kill(frozen.pid, signal.SIGCONT)
    frozen.wait()
    assert worker_process(replay).wait() == 0
    assert result(replay) == undisturbed


def test_a_replay_whose_messages_are_lost_and_whose_workers_die_comes_to_its_end(
    draft: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real Celery workers, killed again and again; the sweep calls the next one."""
    undisturbed = result(run(asked(draft, by(draft))))
    monkeypatch.setattr(replaying, 'LEASE', timedelta(0))
    replay = asked(draft, by(draft))  # its messages go to a broker that no worker listens to
    with stack('worker', 'beat') as live:
        for _ in range(2):
            time.sleep(4)
            live.kill('worker')
            live.start('worker')
        eventually(lambda: Replay.objects.get(pk=replay.pk).finished_at is not None, within=120, what='the replay')
    assert result(replay) == undisturbed


def test_nothing_more_of_a_cancelled_replay_is_stored(draft: RuleSet) -> None:
    replay = asked(draft, by(draft))
    working = worker_process(replay, SLOWLY)
    eventually(lambda: Replay.objects.get(pk=replay.pk).patients_done > 0, within=120, what='the first batch')
    replaying.cancel(replay=replay, now=NOW)
    done = Replay.objects.get(pk=replay.pk).patients_done
    flags = ReplayFlag.objects.filter(replay=replay).count()
    assert working.wait() == 0
    replay.refresh_from_db()
    assert (replay.state, replay.patients_done) == (ReplayState.CANCELLED, done)
    assert ReplayFlag.objects.filter(replay=replay).count() == flags
