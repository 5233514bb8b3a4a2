"""Evaluating entries: exactly once per revision and rule-set version, whatever is lost, late or sent twice.

The ledger row (`Evaluation`) is written with the revision, in its transaction, and is pending until its flags are committed.
Work on one patient is done by one worker at a time (her row is locked), so that a late entry and the entries after it never
see half of each other. Nothing here trusts a message: a task may be lost, doubled or stale.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from alerts.engine import RuleError
from alerts.facts import History, history_of
from alerts.models import Evaluation, Flag, RuleSet
from alerts.programs import Compiled, compiled
from alerts.queries.rules.in_force import rule_set_for
from alerts.services.finding import find
from alerts.services.setting_aside import count_failure, resting
from alerts.services.settling import close, may_have_flags, settle, standing_flags
from clinic.faultpoints import point
from clinic.models import Patient
from diary.models import Revision

log = logging.getLogger(__name__)

CLOCK_SLACK = timedelta(minutes=1)


def evaluate(*, evaluation_id: int, now: datetime) -> bool:
    """Evaluate one pending ledger row and every later entry that it touches. False when nothing was owed any more.

    A failure leaves the row pending with its attempt counted, and is raised again for the worker's log. The third one sets the
    entry aside and tells a nurse.
    """
    try:
        with transaction.atomic():
            done = _evaluate_locked(evaluation_id, now=now)
            point('evaluate.settled')
    except Exception as error:
        # The message may hold what a patient wrote, so only the kind of error is kept.
        count_failure(evaluation_id=evaluation_id, error=type(error).__name__, now=now)
        raise
    point('evaluate.committed')
    return done


def _evaluate_locked(evaluation_id: int, *, now: datetime) -> bool:
    patients = Patient.objects.select_for_update(of=('self',), no_key=True).select_related('clinic')
    patient = patients.get(evaluations=evaluation_id)
    point('evaluate.locked')
    evaluation = _ledger_rows().select_related('revision__entry').get(pk=evaluation_id)
    if evaluation.pending_since is None:
        return False
    if evaluation.rule_set is None:
        evaluation.rule_set = rule_set_for(patient.clinic_id)
        evaluation.save(update_fields=['rule_set'])
    _close_overtaken(evaluation, now=now)
    _evaluate_touched(patient, evaluation, evaluation.rule_set, now=now)
    return True


def _close_overtaken(evaluation: Evaluation, *, now: datetime) -> None:
    """A revision that a correction overtook before it was evaluated is done, without flags of its own."""
    revision = evaluation.revision
    if revision.number != revision.entry.current_number:
        close(evaluation, tier='none', now=now)
    elif revision.number > 1:
        older = Evaluation.objects.filter(revision__entry=revision.entry_id, revision__number__lt=revision.number)
        for overtaken in older.filter(pending_since__isnull=False):
            close(overtaken, tier='none', now=now)


def _ledger_rows() -> QuerySet[Evaluation]:
    return Evaluation.objects.select_related('rule_set').defer('rule_set__content')


def _evaluate_touched(patient: Patient, evaluation: Evaluation, newest: RuleSet, *, now: datetime) -> None:
    """Settle an entry and the later ones within the rules' reach, each under its own rule set."""
    entry, program = evaluation.revision.entry, compiled(newest)
    reach = max(_reaches(evaluation, newest, program))
    since, until = entry.about_at - reach, entry.about_at + reach
    history = history_of(patient, since=since, until=until, scales=program.scales)
    touched = [revision for revision in history.revisions.values() if revision.entry.about_at >= entry.about_at]
    ledger = _ledger_of(touched) if len(touched) > 1 else {evaluation.revision_id: evaluation}
    standing = standing_flags(touched) if len(touched) > 1 or may_have_flags(evaluation) else {}
    point('evaluate.read')
    for revision in touched:
        row = ledger.get(revision.pk)
        if row is None or row.rule_set is None:
            continue  # its own transaction has not written it yet, or its own turn finds the rules; both are still owed
        act = _settle_own if revision.entry_id == entry.pk else _settle_later
        act(row, history, revision, standing.get(revision.entry_id, []), patient=patient, now=now)


def _reaches(evaluation: Evaluation, newest: RuleSet, program: Compiled) -> Iterator[timedelta]:
    """How far each rule set looks back by which this entry or a later one of the patient is judged; `program` is the newest's."""
    yield program.program.lookback
    at = evaluation.revision.entry.about_at
    later = Evaluation.objects.filter(patient=evaluation.patient_id, revision__entry__about_at__gt=at)
    others = later.exclude(rule_set=newest).exclude(rule_set=None).values('rule_set')
    for rule_set in RuleSet.objects.filter(pk__in=others).defer('content'):
        try:
            yield compiled(rule_set).program.lookback
        except RuleError:
            continue  # rules that fit the catalogue no longer; the entries under them say so on their own turn


def _settle_own(
    row: Evaluation, history: History, revision: Revision, standing: Sequence[Flag], *, patient: Patient, now: datetime
) -> None:
    assert row.rule_set is not None
    settle(row, find(compiled(row.rule_set), history, revision), standing, patient=patient, now=now)


def _settle_later(
    row: Evaluation, history: History, revision: Revision, standing: Sequence[Flag], *, patient: Patient, now: datetime
) -> None:
    """As its own, but what is wrong with a later entry stays there: it is owed, counted and set aside on its own turn."""
    try:
        with transaction.atomic():
            _settle_own(row, history, revision, standing, patient=patient, now=now)
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001  (counted when its own turn comes)
        Evaluation.objects.filter(pk=row.pk, pending_since=None).update(pending_since=now)


def _ledger_of(revisions: Sequence[Revision]) -> dict[int, Evaluation]:
    """The newest ledger row of each revision."""
    return {row.revision_id: row for row in _ledger_rows().filter(revision__in=revisions).order_by('pk')}


def evaluate_pending(
    *,
    now: datetime,
    older_than: timedelta = timedelta(0),
    limit: int = 500,
    for_seconds: float = math.inf,
    clock: Callable[[], datetime] | None = None,
) -> int:
    """Evaluate what is owed since `older_than` or longer; an entry that fails does not stop the others.

    What nobody has looked at yet comes before what is looked at again, the oldest first. Stops after `for_seconds`: what is left is
    found by the next sweep, and new entries get their turn in between. `clock` is read for each evaluation, which is an operation
    of its own: a long list must not stamp its last alert with the time of the first. Without one it is `now`.
    """
    until = time.monotonic() + for_seconds
    done = 0
    for evaluation_id in _owed(now=now, older_than=older_than, limit=limit):
        if time.monotonic() > until:
            break
        point('sweep_pending.next')
        try:
            done += evaluate(evaluation_id=evaluation_id, now=clock() if clock else now)
        except Exception as error:  # noqa: BLE001  (counted on its row and shown to the nurses; the sweep goes on)
            log.error('evaluation %s failed: %s', evaluation_id, type(error).__name__)
    return done


def _owed(*, now: datetime, older_than: timedelta, limit: int) -> list[int]:
    again = ExpressionWrapper(Q(runs__gt=0), output_field=BooleanField())
    # Owed from the future on: the clock was set back since. It is owed all the same.
    since = Q(pending_since__lte=now - older_than) | Q(pending_since__gt=now + CLOCK_SLACK)
    owed = Evaluation.objects.filter(since).exclude(resting(now=now)).alias(again=again)
    return list(owed.order_by('again', 'pending_since', 'pk').values_list('pk', flat=True)[:limit])
