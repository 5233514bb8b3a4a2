"""What is written is read as the very same rules, in every word of the language."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

import alerts.engine.nodes as nodes
from alerts.content import default_catalogue, default_rules, rules_mapping
from alerts.engine import RuleSet
from alerts.engine.nodes import walk
from alerts.engine.scope import people, therapy_of
from alerts.engine.writing import condition_mapping, rule_mapping, rule_set_mapping
from tests.alerts.engine.made_up_rules import LEAVES, rules


def content_with(rule: dict[str, Any]) -> dict[str, Any]:
    return rules_mapping() | {'rules': {'L01': rule}}


def test_the_default_rules_are_written_as_their_file_has_them() -> None:
    assert rule_set_mapping(default_rules()) == rules_mapping()


@settings(deadline=None)
@given(rules())
def test_a_made_up_rule_is_written_as_it_was_read(rule: dict[str, Any]) -> None:
    parsed = RuleSet.parse(content_with(rule), default_catalogue())
    written = rule_mapping(parsed.rules['L01'])
    assert written == rule
    assert json.loads(json.dumps(written)) == rule
    assert RuleSet.parse(content_with(written), default_catalogue()) == parsed


def test_the_made_up_conditions_have_every_word_of_the_language() -> None:
    # groups are made of them; the macro is written by its name, read from the rule set
    assert len(LEAVES) + len(('any', 'all', 'persists')) == len(nodes.Node.__args__)  # type: ignore[attr-defined]


def test_a_number_that_no_file_can_hold_is_not_written_as_another() -> None:
    with pytest.raises(ValueError, match='more digits'):
        condition_mapping(nodes.HoursSinceDose(Decimal('0.10000000000000000000001')))


def test_a_rule_for_one_therapy_is_told_by_its_first_condition() -> None:
    rule = default_rules().rules['R05']
    scoped = nodes.All((people('car_t'), rule.when))
    assert therapy_of(rule) is None
    assert therapy_of(_with(rule, scoped)) == 'car_t'
    assert therapy_of(_with(rule, nodes.All((rule.when, people('car_t'))))) is None
    assert therapy_of(_with(rule, nodes.All((nodes.TherapyDay('car_t', 0, 14), rule.when)))) is None
    assert therapy_of(_with(rule, nodes.All((people('car_t'),)))) is None
    assert [therapy_of(each) for each in default_rules().rules.values()] == [None] * 55


def _with(rule: Any, when: nodes.Node) -> Any:
    content = content_with({**rule_mapping(rule), 'when': condition_mapping(when)})
    found = RuleSet.parse(content, default_catalogue()).rules['L01']
    assert list(walk(found.when)) == list(walk(when))
    return found
