"""From the value of an answer or a measurement to the bits that it sets: a table for each field."""

from collections.abc import Callable, Iterator, Mapping

import alerts.engine.nodes as nodes
from alerts.engine.bits import HIGHEST, Bits
from alerts.engine.catalogue import Catalogue, Field, Kind
from alerts.engine.numbers import Exact, changed, dropped, exact, over

MOST_VALUES = 500  # of one table
MOST_TABLES = 200  # for patients with different usual values

Table = dict[object, int]
# Of one symptom: the tables of its fields, and the bits of its yes-or-no fields. A yes is told from a 1 before it is looked up.
Answers = tuple[dict[str, Table], dict[str, int]]
Test = tuple[Callable[[Exact], bool], int]


class Numbers(Table):
    """Filled as values come; TypeError or ValueError for what cannot be compared."""

    def __init__(self, tests: list[Test]) -> None:
        super().__init__()
        self._tests = tests

    def __missing__(self, value: object) -> int:
        number = exact(value)
        if len(self) >= MOST_VALUES:
            self.clear()
        self[value] = bits = sum(bit for holds, bit in self._tests if holds(number))
        return bits


class Words(Table):
    """No rule reads words."""

    def __missing__(self, _: object) -> int:
        return 0


class Marks:
    """The tables of one rule set. Those that depend on a patient's usual values are kept by these values."""

    def __init__(self, bits: Bits, catalogue: Catalogue) -> None:
        self._bits, self._catalogue = bits, catalogue
        self._tests: dict[tuple[str, str], list[nodes.Node]] = {}
        for node in bits.own:
            if (field := _field_of(node)) is not None:
                self._tests.setdefault(field, []).append(node)
        self._kept: dict[tuple[str, str, Exact | None], Table] = {}
        self._answers = {code: self._symptom(code, {}) for code in catalogue.symptoms}
        self._personal = {symptom for (symptom, _), tests in self._tests.items() if symptom and any(map(_usual, tests))}

    def answers(self, usual: Mapping[str, Exact]) -> dict[str, Answers]:
        """By symptom, for a patient with these usual values."""
        return self._answers | {code: self._symptom(code, usual) for code in self._personal if usual}

    def measured(self, usual: Mapping[str, Exact]) -> dict[str, Table]:
        return {name: self._numbers('', name, None, usual) for name in self._catalogue.measurements}

    def _symptom(self, code: str, usual: Mapping[str, Exact]) -> Answers:
        fields = self._catalogue.symptoms[code].fields
        yes = {name: self._yes(code, name) for name, field in fields.items() if field.kind is Kind.YES}
        tables = {name: self._table(code, field, usual) for name, field in fields.items() if name not in yes}
        return tables, yes

    def _yes(self, code: str, name: str) -> int:
        tests = self._tests.get((code, name), [])
        return self._bits.named([code]) | sum(self._bits.own[test] for test in tests)

    def _table(self, code: str, field: Field, usual: Mapping[str, Exact]) -> Table:
        match field.kind:
            case Kind.SEVERITY:
                return {level: self._bits.levels([code], 0, level) if level else 0 for level in range(HIGHEST + 1)}
            case Kind.TEXT:
                return Words()
        return self._numbers(code, field.name, field.reported_from, usual)

    def _numbers(self, symptom: str, name: str, reported_from: Exact | None, usual: Mapping[str, Exact]) -> Table:
        key = symptom, name, usual.get(name)
        if key not in self._kept:
            if len(self._kept) >= MOST_TABLES:
                self._kept.clear()
            tests = list(self._tests_of(symptom, name, usual.get(name)))
            if reported_from is not None:
                tests.append((_at_least(reported_from), self._bits.named([symptom])))
            self._kept[key] = Numbers(tests)
        return self._kept[key]

    def _tests_of(self, symptom: str, name: str, usual: Exact | None) -> Iterator[Test]:
        for node in self._tests.get((symptom, name), []):
            yield _comparison(node, usual), self._bits.own[node]


def _field_of(node: nodes.Node) -> tuple[str, str] | None:
    match node:
        case (
            nodes.AnsweredYes(symptom, field) | nodes.NumberAtLeast(symptom, field) | nodes.OverBaseline(symptom, field)
        ):
            return symptom, field
        case nodes.MeasureBelow(measure) | nodes.MeasureDropped(measure) | nodes.MeasureChanged(measure):
            return '', measure
    return None


def _usual(node: nodes.Node) -> bool:
    return isinstance(node, nodes.OverBaseline)


def _at_least(limit: Exact) -> Callable[[Exact], bool]:
    return lambda value: value >= limit


def _comparison(node: nodes.Node, usual: Exact | None) -> Callable[[Exact], bool]:
    match node:
        case nodes.NumberAtLeast(gte=limit):
            return _at_least(limit)
        case nodes.OverBaseline(over_baseline_gte=limit):
            return lambda value: over(value, usual, limit)
        case nodes.MeasureBelow(lt=limit):
            return lambda value: value < limit
        case nodes.MeasureDropped(drop_percent_gt=limit):
            return lambda value: usual is not None and dropped(value, usual, limit)
        case nodes.MeasureChanged(change_percent_gte=limit):
            return lambda value: usual is not None and changed(value, usual, limit)
    raise TypeError(f'{type(node).__name__} compares no number')
