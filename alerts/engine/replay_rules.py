"""Which rules of a draft must be evaluated anew when the flags of the rules in force are known."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.engine import nodes
from alerts.engine.lookback import same_day_rules
from alerts.engine.results import FlagResult
from alerts.engine.rules import Rule, RuleSet

Flags = tuple[FlagResult, ...]


def differing(in_force: RuleSet, draft: RuleSet) -> RuleSet | None:
    """The draft with those rules alone that may flag other entries than in force; None where there are none.

    Titles, sources and deadlines make no difference. A rule that counts same-day findings depends on all the same-day rules: it is
    among them when one of those changed, and brings them all along, so that what is left can be evaluated by itself.
    """
    changed = {rule.id for rule in draft.rules.values() if _says(in_force.rules.get(rule.id)) != _says(rule)}
    counting = {rule.id for rule in draft.rules.values() if nodes.uses_findings(rule.when)}
    found = _same_day(draft.rules.values())
    if found != _same_day(in_force.rules.values()):
        changed |= counting
    if changed & counting:
        changed |= {rule for rule, _when in found}
    return replace(draft, rules={each: draft.rules[each] for each in sorted(changed)}) if changed else None


def kept(in_force: RuleSet, draft: RuleSet, part: RuleSet | None) -> frozenset[str]:
    """The rules whose flags are the same under both."""
    return frozenset(in_force.rules.keys() & draft.rules.keys()) - (part.rules.keys() if part else set())


def drafted(flags: Flags, fresh: Flags, kept: frozenset[str]) -> Flags:
    """The draft's flags of one entry: those in force that it keeps, and its own part. The same object where none differs."""
    if not fresh and all(flag.rule_id in kept for flag in flags):
        return flags
    return tuple(sorted([*(flag for flag in flags if flag.rule_id in kept), *fresh], key=lambda flag: flag.rule_id))


def _says(rule: Rule | None) -> object:
    return rule and (rule.tier, rule.when)


def _same_day(rules: Iterable[Rule]) -> set[tuple[str, nodes.Node]]:
    return {(rule.id, rule.when) for rule in same_day_rules(rules)}
