"""Other rule engines on the rules that they can express, each in the fastest way that its documentation shows.

Both get their facts ready-made (`spelling.py`): only their own work is on the clock, while ours begins with the entry.
"""

import json
from collections.abc import Callable
from itertools import pairwise

import rule_engine
import zen

from alerts.engine import Rule
from bench.engines.spelling import Value, expression

Facts = dict[str, Value]
Fired = list[str]


def zen_expression(rules: list[Rule], facts: list[Facts]) -> Callable[[], list[Fired]]:
    """One compiled expression for all rules, on contexts that are JSON text already: faster than a decision, a context as a
    dict, or an expression for each rule."""
    names = [rule.id for rule in rules]
    compiled = zen.compile_expression(f'[{", ".join(expression(rule.when) for rule in rules)}]')
    contexts = [json.dumps(each) for each in facts]

    def run() -> list[Fired]:
        answers = [compiled.evaluate(context) for context in contexts]
        return [[name for name, held in zip(names, answer, strict=True) if held] for answer in answers]

    return run


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
