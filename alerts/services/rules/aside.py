"""Emergency rules that a clinic has set aside: what the shared default's own version of them says of an entry. Writes nothing."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from alerts.engine import FlagResult, Rule
from alerts.engine import RuleSet as Rules
from alerts.facts import history_of
from alerts.models import RuleSet
from alerts.programs import compiled, compiled_aside
from alerts.services.finding import Finding, find
from diary.models import Revision


@dataclass(frozen=True)
class Aside:
    """One rule that holds for an entry as the shared default has it, and the reason for which the clinic does not flag it so.

    `is_emergency`: the clinic's own version of it makes an emergency of the entry as well, but one that is to be answered later.
    """

    result: FlagResult
    finding: Finding
    reason: str
    is_emergency: bool

    @property
    def rule(self) -> Rule:
        return self.finding.compiled.rules.rules[self.result.rule_id]


def set_aside_for(*, revision: Revision, rule_set: RuleSet, flagged: Container[str]) -> tuple[Aside, ...]:
    """What a revision would have been flagged with, or sooner answered for, had `rule_set` not set it aside; sorted by rule.

    `flagged` are the rules by which the clinic's own set flags it as an emergency. Raises RuleError and EntryUnreadable.
    """
    if not rule_set.set_aside:
        return ()
    program = compiled_aside(rule_set)
    at = revision.entry.about_at
    history = history_of(revision.entry.patient, since=at - program.program.lookback, until=at)
    finding = find(program, history, revision)
    return tuple(_asides(finding, rule_set, flagged))


def _asides(finding: Finding, rule_set: RuleSet, flagged: Container[str]) -> Iterator[Aside]:
    ours, shared = compiled(rule_set).rules, finding.compiled.rules
    for flag in finding.result.flags:
        rule, reason = flag.rule_id, rule_set.set_aside.get(flag.rule_id)
        if reason is None:
            continue
        if rule not in flagged or _minutes(ours, rule) > _minutes(shared, rule):
            yield Aside(flag, finding, reason, rule in flagged)


def _minutes(rules: Rules, rule: str) -> int:
    within = rules.acknowledge_within(rule)
    assert within is not None  # an emergency makes an alert
    return within
