"""The telephone scripts: one for every rule, none for an unknown one, and plainly a draft."""

from typing import Any

import pytest

from alerts.content import FOLDER, default_rules, read_yaml
from alerts.engine import RuleError
from alerts.triage import default_scripts, parse_scripts, scripts_for

RULES = default_rules().rules


def content() -> dict[str, Any]:
    found = read_yaml((FOLDER / 'triage.yaml').read_text(encoding='utf-8'))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize('rule', [*RULES, *default_rules().missed])
def test_every_default_rule_has_three_to_six_steps(rule: str) -> None:
    script = default_scripts()[rule]
    assert rule in script.rules
    assert 3 <= len(script.ask) + 1 <= 6
    assert script.send.endswith('.')


def test_nothing_but_the_default_rules_is_named() -> None:
    assert set(default_scripts()) == {*RULES, *default_rules().missed}


def test_no_line_copies_a_sentence_of_the_sources() -> None:
    """Six words in a row that a cited sentence has, too, would be a copied passage."""
    sources = read_yaml((FOLDER / 'sources.yaml').read_text(encoding='utf-8'))
    cited = str(sources).lower()
    lines = [line for script in default_scripts().values() for line in (*script.ask, script.send)]
    runs = {
        ' '.join(words[n : n + 6]) for words in (line.lower().split() for line in lines) for n in range(len(words) - 5)
    }
    assert runs
    assert [run for run in runs if run in cited] == []


def test_what_says_more_comes_first_and_each_once() -> None:
    names = [script.name for script in scripts_for(['CLINIC_OWN', 'C05', 'R04', 'R04S', 'R06'])]
    assert names == ['diarrhea', 'rash', 'several_findings']
    assert scripts_for(['CLINIC_OWN']) == []


@pytest.mark.parametrize(
    ('change', 'problem'),
    [
        (lambda found: found['scripts'].pop('rash'), 'no script for R06, R06S'),
        (lambda found: found['scripts']['rash']['rules'].append('R99'), 'scripts.rash.rules: unknown rule "R99"'),
        (lambda found: found['scripts']['rash']['rules'].append('R04'), 'R04 has a script already'),
        (lambda found: found['scripts']['rash']['ask'].clear(), '2 to 5 lines are needed'),
        (lambda found: found['scripts']['rash'].pop('send'), '"send" is missing'),
        (lambda found: found.update(draft=False), 'only a clinic can sign this off'),
    ],
)
def test_a_gap_or_an_unknown_name_is_an_error(change: Any, problem: str) -> None:
    found = content()
    change(found)
    with pytest.raises(RuleError) as told:
        parse_scripts(found, {*RULES, *default_rules().missed})
    assert problem in str(told.value)
