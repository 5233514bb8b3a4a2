"""How far back the result of one entry can depend on earlier entries; by the same measure, how far forward a late or
corrected entry can change later results."""

from collections.abc import Iterable
from datetime import timedelta

import alerts.engine.nodes as nodes
from alerts.engine.rules import Rule
from alerts.engine.tiers import Tier

PREVIOUS_WITHIN = timedelta(hours=168)
FINDINGS_WITHIN = timedelta(hours=24)
# A zone may move its clocks between two entries; no zone's offsets lie further apart than UTC+14 and UTC-12.
CLOCK_CHANGES = timedelta(hours=26)


def same_day_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Those whose flags count as same-day findings: not the ones that count findings themselves."""
    return [rule for rule in rules if rule.tier is Tier.SAME_DAY and not nodes.uses_findings(rule.when)]


def lookback(rules: Iterable[Rule]) -> timedelta:
    rules = list(rules)
    findings = FINDINGS_WITHIN + max(
        (_of(rule.when, timedelta()) for rule in same_day_rules(rules)), default=timedelta()
    )
    return max((_of(rule.when, findings) for rule in rules), default=timedelta())


def _of(node: nodes.Node, findings: timedelta) -> timedelta:
    below = max((_of(child, findings) for child in nodes.children(node)), default=timedelta())
    match node:
        case nodes.NewAny() | nodes.Worsened() | nodes.AnyWorsened():
            return PREVIOUS_WITHIN
        case nodes.Persists(days=days) | nodes.PersistsAnySeverity(days=days):
            return timedelta(days=days) + CLOCK_CHANGES + below
        case nodes.SameDayFindings():
            return findings
    return below
