"""Other rule engines on the rules that they can express, each in the fastest way that its documentation shows.

Both get their facts ready-made (`spelling.py`): only their own work is on the clock, while ours begins with the entry. The one
exception says so: `zen_from_the_diary` begins where ours begins.
"""

import json
from collections.abc import Callable, Iterable
from itertools import pairwise

import rule_engine
import zen

from alerts.engine import EntryFacts, PatientFacts, Rule
from bench.engines.spelling import Spelling, Value, expression

Facts = dict[str, Value]
Fired = list[str]


def zen_expression(rules: list[Rule], facts: list[Facts]) -> Callable[[], list[Fired]]:
    """One compiled expression for all rules, on contexts that are JSON text already: faster than a decision, a context as a
    dict, or an expression for each rule."""
    evaluate, contexts = _zen_evaluator(rules), [json.dumps(each) for each in facts]
    return lambda: [evaluate(context) for context in contexts]


def zen_from_the_diary(
    rules: list[Rule], spelling: Spelling, patients: Iterable[tuple[PatientFacts, list[EntryFacts]]]
) -> Callable[[], list[Fired]]:
    """The same expression, from the diary's entries on: what it needs to be told is found and written as JSON on the clock."""
    evaluate = _zen_evaluator(rules)
    return lambda: [
        evaluate(json.dumps(each)) for patient, entries in patients for each in spelling.of(patient, entries)
    ]


def _zen_evaluator(rules: list[Rule]) -> Callable[[str], Fired]:
    names = [rule.id for rule in rules]
    compiled = zen.compile_expression(f'[{", ".join(expression(rule.when) for rule in rules)}]')
    return lambda context: [name for name, held in zip(names, compiled.evaluate(context), strict=True) if held]


def zen_decision(rules: list[Rule], facts: list[Facts]) -> Callable[[], list[Fired]]:
    """A decision graph with one node of expressions, made once, on the same contexts."""
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(_graph(rules))))
    contexts = [json.dumps(each) for each in facts]

    def run() -> list[Fired]:
        answers = [decision.evaluate(context)['result'] for context in contexts]
        return [[name for name, held in answer.items() if held] for answer in answers]

    return run


def _graph(rules: list[Rule]) -> dict[str, object]:
    expressions = [{'id': rule.id, 'key': rule.id, 'value': expression(rule.when)} for rule in rules]
    contents: dict[str, dict[str, object]] = {
        'inputNode': {},
        'expressionNode': {'expressions': expressions},
        'outputNode': {},
    }
    nodes = [
        {'id': kind, 'name': kind, 'type': kind, 'position': {'x': 0, 'y': 0}, 'content': content}
        for kind, content in contents.items()
    ]
    edges = [
        {'id': source, 'sourceId': source, 'targetId': target, 'type': 'edge'} for source, target in pairwise(contents)
    ]
    return {'nodes': nodes, 'edges': edges}


def rule_engine_rules(rules: list[Rule], facts: list[Facts]) -> Callable[[], list[Fired]]:
    """A parsed rule kept for each of ours."""
    context = rule_engine.Context()
    kept = {rule.id: rule_engine.Rule(expression(rule.when), context=context) for rule in rules}

    def run() -> list[Fired]:
        return [[name for name, rule in kept.items() if rule.matches(each)] for each in facts]

    return run
