"""What the patient is told at once: computed in her request, before and apart from any queue and ledger.

It fails closed. Whatever goes wrong here, she reads "not checked: phone this number", with the clinic's real numbers.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from alerts.engine.hours import Hours
from alerts.engine.lifecycle import acknowledge_by
from alerts.engine.tiers import Tier
from alerts.queries_rule_sets import rule_set_for
from alerts.reasons import Fired, Reason, reasons
from alerts.services.evaluation import Finding, compute
from alerts.telling import Told, told, units_of
from alerts.watch import Watch, hours_of, watch_of
from clinic.models import Clinic
from diary.catalogue import current_catalogue
from diary.models import Entry, Revision

log = logging.getLogger(__name__)
T = TypeVar('T')

UNCHECKED = 'unchecked'
ALERTING = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)


@dataclass(frozen=True)
class Advice:
    """`tier` is the engine's word, or `unchecked`. `told` is what she told us: what led to the tier first. `seen_by` is when the
    team has promised to look, in UTC; None where no alert is made."""

    tier: str
    watch: Watch
    told: tuple[Told, ...] = ()
    reasons: tuple[Reason, ...] = ()
    seen_by: datetime | None = None

    @property
    def checked(self) -> bool:
        return self.tier != UNCHECKED

    @property
    def reported(self) -> tuple[Told, ...]:
        """What was felt or said; an answer of "none" is left out."""
        return tuple(one for one in self.told if one.reported or one.level is None)

    @property
    def alerts(self) -> bool:
        return self.tier in {tier.word for tier in ALERTING}


def advise(*, entry: Entry, now: datetime) -> Advice:
    """The advice for the entry's current revision. Reads the database only; never raises for the engine's or rules' sake."""
    revision = _current(entry)
    watch = watch_of(entry.patient.clinic, now=now)
    finding = _guarded('advice', revision, lambda: _find(revision), None)
    if finding is None:
        return Advice(UNCHECKED, watch, _guarded('words', revision, lambda: _told(revision, ()), ()))
    return Advice(
        finding.result.tier.word,
        watch,
        _guarded('words', revision, lambda: _told(revision, _leading(finding)), ()),
        _guarded('reasons', revision, lambda: _reasons(finding), ()),
        seen_by(finding, entry.patient.clinic),
    )


def seen_by(finding: Finding, clinic: Clinic) -> datetime | None:
    """The promise for the most pressing of the flags, counted from when the entry came."""
    hours, received = hours_of(clinic), finding.revision.received_at
    due = [
        _due(finding, flag.rule_id, flag.tier, hours, received, clinic)
        for flag in finding.result.flags
        if flag.tier in ALERTING
    ]
    return min(due, default=None)


def _due(finding: Finding, rule: str, tier: Tier, hours: list[Hours], received: datetime, clinic: Clinic) -> datetime:
    minutes = finding.compiled.rules.acknowledge_within(rule) or 0
    return acknowledge_by(tier, received, minutes, hours, ZoneInfo(clinic.time_zone)).astimezone(UTC)


def _current(entry: Entry) -> Revision:
    return Revision.objects.select_related('entry__patient__clinic').get(entry=entry, number=entry.current_number)


def _find(revision: Revision) -> Finding:
    return compute(revision=revision, rule_set=rule_set_for(revision.entry.patient.clinic_id))


def _leading(finding: Finding) -> tuple[str, ...]:
    """The symptoms that led to the tier."""
    flags = [flag for flag in finding.result.flags if flag.tier == finding.result.tier]
    return tuple(dict.fromkeys(symptom for flag in flags for symptom in flag.symptoms))


def _told(revision: Revision, leading: tuple[str, ...]) -> tuple[Told, ...]:
    found = told(revision.document, current_catalogue(), units_of(revision.entry.patient))
    return tuple(sorted(found, key=lambda one: one.code not in leading))


def _reasons(finding: Finding) -> tuple[Reason, ...]:
    rules = finding.compiled.rules.rules
    fired = (Fired(rules[rule], finding.evidence(rule)) for rule in finding.result.rule_ids)
    return tuple(reasons(fired, current_catalogue()))


def _guarded(what: str, revision: Revision, compute: Callable[[], T], otherwise: T) -> T:
    """`compute()`, or `otherwise` when it fails for any reason: the page must answer, whatever is broken."""
    try:
        with transaction.atomic():
            return compute()
    except Exception as error:  # noqa: BLE001  (fails closed; the error's own text may hold what a patient wrote)
        log.error('%s of revision %s could not be computed: %s', what, revision.pk, type(error).__name__)
        return otherwise
