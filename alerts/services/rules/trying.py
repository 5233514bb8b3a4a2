"""Silent runs: rules that look at what the real ones have evaluated, and write down what they would have flagged.

Nothing here can tell anybody: this module reaches no service that raises a flag, moves an alert or writes to the outbox (an
import contract in pyproject.toml keeps that), and the rows that it writes point at no alert. It locks nothing that the real
evaluation waits for, and asks for one entry at a time, so that an entry or a draft that fails stops nobody.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from alerts.engine.tiers import Tier
from alerts.models import Evaluation, Flag, RuleSet, SilentCheck, SilentFlag, SilentKind
from alerts.programs import Compiled, compiled, compiled_aside
from alerts.queries.rules.trial import MOST_ATTEMPTS, RETRY, Silent, owed, running
from alerts.services.finding import Finding, compute
from alerts.services.rules.aside import set_aside_for
from alerts.services.rules.cpu_time import TooSlow, cpu_limit
from clinic.faultpoints import point

log = logging.getLogger(__name__)

UNFINISHED = 'Unfinished'  # the error of a look that never came to its end
ONE_ENTRY_SECONDS = 2.0
ONE_STATEMENT_MS = 2000
BATCH = 200

# One statement says whose turn it is: a second sweep at the same entry gets no row back.
_CLAIM = """
    INSERT INTO alerts_silentcheck AS c (rule_set_id, kind, revision_id, evaluated_at, checked_at, attempts, error)
    VALUES (%(rule_set)s, %(kind)s, %(revision)s, %(evaluated_at)s, %(now)s, 1, %(unfinished)s)
    ON CONFLICT (rule_set_id, kind, revision_id) DO UPDATE SET
        attempts = CASE WHEN c.evaluated_at < EXCLUDED.evaluated_at OR c.checked_at < %(since)s THEN 1 ELSE c.attempts + 1 END,
        evaluated_at = EXCLUDED.evaluated_at, checked_at = EXCLUDED.checked_at, error = EXCLUDED.error
    WHERE c.evaluated_at < EXCLUDED.evaluated_at OR c.checked_at < %(since)s
        OR (c.evaluated_at = EXCLUDED.evaluated_at AND c.error <> '' AND c.attempts < %(most)s AND c.checked_at <= %(again)s)
    RETURNING id, attempts
"""


class Overtaken(Exception):
    """Another look at the same entry began meanwhile; this one is out of date."""


@dataclass(frozen=True)
class Claim:
    """The right to write down one look: the check's row, and which attempt at which evaluation it is."""

    check: int
    attempt: int
    evaluated_at: datetime


def look(*, now: datetime, for_seconds: float = math.inf, batch: int = BATCH) -> int:
    """Let every silent run look at what was evaluated since its last look; how many entries were looked at.

    The runs take turns, a batch each, until nothing is left or `for_seconds` are over: the next sweep goes on.
    """
    until = time.monotonic() + for_seconds
    turns: deque[tuple[Silent, Evaluation | None]] = deque((silent, None) for silent in running())
    done = 0
    while turns:
        silent, last = turns.popleft()
        found = owed(silent, now=now, limit=batch, after=last)
        looked, whole = _batch(silent, found, now=now, until=until)
        done += looked
        if whole and found:
            turns.append((silent, found[-1]))
    return done


def _batch(silent: Silent, found: Sequence[Evaluation], *, now: datetime, until: float) -> tuple[int, bool]:
    """How many were looked at, and whether the whole batch was gone through."""
    done = 0
    for evaluation in found:
        if time.monotonic() > until:
            return done, False
        try:
            done += look_at(silent=silent, evaluation=evaluation, now=now)
        except TooSlow:  # rules that do not end cost a sweep one entry's time, not all of its own
            return done, False
    return done, True


def look_at(*, silent: Silent, evaluation: Evaluation, now: datetime) -> bool:
    """Store what holds now of one evaluated revision; False when another sweep has it, or when it failed.

    A failure is noted by its class. Raises TooSlow, noted as well: what is too slow once will be again.
    """
    claim = _claim(silent, evaluation, now=now)
    if claim is None:
        return False
    point('trial.claimed')
    try:
        with transaction.atomic():
            _limit_statements()
            _PROGRAM[silent.kind](silent.rule_set)  # compiled once in this process, whatever that takes
            with cpu_limit(ONE_ENTRY_SECONDS):
                flags = list(_FLAGS[silent.kind](silent, evaluation, now=now))
            _store(silent, evaluation, claim, flags)
        point('trial.stored')
    except Overtaken:
        return False
    except Exception as error:
        _failed(claim, error, silent)
        if isinstance(error, TooSlow):
            raise
        return False
    return True


