"""Evaluating entries: exactly once per revision and rule-set version, whatever is lost, late or sent twice.

The ledger row (`Evaluation`) is written with the revision, in its transaction, and is pending until its flags are committed.
Work on one patient is done by one worker at a time (her row is locked), so that a late entry and the entries after it never
see half of each other. Nothing here trusts a message: a task may be lost, doubled or stale.
"""

import logging
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from alerts import hints
from alerts.engine import EntryResult, FlagResult
from alerts.facts import History, history_of, key
from alerts.models import Evaluation, Flag, RuleSet
from alerts.programs import Compiled, compiled
from alerts.queries_rule_sets import rule_set_for
from alerts.services.flagging import raise_flags, withdraw_flags
from clinic.models import Patient
from diary.models import Revision

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3  # an entry that failed so often is set aside, counted as unchecked, and tried again now and then
RETRY_SET_ASIDE = timedelta(minutes=10)
REPLACED = 'corrected'
NO_LONGER_MET = 'no longer met'


@dataclass(frozen=True)
class Finding:
    """What the engine found for one revision, with the history it saw, so that it can be explained."""

    revision: Revision
    result: EntryResult
    history: History
    compiled: Compiled

    def evidence(self, rule: str) -> dict[str, Any]:
        patient = self.history.patient_at(self.revision.entry.about_at)
        tree = self.compiled.program.explain(patient, self.history.entries, key(self.revision), rule)
        return tree.as_json()


# One statement: it runs in every request that stores an entry.
_OPEN_LEDGER = """
    INSERT INTO alerts_evaluation (revision_id, patient_id, rule_set_id, pending_since, runs, tier, attempts, error)
    VALUES (%(revision)s, %(patient)s, (
        SELECT id FROM alerts_ruleset
        WHERE status = 'published' AND (clinic_id = %(clinic)s OR clinic_id IS NULL) ORDER BY clinic_id NULLS LAST LIMIT 1
    ), %(now)s, 0, '', 0, '')
    RETURNING id
"""


def open_ledger(*, revision: Revision, now: datetime) -> int:
    """Owe an evaluation of a revision under the rules of now; the id of the ledger row. Called in the transaction that stores it.

    Without published rules the entry is stored all the same, and owed until there are some.
    """
    patient = revision.entry.patient
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN_LEDGER,
            {'revision': revision.pk, 'patient': patient.pk, 'clinic': patient.clinic_id, 'now': now},
        )
        row = cursor.fetchone()
    assert row is not None  # RETURNING of an INSERT
    return int(row[0])


def owe_again(*, patient: Patient, since: datetime, now: datetime) -> int:
    """Owe a new run of every current revision about `since` or later: a dose, context or usual value changed."""
    touched = Evaluation.objects.filter(
        patient=patient,
        revision__entry__about_at__gte=since,
        revision__number=F('revision__entry__current_number'),
        pending_since=None,
    )
    return touched.update(pending_since=now, attempts=0)


def compute(*, revision: Revision, rule_set: RuleSet) -> Finding:
    """What the rules say of one revision, from stored facts only; nothing is written. The advice page uses this too."""
    program = compiled(rule_set)
    at = revision.entry.about_at
    history = history_of(revision.entry.patient, since=at - program.program.lookback, until=at)
    return _find(program, history, revision)


def _find(program: Compiled, history: History, revision: Revision) -> Finding:
    patient = history.patient_at(revision.entry.about_at)
    (result,) = program.program.evaluate_window(patient, history.entries, {key(revision)})
    return Finding(revision, result, history, program)


def evaluate(*, evaluation_id: int, now: datetime) -> bool:
    """Evaluate one pending ledger row and every later entry that it touches. False when nothing was owed any more.

    A failure leaves the row pending with its attempt counted, and is raised again for the worker's log.
    """
    try:
        with transaction.atomic():
            return _evaluate_locked(evaluation_id, now=now)
    except Exception as error:
        # The message may hold what a patient wrote, so only the kind of error is kept.
        Evaluation.objects.filter(pk=evaluation_id).update(
            attempts=F('attempts') + 1, failed_at=now, error=type(error).__name__
        )
        raise


def _evaluate_locked(evaluation_id: int, *, now: datetime) -> bool:
    patients = Patient.objects.select_for_update(of=('self',), no_key=True).select_related('clinic')
    patient = patients.get(evaluations=evaluation_id)
    evaluation = _ledger_rows().select_related('revision__entry').get(pk=evaluation_id)
    if evaluation.pending_since is None:
        return False
    if evaluation.rule_set is None:
        evaluation.rule_set = rule_set_for(patient.clinic_id)
        evaluation.save(update_fields=['rule_set'])
    if evaluation.revision.number != evaluation.revision.entry.current_number:
        # A correction overtook this revision before it was evaluated: it is done, without flags of its own.
        _close(evaluation, tier='none', now=now)
    _evaluate_touched(patient, evaluation, compiled(evaluation.rule_set), now=now)
    return True


