"""What is in the database after the month: held against what the phones were told, and against the rules asked afresh."""

import statistics
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F

from alerts.facts import history_of, key
from alerts.models import Alert, AlertEvent, Evaluation, Flag, Notification
from alerts.programs import compiled
from alerts.queries.figures import TIERS, Scope, Waits, tallies, total, waits, waits_in_hours
from alerts.queries.rules.in_force import published_rule_set
from clinic.models import Clinic, Patient
from diary.models import Entry, Revision

# Two cases of one patient and line that were both unresolved at some moment.
_OVERLAPPING = """
    SELECT count(*) FROM alerts_alert a JOIN alerts_alert b ON a.patient_id = b.patient_id AND a.line = b.line AND a.id < b.id
    WHERE a.clinic_id = %s
        AND b.opened_at < coalesce(a.resolved_at, 'infinity') AND a.opened_at < coalesce(b.resolved_at, 'infinity')
"""


@dataclass
class Losses:
    """All of these must be 0."""

    entries_lost: int = 0
    entries_doubled: int = 0
    entries_unchecked: int = 0
    revisions_without_ledger: int = 0
    flags_missing: int = 0
    flags_too_many: int = 0
    flags_without_alert: int = 0
    alerts_doubled: int = 0
    red_off_schedule: int = 0
    messages_left: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return not any(value for value in vars(self).values())


def losses(clinic: Clinic, saved: Collection[UUID]) -> Losses:
    stored = Counter(Entry.objects.filter(patient__clinic=clinic).values_list('client_uuid', flat=True))
    missing, extra = _against_the_rules(clinic)
    revisions = Revision.objects.filter(entry__patient__clinic=clinic)
    return Losses(
        entries_lost=len(set(saved) - set(stored)),
        entries_doubled=sum(count - 1 for count in stored.values()) + len(set(stored) - set(saved)),
        entries_unchecked=Evaluation.objects.filter(patient__clinic=clinic, pending_since__isnull=False).count(),
        revisions_without_ledger=revisions.annotate(n=Count('evaluations')).exclude(n=1).count(),
        flags_missing=missing,
        flags_too_many=extra,
        flags_without_alert=_alerting(clinic).filter(alert=None).count(),
        alerts_doubled=_overlapping(clinic),
        messages_left=Notification.objects.filter(event__alert__clinic=clinic, status='waiting').count(),
    )


def _alerting(clinic: Clinic) -> Any:
    return Flag.objects.filter(patient__clinic=clinic, withdrawn_at=None, tier__in=TIERS)


def _against_the_rules(clinic: Clinic) -> tuple[int, int]:
    """Every patient's whole diary asked again at once: flags that should stand and do not, and that stand and should not."""
    program = compiled(published_rule_set(clinic.pk)).program
    flags = Flag.objects.filter(patient__clinic=clinic, withdrawn_at=None)
    standing = set(flags.values_list('evaluation__revision', 'rule'))
    expected: set[tuple[int, str]] = set()
    for patient in Patient.objects.filter(clinic=clinic).select_related('clinic'):
        history = history_of(
            patient, since=patient.created_at.min.replace(tzinfo=patient.created_at.tzinfo), until=None
        )
        if history.entries:
            keys = {key(revision): revision.pk for revision in history.revisions.values()}
            facts = history.patient_at(history.entries[-1].at)
            for result in program.evaluate_window(facts, history.entries, set(keys)):
                expected |= {(keys[result.entry_id], flag.rule_id) for flag in result.flags}
    return len(expected - standing), len(standing - expected)


def _overlapping(clinic: Clinic) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAPPING, [clinic.pk])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def figures(scope: Scope, taken: Mapping[tuple[str, object], int]) -> dict[str, Any]:
    """By the queries of the figures' page."""
    counts = total(tallies(scope))
    alerts = Alert.objects.filter(clinic=scope.clinic)
    events = AlertEvent.objects.filter(alert__clinic=scope.clinic).order_by()
    return {
        'entries': counts['entries'],
        'alerts': counts['opened'],
        'flags_per_100_entries': round(100 * counts['flags'] / counts['entries'], 1),
        'entries_with_a_flag_per_100': round(100 * counts['flagged_entries'] / counts['entries'], 1),
        'alerts_per_100_entries': round(100 * counts['opened'] / counts['entries'], 1),
        'alerts_per_nurse_day': {
            'median': statistics.median(taken.values()) if taken else 0,
            'most': max(taken.values(), default=0),
            'nurse_days': len(taken),
        },
        'wait_minutes': _by_line(waits(scope, 'line')),
        'wait_minutes_of_what_came_in_opening_hours': _by_line(waits_in_hours(scope)),
        'seen_in_time_percent': round(100 * counts['in_time'] / max(1, counts['acknowledged'] + counts['overdue']), 1),
        'steps': dict(sorted(events.values_list('kind').annotate(n=Count('pk')))),
        'unresolved_at_the_end': alerts.exclude(state='resolved').count(),
        'raised_to_a_worse_tier': events.filter(kind='raised', tier=F('alert__tier')).count(),
    }


def _by_line(found: Waits) -> dict[str, Any]:
    return {line: _minutes(found[line,]) for line in ('red', 'amber') if (line,) in found}


def _minutes(times: Any) -> dict[str, Any]:
    return {
        'n': times.n,
        'median': round(times.median.total_seconds() / 60, 1),
        'nine_of_ten': round(times.p90.total_seconds() / 60, 1),
    }
