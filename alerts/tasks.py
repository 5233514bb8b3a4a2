"""Thin tasks: each takes ids, calls one service, and may run late, twice or at the same time as itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from alerts import hints
from alerts.services import auditing, drilling, evaluation, notifying, reminding, rostering, silences, sweeping
from alerts.services.rules import replay_run, replaying, sampling, trying

SWEEP_SECONDS = 3.0  # less than the pause between two sweeps: a long list must not keep a fresh entry waiting
REPLAY_SECONDS = 2.0  # where one worker does everything, what is urgent waits no longer than that
GRACE = timedelta(seconds=5)  # a fresh entry is left to its own task for so long


class EvaluationFailed(Exception):
    """Counted on the row, and tried again by the sweep; the message is the kind of error."""


class ReplayBroke(Exception):
    """Counted on the replay, and taken up again by the sweep; the message is the kind of error."""


@shared_task
def evaluate(evaluation_id: int) -> None:
    """Evaluate one ledger row (alerts.Evaluation id)."""
    try:
        evaluation.evaluate(evaluation_id=evaluation_id, now=timezone.now())
    except Exception as error:  # noqa: BLE001  (whatever it is)
        # Celery writes an error's message into the log, and this one's may hold what a patient wrote.
        raise EvaluationFailed(type(error).__name__) from None


@shared_task
def sweep_pending() -> int:
    """Evaluate what no message told of, or what a dead worker left. Returns how many were evaluated."""
    return evaluation.evaluate_pending(
        now=timezone.now(), older_than=GRACE, for_seconds=SWEEP_SECONDS, clock=timezone.now
    )


@shared_task
def sweep_notifications() -> int | None:
    """Deliver the notifications that are due. Returns how many were sent; None, and no sign of life, when another is at it."""
    return notifying.sweep(now=timezone.now())


@shared_task
def sweep_due() -> int:
    """Do the next step of the alerts whose clock says so. Returns how many did one."""
    return sweeping.sweep_due(now=timezone.now(), for_seconds=SWEEP_SECONDS)


@shared_task
def sweep_silences() -> int:
    """Find who has not written, and end what is over. Returns how many silences began or ended."""
    return silences.sweep_silences(now=timezone.now())


@shared_task
def audit() -> bool:
    """Judge whether every promise is kept. Returns whether all is well."""
    return auditing.audit(now=timezone.now())


@shared_task
def sweep_drills() -> int:
    """Begin, judge and end fire drills. Returns how many were begun or ended."""
    return drilling.sweep(now=timezone.now())


@shared_task
def sweep_reminders() -> int:
    """Remind patients of their diary. Returns how many are told."""
    return reminding.remind_due(now=timezone.now())


@shared_task
def sweep_roster() -> int:
    """Tell the leads of gaps in the on-call plan. Returns how many are told or have been."""
    return rostering.tell_of_gaps(now=timezone.now())


@shared_task(soft_time_limit=30, time_limit=60)
def sweep_silent_runs() -> int:
    """Let drafts on trial, and emergency rules that were set aside, look at what was evaluated. Returns at how many entries."""
    return trying.look(now=timezone.now(), for_seconds=SWEEP_SECONDS)


@shared_task
def sweep_samples() -> int:
    """Draw each clinic's sample of yesterday's unflagged entries, once. Returns how many entries were drawn."""
    return sampling.draw_all(now=timezone.now())


@shared_task
def replay(replay_id: int) -> None:
    """Do a share of a replay (alerts.Replay id), and ask for the next turn."""
    try:
        more = replay_run.work(replay_id=replay_id, for_seconds=REPLAY_SECONDS, clock=timezone.now)
    except Exception as error:  # noqa: BLE001  (as in evaluate)
        raise ReplayBroke(type(error).__name__) from None
    if more:
        hints.send(replaying.TASK, replay_id, to=replaying.QUEUE)


@shared_task
def sweep_replays() -> int:
    """Call workers to replays that nobody is at. Returns how many."""
    return replaying.sweep(now=timezone.now())
