"""An emergency rule that the clinic has set aside, in words, for every screen where it would have fired."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from alerts.engine import RuleError
from alerts.models import RuleSet, SilentFlag
from alerts.programs import compiled_aside
from alerts.queries.rules.set_aside import Decision, decisions
from alerts.services.rules.aside import Aside
from clinic.dates import date_format
from clinic.models import Patient
from diary.models import Entry

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SetAside:
    """One rule and one entry. `title` is the shared default's; `within` the minutes in which it would have been answered, None
    where that cannot be read any more; `decided` says when and by whom."""

    rule: str
    title: str
    reason: str
    decided: str
    entry: Entry
    patient: Patient
    within: int | None = None


def of_asides(asides: Iterable[Aside], rule_set: RuleSet) -> tuple[SetAside, ...]:
    """What was computed just now under a published set. One query where there is anything."""
    found = list(asides)
    known = decisions(rule_set) if found else {}
    return tuple(
        SetAside(
            one.rule.id,
            one.rule.title,
            one.reason,
            decided_words(known[one.rule.id], rule_set),
            one.finding.revision.entry,
            one.finding.revision.entry.patient,
            one.finding.compiled.rules.acknowledge_within(one.rule.id),
        )
        for one in found
    )


def of_flags(flags: Iterable[SilentFlag]) -> list[SetAside]:
    """What silent runs stored, in the order given. One query for each published set among them."""
    found = list(flags)
    sets = {flag.rule_set_id: flag.rule_set for flag in found}
    known = {pk: (decisions(each), minutes(each)) for pk, each in sets.items()}
    return [_of_flag(flag, *known[flag.rule_set_id]) for flag in found]


def _of_flag(flag: SilentFlag, known: dict[str, Decision], within: dict[str, int]) -> SetAside:
    decided = decided_words(known[flag.rule], flag.rule_set)
    entry = flag.revision.entry
    return SetAside(flag.rule, flag.title, flag.reason, decided, entry, flag.patient, within.get(flag.rule))


def minutes(rule_set: RuleSet) -> dict[str, int]:
    """How soon each rule set aside would have had to be answered; nothing where the rules cannot be read any more."""
    try:
        rules = compiled_aside(rule_set).rules
    except RuleError as error:
        log.warning('the rules that set %s sets aside cannot be read: %s', rule_set.pk, type(error).__name__)
        return {}
    return {rule: soon for rule in rules.rules if (soon := rules.acknowledge_within(rule)) is not None}


def decided_words(decision: Decision, rule_set: RuleSet) -> str:
    """“Decided on 3 May 2026 by Grace Kim, reviewed by Hana Lee”, by the clinic's calendar."""
    assert rule_set.clinic is not None  # the shared default sets nothing aside
    day = date_format(decision.at.astimezone(rule_set.clinic.zone), 'j F Y')
    words = {'day': day, 'by': decision.by, 'reviewer': decision.reviewed_by}
    return _('Decided on %(day)s by %(by)s, reviewed by %(reviewer)s') % words
