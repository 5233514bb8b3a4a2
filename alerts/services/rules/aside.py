"""Emergency rules that a clinic has set aside: what the shared default's own version of them says of an entry. Writes nothing."""

from collections.abc import Container
from dataclasses import dataclass

from alerts.engine import FlagResult, Rule
from alerts.facts import history_of
from alerts.models import RuleSet
from alerts.programs import compiled_aside
from alerts.services.finding import Finding, find
from diary.models import Revision


@dataclass(frozen=True)
class Aside:
    """One rule that holds for an entry as the shared default has it, and the reason for which the clinic does not flag it so."""

    result: FlagResult
    finding: Finding
    reason: str

    @property
    def rule(self) -> Rule:
        return self.finding.compiled.rules.rules[self.result.rule_id]


def set_aside_for(*, revision: Revision, rule_set: RuleSet, flagged: Container[str]) -> tuple[Aside, ...]:
    """What a revision would have been flagged with, had `rule_set` not set it aside; sorted by rule.

    `flagged` are the rules by which the clinic's own set flags it as an emergency. Raises RuleError and EntryUnreadable.
    """
    if not rule_set.set_aside:
        return ()
    program = compiled_aside(rule_set)
    at = revision.entry.about_at
    history = history_of(revision.entry.patient, since=at - program.program.lookback, until=at)
    finding = find(program, history, revision)
    missing = (
        flag for flag in finding.result.flags if flag.rule_id in rule_set.set_aside and flag.rule_id not in flagged
    )
    return tuple(Aside(flag, finding, rule_set.set_aside[flag.rule_id]) for flag in missing)
