"""The words of the rule language as Python expressions over the local variables of the compiled function.

Nothing from a rule file enters the source but numbers and names that the parser checked against fixed patterns.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import SEVERITY
from alerts.engine.numbers import Exact
from alerts.engine.rows import Layout
from alerts.engine.rules import RuleSet

HOUR = 3_600_000_000  # microseconds
Lasting = nodes.Persists | nodes.PersistsAnySeverity


class Expressions:
    """Writes expressions and keeps what they refer to: `constants` by name, and the therapies, contexts, baselines and
    lasting conditions whose values the caller has to give, in this order."""

    def __init__(self, rule_set: RuleSet, layout: Layout) -> None:
        self.constants: dict[str, object] = {}
        self.therapies: list[str] = []
        self.contexts: list[str] = []
        self.baselines: list[str] = []
        self.lasting: list[Lasting] = []
        self.shared: dict[nodes.Node, str] = {}
        self.cells: set[int] = set()
        self.levels_worse: set[int] = set()
        self.allergic = rule_set.catalogue.allergic
        self._layout = layout
        self._names: dict[tuple[type, object], str] = {}

    def test(self, node: nodes.Node) -> str:
        """The condition as a Python expression that gives a bool, safe to put beside `and`, `or` and `+`."""
        if node in self.shared:
            return self.shared[node]
        return _WRITERS[type(node)](self, node)

    def _cell(self, index: int) -> str:
        self.cells.add(index)
        return f'c{index}'

    def field(self, symptom: str, name: str) -> str:
        return self._cell(self._layout.fields[symptom][name][0])

    def field_then(self, symptom: str, name: str) -> str:
        return f'was[{self._layout.fields[symptom][name][0]}]'

    def measure(self, name: str) -> str:
        return self._cell(self._layout.measures[name])

    def numbered(self, known: list[str], name: str, letter: str) -> str:
        if name not in known:
            known.append(name)
        return f'{letter}{known.index(name)}'

    def number(self, value: Exact) -> str:
        return self.constant(value) if isinstance(value, Decimal) else repr(value)

    def constant(self, value: object) -> str:
        name = self._names.setdefault((type(value), value), f'k{len(self._names)}')
        self.constants[name] = value
        return name

    def symptoms(self, names: Iterable[str]) -> str:
        return self.constant(frozenset(names))

    def worsened(self, by: int) -> str:
        self.levels_worse.add(by)
        return f'w{by}'

    def lasting_name(self, node: Lasting) -> str:
        return f'p{self.lasting.index(node)}'


def _joined(source: Expressions, children: tuple[nodes.Node, ...], word: str) -> str:
    return f'({f" {word} ".join(source.test(child) for child in children)})'


def _any(source: Expressions, node: nodes.Any) -> str:
    return _joined(source, node.children, 'or')


def _all(source: Expressions, node: nodes.All) -> str:
    return _joined(source, node.children, 'and')


def _macro(source: Expressions, node: nodes.Macro) -> str:
    return source.test(node.when)


def _severity(source: Expressions, node: nodes.SeverityAtLeast) -> str:
    return f'({source.field(node.symptom, SEVERITY)} >= {node.gte})'


def _yes(source: Expressions, node: nodes.AnsweredYes) -> str:
    return source.field(node.symptom, node.field)


def _number(source: Expressions, node: nodes.NumberAtLeast) -> str:
    cell = source.field(node.symptom, node.field)
    return f'({cell} is not None and {cell} >= {source.number(node.gte)})'


def _over_baseline(source: Expressions, node: nodes.OverBaseline) -> str:
    cell = source.field(node.symptom, node.field)
    usual = source.numbered(source.baselines, node.field, 'b')
    return f'({cell} is not None and over({cell}, {usual}, {source.number(node.over_baseline_gte)}))'


def _reported_any(source: Expressions, node: nodes.ReportedAny) -> str:
    return f'(not reported.isdisjoint({source.symptoms(node.symptoms)}))'


def _new_any(source: Expressions, node: nodes.NewAny) -> str:
    among = source.symptoms(node.symptoms)
    return f'(not reported.isdisjoint({among}) and not reported & {among} <= reported_then)'


def _worsened(source: Expressions, node: nodes.Worsened) -> str:
    now, then = source.field(node.symptom, SEVERITY), source.field_then(node.symptom, SEVERITY)
    return f'({now} >= {node.by} and before and {now} - {then} >= {node.by})'


def _any_worsened(source: Expressions, node: nodes.AnyWorsened) -> str:
    return f'(len({source.worsened(node.by)}) > 0)'


def _any_severity(source: Expressions, node: nodes.AnySeverity) -> str:
    return f'(top >= {node.gte})'


def _persists(source: Expressions, node: nodes.Persists) -> str:
    return f'({source.lasting_name(node)})'


def _persists_any_severity(source: Expressions, node: nodes.PersistsAnySeverity) -> str:
    return f'(len({source.lasting_name(node)}) > 0)'


def _hours_since_dose(source: Expressions, node: nodes.HoursSinceDose) -> str:
    return f'(since is not None and since <= {int(node.lte * HOUR)})'


def _therapy_day(source: Expressions, node: nodes.TherapyDay) -> str:
    day = source.numbered(source.therapies, node.therapy, 't')
    return f'({day} is not None and {node.day_gte} <= {day} <= {node.day_lte})'


def _context(source: Expressions, node: nodes.InContext) -> str:
    return source.numbered(source.contexts, node.context, 'x')


def _below(source: Expressions, node: nodes.MeasureBelow) -> str:
    cell = source.measure(node.measure)
    return f'({cell} is not None and {cell} < {source.number(node.lt)})'


def _dropped(source: Expressions, node: nodes.MeasureDropped) -> str:
    return _against_baseline(source, node.measure, 'dropped', node.drop_percent_gt)


def _changed(source: Expressions, node: nodes.MeasureChanged) -> str:
    return _against_baseline(source, node.measure, 'changed', node.change_percent_gte)


def _against_baseline(source: Expressions, measure: str, how: str, limit: Exact) -> str:
    cell, usual = source.measure(measure), source.numbered(source.baselines, measure, 'b')
    return f'({cell} is not None and {usual} is not None and {how}({cell}, {usual}, {source.number(limit)}))'


def _allergic(source: Expressions, node: nodes.AllergicSigns) -> str:
    return f'(len(reported & {source.symptoms(source.allergic)}) >= {node.gte})'


def _findings(source: Expressions, node: nodes.SameDayFindings) -> str:
    return f'(len(found) >= {node.gte})'


# One writer a word; a word without one is a KeyError the first time a rule set that uses it is compiled.
_WRITERS: dict[type, Callable[..., str]] = {
    nodes.Any: _any,
    nodes.All: _all,
    nodes.Macro: _macro,
    nodes.SeverityAtLeast: _severity,
    nodes.AnsweredYes: _yes,
    nodes.NumberAtLeast: _number,
    nodes.OverBaseline: _over_baseline,
    nodes.ReportedAny: _reported_any,
    nodes.NewAny: _new_any,
    nodes.Worsened: _worsened,
    nodes.AnyWorsened: _any_worsened,
    nodes.AnySeverity: _any_severity,
    nodes.Persists: _persists,
    nodes.PersistsAnySeverity: _persists_any_severity,
    nodes.HoursSinceDose: _hours_since_dose,
    nodes.TherapyDay: _therapy_day,
    nodes.InContext: _context,
    nodes.MeasureBelow: _below,
    nodes.MeasureDropped: _dropped,
    nodes.MeasureChanged: _changed,
    nodes.AllergicSigns: _allergic,
    nodes.SameDayFindings: _findings,
}
