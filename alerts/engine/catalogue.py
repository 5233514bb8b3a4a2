"""The symptom catalogue: what an answer may carry, in which unit and between which limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from alerts.engine.errors import RuleError
from alerts.engine.numbers import Exact, exact
from alerts.engine.spot import Spot

SEVERITY = 'severity'
# README.md of the clinical content: a temperature counts as a reported fever only from 38.0 C (CTCAE v5.0, fever grade 1).
FEVER_FROM = Decimal('38.0')

_CODE = re.compile(r'[A-Z][A-Z0-9]{0,29}')
_NAME = re.compile(r'[a-z][a-z0-9_]{0,39}')
_SPAN = re.compile(r'(?:(?P<unit>\S+) )?(?P<low>\d+(?:\.\d+)?)-(?P<high>\d+(?:\.\d+)?)')
_TEXT = re.compile(r'text up to (?P<most>\d{1,6})')


class Kind(StrEnum):
    SEVERITY = 'severity'  # 0 none, 1 mild, 2 moderate, 3 severe, 4 very severe
    YES = 'yes'
    NUMBER = 'number'
    COUNT = 'count'
    TEXT = 'text'


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an answer. `low` and `high` bound a number, `high` is also the longest text; both in `unit`."""

    name: str
    kind: Kind
    unit: str = ''
    low: Exact = 0
    high: Exact = 0

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.NUMBER, Kind.COUNT)

    @property
    def reported_from(self) -> Exact | None:
        """From which value the symptom counts as reported by this field alone; None for never."""
        if self.kind in (Kind.SEVERITY, Kind.YES, Kind.COUNT):
            return 1
        return FEVER_FROM if self.unit == 'C' else None


@dataclass(frozen=True, slots=True)
class Symptom:
    """`allergic` is respiratory, circulatory, skin, other or empty; `pro_ctcae` maps to item numbers, never to texts."""

    code: str
    name: str
    group: str
    fields: Mapping[str, Field]
    allergic: str = ''
    pro_ctcae: str = ''
    meddra: str = ''
    snomed: str = ''
    seen_in: tuple[str, ...] = ()
    only_for: str = ''
    note: str = ''


@dataclass(frozen=True, slots=True)
class Measurement:
    """`also` is a second unit that the form takes and converts; facts are always in `unit`."""

    name: str
    unit: str
    low: Exact
    high: Exact
    has_baseline: bool = False
    also: str = ''


@dataclass(frozen=True, slots=True)
class TherapyClass:
    code: str
    name: str
    seen_in: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    symptoms: Mapping[str, Symptom]
    measurements: Mapping[str, Measurement]
    therapies: Mapping[str, TherapyClass]
    contexts: Mapping[str, str]

    @classmethod
    def parse(cls, content: object) -> 'Catalogue':
        """From the mapping in catalogue.yaml; RuleError says what is wrong and where."""
        root = Spot(content, RuleError)
        root.keyed(('symptoms', 'measurements', 'therapies', 'contexts'))
        return cls(
            symptoms={code: _symptom(code, spot) for code, spot in root.at('symptoms').members()},
            measurements={name: _measurement(name, spot) for name, spot in root.at('measurements').members()},
            therapies={code: _therapy(code, spot) for code, spot in root.at('therapies').members()},
            contexts={_name(name, spot): spot.words() for name, spot in root.at('contexts').members()},
        )

    @cached_property
    def allergic(self) -> frozenset[str]:
        return frozenset(code for code, symptom in self.symptoms.items() if symptom.allergic)

    @cached_property
    def baselines(self) -> dict[str, Field | Measurement]:
        """What a patient can have a usual value of: numbers of symptoms, and the measurements marked so."""
        fields = (field for symptom in self.symptoms.values() for field in symptom.fields.values() if field.is_number)
        measured = {name: item for name, item in self.measurements.items() if item.has_baseline}
        return {**{field.name: field for field in fields}, **measured}


def _symptom(code: str, spot: Spot) -> Symptom:
    if not _CODE.fullmatch(code):
        spot.fail('a symptom is named by capital letters and digits')
    texts = ('pro_ctcae', 'meddra', 'allergic', 'only_for', 'note')
    found = spot.keyed(('name', 'group', 'answers'), (*texts, 'snomed', 'seen_in'))
    fields = {name: _field(name, each) for name, each in spot.at('answers').members()}
    if not fields:
        spot.at('answers').fail('at least one field is needed')
    if 'allergic' in found:
        spot.at('allergic').one_of(
            frozenset({'respiratory', 'circulatory', 'skin', 'other'}), 'unknown allergic class {found}'
        )
    return Symptom(
        code=code,
        name=spot.at('name').words(),
        group=spot.at('group').words(),
        fields=fields,
        snomed=str(spot.at('snomed').whole(1, 10**18)) if 'snomed' in found else '',
        seen_in=_texts(spot, 'seen_in'),
        **{key: spot.at(key).words() for key in texts if key in found},
    )


def _field(name: str, spot: Spot) -> Field:
    _name(name, spot)
    # YAML 1.1 reads a bare yes as true.
    if spot.value is True or spot.value == 'yes':
        return Field(name, Kind.YES)
    written = spot.text()
    if longest := _TEXT.fullmatch(written):
        return Field(name, Kind.TEXT, high=int(longest['most']))
    unit, low, high = _span(spot)
    if name == SEVERITY:
        if (unit, low, high) != ('', 0, 4):
            spot.fail('a severity is 0-4')
        return Field(name, Kind.SEVERITY, low=0, high=4)
    if not unit:
        spot.fail('a number needs its unit, such as "C 30-45"')
    return Field(name, Kind.COUNT if unit == 'count' else Kind.NUMBER, unit, low, high)


def _measurement(name: str, spot: Spot) -> Measurement:
    found = spot.keyed(('unit', 'range'), ('also', 'baseline'))
    if not isinstance(found.get('baseline', False), bool):
        spot.at('baseline').fail('must be true or false')
    _, low, high = _span(spot.at('range'))
    also = spot.at('also').words() if 'also' in found else ''
    return Measurement(_name(name, spot), spot.at('unit').words(), low, high, bool(found.get('baseline')), also)


def _therapy(code: str, spot: Spot) -> TherapyClass:
    spot.keyed(('name',), ('seen_in', 'examples'))
    return TherapyClass(_name(code, spot), spot.at('name').words(), _texts(spot, 'seen_in'), _texts(spot, 'examples'))


def _span(spot: Spot) -> tuple[str, Exact, Exact]:
    parts = _SPAN.fullmatch(spot.text())
    if parts is None:
        spot.fail('expected yes, "text up to 2000", 0-4, or a unit and a range such as "C 30-45"')
    low, high = exact(Decimal(parts['low'])), exact(Decimal(parts['high']))
    if low >= high:
        spot.fail('{low} must be below {high}', low=low, high=high)
    return parts['unit'] or '', low, high


def _name(name: str, spot: Spot) -> str:
    if not _NAME.fullmatch(name):
        spot.fail('is named by small letters, digits and underscores')
    return name


def _texts(spot: Spot, key: str) -> tuple[str, ...]:
    return tuple(item.words() for item in spot.at(key).items()) if key in spot.mapping() else ()
