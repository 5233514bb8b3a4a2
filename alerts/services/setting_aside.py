"""Entries that cannot be evaluated: tried three times, then set aside, and a nurse is told to read them herself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from alerts.models import Evaluation, Flag, TierChoice
from alerts.services.flagging import raise_flags
from alerts.unread import RULE, TITLE, UnreadDeadlines
from clinic.faultpoints import point
from clinic.models import Patient

MOST_ATTEMPTS = 3  # an entry that failed so often is set aside, counted as unchecked, and tried again now and then
RETRY_SET_ASIDE = timedelta(minutes=10)


def resting(*, now: datetime) -> Q:
    """The ledger rows that are set aside until their next try."""
    return Q(attempts__gte=MOST_ATTEMPTS, failed_at__gt=now - RETRY_SET_ASIDE, failed_at__lte=now)


def count_failure(*, evaluation_id: int, error: str, now: datetime) -> None:
    """Note a failed attempt; the third one and all after it make sure that a nurse was told. `error` is a class's name."""
    failed = Evaluation.objects.filter(pk=evaluation_id)
    failed.update(attempts=F('attempts') + 1, failed_at=now, error=error)
    point('evaluate.counted')
    if failed.filter(attempts__gte=MOST_ATTEMPTS).exists():
        tell_a_nurse(evaluation_id=evaluation_id, now=now)


@transaction.atomic
def tell_a_nurse(*, evaluation_id: int, now: datetime) -> bool:
    """Raise the flag that climbs like any urgent one; False when it stands already, or nobody has to read the entry any more."""
    patients = Patient.objects.select_for_update(of=('self',), no_key=True).select_related('clinic')
    patient = patients.get(evaluations=evaluation_id)
    evaluation = Evaluation.objects.select_related('revision__entry').get(pk=evaluation_id)
    entry = evaluation.revision.entry
    overtaken = evaluation.revision.number != entry.current_number
    if evaluation.pending_since is None or overtaken or _stands(evaluation):
        return False
    flag = Flag(
        evaluation=evaluation,
        patient=patient,
        rule=RULE,
        tier=TierChoice.URGENT.value,
        title=TITLE,
        evidence={},
        raised_at=now,
    )
    since = evaluation.pending_since
    raise_flags(patient=patient, entry=entry, flags=[flag], rules=UnreadDeadlines(), since=since, now=now)
    return True


def _stands(evaluation: Evaluation) -> bool:
    return evaluation.flags.filter(rule=RULE, withdrawn_at=None).exists()
