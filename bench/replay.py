"""Replaying a draft over 10⁴, 10⁵ and 10⁶ stored entries by the real Celery workers, and beside it the limit: the same rows read,
and as many flags written by COPY, with no rules at all, by as many processes."""

import copy
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from alerts.models import Replay, ReplayState, RuleSet
from alerts.services.rules import drafting, replaying
from bench.replaying.clinic import DAYS, BigClinic
from bench.replaying.watch import watched
from bench.stack import processes
from tests.live import Stack, eventually

SIZES = (10_000, 100_000, 1_000_000)
WORKERS = 2
LIMIT = [sys.executable, '-m', 'bench.replaying.limit']
# As an admin would try it: a tier lowered, a threshold raised, a rule taken out.
CHANGES: dict[str, dict[str, Any] | None] = {
    'R04S': {'when': {'symptom': 'DIARRHEA', 'gte': 2}},
    'R03': {'when': {'any': [{'symptom': 'DYSPNEA', 'gte': 2}, {'symptom': 'DYSPHAGIA', 'gte': 1}]}},
    'U02': {'tier': 'same_day'},
    'C02': None,
}


def run(options: Sequence[str] = ()) -> dict[str, Any]:
    """Seconds from the first start to done. Sizes may be given, such as 10000,100000."""
    sizes = [int(size) for size in options[0].split(',')] if options else SIZES
    now = timezone.now()
    big = BigClinic(now)
    draft = _draft(big, now)
    figures = {}
    for size in sizes:
        big.grow(size)
        with processes('worker', 'beat') as stack:
            figures[str(size)] = _one(big, draft, stack)
    return figures


def _draft(big: BigClinic, now: datetime) -> RuleSet:
    draft = drafting.begin(clinic=big.clinic, by=big.admin, title='Bench', why='bench', now=now)
    content = copy.deepcopy(draft.content)
    for rule, change in CHANGES.items():
        if change is None:
            del content['rules'][rule]
        else:
            content['rules'][rule] |= change
    return drafting.replace_content(draft=draft, content=content, by=big.admin, seen=draft.edits, now=now)


def _one(big: BigClinic, draft: RuleSet, stack: Stack) -> dict[str, Any]:
    with watched(stack.children['worker'].pid) as seen:
        replay = _replayed(big, draft)
    seconds = (replay.finished_at - replay.started_at).total_seconds()  # type: ignore[operator]
    limit = _limit(replay)
    flags = sum(number for sides in replay.figures['flags'].values() for number in sides.values())
    return {
        'entries': replay.figures['entries'],
        'patients': replay.figures['patients'],
        'flags_written': flags,
        'seconds': round(seconds, 2),
        'entries_per_second': round(replay.figures['entries'] / seconds),
        'worker_cpu_seconds': round(seen.cpu, 1),
        'peak_mb_largest_worker': seen.largest,
        'peak_mb_all_workers': seen.together,
        'limit_seconds': round(limit, 2),
        'times_the_limit': round(seconds / limit, 1),
    }


def _replayed(big: BigClinic, draft: RuleSet) -> Replay:
    now = timezone.now()
    until = now.astimezone(big.clinic.zone).date()
    replay = replaying.ask(
        rule_set=draft, clinic=big.clinic, by=big.admin, since=until - timedelta(days=DAYS + 1), until=until, now=now
    )
    # The message went to this process's broker, where nobody listens; the sweep calls the workers.
    Replay.objects.filter(pk=replay.pk).update(leased_until=None)
    eventually(lambda: _ended(replay), within=1800, what='the replay')
    assert replay.state == ReplayState.DONE, replay.error
    return replay


def _ended(replay: Replay) -> bool:
    time.sleep(0.2)
    replay.refresh_from_db()
    return replay.finished_at is not None


def _limit(replay: Replay) -> float:
    """The batches of the replay again, shared by as many processes: rows read, flags copied, nothing in between."""
    with ExitStack() as stack:
        running = [stack.enter_context(_limiter(replay, number)) for number in range(WORKERS)]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == 'ready\n'
        began = time.perf_counter()
        for process in running:
            _say(process)
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == 'done\n'
        took = time.perf_counter() - began
        for process in running:
            _say(process)
    return took


@contextmanager
def _limiter(replay: Replay, number: int) -> Iterator[subprocess.Popen[str]]:
    argv = [*LIMIT, str(replay.pk), str(number), str(WORKERS)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.wait()


def _say(process: 'subprocess.Popen[str]') -> None:
    assert process.stdin is not None
    process.stdin.write('go\n')
    process.stdin.flush()
