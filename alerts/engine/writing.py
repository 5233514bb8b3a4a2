"""From the words in nodes.py back to the mapping that parse.py reads: what is written is read as the very same nodes."""

from collections.abc import Mapping
from typing import Any

import alerts.engine.nodes as nodes
from alerts.engine.numbers import Exact, plain
from alerts.engine.rules import MissedRule, Rule, RuleSet

Written = str | dict[str, Any]  # a bare name is a macro


def condition_mapping(node: nodes.Node) -> Written:
    """The condition as its file has it. ValueError for a number that no file can hold exactly (a float prints other digits)."""
    match node:
        case nodes.Macro(name):
            return name
        case nodes.Any(children):
            return {'any': _list(children)}
        case nodes.All(children):
            return {'all': _list(children)}
        case nodes.Persists(days, at_least, of):
            return {'persists': {'days': days, 'at_least': at_least, 'of': _list(of)}}
        case nodes.PersistsAnySeverity(days, gte):
            return {'persists_any_severity': {'days': days, 'gte': gte}}
        case nodes.HoursSinceDose(lte):
            return {'hours_since_dose': {'lte': _number(lte)}}
        case nodes.ReportedAny(symptoms):
            return {'reported_any': list(symptoms)}
        case nodes.NewAny(symptoms):
            return {'new_any': list(symptoms)}
    return _flat(node)


def _list(children: tuple[nodes.Node, ...]) -> list[Written]:
    return [condition_mapping(child) for child in children]


def _flat(node: nodes.Node) -> dict[str, Any]:
    match node:
        case nodes.SeverityAtLeast(symptom, gte):
            return {'symptom': symptom, 'gte': gte}
        case nodes.AnsweredYes(symptom, field):
            return {'symptom': symptom, 'field': field}
        case nodes.NumberAtLeast(symptom, field, limit):
            return {'symptom': symptom, 'field': field, 'gte': _number(limit)}
        case nodes.OverBaseline(symptom, field, limit):
            return {'symptom': symptom, 'field': field, 'over_baseline_gte': _number(limit)}
        case nodes.Worsened(symptom, by):
            return {'worsened': symptom, 'by': by}
        case nodes.TherapyDay(therapy, first, last):
            return {'therapy': therapy, 'day_gte': first, 'day_lte': last}
        case nodes.MeasureBelow(measure, limit):
            return {'measure': measure, 'lt': _number(limit)}
        case nodes.MeasureDropped(measure, limit):
            return {'measure': measure, 'drop_percent_gt': _number(limit)}
        case nodes.MeasureChanged(measure, limit):
            return {'measure': measure, 'change_percent_gte': _number(limit)}
    return _one_word(node)


def _one_word(node: nodes.Node) -> dict[str, Any]:
    match node:
        case nodes.AnyWorsened(by):
            return {'any_worsened_by': by}
        case nodes.AnySeverity(gte):
            return {'any_severity_gte': gte}
        case nodes.InContext(context):
            return {'context': context}
        case nodes.AllergicSigns(gte):
            return {'allergic_signs_gte': gte}
        case nodes.SameDayFindings(gte):
            return {'same_day_findings_24h_gte': gte}
    raise TypeError(f'{type(node).__name__} cannot be written')


def _number(value: Exact) -> int | float:
    found = plain(value)
    if isinstance(found, str):
        raise ValueError(f'{found} has more digits than a file can hold')
    return found


def rule_mapping(rule: Rule) -> dict[str, Any]:
    """The rule as the value under its id."""
    own = rule.acknowledge_within_minutes
    return {
        'tier': rule.tier.word,
        **({'acknowledge_within_minutes': own} if own is not None else {}),
        'title': rule.title,
        'basis': rule.basis.value,
        'cites': list(rule.cites),
        'when': condition_mapping(rule.when),
    }


def missed_mapping(rule: MissedRule) -> dict[str, Any]:
    """The rule about an absent entry as the value under its id."""
    hours = {'car_t_day_0_to_30': rule.hours_car_t_day_0_to_30, 'otherwise': rule.hours_otherwise}
    head = {'tier': rule.tier.word, 'title': rule.title, 'basis': rule.basis.value, 'cites': list(rule.cites)}
    return {**head, 'after_hours': hours}


def rule_set_mapping(rules: RuleSet) -> dict[str, Any]:
    """The whole file; `RuleSet.parse` of it is equal to `rules`."""
    parts: Mapping[str, dict[str, Any]] = {
        'macros': {name: _definition(node) for name, node in rules.macros.items()},
        'rules': {name: rule_mapping(rule) for name, rule in rules.rules.items()},
        'missed': {name: missed_mapping(rule) for name, rule in rules.missed.items()},
    }
    return {
        **{key: value for key, value in parts.items() if value},
        'follow_up_months_after_last_dose': rules.follow_up_months_after_last_dose,
        'acknowledge_within_minutes': {tier.word: n for tier, n in rules.acknowledge_within_minutes.items()},
    }


def _definition(node: nodes.Node) -> Written:
    """What a macro stands for: `RuleSet.macros` holds the macro itself, whose mapping would be its bare name."""
    return condition_mapping(node.when if isinstance(node, nodes.Macro) else node)
