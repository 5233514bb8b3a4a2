"""The rules that other engines can express, as one expression each, and the facts of an entry as one flat mapping.

Left out are the rules that look at earlier entries or count: the others have no words for these. All that a rule asks of the
patient (hours since the dose, day of the therapy, usual values) stands in the mapping, so that they only have to compare.
"""

import re
from collections.abc import Callable, Iterator

import alerts.engine.nodes as nodes
from alerts.engine import EntryFacts, Kind, PatientFacts, Rule, RuleSet
from alerts.engine.explain import Row, Witness, rows_of
from alerts.engine.numbers import Exact

NO_NUMBER = -1  # below every limit that a number has to reach
NO_MEASURE = 1_000_000  # above every limit that a measurement has to be under
NO_DAY = 1_000_000
Value = bool | int | float


def expressible(rule_set: RuleSet) -> list[Rule]:
    return [rule for rule in rule_set.rules.values() if all(_is_plain(node) for node in nodes.walk(rule.when))]


def _is_plain(node: nodes.Node) -> bool:
    return type(node) in _WRITERS or isinstance(node, nodes.Any | nodes.All | nodes.Macro)


def expression(node: nodes.Node) -> str:
    match node:
        case nodes.Any(children):
            return f'({" or ".join(map(expression, children))})'
        case nodes.All(children):
            return f'({" and ".join(map(expression, children))})'
        case nodes.Macro(when=when):
            return expression(when)
    return _WRITERS[type(node)](node)


def _hours(node: nodes.HoursSinceDose) -> str:
    return f'hours_since_dose <= {node.lte}'


def _therapy(node: nodes.TherapyDay) -> str:
    day = f'day_of_{node.therapy}'
    return f'({day} >= {node.day_gte} and {day} <= {node.day_lte})'


def _dropped(node: nodes.MeasureDropped) -> str:
    usual = f'{node.measure}_usual'
    return f'({usual} - {node.measure}) * 100 > {usual} * {node.drop_percent_gt}'


def _changed(node: nodes.MeasureChanged) -> str:
    usual, limit = f'{node.measure}_usual', f'{node.measure}_usual * {node.change_percent_gte}'
    up, down = f'({node.measure} - {usual}) * 100 >= {limit}', f'({usual} - {node.measure}) * 100 >= {limit}'
    return f'({node.measure} < {NO_MEASURE} and ({up} or {down}))'


_WRITERS: dict[type, Callable[..., str]] = {
    nodes.SeverityAtLeast: lambda node: f'{node.symptom}_severity >= {node.gte}',
    nodes.AnsweredYes: lambda node: f'{node.symptom}_{node.field}',
    nodes.NumberAtLeast: lambda node: f'{node.symptom}_{node.field} >= {node.gte}',
    nodes.OverBaseline: lambda node: f'{node.symptom}_{node.field} - {node.field}_usual >= {node.over_baseline_gte}',
    nodes.ReportedAny: lambda node: f'({" or ".join(f"{symptom}_reported" for symptom in node.symptoms)})',
    nodes.HoursSinceDose: _hours,
    nodes.TherapyDay: _therapy,
    nodes.InContext: lambda node: node.context,
    nodes.MeasureBelow: lambda node: f'{node.measure} < {node.lt}',
    nodes.MeasureDropped: _dropped,
    nodes.MeasureChanged: _changed,
}


class Spelling:
    """Makes the mappings of one rule set's entries. Every patient needs a usual value of all that the rules compare."""

    def __init__(self, rule_set: RuleSet, rules: list[Rule]) -> None:
        self._rule_set = rule_set
        asked = {node for rule in rules for node in nodes.walk(rule.when)}
        self._therapies = sorted({node.therapy for node in asked if isinstance(node, nodes.TherapyDay)})
        self._contexts = sorted({node.context for node in asked if isinstance(node, nodes.InContext)})
        used = set(re.findall(r'\w+', ' '.join(expression(rule.when) for rule in rules)))
        self._blank = {name: value for name, value in self._unanswered() if name in used}

    def _unanswered(self) -> Iterator[tuple[str, Value]]:
        catalogue = self._rule_set.catalogue
        starts: dict[Kind, Value] = {Kind.SEVERITY: 0, Kind.YES: False, Kind.NUMBER: NO_NUMBER, Kind.COUNT: NO_NUMBER}
        for code, symptom in catalogue.symptoms.items():
            yield f'{code}_reported', False
            fields = symptom.fields.values()
            yield from ((f'{code}_{field.name}', starts[field.kind]) for field in fields if field.kind in starts)
        yield from ((name, NO_MEASURE) for name in catalogue.measurements)

    def of(self, patient: PatientFacts, entries: list[EntryFacts]) -> Iterator[dict[str, Value]]:
        """In the order of time."""
        rows = rows_of(entries, patient.time_zone)
        witness = Witness(self._rule_set, patient, rows, [])
        return (self._mapping(witness, row) for row in rows)

    def _mapping(self, witness: Witness, row: Row) -> dict[str, Value]:
        setting = witness.setting
        since = setting.since_dose(row.instant)
        answers = row.entry.answers.items()
        said = {f'{code}_{name}': value for code, answer in answers for name, value in answer.items()}
        said |= {f'{code}_reported': True for code in witness.reported(row, [code for code, _ in answers])}
        said |= row.entry.measurements
        found: dict[str, Value] = {f'{name}_usual': _plain(value) for name, value in setting.baseline.items()}
        found['hours_since_dose'] = NO_DAY if since is None else since.total_seconds() / 3600
        for name in self._therapies:
            day = setting.therapy_day(name, row.instant, row.day)
            found[f'day_of_{name}'] = NO_DAY if day is None else day
        found |= {name: setting.holds(name, row.instant) for name in self._contexts}
        return {**self._blank, **{name: value for name, value in said.items() if name in self._blank}, **found}


def _plain(value: Exact) -> int | float:
    return value if isinstance(value, int) else float(value)
