"""Making the stored flags of an entry those that hold: new ones join alerts, others are withdrawn with the reason."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from alerts.engine import FlagResult
from alerts.models import Evaluation, Flag
from alerts.services.finding import Finding
from alerts.services.flagging import raise_flags, withdraw_flags
from alerts.unread import is_unread
from clinic.models import Patient
from diary.models import Revision

REPLACED = 'corrected'
NO_LONGER_MET = 'no longer met'
READ_NOW = 'it could be checked'
# What is found anew about days longer ago than this calls nobody: see `_is_history`.
RECENT = timedelta(days=7)


def settle(
    evaluation: Evaluation, finding: Finding, standing: Sequence[Flag], *, patient: Patient, now: datetime
) -> None:
    """Store what holds now of one revision, and close its ledger row. `standing` are the flags that held of its entry until now."""
    found = {flag.rule_id for flag in finding.result.flags}
    own = {flag.rule: flag for flag in standing if flag.evaluation_id == evaluation.pk}
    new = [_flag(evaluation, finding, result, now=now) for result in finding.result.flags if result.rule_id not in own]
    if new and _is_history(evaluation, finding, now=now):
        Flag.objects.bulk_create(new)
    elif new:
        raise_flags(
            patient=patient,
            entry=finding.revision.entry,
            flags=new,
            rules=finding.compiled.rules,
            since=evaluation.pending_since or now,
            now=now,
        )
    gone = [flag for rule, flag in own.items() if rule not in found]
    withdraw_flags(flags=[flag for flag in gone if is_unread(flag)], reason=READ_NOW, now=now)
    withdraw_flags(flags=[flag for flag in gone if not is_unread(flag)], reason=NO_LONGER_MET, now=now)
    replaced = [flag for flag in standing if flag.evaluation_id != evaluation.pk]
    withdraw_flags(flags=replaced, reason=REPLACED, now=now)
    close(evaluation, tier=finding.result.tier.word, now=now, left_out=len(finding.history.unread))


def _is_history(evaluation: Evaluation, finding: Finding, *, now: datetime) -> bool:
    """Whether this is old news: another run (a usual value, a dose or a zone was told), or a diary that was read back.

    The first run of anything that a patient wrote here always counts, however late: nobody has looked at it yet.
    """
    recent = max(RECENT, finding.compiled.program.lookback)
    if finding.revision.entry.about_at >= now - recent:
        return False
    return evaluation.runs > 0 or _was_received_elsewhere(evaluation, finding.revision)


def _was_received_elsewhere(evaluation: Evaluation, revision: Revision) -> bool:
    """Who sends an entry to us is owed its evaluation from that second on, however long it waits then.

    A diary that is read back keeps the time at which it came to another Vigil, and was its team's to look at.
    """
    return evaluation.pending_since is not None and revision.received_at < evaluation.pending_since - RECENT


def _flag(evaluation: Evaluation, finding: Finding, result: FlagResult, *, now: datetime) -> Flag:
    return Flag(
        evaluation=evaluation,
        patient_id=evaluation.patient_id,
        rule=result.rule_id,
        tier=result.tier.word,
        title=finding.compiled.rules.rules[result.rule_id].title,
        symptoms=list(result.symptoms),
        evidence=finding.evidence(result.rule_id),
        raised_at=now,
    )


def close(evaluation: Evaluation, *, tier: str, now: datetime, left_out: int = 0) -> None:
    """Nothing is owed for this row any more. `left_out` entries in its reach could not be read."""
    Evaluation.objects.filter(pk=evaluation.pk).update(
        pending_since=None,
        evaluated_at=now,
        first_evaluated_at=evaluation.first_evaluated_at or now,
        runs=F('runs') + 1,
        tier=tier,
        attempts=0,
        failed_at=None,
        error='',
        left_out=left_out,
    )


def may_have_flags(evaluation: Evaluation) -> bool:
    """A first run of a first revision finds none: the common case is spared the question."""
    return evaluation.runs > 0 or evaluation.attempts > 0 or evaluation.revision.number > 1


def standing_flags(revisions: Sequence[Revision]) -> dict[int, list[Flag]]:
    """The flags that hold now of every revision of some entries, by entry."""
    standing: dict[int, list[Flag]] = defaultdict(list)
    entries = [revision.entry_id for revision in revisions]
    flags = Flag.objects.filter(evaluation__revision__entry__in=entries, withdrawn_at=None)
    for flag in flags.select_related('evaluation__revision').defer('evidence', 'evaluation__revision__document'):
        standing[flag.evaluation.revision.entry_id].append(flag)
    return standing
