"""From a mapping, as YAML or JSON gives it, to the words in nodes.py. Everything unknown raises, with its place."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NoReturn

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import SEVERITY, Catalogue, Kind, Symptom
from alerts.engine.numbers import Exact
from alerts.engine.sentences import Sentence
from alerts.engine.spot import Spot, quoted

MOST_LEVELS = 50
# Macros and YAML aliases can make a small file mean a huge one; 20,000 conditions is far more than a clinic can read.
MOST_CONDITIONS = 20_000
MOST_DAYS = 60


class ConditionReader:
    """Reads conditions against one catalogue and one set of macros; use one reader for one rule set."""

    def __init__(self, catalogue: Catalogue, macros: Mapping[str, Spot]) -> None:
        self.catalogue = catalogue
        self._macros = macros
        self._read_macros: dict[str, tuple[nodes.Node, int, int]] = {}
        self._being_read: list[str] = []
        self._count = 0

    def read(self, spot: Spot) -> nodes.Node:
        return self.condition(spot, 1)

    def macro(self, name: str, spot: Spot, level: int) -> nodes.Node:
        """A bare name. Its levels and its conditions count anew at each place that uses it."""
        if name not in self._macros:
            spot.fail('unknown macro {found}', found=quoted(name))
        if name in self._being_read:
            way = ' > '.join([*self._being_read, name])
            spot.fail('macro {name} contains itself ({way})', name=quoted(name), way=way)
        if name not in self._read_macros:
            self._read_macros[name] = self._first_reading(name)
        node, height, size = self._read_macros[name]
        self._enter(spot, level + height, size)
        return node

    def _first_reading(self, name: str) -> tuple[nodes.Node, int, int]:
        self._being_read.append(name)
        before = self._count
        when = self.condition(self._macros[name], 1)
        self._being_read.pop()
        return nodes.Macro(name, when), _height(when), self._count - before

    def _enter(self, spot: Spot, level: int, size: int) -> None:
        if level > MOST_LEVELS:
            spot.fail('conditions are nested more than {most} levels deep', most=MOST_LEVELS)
        self._count += size
        if self._count > MOST_CONDITIONS:
            spot.fail('the rule set has more than {most} conditions', most=MOST_CONDITIONS)

    def condition(self, spot: Spot, level: int) -> nodes.Node:
        self._enter(spot, level, 1)
        if isinstance(spot.value, str):
            return self.macro(spot.value, spot, level)
        heads = [key for key in spot.mapping() if key in _WORDS]
        if not heads:
            _fail_without_word(spot)
        if len(heads) > 1:
            one, two = map(quoted, heads[:2])
            spot.fail('{one} and {two} are two conditions; join them with any or all', one=one, two=two)
        return _WORDS[heads[0]](self, spot, level)

    def conditions(self, spot: Spot, level: int) -> tuple[nodes.Node, ...]:
        found = spot.items()
        if not found:
            spot.fail('at least one condition is needed')
        return tuple(self.condition(item, level + 1) for item in found)

    def symptom(self, spot: Spot) -> Symptom:
        return self.catalogue.symptoms[spot.one_of(self.catalogue.symptoms, 'unknown symptom {found}')]

    def symptoms(self, spot: Spot) -> tuple[str, ...]:
        found = tuple(self.symptom(item).code for item in spot.items())
        if not found:
            spot.fail('at least one symptom is needed')
        if len(set(found)) < len(found):
            spot.fail('a symptom is named twice')
        return found

    def with_severity(self, spot: Spot) -> str:
        symptom = self.symptom(spot)
        if SEVERITY not in symptom.fields:
            spot.fail('{symptom} has no severity', symptom=symptom.code)
        return symptom.code


def _fail_without_word(spot: Spot) -> NoReturn:
    if names := list(spot.mapping())[:5]:
        spot.fail('no word of the rule language among {names}', names=', '.join(map(quoted, names)))
    spot.fail('no word of the rule language among nothing')


def _height(node: nodes.Node) -> int:
    return 1 + max((_height(child) for child in nodes.children(node)), default=0)


def _any(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('any',))
    return nodes.Any(reader.conditions(spot.at('any'), level))


def _all(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('all',))
    return nodes.All(reader.conditions(spot.at('all'), level))


def _symptom(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    if 'field' in spot.mapping():
        return _field(reader, spot)
    spot.keyed(('symptom', 'gte'))
    return nodes.SeverityAtLeast(reader.with_severity(spot.at('symptom')), spot.at('gte').whole(1, 4))


def _field(reader: ConditionReader, spot: Spot) -> nodes.Node:
    symptom = reader.symptom(spot.at('symptom'))
    known, code = symptom.fields, symptom.code
    field = known[spot.at('field').one_of(known, 'unknown field of {symptom} {found}', symptom=code)]
    if field.kind is Kind.YES:
        spot.keyed(('symptom', 'field'))
        return nodes.AnsweredYes(symptom.code, field.name)
    if not field.is_number:
        spot.at('field').fail(
            '{field} cannot be tested so; a severity is tested without "field", a text never', field=field.name
        )
    if 'over_baseline_gte' in spot.mapping():
        spot.keyed(('symptom', 'field', 'over_baseline_gte'))
        limit = spot.at('over_baseline_gte').number(_least_above(0), field.high, field.unit)
        return nodes.OverBaseline(symptom.code, field.name, limit)
    spot.keyed(('symptom', 'field', 'gte'))
    return nodes.NumberAtLeast(symptom.code, field.name, spot.at('gte').number(field.low, field.high, field.unit))


def _reported_any(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('reported_any',))
    return nodes.ReportedAny(reader.symptoms(spot.at('reported_any')))


def _new_any(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('new_any',))
    return nodes.NewAny(reader.symptoms(spot.at('new_any')))


def _worsened(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('worsened', 'by'))
    return nodes.Worsened(reader.with_severity(spot.at('worsened')), spot.at('by').whole(1, 4))


def _any_worsened(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('any_worsened_by',))
    return nodes.AnyWorsened(spot.at('any_worsened_by').whole(1, 4))


def _any_severity(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('any_severity_gte',))
    return nodes.AnySeverity(spot.at('any_severity_gte').whole(1, 4))


def _persists(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('persists',))
    inner = spot.at('persists')
    inner.keyed(('days', 'at_least', 'of'))
    tests = reader.conditions(inner.at('of'), level)
    return nodes.Persists(inner.at('days').whole(1, MOST_DAYS), inner.at('at_least').whole(1, len(tests)), tests)


def _persists_any_severity(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('persists_any_severity',))
    inner = spot.at('persists_any_severity')
    inner.keyed(('days', 'gte'))
    return nodes.PersistsAnySeverity(inner.at('days').whole(1, MOST_DAYS), inner.at('gte').whole(1, 4))


def _hours_since_dose(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('hours_since_dose',))
    inner = spot.at('hours_since_dose')
    inner.keyed(('lte',))
    return nodes.HoursSinceDose(inner.at('lte').number(0, 24 * 3660, Sentence('hours')))


def _therapy(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('therapy', 'day_gte', 'day_lte'))
    first = spot.at('day_gte').whole(0, 3660)
    last = spot.at('day_lte').whole(first, 3660)
    return nodes.TherapyDay(
        spot.at('therapy').one_of(reader.catalogue.therapies, 'unknown therapy {found}'), first, last
    )


def _context(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('context',))
    return nodes.InContext(spot.at('context').one_of(reader.catalogue.contexts, 'unknown context {found}'))


def _measure(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    name = spot.at('measure').one_of(reader.catalogue.measurements, 'unknown measurement {found}')
    measure = reader.catalogue.measurements[name]
    if 'lt' in spot.mapping():
        spot.keyed(('measure', 'lt'))
        return nodes.MeasureBelow(name, spot.at('lt').number(measure.low, measure.high, measure.unit))
    word = 'drop_percent_gt' if 'drop_percent_gt' in spot.mapping() else 'change_percent_gte'
    spot.keyed(('measure', word))
    if not measure.has_baseline:
        spot.at('measure').fail('{name} has no baseline in the catalogue', name=name)
    if word == 'drop_percent_gt':
        return nodes.MeasureDropped(name, spot.at(word).number(0, 100, '%'))
    return nodes.MeasureChanged(name, spot.at(word).number(_least_above(0), 1000, '%'))


def _allergic_signs(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('allergic_signs_gte',))
    return nodes.AllergicSigns(spot.at('allergic_signs_gte').whole(1, len(reader.catalogue.allergic)))


def _findings(reader: ConditionReader, spot: Spot, level: int) -> nodes.Node:
    spot.keyed(('same_day_findings_24h_gte',))
    most = len(reader.catalogue.symptoms)
    return nodes.SameDayFindings(spot.at('same_day_findings_24h_gte').whole(1, most))


def _least_above(value: int) -> Exact:
    # 0 over the usual, or 0 % away from it, would hold for everybody.
    return value + Decimal('0.001')


_WORDS: dict[str, Callable[[ConditionReader, Spot, int], nodes.Node]] = {
    'any': _any,
    'all': _all,
    'symptom': _symptom,
    'reported_any': _reported_any,
    'new_any': _new_any,
    'worsened': _worsened,
    'any_worsened_by': _any_worsened,
    'any_severity_gte': _any_severity,
    'persists': _persists,
    'persists_any_severity': _persists_any_severity,
    'hours_since_dose': _hours_since_dose,
    'therapy': _therapy,
    'context': _context,
    'measure': _measure,
    'allergic_signs_gte': _allergic_signs,
    'same_day_findings_24h_gte': _findings,
}
WORDS = frozenset(_WORDS)
