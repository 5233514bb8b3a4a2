"""The work of a replay, shared by any number of workers: batches of patients, each whole or not at all.

A worker holds the row of its batch while it works. Flags, cases, figures and progress are committed with it; a worker that dies
lets go of the row with its connection, and another one takes the batch as if nothing had been. Nothing here trusts a message.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from alerts.engine import RuleError
from alerts.engine.replay_counts import added
from alerts.models import Replay, ReplayBatch, ReplayState
from alerts.services.rules.replay_batch import Batch, write
from alerts.services.rules.replay_clinic import closing_of, usual_seconds
from alerts.services.rules.replay_read import Window, entries_by_patient
from alerts.services.rules.replay_sides import Sides, sides_of
from alerts.services.rules.replaying import LEASE, UNFINISHED
from clinic.faultpoints import point
from clinic.models import Membership

MOST_ENTRIES = 2_000  # of a batch: some 20 MB, and less than a second
MOST_STARTS = 8  # without a batch done in between


class Stopped(Exception):
    """It was cancelled, or has failed: nothing more of it may be stored."""


def work(*, replay_id: int, for_seconds: float, clock: Callable[[], datetime]) -> bool:
    """Do batches for a while. True when there is more to do. `clock` is read for each batch, which is an operation of its own.

    Whatever goes wrong in a batch is counted, and raised again; a replay that fails at the same place again and again ends.
    """
    until = time.monotonic() + for_seconds
    try:
        replay = _begin(replay_id, now=clock())
        if replay is None:
            return False
        sides = sides_of(replay)
        window = Window(replay.since, replay.until, sides.lookback)
        in_vain = True
        while _one_batch(replay, sides, window, now=clock()):
            in_vain = False
            if time.monotonic() > until:
                return True
        if in_vain:
            _uncount(replay_id)
        _finish(replay_id, now=clock())
    except Stopped:
        return False
    except RuleError as error:
        _fail(replay_id, error, now=clock())  # the same rules will say the same the next time
        return False
    except Exception as error:
        # The message may hold what a patient wrote, so only the kind of error is kept.
        Replay.objects.filter(pk=replay_id).update(error=type(error).__name__)
        raise
    return False


def _begin(replay_id: int, *, now: datetime) -> Replay | None:
    """Count the start, and plan the batches if nobody has. None when there is nothing to do any more."""
    with transaction.atomic():
        replay = _locked(replay_id)
        if replay.state not in UNFINISHED:
            return None
        if replay.attempts >= MOST_STARTS:
            replay.state, replay.finished_at = ReplayState.FAILED, now
            replay.error = replay.error or 'WorkerLost'
            replay.save(update_fields=['state', 'finished_at', 'error'])
            return None
        if replay.state == ReplayState.WAITING:
            _plan(replay, now=now)
        replay.attempts, replay.leased_until = replay.attempts + 1, now + LEASE
        replay.save()
        point('replay.planned')
    point('replay.begun')
    return replay


def _plan(replay: Replay, *, now: datetime) -> None:
    window = Window(replay.since, replay.until, sides_of(replay).lookback)
    found = entries_by_patient(replay.clinic_id, window)
    ReplayBatch.objects.bulk_create(
        ReplayBatch(replay=replay, number=number, patients=patients)
        for number, patients in enumerate(_parts([(patient, read) for patient, read, _wanted in found]))
    )
    replay.state, replay.started_at, replay.patients_total = ReplayState.RUNNING, now, len(found)
    # Fixed here: what is resolved meanwhile must not make later batches close cases otherwise than earlier ones.
    replay.figures = {'usual': usual_seconds(replay.clinic, since=window.since, until=now)}


def _parts(patients: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Patients in parts of MOST_ENTRIES entries or so, or one patient who has more."""
    part: list[int] = []
    size = 0
    for patient, entries in patients:
        if part and size + entries > MOST_ENTRIES:
            yield part
            part, size = [], 0
        part.append(patient)
        size += entries
    if part:
        yield part


def _one_batch(replay: Replay, sides: Sides, window: Window, *, now: datetime) -> bool:
    """Take a batch that nobody has, and do it. False when there is none."""
    with transaction.atomic():
        undone = ReplayBatch.objects.select_for_update(skip_locked=True).filter(replay=replay, done_at=None)
        batch = undone.order_by('number').first()
        if batch is None:
            return False
        point('replay.claimed')
        _by_itself()
        closing = closing_of(replay.clinic, replay.figures['usual'], since=window.since, until=now)
        outcome = Batch(replay.pk, sides, window, closing).outcome(batch.patients)
        write(outcome)
        batch.done_at, batch.figures = now, outcome.figures
        batch.save(update_fields=['done_at', 'figures'])
        running = Replay.objects.filter(pk=replay.pk, state=ReplayState.RUNNING)
        told = running.update(
            patients_done=F('patients_done') + len(batch.patients),
            entries_done=F('entries_done') + outcome.figures['entries'],
            attempts=0,
            leased_until=now + LEASE,
        )
        if not told:
            raise Stopped
        point('replay.counted')
    point('replay.committed')
    return True


def _by_itself() -> None:
    """In this transaction, PostgreSQL starts no helpers for a query: each worker has a processor of its own to fill."""
    with connection.cursor() as cursor:
        cursor.execute('SET LOCAL max_parallel_workers_per_gather = 0')


def _finish(replay_id: int, *, now: datetime) -> None:
    """Add the batches up, when all are done; whoever has the last one in hand does it."""
    with transaction.atomic():
        replay = _locked(replay_id)
        batches = ReplayBatch.objects.filter(replay=replay)
        if replay.state != ReplayState.RUNNING or batches.filter(done_at=None).exists():
            return
        sums = added(batches.values_list('figures', flat=True).iterator())
        replay.figures |= sums | {'nurses': _nurses(replay)}
        replay.state, replay.finished_at, replay.error = ReplayState.DONE, now, ''
        replay.save(update_fields=['figures', 'state', 'finished_at', 'error'])
        point('replay.finishing')
    point('replay.finished')


def _nurses(replay: Replay) -> int:
    return Membership.objects.filter(clinic=replay.clinic_id, is_nurse=True, active=True).count()


def _uncount(replay_id: int) -> None:
    """Others have every batch in hand, slow or not: this start was not one that failed."""
    Replay.objects.filter(pk=replay_id, state=ReplayState.RUNNING, attempts__gt=0).update(attempts=F('attempts') - 1)


def _fail(replay_id: int, error: Exception, *, now: datetime) -> None:
    unfinished = Replay.objects.filter(pk=replay_id, state__in=UNFINISHED)
    unfinished.update(state=ReplayState.FAILED, finished_at=now, error=type(error).__name__)


def _locked(replay_id: int) -> Replay:
    rows = Replay.objects.select_for_update(of=('self',)).select_related('clinic', 'against').defer('content')
    return rows.get(pk=replay_id)
