"""Thin tasks: each takes ids, calls one service, and may run late, twice or at the same time as itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from alerts.services import evaluation, notifying

GRACE = timedelta(seconds=5)  # a fresh entry is left to its own task for so long


@shared_task
def evaluate(evaluation_id: int) -> None:
    """Evaluate one ledger row (alerts.Evaluation id)."""
    evaluation.evaluate(evaluation_id=evaluation_id, now=timezone.now())


@shared_task
def sweep_pending() -> int:
    """Evaluate what no message told of, or what a dead worker left. Returns how many were evaluated."""
    return evaluation.evaluate_pending(now=timezone.now(), older_than=GRACE)


@shared_task
def sweep_notifications() -> int:
    """Deliver the notifications that are due. Returns how many were handled."""
    return notifying.deliver_due(now=timezone.now())
