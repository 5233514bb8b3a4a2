"""The rules on the phone say what the rules on the server say: the same made-up cases through both, and not one may differ.

Python answers first; then a real browser answers all of them in one go. A difference is shown with its whole case.
"""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from playwright.sync_api import Page

from alerts.content import default_program
from alerts.engine import Program, RuleSet, compile_rules
from alerts.engine.exchange import read_case
from tests.alerts.engine.made_up import CATALOGUE, cases, rescaled
from tests.alerts.engine.test_made_up_rules import rule_sets
from tests.alerts.engine.test_rules_table import TABLE, case_of
from tests.alerts.offline import edges
from tests.alerts.offline.told import Made, answer, drawn, made, measured_again, question, rules_of

pytestmark = pytest.mark.timeout(600)
ASK = """async ({ rules, cases }) => {
    const { evaluate } = await import('/js/offline/engine.js');
    return cases.map(([index, { entries, ...known }]) => evaluate({ ...rules[index], ...known }, entries));
}"""
Asked = tuple[int, Made]  # which of the programs, and the case


@st.composite
def patients_and_entries(draw: Any) -> Made:
    case = draw(cases() | rescaled())
    return made(case, draw(measured_again(case)))


@pytest.fixture(scope='module')
def timelines() -> list[Made]:
    return drawn(patients_and_entries(), 250)


def differences(page: Page, programs: list[Program], asked: list[Asked]) -> list[str]:
    questions = {'rules': [rules_of(each) for each in programs], 'cases': [[n, question(case)] for n, case in asked]}
    told = page.evaluate(ASK, questions)
    expected = [answer(programs[n], case) for n, case in asked]
    assert any(result['rules'] for results in expected for result in results), 'the cases are about nothing'
    rows = zip(questions['cases'], told, expected, strict=True)
    return [
        json.dumps({'case': q, 'rules': rules_of(programs[q[0]]), 'phone': t, 'server': e})
        for q, t, e in rows
        if t != e
    ]


def test_the_default_rules_say_the_same_on_the_phone(page: Page, timelines: list[Made]) -> None:
    program = default_program()
    assert differences(page, [program], [(0, case) for case in timelines])[:1] == []


def test_rules_in_every_word_of_the_language_say_the_same_on_the_phone(page: Page, timelines: list[Made]) -> None:
    programs = [compile_rules(RuleSet.parse(content, CATALOGUE)) for content in drawn(rule_sets(), 100)]
    asked = [(n, timelines[(7 * n + k) % len(timelines)]) for n, k in product(range(len(programs)), range(8))]
    assert differences(page, programs, asked)[:1] == []


def test_the_hand_written_cases_say_the_same_on_the_phone(page: Page) -> None:
    rows = [row for both in TABLE.values() for rows in both.values() for row in rows]
    lines = (Path(__file__).parents[1] / 'engine/case.example.jsonl').read_bytes().splitlines()
    examples = [read_case(line, CATALOGUE) for line in lines]
    found = [*map(case_of, rows), *((each.patient, each.entries) for each in examples)]
    assert differences(page, [default_program()], [(0, made(case)) for case in found])[:1] == []


def test_the_edges_of_rules_are_the_same_on_the_phone(page: Page) -> None:
    content = {'default': default_program(), 'edges': compile_rules(RuleSet.parse(edges.CONTENT, CATALOGUE))}
    asked = [(1 if n % 4 else 0, case) for n, case in enumerate(edges.timelines(800))]
    assert differences(page, list(content.values()), asked)[:1] == []
