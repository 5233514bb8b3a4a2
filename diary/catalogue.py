"""The catalogue as the diary reads it: typed, in one language, frozen, and built again only when the tables changed.

Symptoms are versioned (docs/decisions/0004): answers are shown in the words of the version that they answered.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diary.fields import PRESENT, SEVERITY, FieldKind, FieldSpec, parse_field
from diary.models import ContextCode, MeasurementKind, SymptomVersion, Therapy
from diary.scales import Scales, Wording, scales_of

FALLBACK = 'en'  # every version has English words (diary.services.symptoms refuses it otherwise)
FEVER_FROM = 38  # °C; below it a temperature reports no fever (clinical README, CTCAE v5.0)
_ONLY_FOR = re.compile(r'(?P<name>.+), day (?P<first>\d+) to (?P<last>\d+)')
_ORDER = (
    FieldKind.SEVERITY,
    FieldKind.TEXT,
    FieldKind.NUMBER,
    FieldKind.COUNT,
    FieldKind.PERCENT,
    FieldKind.YES,
)
_SIGNATURE = """
    SELECT (SELECT max(id) FROM diary_symptomversion), (SELECT count(*) FROM diary_symptomversion),
           (SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM diary_symptom s),
           (SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM diary_measurementkind m),
           (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM diary_therapy t),
           (SELECT md5(string_agg(a::text, '|' ORDER BY id)) FROM diary_agent a)
"""


class UnknownSymptomError(LookupError):
    """A symptom, version or measurement that the catalogue does not have."""


@dataclass(frozen=True)
class Level:
    """One of the five severities: 0 none to 4 very severe. `note` says what it means for this symptom."""

    value: int
    word: str
    note: str


@dataclass(frozen=True)
class OnlyFor:
    """Asked only from day `first` to `last` after a dose of a therapy class, the day of the dose being day 0."""

    therapy: str
    first: int
    last: int

    def holds(self, days_since: Mapping[str, int]) -> bool:
        return self.therapy in days_since and self.first <= days_since[self.therapy] <= self.last


@dataclass(frozen=True, eq=False)
class SymptomSpec:
    """One version of a symptom. `version_id` is the row, `number` what an answer's `version` names."""

    code: str
    version_id: int
    number: int
    name: str
    short: str
    group: str
    question: str
    help: str
    search: str
    levels: tuple[Level, ...]
    fields: Mapping[str, FieldSpec]
    allergic: str = ''
    only_for: OnlyFor | None = None
    retired: bool = False

    @property
    def has_severity(self) -> bool:
        return SEVERITY in self.fields

    @property
    def has_present(self) -> bool:
        """Choosing such a symptom says all: it is there."""
        return PRESENT in self.fields

    @cached_property
    def follow_ups(self) -> tuple[FieldSpec, ...]:
        return tuple(field for name, field in self.fields.items() if name not in (SEVERITY, PRESENT))

    def reported(self, values: Mapping[str, Any]) -> bool:
        """The rule language's “reported”: some field is yes, a severity or count is 1 or more, a temperature is 38.0 C or more."""
        return any(name in self.fields and _reports(self.fields[name], value) for name, value in values.items())


def _reports(field: FieldSpec, value: Any) -> bool:
    if field.kind is FieldKind.YES:
        return value is True
    if field.kind in (FieldKind.SEVERITY, FieldKind.COUNT):
        return bool(value >= 1)
    return field.unit == 'C' and bool(value >= FEVER_FROM)


@dataclass(frozen=True)
class MeasurementSpec:
    """Something measured; `field` has its unit, range and words, `also` a second unit that is taken and converted."""

    code: str
    name: str
    field: FieldSpec
    also: str
    has_baseline: bool


@dataclass(frozen=True, eq=False)
class CatalogueView:
    """The catalogue in one language.

    `symptoms` are the current versions in their order, retired ones too, since old entries name them; `versions` are all of
    them, by code and number; `scales` says how the levels of older ones are read.
    """

    language: str
    symptoms: Mapping[str, SymptomSpec]
    versions: Mapping[tuple[str, int], SymptomSpec]
    measurements: Mapping[str, MeasurementSpec]
    scales: Scales

    def symptom(self, code: str) -> SymptomSpec:
        try:
            return self.symptoms[code]
        except KeyError:
            raise UnknownSymptomError(code) from None

    def version(self, code: str, number: int) -> SymptomSpec:
        try:
            return self.versions[code, number]
        except KeyError:
            raise UnknownSymptomError(f'{code} version {number}') from None

    @cached_property
    def newest(self) -> int:
        """Grows with every new version; a page carries it, so that its answers are read as they were asked."""
        return max((spec.version_id for spec in self.versions.values()), default=0)

    def as_of(self, code: str, newest: int) -> SymptomSpec:
        """The version of a symptom that was asked when `newest` was the newest of all; the first for one that came later."""
        versions = [spec for spec in self.versions.values() if spec.code == code]
        return max((spec for spec in versions if spec.version_id <= newest), default=versions[0], key=_age)

    def offered(self, days_since: Mapping[str, int]) -> dict[str, SymptomSpec]:
        """What a patient is asked about. `days_since`: per therapy class the local days since its latest dose."""
        return {
            code: spec
            for code, spec in self.symptoms.items()
            if not spec.retired and (spec.only_for is None or spec.only_for.holds(days_since))
        }


def _age(spec: SymptomSpec) -> int:
    return spec.version_id


