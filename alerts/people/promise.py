"""By when a person sees what fired: the patient is told it, and the alert is held to the same instant."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.engine.hours import Hours
from alerts.engine.lifecycle import acknowledge_by
from alerts.engine.tiers import Tier

ALERTING = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)


class Deadlines(Protocol):
    """What knows how soon a flag must be seen: a rule set, or what stands in for one."""

    def acknowledge_within(self, rule_id: str) -> int | None:
        """Minutes until a person must have acknowledged a flag of this rule; None where it makes no alert."""


def promised(
    fired: Iterable[tuple[str, Tier]], rules: Deadlines, *, since: datetime, hours: Sequence[Hours], zone: ZoneInfo
) -> datetime | None:
    """The earliest promise for (rule, tier) pairs, counted from `since`, in UTC; None where nothing makes an alert.

    Same-day minutes count the clinic's `hours` only.
    """
    due = (
        acknowledge_by(tier, since, rules.acknowledge_within(rule) or 0, hours, zone)
        for rule, tier in fired
        if tier in ALERTING
    )
    return min(due, default=None)
