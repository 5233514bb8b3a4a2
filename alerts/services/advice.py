"""What the patient is told at once: computed in her request, before and apart from any queue and ledger.

It fails closed. Whatever goes wrong here, she reads "not checked: phone this number", with the clinic's real numbers.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from alerts.engine import EntryFacts, FlagResult
from alerts.engine.tiers import Tier
from alerts.facts import history_of, key
from alerts.known import known_until
from alerts.models import RuleSet
from alerts.people.promise import ALERTING, promised
from alerts.people.watch import Watch, hours_of, watch_of
from alerts.queries.rules.in_force import rule_set_for
from alerts.services.finding import Finding, compute
from alerts.services.rules.aside import set_aside_for
from alerts.words.answers import Told, told, units_of
from alerts.words.reasons import Fired, Reason, reasons
from alerts.words.set_aside import SetAside, of_asides
from diary.catalogue import current_catalogue
from diary.models import Entry, Revision
from diary.queries import current_revisions, doses_of

log = logging.getLogger(__name__)
T = TypeVar('T')

UNCHECKED = 'unchecked'


@dataclass(frozen=True)
class Advice:
    """`tier` is the engine's word, or `unchecked`. `told` is what she told us: what led to the tier first. `seen_by` is when the
    team has promised to look, in UTC; None where no alert is made, or where the team knows it and expects it until `known_until`.
    `last_dose` is what she should say on the phone. `set_aside` are signs for which her clinic does not send her to 911."""

    tier: str
    watch: Watch
    told: tuple[Told, ...] = ()
    reasons: tuple[Reason, ...] = ()
    seen_by: datetime | None = None
    last_dose: datetime | None = None
    known_until: datetime | None = None
    set_aside: tuple[SetAside, ...] = ()

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
    nothing: tuple[Finding, ...] = ()
    none_aside: tuple[SetAside, ...] = ()
    findings = _guarded('advice', revision, lambda: _findings(revision), nothing)
    set_aside = _guarded('set aside', revision, lambda: _set_aside_now(revision, findings), none_aside)
    if not findings:
        return Advice(
            UNCHECKED, watch, _guarded('words', revision, lambda: _told(revision, ()), ()), set_aside=set_aside
        )
    known = _guarded('snooze', revision, lambda: known_until(findings), None)
    return Advice(
        max(finding.result.tier for finding in findings).word,
        watch,
        _guarded('words', revision, lambda: _told(revision, _leading(findings)), ()),
        _guarded('reasons', revision, lambda: _reasons(findings), ()),
        None if known else _guarded('promise', revision, lambda: _seen_by(findings, revision), None),
        _guarded('dose', revision, lambda: _last_dose(entry, now), None),
        known,
        set_aside,
    )


def set_aside_told(*, entry: Entry) -> tuple[SetAside, ...]:
    """For which signs of the entry the patient's clinic does not send her to 911; never raises for the engine's or rules' sake."""
    revision = _current(entry)
    nothing: tuple[SetAside, ...] = ()
    return _guarded('set aside', revision, lambda: _set_aside_then(revision), nothing)


def _findings(revision: Revision) -> tuple[Finding, ...]:
    """What the rules say of the entry itself, then what it brings about in later ones."""
    own = compute(revision=revision, rule_set=rule_set_for(revision.entry.patient.clinic_id))
    return own, *_brought_about(own)


def _set_aside_now(revision: Revision, findings: Sequence[Finding]) -> tuple[SetAside, ...]:
    """By the rules of now, whose findings are known already; none of them where these could not be asked."""
    flags = findings[0].result.flags if findings else ()
    return _set_aside(revision, rule_set_for(revision.entry.patient.clinic_id), flags)


def _set_aside_then(revision: Revision) -> tuple[SetAside, ...]:
    """By the rules that judged it; those of now where none have yet."""
    judged = revision.evaluations.exclude(rule_set=None).select_related('rule_set').defer('rule_set__content')
    row = judged.order_by('pk').last()
    rule_set = rule_set_for(revision.entry.patient.clinic_id) if row is None else row.rule_set
    if rule_set is None or not rule_set.set_aside:
        return ()
    return _set_aside(revision, rule_set, compute(revision=revision, rule_set=rule_set).result.flags)


