"""An alert in somebody's hands for one step: its row locked, and the two reasons for which her step is not taken."""

from datetime import datetime

from alerts.models import Alert, AlertEventKind, AlertState
from clinic.models import User


class AlreadyDone(Exception):
    """Somebody was faster: `who` (None: not known) did it, `when`."""

    def __init__(self, who: User | None, when: datetime) -> None:
        super().__init__('already done')
        self.who = who
        self.when = when


class ChangedMeanwhile(Exception):
    """The alert is not as the nurse saw it: something came between. Nobody closes what she has not read."""


def locked(alert: Alert) -> Alert:
    """The row as it is now, for the caller's transaction."""
    # No joins: after waiting for the lock PostgreSQL reads this row afresh, but not what was joined to it.
    return Alert.objects.select_for_update().get(pk=alert.pk)


def refuse_resolved(alert: Alert) -> None:
    """Raises AlreadyDone for a resolved alert."""
    if alert.state == AlertState.RESOLVED:
        last = alert.events.filter(kind=AlertEventKind.RESOLVED).select_related('actor').latest('pk')
        raise AlreadyDone(last.actor, last.at)


def refuse_stale(alert: Alert, seen: int | None) -> None:
    """Raises ChangedMeanwhile where `seen`, the version on her screen, is not the alert's."""
    if seen is not None and seen != alert.version:
        raise ChangedMeanwhile
