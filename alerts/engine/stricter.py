"""Whether a changed rule still catches all that it caught: proved from its words alone, or not claimed.

The language has no "not": every condition holds more often when a limit is lowered, a list grows, a branch is added to an `any`
or taken out of an `all`. So a proof is a walk: what the old rule says is taken apart into cases, and in each case every part of
the new rule must follow from something that is known. Whatever the walk does not find counts as looser.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from math import comb
from operator import eq, ge, le

import alerts.engine.nodes as nodes
from alerts.engine.lookback import same_day_rules
from alerts.engine.rules import MissedRule, Rule, RuleSet
from alerts.engine.tiers import Tier

MOST_STEPS = 20_000  # a rule that takes more to compare counts as looser; the default rules take up to some hundreds
MOST_CHOICES = 500

Known = tuple[nodes.Node, ...]


class _TooLong(Exception):
    """The comparison takes more steps than it is given."""


def never_looser(old: Rule, new: Rule, *, same_findings: bool = False) -> bool:
    """Whether every entry that meets `old` provably meets `new`, at the same or a worse tier. False when unsure.

    `same_findings`: both stand among the same same-day rules. Without it nothing is claimed of conditions that count what other
    rules found. How soon a person must answer is not compared: that depends on the rest of the rule set.
    """
    if new.tier < old.tier:
        return False
    try:
        return _Proof(same_findings).follows(_facts(_plain(old.when)), _plain(new.when))
    except _TooLong:
        return False


def needs_reason(default: RuleSet, draft: RuleSet) -> tuple[str, ...]:
    """The ids of the default's emergency rules that the draft leaves out, loosens, or has answered later, sorted."""
    same = _same_day(default) == _same_day(draft)
    loosened = (
        rule.id
        for rule in default.rules.values()
        if rule.tier is Tier.EMERGENCY and not _kept(rule, default, draft, same_findings=same)
    )
    missed = (
        rule.id for rule in default.missed.values() if rule.tier is Tier.EMERGENCY and not _missed_kept(rule, draft)
    )
    return tuple(sorted((*loosened, *missed)))


def _same_day(rules: RuleSet) -> set[tuple[str, nodes.Node]]:
    return {(rule.id, rule.when) for rule in same_day_rules(rules.rules.values())}


def _kept(rule: Rule, default: RuleSet, draft: RuleSet, *, same_findings: bool) -> bool:
    new = draft.rules.get(rule.id)
    if new is None or not never_looser(rule, new, same_findings=same_findings):
        return False
    return _minutes(draft, rule.id) <= _minutes(default, rule.id)


def _missed_kept(rule: MissedRule, draft: RuleSet) -> bool:
    new = draft.missed.get(rule.id)
    if new is None or new.tier < rule.tier:
        return False
    sooner = new.hours_car_t_day_0_to_30 <= rule.hours_car_t_day_0_to_30
    return sooner and new.hours_otherwise <= rule.hours_otherwise


def _minutes(rules: RuleSet, rule: str) -> int:
    within = rules.acknowledge_within(rule)
    assert within is not None  # an emergency rule makes an alert
    return within


def _plain(node: nodes.Node) -> nodes.Node:
    """Without names for conditions, and without an `any` in an `any` or an `all` in an `all`."""
    match node:
        case nodes.Macro(when=when):
            return _plain(when)
        case nodes.Any(children):
            return _joined(nodes.Any, children)
        case nodes.All(children):
            return _joined(nodes.All, children)
        case nodes.Persists(days, at_least, of):
            return nodes.Persists(days, at_least, tuple(_plain(test) for test in of))
    return node


