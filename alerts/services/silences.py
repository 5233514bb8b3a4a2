"""Finding and ending silences: the sweep, and what a nurse does about one. A patient has at most one that runs."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from alerts.engine import RuleSet as Rules
from alerts.engine.hours import Hours
from alerts.engine.rules import MissedRule
from alerts.engine.silence import Known, Silent, is_expected, silence
from alerts.models import Silence, SilenceEnd
from alerts.people.promise import promised
from alerts.people.watch import hours_of
from alerts.queries.silences import known_of, missed_rules, rules_of, shortest_hours, writers
from clinic.faultpoints import point
from clinic.models import Clinic, Patient, User

log = logging.getLogger(__name__)


class SilencesNotSwept(Exception):
    """Some clinics could not be swept; the others were. The kinds of error are in the log."""


class SilenceEnded(Exception):
    """It is over already: she wrote, or somebody else has reached her."""


def sweep_silences(*, now: datetime) -> int:
    """Find and end the silences of every clinic, one transaction each. Returns how many were found or ended.

    May run twice at once: the constraint keeps a patient's second silence out. Raises SilencesNotSwept after the last clinic.
    """
    changed, failed = 0, 0
    for clinic in Clinic.objects.prefetch_related('opening_hours').order_by('pk'):
        try:
            changed += sweep_clinic(clinic, now=now)
        except Exception as error:  # noqa: BLE001  (one clinic's trouble must not silence the others)
            failed += 1
            log.error('the silences of clinic %s were not swept: %s', clinic.pk, type(error).__name__)
        point('silences.clinic')
    if failed:
        raise SilencesNotSwept(f'{failed} clinics')
    return changed


@transaction.atomic
def sweep_clinic(clinic: Clinic, *, now: datetime, only: Patient | None = None) -> int:
    """A constant number of queries, for all patients or `only` one. Without published rules about silence nobody is judged."""
    rules = rules_of(clinic)
    missed = missed_rules(rules)
    if rules is None or not missed:
        return 0
    whose = {} if only is None else {'patient': only}
    open_now = {each.patient_id: each for each in Silence.objects.filter(clinic=clinic, ended_at=None, **whose)}
    written_by = now - timedelta(hours=shortest_hours(missed))
    people = [
        patient
        for patient in writers(clinic, now=now, only=only)
        if patient.pk in open_now or patient.newest is None or patient.newest <= written_by
    ]
    known = known_of(people, clinic, now=now)
    silent = {pk: silence(facts, missed, now=now) for pk, facts in known.items()}
    ended = _end(open_now, known, silent, missed, now=now)
    point('silences.ended')
    fresh = {pk: found for pk, found in silent.items() if found and pk not in open_now}
    return ended + (_begin(clinic, rules, missed, known, fresh, now=now) if fresh else 0)


def _begin(
    clinic: Clinic,
    rules: Rules,
    missed: Iterable[MissedRule],
    known: dict[int, Known],
    fresh: dict[int, Silent],
    *,
    now: datetime,
) -> int:
    hours = hours_of(clinic)
    due = {rule.id: _due_by(rule, rules, clinic, hours, now=now) for rule in missed}
    rows = [
        Silence(
            patient_id=pk,
            clinic=clinic,
            rule=found.rule,
            limit_hours=found.limit_hours,
            why=found.why.value,
            last_entry_at=max(known[pk].wrote, default=None),
            since=found.since,
            due_by=due[found.rule],
            found_at=now,
        )
        for pk, found in fresh.items()
    ]
    Silence.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _due_by(rule: MissedRule, rules: Rules, clinic: Clinic, hours: list[Hours], *, now: datetime) -> datetime:
    """The rule set's own promise for the rule's tier: for same day, clinic hours."""
    due = promised([(rule.id, rule.tier)], rules, since=now, hours=hours, zone=clinic.zone)
    assert due is not None  # only rules that make somebody look are asked
    return due


def _end(
    open_now: dict[int, Silence],
    known: dict[int, Known],
    silent: dict[int, Silent | None],
    missed: Iterable[MissedRule],
    *,
    now: datetime,
) -> int:
    """End those that hold no longer, each with the reason; one statement a reason."""
    over: dict[SilenceEnd, list[int]] = {}
    for patient, each in open_now.items():
        if silent.get(patient) is None:
            over.setdefault(_why_over(each, known.get(patient), missed, now=now), []).append(each.pk)
    return sum(_close(pks, how, now=now) for how, pks in over.items())


def _why_over(each: Silence, known: Known | None, missed: Iterable[MissedRule], *, now: datetime) -> SilenceEnd:
    if known is None or not is_expected(known, now=now):
        return SilenceEnd.NO_LONGER
    last = max(known.wrote, default=None)
    if last and (each.last_entry_at is None or last > each.last_entry_at):
        return SilenceEnd.WROTE
    unpaused = silence(replace(known, pauses=()), missed, now=now)
    return SilenceEnd.PAUSED if unpaused else SilenceEnd.NO_LONGER


def _close(pks: Iterable[int], how: SilenceEnd, *, now: datetime) -> int:
    return Silence.objects.filter(pk__in=pks, ended_at=None).update(ended_at=now, ended_how=how)


def reached(*, silence: Silence, by: User, now: datetime, note: str = '') -> Silence:
    """A nurse spoke with her: the silence is over, and her limit begins anew. Raises SilenceEnded."""
    with transaction.atomic():
        found = _running(silence)
        found.ended_at, found.ended_by, found.ended_how, found.note = now, by, SilenceEnd.REACHED, note.strip()
        found.save(update_fields=['ended_at', 'ended_by', 'ended_how', 'note'])
    return found


def tried(*, silence: Silence, by: User, now: datetime) -> Silence:
    """Nobody answered: it stays, and says when and who. Raises SilenceEnded."""
    with transaction.atomic():
        found = _running(silence)
        found.tried_at, found.tried_by = now, by
        found.save(update_fields=['tried_at', 'tried_by'])
    return found


def _running(silence: Silence) -> Silence:
    found = Silence.objects.select_for_update().get(pk=silence.pk)
    if found.ended_at is not None:
        raise SilenceEnded
    return found