def _set_aside(revision: Revision, rule_set: RuleSet, flags: Sequence[FlagResult]) -> tuple[SetAside, ...]:
    """What the shared rules would have called an emergency and the clinic's own, which found `flags`, do not."""
    flagged = {flag.rule_id for flag in flags if flag.tier is Tier.EMERGENCY}
    asides = set_aside_for(revision=revision, rule_set=rule_set, flagged=flagged)
    return of_asides((one for one in asides if not one.is_emergency), rule_set)


def _brought_about(own: Finding) -> Iterator[Finding]:
    """The flags that later entries have because of this one: a day filled in late can complete what lasts for days.

    The team is alerted about those too, so the patient is told now, not only they.
    """
    entry, reach = own.revision.entry, own.compiled.program.lookback
    later = current_revisions(entry.patient, since=entry.about_at, until=entry.about_at + reach)
    if not later.exclude(entry=entry).exists():
        return
    since, until = entry.about_at - reach, entry.about_at + reach
    history = history_of(entry.patient, since=since, until=until, scales=own.compiled.scales)
    others = [each for each in history.entries if each.id != key(own.revision)]
    for revision in history.revisions.values():
        if revision.entry.about_at >= entry.about_at and revision.entry_id != entry.pk:
            yield from _only_with(Finding(revision, own.result, history, own.compiled), others)


def _only_with(later: Finding, others: Sequence[EntryFacts]) -> Iterator[Finding]:
    """The flags that a later entry has only with this one, where they make it more pressing than `others` alone do."""
    run, its = later.compiled.program.evaluate_window, {key(later.revision)}
    patient = later.history.patient_at(later.revision.entry.about_at)
    (whole,), (before,) = run(patient, later.history.entries, its), run(patient, others, its)
    if whole.tier > before.tier:
        new = tuple(flag for flag in whole.flags if flag.rule_id not in before.rule_ids)
        yield replace(later, result=whole._replace(flags=new))


def _seen_by(findings: Sequence[Finding], revision: Revision) -> datetime | None:
    """The promise for the most pressing of the flags, counted from when the entry came."""
    clinic, rules = revision.entry.patient.clinic, findings[0].compiled.rules
    fired = [(flag.rule_id, flag.tier) for finding in findings for flag in finding.result.flags]
    return promised(fired, rules, since=revision.received_at, hours=hours_of(clinic), zone=clinic.zone)


def _last_dose(entry: Entry, now: datetime) -> datetime | None:
    dose = doses_of(entry.patient).filter(given_at__lte=now).last()
    return dose.given_at if dose else None


def _current(entry: Entry) -> Revision:
    return Revision.objects.select_related('entry__patient__clinic').get(entry=entry, number=entry.current_number)


def _leading(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The symptoms that led to the tier."""
    flags = [flag for finding in findings for flag in finding.result.flags]
    worst = max((flag.tier for flag in flags), default=Tier.NONE)
    return tuple(dict.fromkeys(symptom for flag in flags if flag.tier == worst for symptom in flag.symptoms))


def _told(revision: Revision, leading: tuple[str, ...]) -> tuple[Told, ...]:
    found = told(revision.document, current_catalogue(), units_of(revision.entry.patient))
    return tuple(sorted(found, key=lambda one: one.code not in leading))


def _reasons(findings: Sequence[Finding]) -> tuple[Reason, ...]:
    """Each rule once, by the entry itself before a later one."""
    found = {rule: finding for finding in reversed(findings) for rule in finding.result.rule_ids}
    fired = (Fired(finding.compiled.rules.rules[rule], finding.evidence(rule)) for rule, finding in found.items())
    return tuple(reasons(fired, current_catalogue()))


def _guarded(what: str, revision: Revision, compute: Callable[[], T], otherwise: T) -> T:
    """`compute()`, or `otherwise` when it fails for any reason: the page must answer, whatever is broken."""
    try:
        with transaction.atomic():
            return compute()
    except Exception as error:  # noqa: BLE001  (fails closed; the error's own text may hold what a patient wrote)
        log.error('%s of revision %s could not be computed: %s', what, revision.pk, type(error).__name__)
        return otherwise