def _joined(kind: type[nodes.Any] | type[nodes.All], children: Known) -> nodes.Node:
    flat: list[nodes.Node] = []
    for child in map(_plain, children):
        flat += child.children if isinstance(child, kind) else (child,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _facts(*found: nodes.Node) -> Known:
    """Conditions that all hold, each `all` taken apart."""
    return tuple(
        part for node in found for part in (_facts(*node.children) if isinstance(node, nodes.All) else (node,))
    )


def _cases(node: nodes.Node) -> Known:
    """What it can mean that the condition holds, of which one does; nothing where it means but one thing."""
    match node:
        case nodes.Any(children):
            return children
        case nodes.ReportedAny(symptoms) | nodes.NewAny(symptoms) if len(symptoms) > 1:
            return tuple(type(node)((symptom,)) for symptom in symptoms)
    return ()


class _Proof:
    def __init__(self, same_findings: bool) -> None:
        self._same_findings = same_findings
        self._steps = 0

    def follows(self, known: Known, wanted: nodes.Node) -> bool:
        """Whether `wanted` holds whenever all of `known` hold."""
        if isinstance(wanted, nodes.All):
            return all(self.follows(known, part) for part in wanted.children)
        if self._at_once(known, wanted):
            return True
        for place, node in enumerate(known):
            if cases := _cases(node):
                others = known[:place] + known[place + 1 :]
                return all(self.follows((*others, *_facts(case)), wanted) for case in cases)
        return False

    def _at_once(self, known: Known, wanted: nodes.Node) -> bool:
        """The same, without taking `known` apart."""
        self._steps += 1 + len(known)
        if self._steps > MOST_STEPS:
            raise _TooLong
        if any(self._implies(fact, wanted) for fact in known):
            return True
        match wanted:
            case nodes.Any(children):
                return any(self._at_once(known, child) for child in children)
            case nodes.All(children):
                return all(self._at_once(known, child) for child in children)
        return False

    def _implies(self, fact: nodes.Node, wanted: nodes.Node) -> bool:
        if fact == wanted and (self._same_findings or not nodes.uses_findings(fact)):
            return True
        match fact, wanted:
            case nodes.Persists(), nodes.Persists():
                return self._lasts(fact, wanted)
            case nodes.SameDayFindings(had), nodes.SameDayFindings(asked):
                return self._same_findings and asked <= had
        return any(_covers(weaker, wanted) for weaker in _consequences(fact))

    def _lasts(self, fact: nodes.Persists, wanted: nodes.Persists) -> bool:
        """On fewer days, and on each of them enough of the wanted tests, whichever of its own tests held."""
        if wanted.days > fact.days or comb(len(fact.of), fact.at_least) > MOST_CHOICES:
            return False
        return all(
            sum(self.follows(_facts(*held), test) for test in wanted.of) >= wanted.at_least
            for held in combinations(fact.of, fact.at_least)
        )


def _consequences(fact: nodes.Node) -> Iterator[nodes.Node]:
    """The test itself, and tests of other kinds that hold with it."""
    yield fact
    match fact:
        case nodes.SeverityAtLeast(symptom, gte):
            yield nodes.AnySeverity(gte)
            yield nodes.ReportedAny((symptom,))
        case nodes.AnsweredYes(symptom):
            yield nodes.ReportedAny((symptom,))
        case nodes.NewAny(symptoms):
            yield nodes.ReportedAny(symptoms)
        case nodes.Worsened(symptom, by):
            yield nodes.AnyWorsened(by)
            yield from _consequences(nodes.SeverityAtLeast(symptom, by))  # it rose by so much from none or more
        case nodes.AnyWorsened(by):
            yield nodes.AnySeverity(by)
        case nodes.MeasureDropped(measure, percent):
            yield nodes.MeasureChanged(measure, percent)


def _covers(fact: nodes.Node, wanted: nodes.Node) -> bool:
    """Two tests of one kind: is the wanted one met by all that meets the other?"""
    if type(fact) is not type(wanted) or type(fact) not in _COVERS:
        return False
    tests = _COVERS[type(fact)]
    return all(test(getattr(fact, name), getattr(wanted, name)) for name, test in tests.items())


def _among(symptoms: tuple[str, ...], more: tuple[str, ...]) -> bool:
    return set(symptoms) <= set(more)


# How what the rule had stands to what it asks now, for each part of a test. A test that is missing here is met only by itself.
_COVERS: dict[type, dict[str, Callable[..., bool]]] = {
    nodes.SeverityAtLeast: {'symptom': eq, 'gte': ge},
    nodes.NumberAtLeast: {'symptom': eq, 'field': eq, 'gte': ge},
    nodes.OverBaseline: {'symptom': eq, 'field': eq, 'over_baseline_gte': ge},
    nodes.ReportedAny: {'symptoms': _among},
    nodes.NewAny: {'symptoms': _among},
    nodes.Worsened: {'symptom': eq, 'by': ge},
    nodes.AnyWorsened: {'by': ge},
    nodes.AnySeverity: {'gte': ge},
    nodes.PersistsAnySeverity: {'days': ge, 'gte': ge},
    nodes.HoursSinceDose: {'lte': le},
    nodes.TherapyDay: {'therapy': eq, 'day_gte': ge, 'day_lte': le},
    nodes.MeasureBelow: {'measure': eq, 'lt': le},
    nodes.MeasureDropped: {'measure': eq, 'drop_percent_gt': ge},
    nodes.MeasureChanged: {'measure': eq, 'change_percent_gte': ge},
    nodes.AllergicSigns: {'gte': ge},
}
