"""From a posted diary page to a document that can be stored, and back. Nothing unknown gets in, nothing is changed silently.

Posted names: `FEVER.on` (1: chosen; ask: asked by itself, what was there last time and a daily check), `FEVER.severity`,
`FEVER.celsius`, `FEVER.celsius.unit`, `FEVER.celsius.meant` (the answer to “did you mean …?”), and `m.weight`, `m.weight.unit`,
`m.weight.meant` for what was measured. Fields of a symptom that is not chosen
are ignored: the page sends those of closed parts too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import PRESENT, FieldKind, FieldSpec
from diary.numbers import NotANumberError, Typed, canonical, read_number, shown, units_for
from diary.plausible import judge

Document = dict[str, Any]
MEASURED = 'm'
ASKED = 'ask'
MOST_NAMES = 500
PARTS = ('unit', 'meant')


@dataclass(frozen=True)
class Units:
    """The units that a patient reads and types in: C or F, kg or lb."""

    temperature: str = 'C'
    weight: str = 'kg'

    def of(self, unit: str) -> str:
        return {'C': self.temperature, 'kg': self.weight}.get(unit, unit)


@dataclass(frozen=True)
class Problem:
    """Something to put right: the posted name it stands at (empty: the whole page), its symptom, and what to do."""

    name: str
    message: str
    symptom: str = ''


@dataclass(frozen=True)
class Choice:
    value: str
    text: str


@dataclass(frozen=True)
class Doubt:
    """A number that is asked again; `choices` answer it, posted as `<name>.meant`."""

    name: str
    message: str
    choices: tuple[Choice, ...]
    symptom: str = ''


@dataclass
class Reading:
    """What a posted page says. The document may be stored when `ok`."""

    document: Document = field(default_factory=lambda: {'answers': {}, 'measurements': {}})
    errors: list[Problem] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors and not self.doubts


def read_posted(
    data: Mapping[str, str],
    catalogue: CatalogueView,
    *,
    units: Units,
    offered: Mapping[str, SymptomSpec],
    last: Mapping[str, Decimal] | None = None,
) -> Reading:
    """What `data` says of the symptoms `offered`. `last`: latest earlier measurements by code, in the catalogue's units."""
    return _Reader(data, catalogue, units, offered, last or {}).read()