def current_catalogue(language: str | None = None) -> CatalogueView:
    """The catalogue of now in `language` (the request's own when not given).

    One cheap query; the same object comes back while nothing changed, so it may be a cache's key.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SIGNATURE)
        signature = cursor.fetchone()
    return _view(tuple(signature or ()), (language or get_language() or FALLBACK).split('-')[0])


@lru_cache(maxsize=8)
def _view(signature: tuple[object, ...], language: str) -> CatalogueView:
    therapies = dict(Therapy.objects.values_list('name', 'code'))
    rows = SymptomVersion.objects.select_related('symptom').order_by('symptom__position', 'symptom__code', 'number')
    versions = {(row.symptom.code, row.number): _symptom(row, language, therapies) for row in rows}
    return CatalogueView(
        language=language,
        symptoms={code: spec for (code, _), spec in versions.items()},  # ordered by number: the latest stays
        versions=versions,
        measurements={row.code: _measurement(row, language) for row in MeasurementKind.objects.all()},
        scales=_scales(rows),
    )


def current_scales() -> Scales:
    """How levels of older wordings are read now; one cheap query."""
    return current_catalogue(FALLBACK).scales


def _scales(rows: Iterable[SymptomVersion]) -> Scales:
    wordings: dict[str, list[Wording]] = {}
    for row in rows:
        wordings.setdefault(row.symptom.code, []).append(Wording(row.number, row.scale, row.level_map, row.created_at))
    return scales_of(wordings)


def _symptom(row: SymptomVersion, language: str, therapies: Mapping[str, str]) -> SymptomSpec:
    words = row.words.get(language) or row.words[FALLBACK]
    notes = words.get('level_notes', [])
    return SymptomSpec(
        code=row.symptom.code,
        version_id=row.pk,
        number=row.number,
        name=words['name'],
        short=words.get('short') or words['name'],
        group=words.get('group') or row.group,
        question=words.get('question', ''),
        help=words.get('help', ''),
        search=words.get('search', ''),
        levels=tuple(Level(n, word, notes[n] if notes else '') for n, word in enumerate(words.get('levels', []))),
        fields=_fields(row.answers, words),
        allergic=row.facts.get('allergic', ''),
        only_for=only_for(row.facts.get('only_for', ''), therapies),
        retired=row.symptom.retired_at is not None,
    )


def _fields(answers: Mapping[str, str], words: Mapping[str, Any]) -> dict[str, FieldSpec]:
    """In the order in which they are asked. PostgreSQL keeps no order of keys, so it follows from the kinds."""
    fields = [_worded(parse_field(name, notation), words) for name, notation in answers.items()]
    fields.sort(key=lambda field: (_ORDER.index(field.kind), field.name != PRESENT))
    return {field.name: field for field in fields}


def _worded(field: FieldSpec, words: Mapping[str, Any]) -> FieldSpec:
    return replace(
        field,
        question=words.get('fields', {}).get(field.name, ''),
        help=words.get('field_help', {}).get(field.name, ''),
        unit_word=words.get('units', {}).get(field.name, field.unit),
    )


def only_for(text: str, therapies: Mapping[str, str]) -> OnlyFor | None:
    """From such as “CAR T-cell therapy, day 0 to 30”; `therapies` maps names to codes. Raises ValueError for anything else."""
    if not text:
        return None
    found = _ONLY_FOR.fullmatch(text)
    if found is None or found['name'] not in therapies:
        raise ValueError(_('“%(text)s” is not “NAME OF A THERAPY, day A to B”') % {'text': text})
    return OnlyFor(therapies[found['name']], int(found['first']), int(found['last']))


def _measurement(row: MeasurementKind, language: str) -> MeasurementSpec:
    words = row.words.get(language) or row.words.get(FALLBACK) or {}
    name = words.get('name') or row.name
    field = FieldSpec(
        row.code,
        FieldKind.NUMBER,
        row.unit,
        row.low,
        row.high,
        question=words.get('question') or name,
        help=words.get('help', ''),
        unit_word=row.unit,
    )
    return MeasurementSpec(row.code, name, field, row.also, row.has_baseline)


def engine_mapping() -> dict[str, Any]:
    """The catalogue of now in the shape of catalogue.yaml, for the rule engine. Retired symptoms too: old entries name them."""
    versions = SymptomVersion.objects.select_related('symptom').order_by('symptom__position', 'symptom__code', 'number')
    therapies = Therapy.objects.prefetch_related('agents').order_by('pk')
    return {
        'symptoms': {row.symptom.code: symptom_mapping(row) for row in versions},
        'measurements': {row.code: _measurement_mapping(row) for row in MeasurementKind.objects.all()},
        'therapies': {row.code: _therapy_mapping(row) for row in therapies},
        'contexts': {code: str(label) for code, label in ContextCode.choices},
    }


def symptom_mapping(row: SymptomVersion) -> dict[str, Any]:
    return {'name': row.name, 'group': row.group, 'answers': dict(row.answers), **row.facts}


def _measurement_mapping(row: MeasurementKind) -> dict[str, Any]:
    mapping: dict[str, Any] = {'unit': row.unit, 'range': f'{plain(row.low)}-{plain(row.high)}'}
    if row.also:
        mapping['also'] = row.also
    if row.has_baseline:
        mapping['baseline'] = True
    return mapping


def _therapy_mapping(row: Therapy) -> dict[str, Any]:
    found: dict[str, Iterable[str]] = {
        'seen_in': row.seen_in,
        'examples': [a.name for a in sorted(row.agents.all(), key=lambda a: a.pk)],
    }
    return {'name': row.name, **{key: list(value) for key, value in found.items() if value}}


def plain(number: Decimal) -> str:
    """A number as one writes it: no trailing zeros, no exponent."""
    return f'{number.normalize():f}'
