"""A rule set: the rules, what a missed diary means, and how soon a person must answer."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from alerts.engine.catalogue import Catalogue
from alerts.engine.errors import RuleError
from alerts.engine.nodes import Node
from alerts.engine.parse import ConditionReader
from alerts.engine.spot import Spot, quoted
from alerts.engine.tiers import Basis, Tier
from alerts.engine.visible import hidden_in

_RULE_ID = re.compile(r'[A-Z][A-Z0-9_]{0,19}')
_MACRO = re.compile(r'[a-z][a-z0-9_]{0,39}')
LONGEST_TITLE = 200  # what a flag stores
_ALERTING = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)


@dataclass(frozen=True, slots=True)
class Rule:
    """`acknowledge_within_minutes` is set only where the rule is more pressing than its tier."""

    id: str
    tier: Tier
    title: str
    basis: Basis
    cites: tuple[str, ...]
    when: Node
    acknowledge_within_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class MissedRule:
    """No diary entry for so many hours. The schedule decides it, not the evaluation of an entry."""

    id: str
    tier: Tier
    title: str
    basis: Basis
    cites: tuple[str, ...]
    hours_car_t_day_0_to_30: int
    hours_otherwise: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    catalogue: Catalogue
    rules: Mapping[str, Rule]
    macros: Mapping[str, Node]
    missed: Mapping[str, MissedRule]
    follow_up_months_after_last_dose: int
    acknowledge_within_minutes: Mapping[Tier, int]

    @classmethod
    def parse(cls, content: object, catalogue: Catalogue, citations: Container[str] | None = None) -> 'RuleSet':
        """From the mapping in rules.yaml. With `citations` (ids of documents and quotes) every cite is checked.
        RuleError says what is wrong and where."""
        root = Spot(content, RuleError)
        keys = ('rules', 'follow_up_months_after_last_dose', 'acknowledge_within_minutes')
        found = root.keyed(keys, ('macros', 'missed'))
        macros = dict(root.at('macros').members()) if 'macros' in found else {}
        reader = ConditionReader(catalogue, macros)
        rule_set = cls(
            catalogue=catalogue,
            macros={name: _macro(name, spot, reader) for name, spot in macros.items()},
            rules={name: _rule(name, spot, reader, citations) for name, spot in root.at('rules').members()},
            missed=_missed_rules(root, citations) if 'missed' in found else {},
            follow_up_months_after_last_dose=root.at(keys[1]).whole(0, 120),
            acknowledge_within_minutes=_deadlines(root.at(keys[2])),
        )
        _check_ids(root, rule_set)
        return rule_set

    def acknowledge_within(self, rule_id: str) -> int | None:
        """Minutes until a person must have acknowledged a flag of this rule; None where it makes no alert."""
        rule = self.rules.get(rule_id) or self.missed[rule_id]
        own = rule.acknowledge_within_minutes if isinstance(rule, Rule) else None
        return own or self.acknowledge_within_minutes.get(rule.tier)


def _macro(name: str, spot: Spot, reader: ConditionReader) -> Node:
    if not _MACRO.fullmatch(name):
        spot.fail('a macro is named by small letters, digits and underscores')
    return reader.macro(name, spot, 0)


def _rule(name: str, spot: Spot, reader: ConditionReader, citations: Container[str] | None) -> Rule:
    found = spot.keyed(('tier', 'title', 'basis', 'cites', 'when'), ('acknowledge_within_minutes',))
    minutes = 'acknowledge_within_minutes'
    tier, title, basis, cites = _head(name, spot, citations)
    own = spot.at(minutes).whole(1, 7 * 24 * 60) if minutes in found else None
    if own is not None and tier not in _ALERTING:
        spot.at(minutes).fail('a rule of tier {tier} makes no alert to acknowledge', tier=tier.word)
    return Rule(name, tier, title, basis, cites, reader.read(spot.at('when')), own)


def _missed_rules(root: Spot, citations: Container[str] | None) -> dict[str, MissedRule]:
    return {name: _missed(name, spot, citations) for name, spot in root.at('missed').members()}


def _missed(name: str, spot: Spot, citations: Container[str] | None) -> MissedRule:
    spot.keyed(('tier', 'title', 'basis', 'cites', 'after_hours'))
    hours = spot.at('after_hours')
    hours.keyed(('car_t_day_0_to_30', 'otherwise'))
    after = (hours.at('car_t_day_0_to_30').whole(1, 24 * 365), hours.at('otherwise').whole(1, 24 * 365))
    return MissedRule(name, *_head(name, spot, citations), *after)


def _head(name: str, spot: Spot, citations: Container[str] | None) -> tuple[Tier, str, Basis, tuple[str, ...]]:
    if not _RULE_ID.fullmatch(name):
        spot.fail('a rule is named by capital letters, digits and underscores')
    tiers = frozenset(tier.word for tier in Tier if tier is not Tier.NONE)
    tier = Tier.from_word(spot.at('tier').one_of(tiers, 'unknown tier {found}'))
    basis = Basis(spot.at('basis').one_of(frozenset(Basis), 'unknown basis {found}'))
    return tier, _title(spot.at('title')), basis, _cites(spot.at('cites'), citations)


def _title(spot: Spot) -> str:
    found = spot.words()
    if len(found) > LONGEST_TITLE:
        spot.fail('is longer than {most} characters', most=LONGEST_TITLE)
    if code := hidden_in(found):
        spot.fail('has the character {code}, which nobody can see', code=code)
    return found


def _cites(spot: Spot, citations: Container[str] | None) -> tuple[str, ...]:
    found = spot.items()
    if not found:
        spot.fail('at least one citation is needed')
    for item in found:
        if item.words() and citations is not None and item.value not in citations:
            item.fail('unknown citation {found}', found=quoted(item.words()))
    return tuple(item.text() for item in found)


def _deadlines(spot: Spot) -> dict[Tier, int]:
    spot.keyed(tuple(tier.word for tier in _ALERTING))
    return {tier: spot.at(tier.word).whole(1, 7 * 24 * 60) for tier in _ALERTING}


def _check_ids(root: Spot, rule_set: RuleSet) -> None:
    if not rule_set.rules:
        root.at('rules').fail('at least one rule is needed')
    for name in rule_set.missed:
        if name in rule_set.rules:
            root.at('missed').at(name).fail('{name} is also the id of a rule', name=name)