@dataclass
class _Reader:
    """One pass over one posted page."""

    data: Mapping[str, str]
    catalogue: CatalogueView
    units: Units
    offered: Mapping[str, SymptomSpec]
    last: Mapping[str, Decimal]
    reading: Reading = field(default_factory=Reading)

    def read(self) -> Reading:
        names = [name for name in self.data if '.' in name]
        if len(names) > MOST_NAMES:
            self.wrong('', _('This page has more answers than we ask for. Please open it again.'))
            return self.reading
        if not all(self.known(name) for name in names):
            self.wrong(
                '', _('This page does not fit our questions any more. Please check your answers and save again.')
            )
        for code, spec in self.offered.items():
            if self.data.get(f'{code}.on'):
                self.symptom(spec)
        for measured in self.catalogue.measurements.values():
            self.measurement(measured.code, measured.field, measured.also)
        return self.reading

    def known(self, name: str) -> bool:
        head, rest = name.split('.', 1)
        rest, _dot, part = rest.partition('.')
        if part and part not in PARTS:
            return False
        if head == MEASURED:
            return rest in self.catalogue.measurements
        spec = self.offered.get(head)
        return spec is not None and (rest in spec.fields or (rest == 'on' and not part))

    def wrong(self, name: str, message: str, symptom: str = '') -> None:
        self.reading.errors.append(Problem(name, message, symptom))

    def text(self, name: str) -> str:
        return str(self.data.get(name, '')).strip()

    # -- symptoms -------------------------------------------------------------------------------------------------------

    def symptom(self, spec: SymptomSpec) -> None:
        before = len(self.reading.errors) + len(self.reading.doubts)
        answer: Document = {'version': spec.number, 'values': {}, 'raw': {}, 'asked': {}}
        for each in spec.fields.values():
            self.field(spec, each, answer)
        asked = self.data.get(f'{spec.code}.on') == ASKED
        if spec.has_present and not asked:
            answer['values'].setdefault(PRESENT, True)
        if asked and spec.only_for and not answer['values']:
            return  # a daily check that she leaves open keeps nothing else from being told
        fine = before == len(self.reading.errors) + len(self.reading.doubts)
        open_still = asked and spec.has_present and PRESENT not in answer['values']
        if fine and (open_still or _says_nothing(spec, answer['values'])):
            name = PRESENT if open_still else next(iter(spec.fields))
            self.wrong(f'{spec.code}.{name}', _unsaid(spec), spec.code)
        self.reading.document['answers'][spec.code] = {key: value for key, value in answer.items() if value}

    def field(self, spec: SymptomSpec, each: FieldSpec, answer: Document) -> None:
        name = f'{spec.code}.{each.name}'
        text = self.text(name)
        if not text:
            return
        if each.is_number:
            self.number(name, each, answer, key=each.name, symptom=spec.code)
        elif each.kind is FieldKind.TEXT:
            self.free_text(name, each, answer, symptom=spec.code)
        elif each.kind is FieldKind.YES and text in ('yes', 'no'):
            answer['values'][each.name] = text == 'yes'
        elif each.kind is FieldKind.SEVERITY and text in ('0', '1', '2', '3', '4'):
            answer['values'][each.name] = int(text)
        else:
            self.wrong(name, _('Please choose one of the answers.'), spec.code)

    def free_text(self, name: str, each: FieldSpec, answer: Document, *, symptom: str) -> None:
        text = clean_text(self.text(name))
        if len(text) > each.high:
            too_long = _('Please say it in %(most)d letters or fewer. You wrote %(count)d.')
            self.wrong(name, too_long % {'most': each.high, 'count': len(text)}, symptom)
        elif text:
            answer['values'][each.name] = text

    # -- numbers --------------------------------------------------------------------------------------------------------

    def measurement(self, code: str, each: FieldSpec, also: str) -> None:
        name = f'{MEASURED}.{code}'
        if self.text(name):
            answer: Document = {'values': {}, 'raw': {}, 'asked': {}}
            self.number(name, each, answer, key=code, also=also, last=self.last.get(code))
            if answer['values']:
                found = {
                    'value': answer['values'][code],
                    'raw': answer['raw'][code],
                    'asked': answer['asked'].get(code),
                }
                self.reading.document['measurements'][code] = {
                    key: value for key, value in found.items() if value is not None
                }

    def number(
        self,
        name: str,
        each: FieldSpec,
        answer: Document,
        *,
        key: str,
        symptom: str = '',
        also: str = '',
        last: Decimal | None = None,
    ) -> None:
        units = units_for(each.unit, also)
        try:
            typed = read_number(
                self.text(name), unit=self.text(f'{name}.unit') or self.units.of(each.unit), units=units
            )
        except NotANumberError:
            self.wrong(name, _('Please type a number, like %(example)s.') % {'example': _example(each)}, symptom)
            return
        verdict = judge(each, typed, units=units, last=last)
        meant = typed
        if not verdict.fine:
            allowed = {m.mark: m for m in ((typed, *verdict.meanings) if verdict.possible else verdict.meanings)}
            asked, _to, answered = self.text(f'{name}.meant').partition('>')
            if asked != typed.mark or answered not in allowed:
                self.doubtful(name, each, typed, list(allowed.values()), possible=verdict.possible, symptom=symptom)
                return
            meant = allowed[answered]
            answer['asked'][key] = [typed.text, typed.unit]
        if each.kind is FieldKind.COUNT and meant.number != meant.number.to_integral_value():
            self.wrong(name, _('Please type a whole number, like 3.'), symptom)
            return
        answer['values'][key] = as_json(canonical(meant.number, meant.unit), each)
        answer['raw'][key] = [meant.text, meant.unit]

    def doubtful(
        self, name: str, each: FieldSpec, typed: Typed, meanings: list[Typed], *, possible: bool, symptom: str
    ) -> None:
        said = shown(typed.number, typed.unit)
        if not meanings:
            most = {'value': said, 'low': _in(each.low, typed.unit, each), 'high': _in(each.high, typed.unit, each)}
            self.wrong(
                name, _('%(value)s cannot be right: we expect %(low)s to %(high)s. Please look again.') % most, symptom
            )
            return
        message = (
            _('You typed %(value)s. Is that right?') if possible else _('%(value)s cannot be right. Did you mean this?')
        )
        choices = tuple(Choice(f'{typed.mark}>{meaning.mark}', _meaning(meaning, typed, each)) for meaning in meanings)
        self.reading.doubts.append(Doubt(name, message % {'value': said}, choices, symptom))


def _says_nothing(spec: SymptomSpec, values: Mapping[str, Any]) -> bool:
    """Nothing was answered, or only “no” where a severity is asked: “trouble breathing: not at rest” alone would hide it."""
    return not values or (spec.has_severity and all(value is False for value in values.values()))


def _unsaid(spec: SymptomSpec) -> str:
    if spec.has_severity:
        return _('Choose how bad it is, or “%(none)s” if it is gone.') % {'none': spec.levels[0].word}
    return _('Please answer one of these questions.')


def _meaning(meaning: Typed, typed: Typed, each: FieldSpec) -> str:
    """“Yes, 180 kg”, or the other meaning with its value in the unit that was typed: “102 °F (38.9 °C)”."""
    text = shown(meaning.number, meaning.unit)
    if meaning == typed:
        return _('Yes, %(value)s') % {'value': text}
    if meaning.unit == typed.unit:
        return text
    return (
        f'{text} ({shown(canonical(meaning.number, meaning.unit), each.unit)})' if meaning.unit != each.unit else text
    )


def _in(bound: Decimal, unit: str, each: FieldSpec) -> str:
    from_canonical = {'F': bound * 9 / 5 + 32, 'lb': bound / canonical(Decimal(1), 'lb')}
    return shown(
        from_canonical.get(unit, bound), unit if unit in from_canonical else each.unit_word or each.unit, places=0
    )


def _example(each: FieldSpec) -> str:
    return {'C': '38.2', 'kg': '72.5', 'mmHg': '120', '%': '95', '/min': '70'}.get(each.unit, '3')


def as_json(value: Decimal, each: FieldSpec) -> int | float:
    """As it is stored: whole for counts, else the nearest double of the exact value."""
    return int(value) if each.kind is FieldKind.COUNT else float(value)


def clean_text(text: str) -> str:
    """One kind of line end, and none of the control signs that a database or a screen trips over."""
    text = text.replace('\r\n', '\n').replace('\r', '\n').replace('\u00a0', ' ')
    return ''.join(sign for sign in text if sign in '\n\t' or sign.isprintable()).strip()
