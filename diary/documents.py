"""Stored documents: checked before they are stored whatever way they come, made from plain answers, put back into a form."""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from diary.answers import MEASURED, Document, clean_text
from diary.catalogue import CatalogueView, SymptomSpec, UnknownSymptomError, plain
from diary.fields import SEVERITY, FieldKind, FieldSpec

EMPTY: Document = {'answers': {}, 'measurements': {}}
MODERATE = 2


class DocumentError(ValueError):
    """A document that may not be stored; the message says where and why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f'{place}: {reason}')
        self.place = place


def validate_document(document: object, catalogue: CatalogueView) -> None:
    """Raise DocumentError unless `document` has the shape that Revision tells, and fits the versions that it names."""
    whole = _mapping(document, 'document', {'answers', 'measurements'})
    for code, answer in _mapping(whole.get('answers', {}), 'answers').items():
        _answer(code, _mapping(answer, code, {'version', 'values', 'raw', 'asked'}), catalogue)
    for code, measured in _mapping(whole.get('measurements', {}), 'measurements').items():
        found = _mapping(measured, code, {'value', 'raw', 'asked'})
        if code not in catalogue.measurements:
            raise DocumentError(code, 'is not measured here')
        spec = catalogue.measurements[code].field
        _value(code, spec, found.get('value'))
        for key in found.keys() & {'raw', 'asked'}:
            _typed(f'{code}.{key}', found[key])


def _answer(code: str, answer: Mapping[str, Any], catalogue: CatalogueView) -> None:
    try:
        spec = catalogue.version(code, answer.get('version', 0))
    except (UnknownSymptomError, TypeError):
        raise DocumentError(code, f'has no version {answer.get("version")!r}') from None
    values = _mapping(answer.get('values'), f'{code}.values', set(spec.fields))
    if not values:
        raise DocumentError(code, 'says nothing')
    for name, value in values.items():
        _value(f'{code}.{name}', spec.fields[name], value)
    for key in ('raw', 'asked'):
        for name, typed in _mapping(answer.get(key, {}), f'{code}.{key}', set(values)).items():
            _typed(f'{code}.{key}.{name}', typed)


def _value(place: str, field: FieldSpec, value: object) -> None:
    if field.kind is FieldKind.YES:
        fits = isinstance(value, bool)
    elif field.kind is FieldKind.TEXT:
        fits = isinstance(value, str) and 0 < len(value) <= field.high and clean_text(value) == value
    elif field.kind in (FieldKind.SEVERITY, FieldKind.COUNT):
        fits = isinstance(value, int) and not isinstance(value, bool) and field.low <= value <= field.high
    else:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        fits = fits and field.low <= Decimal(str(value)) <= field.high
    if not fits:
        raise DocumentError(place, f'{str(value)[:40]!r} does not fit')


def _typed(place: str, typed: object) -> None:
    if not (
        isinstance(typed, list) and len(typed) == 2 and all(isinstance(part, str) and len(part) <= 40 for part in typed)
    ):
        raise DocumentError(place, 'must be what was typed, and its unit')


def _mapping(found: object, place: str, keys: set[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise DocumentError(place, 'is not a mapping')
    if keys is not None and (strange := set(found) - keys):
        raise DocumentError(place, f'unknown: {", ".join(sorted(map(str, strange)))[:80]}')
    return found


def make_document(
    answers: Mapping[str, Mapping[str, Any]],
    catalogue: CatalogueView,
    *,
    measurements: Mapping[str, float] | None = None,
) -> Document:
    """A document of plain answers in the catalogue's units, as the exchange format has them. Raises DocumentError."""
    document: Document = {'answers': {}, 'measurements': {}}
    for code, values in answers.items():
        try:
            spec = catalogue.symptom(code)
        except UnknownSymptomError:
            raise DocumentError(code, 'is not a symptom') from None
        numbers = {name: value for name, value in values.items() if name in spec.fields and spec.fields[name].is_number}
        answer = {'version': spec.number, 'values': dict(values)}
        if numbers:
            answer['raw'] = {name: [_plain(value), spec.fields[name].unit] for name, value in numbers.items()}
        document['answers'][code] = answer
    for code, value in (measurements or {}).items():
        if code not in catalogue.measurements:
            raise DocumentError(code, 'is not measured here')
        document['measurements'][code] = {
            'value': value,
            'raw': [_plain(value), catalogue.measurements[code].field.unit],
        }
    validate_document(document, catalogue)
    return document


