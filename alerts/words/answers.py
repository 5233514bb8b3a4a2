"""Answers in words: what somebody told us, for the patient's advice and for the nurse beside yesterday's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Clinic, Patient
from diary.answers import Units
from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import PRESENT, FieldKind, FieldSpec
from diary.legible import UNREADABLE, legible
from diary.numbers import converted, shown
from diary.telling import broken_words

# Short names for a table. A field that an admin adds is called by its own question until it has one here.
SHORT = {
    'celsius': gettext_lazy('temperature'),
    'hours_at_or_above_38': gettext_lazy('hours at 38 °C or more'),
    'one_sided': gettext_lazy('on one side only'),
    'fainted': gettext_lazy('fainted'),
    'nearly_fainted': gettext_lazy('nearly fainted'),
    'stools_24h': gettext_lazy('stools in 24 hours'),
    'at_night': gettext_lazy('at night'),
    'present': gettext_lazy('yes'),
    'heavy': gettext_lazy('a lot'),
    'times_24h': gettext_lazy('times in 24 hours'),
    'cannot_keep_fluids': gettext_lazy('cannot keep fluids down'),
    'at_rest': gettext_lazy('at rest'),
    'sudden': gettext_lazy('sudden'),
    'percent_body': gettext_lazy('share of the body'),
    'painful': gettext_lazy('painful'),
    'cannot_be_woken': gettext_lazy('hard to wake'),
    'spreading': gettext_lazy('spreading'),
    'sudden_loss': gettext_lazy('sudden loss'),
    'worried': gettext_lazy('is worried'),
    'call_back': gettext_lazy('asks for a call'),
    'date_wrong': gettext_lazy('got the date wrong'),
    'sentence_wrong': gettext_lazy('could not write the sentence'),
}


# The same, of a single one: “1 stool in 24 hours”.
ONE = {'stools_24h': gettext_lazy('stool in 24 hours'), 'times_24h': gettext_lazy('time in 24 hours')}


@dataclass(frozen=True)
class Told:
    """One symptom or measurement of an entry. `level` is the severity, where one was asked; `parts` are the words of the rest."""

    code: str
    name: str
    parts: tuple[str, ...]
    level: int | None = None
    reported: bool = True
    short: str = ''

    def __str__(self) -> str:
        return f'{self.name}: {self.said}' if self.parts else self.name

    @property
    def brief(self) -> str:
        return f'{self.short or self.name.lower()} {self.said}'.strip()

    @property
    def said(self) -> str:
        return ', '.join(self.parts)


@dataclass(frozen=True)
class StaffUnits(Units):
    """The clinic's units; another unit than the rules' own is told with it, because the rules are read beside it."""


def units_of(patient: Patient) -> Units:
    return Units(patient.temperature_unit, patient.weight_unit)


def staff_units(clinic: Clinic) -> StaffUnits:
    return StaffUnits(clinic.temperature_unit)


def told(document: Mapping[str, Any], catalogue: CatalogueView, units: Units) -> list[Told]:
    """Everything an entry's document says, each answer in the words of the version that it answered.

    What cannot be read comes last, as it is stored: it may be the very thing that a nurse was called to read.
    """
    try:
        return _told(document, catalogue, units)
    except UNREADABLE:
        found = legible(document, catalogue)
        broken = [Told(f'?{name}', name, (raw,)) for name, raw in broken_words(found)]
        return _told(found.document, catalogue, units) + broken


def _told(document: Mapping[str, Any], catalogue: CatalogueView, units: Units) -> list[Told]:
    answers = document.get('answers', {})
    symptoms = [_symptom(catalogue.version(code, answer['version']), answer, units) for code, answer in answers.items()]
    measured = document.get('measurements', {})
    return symptoms + [_measured(catalogue, code, found, units) for code, found in measured.items()]


def _symptom(spec: SymptomSpec, answer: Mapping[str, Any], units: Units) -> Told:
    values = answer.get('values', {})
    # In the catalogue's order: how bad first, then the rest.
    said = [(field, values[name]) for name, field in spec.fields.items() if name in values]
    parts = tuple(part for field, value in said for part in _parts(spec, field, value, units))
    return Told(spec.code, spec.name, parts, values.get('severity'), spec.reported(values), spec.short)


def _parts(spec: SymptomSpec, field: FieldSpec, value: Any, units: Units) -> Iterator[str]:
    if field.kind is FieldKind.SEVERITY:
        yield spec.levels[value].word.lower()
    elif field.kind is FieldKind.TEXT:
        yield f'“{value}”'
    elif field.is_number:
        yield quantity(field, value, units)
    elif value and field.name != PRESENT:
        yield short_name(field)
    elif not value and field.name == PRESENT:
        yield _('no')


def quantity(field: FieldSpec, value: float, units: Units) -> str:
    """Such as “38.6 °C” or “6 stools in 24 hours”, in the reader's units."""
    if field.kind is FieldKind.COUNT:
        return f'{value:g} {_counted(field, value)}'
    if field.unit in ('C', 'kg'):
        return _converted(Decimal(str(value)), field.unit, units)
    if field.unit == 'h':
        return f'{short_name(field)}: {value:g}'
    if field.kind is FieldKind.PERCENT and field.name == 'percent_body':
        return _('%(n)g %% of the body') % {'n': value}
    return shown(Decimal(str(value)), field.unit)


def _counted(field: FieldSpec, n: float) -> str:
    one = ONE.get(field.name) if n == 1 else None
    return str(one) if one else short_name(field)


def _converted(value: Decimal, own: str, units: Units) -> str:
    unit = units.of(own)
    text = shown(converted(value, unit), unit)
    return f'{text} ({shown(value, own)})' if unit != own and isinstance(units, StaffUnits) else text


def short_name(field: FieldSpec) -> str:
    return str(SHORT.get(field.name) or field.question or field.name)


def _measured(catalogue: CatalogueView, code: str, found: Mapping[str, Any], units: Units) -> Told:
    spec = catalogue.measurements[code]
    return Told(code, spec.name, (quantity(spec.field, found['value'], units),))
