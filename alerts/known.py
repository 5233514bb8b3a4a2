"""Whether the team already knows what an entry tells and expects it: then the patient is not told that somebody looks today."""

from collections.abc import Sequence
from datetime import datetime

from alerts.engine import Tier
from alerts.engine.snoozing import Verdict
from alerts.expectations import unmeasured, verdict_on
from alerts.models import Snooze
from alerts.queries.snoozes import snooze_for
from alerts.services.finding import Finding


def known_until(findings: Sequence[Finding]) -> datetime | None:
    """Until when a running snooze of the patient expects everything that fired; None where somebody is to look at it.

    Asked before the worker has joined the flags to the alert, and of the same facts, so that page and worklist say one thing.
    """
    if max(finding.result.tier for finding in findings) is not Tier.SAME_DAY:
        return None
    snooze = snooze_for(findings[0].revision.entry.patient)
    if snooze is None or not all(_stays(snooze, finding) for finding in findings):
        return None
    return snooze.until


def _stays(snooze: Snooze, finding: Finding) -> bool:
    flags = [unmeasured(flag, finding.evidence(flag.rule_id)) for flag in finding.result.flags]
    return verdict_on(snooze, flags, finding.revision.document) is Verdict.STAYS