def _plain(value: object) -> str:
    return plain(Decimal(str(value))) if isinstance(value, int | float) else str(value)


# -- back into a form ------------------------------------------------------------------------------------------------------


def as_form(document: Document, catalogue: CatalogueView) -> dict[str, str]:
    """The posted names that say what `document` says, for a correction."""
    posted: dict[str, str] = {}
    for code, answer in document['answers'].items():
        spec = catalogue.version(code, answer['version'])
        posted[f'{code}.on'] = '1'
        for name, value in answer['values'].items():
            posted |= _posted(f'{code}.{name}', spec.fields[name], value, answer.get('raw', {}).get(name))
    for code, measured in document['measurements'].items():
        each = catalogue.measurements[code]
        posted |= _posted(f'{MEASURED}.{code}', each.field, measured['value'], measured.get('raw'))
    return posted


def _posted(name: str, field: FieldSpec, value: Any, raw: list[str] | None) -> dict[str, str]:
    if field.kind is FieldKind.YES:
        return {name: 'yes' if value else 'no'}
    if not field.is_number:
        return {name: str(value)}
    text, unit = raw or [plain(Decimal(str(value))), field.unit]
    # What was already asked about and confirmed is not asked about again.
    return {name: text, f'{name}.unit': unit, f'{name}.meant': f'{text}|{unit}>{text}|{unit}'}


# -- what a new entry starts from --------------------------------------------------------------------------------------------


def reported(document: Document, catalogue: CatalogueView) -> dict[str, SymptomSpec]:
    """The symptoms that a document reports (the rule language's meaning), or tells of in free words."""
    found = {}
    for code, answer in document['answers'].items():
        spec = catalogue.version(code, answer['version'])
        told = any(spec.fields[name].kind is FieldKind.TEXT for name in answer['values'])
        if told or spec.reported(answer['values']):
            found[code] = spec
    return found


def level_now(code: str, document: Document, catalogue: CatalogueView) -> int | None:
    """What an answered severity is worth on the scale of now; None where there is none, or only one of a scale that is given up."""
    answer = document['answers'][code]
    values = {code: answer['values']}
    apart = catalogue.scales.read(values, {code: answer})
    level: int | None = None if apart else values[code].get(SEVERITY)
    return level


def settled(document: Document, catalogue: CatalogueView) -> dict[str, int]:
    """What may be said again as it is: mild and moderate severities that stand alone, by symptom, on the scales of now.

    Anything else (severe, a yes, a number, free words) has to be answered anew: a habit must neither hide nor repeat a danger sign,
    and a number is of its own hour.
    """
    found = {}
    for code in reported(document, catalogue):
        level = level_now(code, document, catalogue)
        alone = set(document['answers'][code]['values']) == {SEVERITY}
        if alone and level is not None and level <= MODERATE and not catalogue.symptom(code).retired:
            found[code] = level
    return found


def only_mild(document: Document, catalogue: CatalogueView) -> bool:
    """Whether one tap may say all of it again: everything that it reports is settled, and nothing but the weight was measured."""
    if set(document['measurements']) - {'weight'}:
        return False
    return settled(document, catalogue).keys() == reported(document, catalogue).keys()


def same_again(document: Document, catalogue: CatalogueView) -> Document:
    """What is settled in `document` again, in the words of now."""
    return make_document({code: {SEVERITY: level} for code, level in settled(document, catalogue).items()}, catalogue)


def all_gone(document: Document, catalogue: CatalogueView) -> Document:
    """That what is settled in `document` is gone: a none for each, so that charts and rules see when it ended."""
    return make_document({code: {SEVERITY: 0} for code in settled(document, catalogue)}, catalogue)
