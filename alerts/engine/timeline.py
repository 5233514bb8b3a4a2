"""What earlier entries leave behind for later ones."""

from collections import deque
from datetime import timedelta

from alerts.engine.lookback import FINDINGS_WITHIN

Findings = deque[tuple[timedelta, int]]  # when, and the symptoms as bits


def recall(findings: Findings, at: timedelta) -> int:
    """The symptoms of the same-day findings that are not too old; those that are, are forgotten."""
    while findings and at - findings[0][0] > FINDINGS_WITHIN:
        findings.popleft()
    found = 0
    for _, symptoms in findings:
        found |= symptoms
    return found
