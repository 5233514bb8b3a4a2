"""The exchange format: one case of JSON a line in, one answer a line out. docs/clinical-content.md describes it.

A line is read strictly: what is unknown, doubled, of the wrong type or out of range is an error that says where.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from alerts.engine.catalogue import Catalogue, Field, Kind
from alerts.engine.errors import CaseError, FactError
from alerts.engine.facts import ContextSpan, Dose, EntryFacts, Number, PatientFacts, Value
from alerts.engine.numbers import MOST_DIGITS, NoNumber
from alerts.engine.program import Program
from alerts.engine.results import EntryResult
from alerts.engine.sentences import Sentence
from alerts.engine.spot import Spot, quoted, shown

# The first and the last year that Python knows cannot be told in every time zone.
FIRST_YEAR, LAST_YEAR = 2, 9998


@dataclass(frozen=True, slots=True)
class Case:
    case: str
    patient: PatientFacts
    entries: tuple[EntryFacts, ...]


class Answer(NamedTuple):
    """One line of output, without its end; `good` is false where the line says what was wrong."""

    line: str
    good: bool


def answer_lines(lines: Iterable[bytes], program: Program) -> Iterator[Answer]:
    """One answer for every line that is not blank, in order, as soon as it is read."""
    for line in lines:
        if line.strip():
            yield answer_line(line, program)


def answer_line(line: bytes, program: Program) -> Answer:
    content: object = None
    try:
        content, doubled = _loaded(line)
        case = _case(content, doubled, program.rule_set.catalogue)
        return Answer(json.dumps(rendered(case.case, program.evaluate(case.patient, case.entries))), good=True)
    except FactError as error:
        return Answer(json.dumps({'case': _case_id(content), 'error': str(error)}), good=False)


def read_case(line: bytes, catalogue: Catalogue) -> Case:
    """One line of the format. CaseError says what is wrong and where."""
    content, doubled = _loaded(line)
    return _case(content, doubled, catalogue)


def _case(content: object, doubled: bool, catalogue: Catalogue) -> Case:
    if doubled:
        _fail_at_doubled(Spot(content, CaseError))
    return parse_case(content, catalogue)


def written(case: Case) -> str:
    """The case as one line, without its end; `read_case` reads the same facts from it. Times keep their offsets."""
    patient = case.patient
    doses = [{'therapy': dose.therapy, 'given_at': dose.given_at.isoformat()} for dose in patient.doses]
    contexts = [
        {'context': span.context, 'from': _when(span.start), 'until': _when(span.end)} for span in patient.contexts
    ]
    known = {'time_zone': str(patient.time_zone), 'doses': doses, 'contexts': contexts, 'baseline': patient.baseline}
    entries = [
        {'id': each.id, 'at': each.at.isoformat(), 'answers': each.answers, 'measurements': each.measurements}
        for each in case.entries
    ]
    return _exactly({'case': case.case, 'patient': known, 'entries': entries})


def _exactly(value: object) -> str:
    """As JSON, with every digit of a Decimal."""
    if isinstance(value, Mapping):
        return '{' + ', '.join(f'{json.dumps(key)}: {_exactly(inner)}' for key, inner in value.items()) + '}'
    if isinstance(value, list):
        return f'[{", ".join(map(_exactly, value))}]'
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def rendered(case: str, results: Iterable[EntryResult]) -> dict[str, object]:
    """The answer to a case: entries in the order of time, rules sorted by id."""
    entries = [{'id': each.entry_id, 'tier': each.tier.word, 'rules': each.rule_ids} for each in results]
    return {'case': case, 'entries': entries}


def parse_case(content: object, catalogue: Catalogue) -> Case:
    """From decoded JSON (numbers as int or Decimal); CaseError says what is wrong and where."""
    root = Spot(content, CaseError)
    root.keyed(('case', 'patient', 'entries'))
    name = root.at('case').text()
    patient = _patient(root.at('patient'), catalogue)
    entries = tuple(_entry(spot, catalogue) for spot in root.at('entries').items())
    _check_ids(root.at('entries'), entries)
    return Case(name, patient, entries)


# -- JSON ---------------------------------------------------------------------------------------------------


# What Python's reader says, and no more of it: what it does not say in just these words is not told on.
_JSON_SAYS = {
    sentence.template: sentence
    for sentence in (
        Sentence('Expecting value'),
        Sentence("Expecting ',' delimiter"),
        Sentence("Expecting ':' delimiter"),
        Sentence('Expecting property name enclosed in double quotes'),
        Sentence('Unterminated string starting at'),
        Sentence('Invalid control character at'),
        Sentence('Extra data'),
    )
}


class _Doubled(dict[str, object]):
    """An object in which a name was given twice; `name` is the first such."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        uses = Counter(name for name, _ in pairs)
        self.name = next(name for name, _ in pairs if uses[name] > 1)


def _loaded(line: bytes) -> tuple[object, bool]:
    """The content, and whether an object in it gives a name twice."""
    doubled = False

    def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal doubled
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        doubled = True
        return _Doubled(pairs)

    decoder = json.JSONDecoder(
        object_pairs_hook=object_of, parse_float=_fraction, parse_int=_whole, parse_constant=NoNumber
    )
    try:
        return decoder.decode(line.decode('utf-8')), doubled
    except UnicodeDecodeError as error:
        raise CaseError('', Sentence('not UTF-8 at byte {n}', n=error.start + 1)) from None
    except json.JSONDecodeError as error:
        raise CaseError('', _not_json(error)) from None
    except RecursionError:
        raise CaseError('', Sentence('nested too deeply')) from None