def _ledger_rows() -> QuerySet[Evaluation]:
    return Evaluation.objects.select_related('rule_set').defer('rule_set__content')


def _evaluate_touched(patient: Patient, evaluation: Evaluation, newest: Compiled, *, now: datetime) -> None:
    """Settle an entry and the later ones within the rules' reach, each under its own rule set."""
    at = evaluation.revision.entry.about_at
    reach = newest.program.lookback
    history = history_of(patient, since=at - reach, until=at + reach)
    touched = [revision for revision in history.revisions.values() if revision.entry.about_at >= at]
    ledger = _ledger_of(touched) if len(touched) > 1 else {evaluation.revision_id: evaluation}
    standing = _standing_flags(touched) if len(touched) > 1 or _may_have_flags(evaluation) else {}
    programs = {newest.rule_set_id: newest}
    for revision in touched:
        row = ledger.get(revision.pk)
        if row is None or row.rule_set is None:
            continue  # its own transaction has not written it yet, or its own turn finds the rules; both are still owed
        if row.rule_set_id not in programs:
            programs[row.rule_set.pk] = compiled(row.rule_set)
        finding = _find(programs[row.rule_set.pk], history, revision)
        _settle(row, finding, standing.get(revision.entry_id, []), patient=patient, now=now)


def _may_have_flags(evaluation: Evaluation) -> bool:
    """A first run of a first revision finds none: the common case is spared the question."""
    return evaluation.runs > 0 or evaluation.revision.number > 1


def _ledger_of(revisions: Sequence[Revision]) -> dict[int, Evaluation]:
    """The newest ledger row of each revision."""
    return {row.revision_id: row for row in _ledger_rows().filter(revision__in=revisions).order_by('pk')}


def _standing_flags(revisions: Sequence[Revision]) -> dict[int, list[Flag]]:
    """The flags that hold now of every revision of some entries, by entry."""
    standing: dict[int, list[Flag]] = defaultdict(list)
    entries = [revision.entry_id for revision in revisions]
    flags = Flag.objects.filter(evaluation__revision__entry__in=entries, withdrawn_at=None)
    for flag in flags.select_related('evaluation__revision').defer('evidence', 'evaluation__revision__document'):
        standing[flag.evaluation.revision.entry_id].append(flag)
    return standing


def _settle(evaluation: Evaluation, finding: Finding, standing: list[Flag], *, patient: Patient, now: datetime) -> None:
    """Make the stored flags of an entry those that hold: new ones join alerts, the others are withdrawn with the reason."""
    found = {flag.rule_id for flag in finding.result.flags}
    own = {flag.rule: flag for flag in standing if flag.evaluation_id == evaluation.pk}
    new = [_flag(evaluation, finding, result, now=now) for result in finding.result.flags if result.rule_id not in own]
    if new:
        raise_flags(
            patient=patient,
            entry=finding.revision.entry,
            flags=new,
            rules=finding.compiled.rules,
            since=evaluation.pending_since or now,
            now=now,
        )
    withdraw_flags(flags=[flag for rule, flag in own.items() if rule not in found], reason=NO_LONGER_MET, now=now)
    replaced = [flag for flag in standing if flag.evaluation_id != evaluation.pk]
    withdraw_flags(flags=replaced, reason=REPLACED, now=now)
    _close(evaluation, tier=finding.result.tier.word, now=now)


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


def _close(evaluation: Evaluation, *, tier: str, now: datetime) -> None:
    Evaluation.objects.filter(pk=evaluation.pk).update(
        pending_since=None,
        evaluated_at=now,
        first_evaluated_at=evaluation.first_evaluated_at or now,
        runs=F('runs') + 1,
        tier=tier,
        attempts=0,
        failed_at=None,
        error='',
    )


def evaluate_pending(
    *, now: datetime, older_than: timedelta = timedelta(0), limit: int = 500, for_seconds: float = math.inf
) -> int:
    """Evaluate what is owed since `older_than` or longer, oldest first; an entry that fails does not stop the others.

    Stops after `for_seconds`: what is left is found by the next sweep, and new entries get their turn in between.
    """
    until = time.monotonic() + for_seconds
    set_aside = Q(attempts__gte=MOST_ATTEMPTS, failed_at__gt=now - RETRY_SET_ASIDE)
    owed = (
        Evaluation.objects.filter(pending_since__lte=now - older_than)
        .exclude(set_aside)
        .order_by('pending_since', 'pk')
    )
    done = 0
    for evaluation_id in list(owed.values_list('pk', flat=True)[:limit]):
        if time.monotonic() > until:
            break
        try:
            done += evaluate(evaluation_id=evaluation_id, now=now)
        except Exception as error:  # noqa: BLE001  (counted on its row and shown to the nurses; the sweep goes on)
            log.error('evaluation %s failed: %s', evaluation_id, type(error).__name__)
    return done


def hint(evaluation_id: int) -> None:
    """Ask a worker to look now, once this transaction is committed. If the message is lost, the sweep finds the row."""
    transaction.on_commit(lambda: hints.send('alerts.tasks.evaluate', evaluation_id))
