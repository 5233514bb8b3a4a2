"""Rules as YAML: the same rules are the same text, and an error says in which line."""

from typing import Any

import pytest
from hypothesis import given, settings

from alerts.content import default_rules, rules_mapping
from alerts.engine import RuleError
from alerts.services.rules.texts import line_at, rules_as_text, text_as_rules
from tests.alerts.engine.made_up_rules import rules


def test_the_default_rules_come_back_equal_and_as_the_same_text() -> None:
    text = rules_as_text(rules_mapping())
    assert text_as_rules(text) == rules_mapping()
    assert rules_as_text(text_as_rules(text)) == text


@pytest.mark.parametrize('rule', sorted(default_rules().rules))
def test_a_default_rule_comes_back_equal_and_as_the_same_text(rule: str) -> None:
    text = rules_as_text(rules_mapping()['rules'][rule])
    assert text_as_rules(text) == rules_mapping()['rules'][rule]
    assert rules_as_text(text_as_rules(text)) == text


@settings(deadline=None)
@given(rules())
def test_a_made_up_rule_comes_back_equal_and_as_the_same_text(rule: dict[str, Any]) -> None:
    text = rules_as_text(rule)
    assert text_as_rules(text) == rule
    assert rules_as_text(text_as_rules(text)) == text
    # A browser sends line ends as two characters.
    assert text_as_rules(text.replace('\n', '\r\n')) == rule


def test_the_order_of_names_does_not_change_the_text() -> None:
    rule = rules_mapping()['rules']['R04']
    assert rules_as_text(dict(reversed(rule.items()))) == rules_as_text(rule)


@pytest.mark.parametrize(
    ('text', 'place'),
    [
        ('tier: urgent\ntier: urgent\n', 'line 2, column 1'),
        ('tier: [urgent\ntitle: a\n', 'line 2, column 6'),
        ('tier: &a urgent\ntitle: *a\n', 'line 1, column 7'),
        ('- a\n', ''),
        ('', ''),
    ],
)
def test_text_that_is_no_rule_is_refused_where_it_goes_wrong(text: str, place: str) -> None:
    with pytest.raises(RuleError) as caught:
        text_as_rules(text)
    assert caught.value.place == place


def test_a_place_in_the_rules_has_a_line() -> None:
    text = rules_as_text(rules_mapping())
    lines = text.splitlines()
    at = line_at(text, ('rules', 'E03', 'when', 'any', 2, 'all', 0, 'symptom'))
    assert lines[at - 1].strip() == '- {symptom: CHESTPAIN, gte: 1}'
    assert lines[line_at(text, ('rules', 'E03')) - 1].strip() == 'E03:'
    assert line_at(text, ('rules', 'E03', 'colour')) == line_at(text, ('rules', 'E03'))
    assert line_at(text, ()) == 1