def _not_json(error: json.JSONDecodeError) -> Sentence:
    if why := _JSON_SAYS.get(error.msg):
        return Sentence('not JSON at character {n}: {why}', n=error.pos + 1, why=why)
    return Sentence('not JSON at character {n}', n=error.pos + 1)


def _fraction(text: str) -> Decimal | NoNumber:
    try:
        return Decimal(text)
    except InvalidOperation:
        return NoNumber(text)


def _whole(text: str) -> int | NoNumber:
    # Python refuses to read whole numbers of thousands of digits; here the error must keep its place.
    return int(text) if len(text) <= MOST_DIGITS else NoNumber(text)


def _case_id(content: object) -> str | None:
    if not isinstance(content, dict) or (isinstance(content, _Doubled) and content.name == 'case'):
        return None
    name = content.get('case')
    return name if isinstance(name, str) else None


def _fail_at_doubled(root: Spot) -> None:
    waiting = [root]
    while waiting:
        spot = waiting.pop()
        if isinstance(spot.value, _Doubled):
            spot.fail('{name} is given twice', name=quoted(spot.value.name))
        inner = spot.members() if isinstance(spot.value, dict) else enumerate(spot.items())
        waiting += [each for _, each in inner if isinstance(each.value, dict | list)]


# -- the patient --------------------------------------------------------------------------------------------


def _patient(spot: Spot, catalogue: Catalogue) -> PatientFacts:
    found = spot.keyed(('time_zone',), ('doses', 'contexts', 'baseline'))
    return PatientFacts(
        _zone(spot.at('time_zone')),
        tuple(_dose(each, catalogue) for each in spot.at('doses').items()) if 'doses' in found else (),
        tuple(_context(each, catalogue) for each in spot.at('contexts').items()) if 'contexts' in found else (),
        _baseline(spot.at('baseline'), catalogue) if 'baseline' in found else {},
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(spot: Spot) -> ZoneInfo:
    # Looked up among known names first: a name from outside never becomes a file path.
    return ZoneInfo(spot.one_of(_zones(), 'unknown time zone {found}'))


def _dose(spot: Spot, catalogue: Catalogue) -> Dose:
    spot.keyed(('therapy', 'given_at'))
    return Dose(spot.at('therapy').one_of(catalogue.therapies, 'unknown therapy {found}'), _moment(spot.at('given_at')))


def _context(spot: Spot, catalogue: Catalogue) -> ContextSpan:
    found = spot.keyed(('context',), ('from', 'until'))
    name = spot.at('context').one_of(catalogue.contexts, 'unknown context {found}')
    start, end = (None if found.get(key) is None else _moment(spot.at(key)) for key in ('from', 'until'))
    return ContextSpan(name, start, end)


def _baseline(spot: Spot, catalogue: Catalogue) -> dict[str, Number]:
    known = catalogue.baselines
    found: dict[str, Number] = {}
    for name, value in spot.members():
        if name not in known:
            spot.fail('unknown baseline {found}', found=quoted(name))
        found[name] = value.number(known[name].low, known[name].high, known[name].unit)
    return found


def _moment(spot: Spot) -> datetime:
    text = spot.text()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        spot.fail('{time} is no ISO 8601 time', time=quoted(text))
    if found.utcoffset() is None:
        spot.fail('{time} needs an offset, such as -05:00', time=quoted(text))
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        years = {'first': FIRST_YEAR, 'last': LAST_YEAR}
        spot.fail('{time} is outside the years {first} to {last}', time=quoted(text), **years)
    return found


# -- the entries --------------------------------------------------------------------------------------------


def _entry(spot: Spot, catalogue: Catalogue) -> EntryFacts:
    found = spot.keyed(('id', 'at'), ('answers', 'measurements'))
    return EntryFacts(
        spot.at('id').text(),
        _moment(spot.at('at')),
        parse_answers(spot.at('answers'), catalogue) if 'answers' in found else {},
        parse_measurements(spot.at('measurements'), catalogue) if 'measurements' in found else {},
    )


def parse_answers(spot: Spot, catalogue: Catalogue) -> dict[str, dict[str, Value]]:
    """Symptom -> field -> value, each checked against the catalogue."""
    found: dict[str, dict[str, Value]] = {}
    for code, answer in spot.members():
        if code not in catalogue.symptoms:
            spot.fail('unknown symptom {found}', found=quoted(code))
        fields = catalogue.symptoms[code].fields
        found[code] = {}
        for name, value in answer.members():
            if name not in fields:
                answer.fail('unknown field {found}', found=quoted(name))
            found[code][name] = _value(value, fields[name])
    return found


def parse_measurements(spot: Spot, catalogue: Catalogue) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for name, value in spot.members():
        if name not in catalogue.measurements:
            spot.fail('unknown measurement {found}', found=quoted(name))
        measure = catalogue.measurements[name]
        found[name] = value.number(measure.low, measure.high, measure.unit)
    return found


def _value(spot: Spot, field: Field) -> Value:
    match field.kind:
        case Kind.YES:
            if not isinstance(spot.value, bool):
                spot.fail('must be true or false, not {found}', found=shown(spot.value))
            return spot.value
        case Kind.TEXT:
            text = spot.text()
            if len(text) > field.high:
                spot.fail('{n} characters are more than {most}', n=len(text), most=field.high)
            return text
        case Kind.SEVERITY:
            return spot.whole(int(field.low), int(field.high))
    return spot.number(field.low, field.high, field.unit)


def _check_ids(spot: Spot, entries: tuple[EntryFacts, ...]) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry.id in seen:
            spot.items()[index].at('id').fail('{id} is the id of an earlier entry too', id=quoted(entry.id))
        seen.add(entry.id)
