"""The running snooze of an alert: what new flags mean for it, and how its row ends. The steps around it are in snoozing.py."""

from collections.abc import Sequence
from datetime import datetime

from alerts.engine.snoozing import Verdict
from alerts.expectations import result_of, verdict_on
from alerts.models import Alert, Flag, Snooze, SnoozeEnd
from clinic.models import User


def is_expected(alert: Alert, flags: Sequence[Flag]) -> bool:
    """Whether new flags of one entry, not stored yet, are what the running snooze of a locked alert expects."""
    snooze = Snooze.objects.filter(alert=alert, ended_at=None).first()
    if snooze is None:
        return False
    document = flags[0].evaluation.revision.document
    return verdict_on(snooze, [result_of(flag) for flag in flags], document) is Verdict.STAYS


def finish(*, alert: Alert, why: SnoozeEnd, now: datetime, by: User | None = None) -> None:
    """End the snooze of a locked alert, if one runs. The alert's state is the caller's to set, and to save."""
    Snooze.objects.filter(alert=alert, ended_at=None).update(ended_at=now, ended_by=by, ended_why=why)
    alert.snoozed_until = None