def _claim(silent: Silent, evaluation: Evaluation, *, now: datetime) -> Claim | None:
    """Committed before the rules run, so that what ends this process is known to have been tried."""
    assert evaluation.evaluated_at is not None  # it was asked for
    words: dict[str, Any] = {
        'rule_set': silent.rule_set.pk,
        'kind': silent.kind.value,
        'revision': evaluation.revision_id,
        'evaluated_at': evaluation.evaluated_at,
        'now': now,
        'since': silent.since,
        'most': MOST_ATTEMPTS,
        'again': now - RETRY,
        'unfinished': UNFINISHED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, words)
        row = cursor.fetchone()
    return Claim(row[0], row[1], evaluation.evaluated_at) if row else None


def _limit_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL statement_timeout = {ONE_STATEMENT_MS:d}')


def _store(silent: Silent, evaluation: Evaluation, claim: Claim, flags: Sequence[SilentFlag]) -> None:
    """Put the flags in place of those that any revision of the entry had. The check's row is the lock."""
    check = SilentCheck.objects.filter(pk=claim.check, attempts=claim.attempt, evaluated_at=claim.evaluated_at)
    if not check.update(error=''):
        raise Overtaken
    before = SilentFlag.objects.filter(rule_set=silent.rule_set, kind=silent.kind)
    before.filter(revision__entry=evaluation.revision.entry_id).delete()
    SilentFlag.objects.bulk_create(flags)


def _failed(claim: Claim, error: Exception, silent: Silent) -> None:
    # The error's own words may hold what a patient wrote.
    kind = type(error).__name__
    SilentCheck.objects.filter(pk=claim.check, attempts=claim.attempt, evaluated_at=claim.evaluated_at).update(
        error=kind
    )
    log.warning('rule set %s could not look at a check %s: %s', silent.rule_set.pk, claim.check, kind)


# -- what each kind finds ----------------------------------------------------------------------------------------------------


def _of_a_draft(silent: Silent, evaluation: Evaluation, *, now: datetime) -> Iterator[SilentFlag]:
    """Everything that the draft flags."""
    finding = compute(revision=evaluation.revision, rule_set=silent.rule_set)
    for flag in finding.result.flags:
        yield _flag(silent, evaluation, finding, flag.rule_id, flag.symptoms, now=now)


def _of_rules_set_aside(silent: Silent, evaluation: Evaluation, *, now: datetime) -> Iterator[SilentFlag]:
    """What the shared default's rules flag as an emergency, and the clinic's own did not."""
    standing = Flag.objects.filter(evaluation=evaluation, withdrawn_at=None, tier=Tier.EMERGENCY.word)
    flagged = set(standing.values_list('rule', flat=True))
    for one in set_aside_for(revision=evaluation.revision, rule_set=silent.rule_set, flagged=flagged):
        found = _flag(silent, evaluation, one.finding, one.result.rule_id, one.result.symptoms, now=now)
        found.reason = one.reason
        yield found


def _flag(
    silent: Silent, evaluation: Evaluation, finding: Finding, rule: str, symptoms: Sequence[str], *, now: datetime
) -> SilentFlag:
    known, patient = finding.compiled.rules.rules[rule], evaluation.revision.entry.patient
    return SilentFlag(
        rule_set=silent.rule_set,
        kind=silent.kind,
        clinic=patient.clinic,
        patient=patient,
        revision=evaluation.revision,
        rule=rule,
        tier=known.tier.word,
        title=known.title,
        symptoms=list(symptoms),
        evidence=finding.evidence(rule),
        found_at=now,
    )


_PROGRAM: dict[SilentKind, Callable[[RuleSet], Compiled]] = {
    SilentKind.TRIAL: compiled,
    SilentKind.SET_ASIDE: compiled_aside,
}
_FLAGS: dict[SilentKind, Callable[..., Iterator[SilentFlag]]] = {
    SilentKind.TRIAL: _of_a_draft,
    SilentKind.SET_ASIDE: _of_rules_set_aside,
}
