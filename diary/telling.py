"""A stored document in words, as it was asked: for the patient's own pages, and for whoever reads them with her."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from diary.answers import Document, Units
from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import PRESENT, SEVERITY, FieldKind, FieldSpec
from diary.legible import UNREADABLE, Legible, legible
from diary.numbers import SYMBOLS, converted, shown


@dataclass(frozen=True)
class Said:
    """One symptom as it was answered. `word` and `note` are of its severity, empty where none was chosen; `level` is None then."""

    code: str
    name: str
    short: str
    level: int | None
    word: str
    note: str
    details: tuple[tuple[str, str], ...]
    temperature: str = ''

    @property
    def brief(self) -> str:
        """Such as “mild” or “moderate, 101.5 °F”; empty where it was only said that it is there."""
        return ', '.join(part for part in (self.word.lower(), self.temperature) if part)

    @property
    def summary(self) -> str:
        """Such as “tiredness: mild”."""
        return f'{self.short}: {self.brief}' if self.brief else self.short


@dataclass(frozen=True)
class Told:
    """All of a document: symptoms as they were answered, and (name, value) of what was measured."""

    said: tuple[Said, ...]
    measured: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.said or self.measured)


@dataclass(frozen=True)
class Change:
    """What a correction changed in one place; `before` or `after` is empty where there was nothing."""

    what: str
    before: str
    after: str


def tell(document: Document, catalogue: CatalogueView, *, units: Units) -> Told:
    """In the words of the versions that were answered; numbers as they were typed, with the reader's unit beside another.

    What cannot be read is told at the end as it is stored: a person may still make sense of it.
    """
    try:
        return _tell(document, catalogue, units=units)
    except UNREADABLE:
        found = legible(document, catalogue)
        told = _tell(found.document, catalogue, units=units)
        return Told(told.said, (*told.measured, *broken_words(found)))


def broken_words(found: Legible) -> Iterator[tuple[str, str]]:
    """(name, raw text) of what cannot be read."""
    for code, raw in found.broken:
        yield (_('Cannot be read (%(code)s)') % {'code': code} if code else _('Cannot be read')), raw


def _tell(document: Document, catalogue: CatalogueView, *, units: Units) -> Told:
    answers = sorted(document['answers'].items(), key=lambda item: _place(catalogue, item[0]))
    measured = document['measurements'].items()
    return Told(
        tuple(_said(catalogue.version(code, answer['version']), answer, units) for code, answer in answers),
        tuple(
            (catalogue.measurements[code].name, _measured(catalogue.measurements[code].field, m, units))
            for code, m in measured
        ),
    )


def _place(catalogue: CatalogueView, code: str) -> int:
    return list(catalogue.symptoms).index(code)


def _said(spec: SymptomSpec, answer: Mapping[str, Any], units: Units) -> Said:
    level = answer['values'].get(SEVERITY)
    chosen = None if level is None else spec.levels[level]
    return Said(
        spec.code,
        spec.name,
        spec.short,
        level,
        chosen.word if chosen else '',
        chosen.note if chosen else '',
        tuple(_details(spec, answer, units)),
        _temperature(spec, answer, units),
    )


def _temperature(spec: SymptomSpec, answer: Mapping[str, Any], units: Units) -> str:
    field = next((each for each in spec.fields.values() if each.unit == 'C' and each.name in answer['values']), None)
    return number_words(field, answer['values'][field.name], None, units) if field else ''


def _details(spec: SymptomSpec, answer: Mapping[str, Any], units: Units) -> Iterator[tuple[str, str]]:
    for name, field in spec.fields.items():
        if name == SEVERITY or name not in answer['values'] or (name == PRESENT and answer['values'][name]):
            continue
        value = answer['values'][name]
        if field.kind is FieldKind.YES:
            yield field.question, _('yes') if value else _('no')
        elif field.kind is FieldKind.TEXT:
            yield field.question, str(value)
        else:
            yield field.question, number_words(field, value, answer.get('raw', {}).get(name), units)


def _measured(field: FieldSpec, measured: Mapping[str, Any], units: Units) -> str:
    return number_words(field, measured['value'], measured.get('raw'), units)


def number_words(field: FieldSpec, value: float, raw: list[str] | None, units: Units) -> str:
    """“38.6 °C”, or “102 °F (38.9 °C)” when it was typed in another unit than the reader's."""
    unit = units.of(field.unit)
    own = shown(converted(Decimal(str(value)), unit), unit) if unit != field.unit or unit in SYMBOLS else ''
    if not own:
        return f'{round(Decimal(str(value)), 1).normalize():f} {field.unit_word}'
    if raw is None or raw[1] == unit:
        return own
    return f'{shown(converted(Decimal(str(value)), raw[1]), raw[1])} ({own})'


def changes(before: Told, after: Told) -> list[Change]:
    """What a correction changed, place by place, in the order of the newer one."""
    old, new = dict(_lines(before)), dict(_lines(after))
    order = [*new, *(what for what in old if what not in new)]
    return [Change(what, old.get(what, ''), new.get(what, '')) for what in order if old.get(what) != new.get(what)]


def _lines(told: Told) -> Iterator[tuple[str, str]]:
    for said in told.said:
        yield said.name, said.word or _('yes')
        for question, answer in said.details:
            yield f'{said.name}: {question}', answer
    yield from told.measured
