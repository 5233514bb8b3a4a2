"""Whether a draft's effect on the last 90 days was looked at as it reads now."""

from datetime import date, timedelta

from alerts.models import Replay, ReplayState, RuleSet

SPAN = timedelta(days=90)  # both ends counted
FRESH = timedelta(days=7)  # how long ago its last day may be


def replayed(rule_set: RuleSet, *, today: date) -> Replay | None:
    """The newest replay of just these words that ran to its end over the last 90 days (`today` is the clinic's); None where there
    is none."""
    found = Replay.objects.filter(rule_set=rule_set, digest=rule_set.digest, state=ReplayState.DONE)
    first, last = today - SPAN + timedelta(days=1), today - FRESH
    return found.filter(since__lte=first, until__gte=last).defer('content', 'figures').order_by('-asked_at').first()
