"""The entry page as data for its templates: sections of chips, each with its questions. answers.py reads it back.

No Django Form: the page has 150 fields, and a submit should cost no more than a plain insert. What is the same for every patient
(the questions of a symptom that nobody has touched) is rendered once per process, catalogue and units.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from diary.answers import MEASURED, Doubt, Problem, Reading, Units
from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import FieldSpec
from diary.models import PHOTO_SYMPTOMS
from diary.numbers import SYMBOLS, units_for

OTHER = 'OTHER'


def id_of(name: str) -> str:
    """The id of the first input of a posted name."""
    return 'q-' + name.replace('.', '-')


@dataclass(frozen=True)
class Question:
    """One field as the page shows it, with what was posted and what is wrong with it. `units` are (value, sign) to choose from."""

    name: str
    spec: FieldSpec
    value: str = ''
    unit: str = ''
    meant: str = ''
    units: tuple[tuple[str, str], ...] = ()
    error: str = ''
    doubt: Doubt | None = None

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def invalid(self) -> bool:
        return bool(self.error or self.doubt)


@dataclass(frozen=True)
class Chip:
    """A symptom to choose. `note` says what was said last time; `body` are its questions, rendered."""

    spec: SymptomSpec
    checked: bool
    note: str
    body: SafeString

    @property
    def id(self) -> str:
        return id_of(f'{self.spec.code}.on')


@dataclass(frozen=True)
class Section:
    """Chips under one heading; a folded one is opened by a touch, and says what is in it."""

    title: str
    chips: tuple[Chip, ...]
    folded: bool = False

    @property
    def is_open(self) -> bool:
        return any(chip.checked for chip in self.chips)

    @property
    def names(self) -> str:
        return ', '.join(chip.spec.short for chip in self.chips)


@dataclass(frozen=True)
class Summary:
    """One line of the error summary: where it leads, and what it says."""

    href: str
    text: str


@dataclass
class EntryPage:
    """Everything that the entry page shows. `posted` fills it: what was sent, or what it starts from."""

    catalogue: CatalogueView
    offered: Mapping[str, SymptomSpec]
    units: Units
    posted: Mapping[str, str]
    usual: Sequence[str] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    first_title: str = ''
    reading: Reading = field(default_factory=Reading)
    takes_photos: bool = True

    @cached_property
    def _errors(self) -> dict[str, str]:
        return {problem.name: problem.message for problem in self.reading.errors}

    @cached_property
    def _doubts(self) -> dict[str, Doubt]:
        return {doubt.name: doubt for doubt in self.reading.doubts}

    @cached_property
    def _touched(self) -> set[str]:
        """The symptoms of which something was sent but the units, which every page sends."""
        sent = (name for name, value in self.posted.items() if value and not name.endswith('.unit'))
        return {name.partition('.')[0] for name in sent}

    @cached_property
    def sections(self) -> list[Section]:
        """Still there, usual for the treatment, then by body area; every symptom once."""
        left = {code: spec for code, spec in self.offered.items() if code != OTHER}
        limited = [code for code, spec in left.items() if spec.only_for]
        named = (self.first_title or _('Still there?'), _('Please check this too'), _('Common with your treatment'))
        first = zip(named, (self.notes, limited, self.usual), strict=True)
        found = [self._section(title, _take(left, codes)) for title, codes in first]
        groups: dict[str, list[SymptomSpec]] = {}
        for spec in left.values():
            groups.setdefault(spec.group, []).append(spec)
        found += [self._section(title, specs, folded=True) for title, specs in groups.items()]
        return [section for section in found if section.chips]

    @cached_property
    def other(self) -> Chip | None:
        return self._chip(self.offered[OTHER]) if OTHER in self.offered else None

    @cached_property
    def measurements(self) -> list[Question]:
        specs = self.catalogue.measurements.values()
        return [self._question(f'{MEASURED}.{spec.code}', spec.field, also=spec.also) for spec in specs]

    @property
    def summary(self) -> list[Summary]:
        problems: list[Problem | Doubt] = [*self.reading.errors, *self.reading.doubts]
        return [Summary(f'#{id_of(each.name)}' if each.name else '', self._said_of(each)) for each in problems]

    def _said_of(self, problem: Problem | Doubt) -> str:
        spec = self.offered.get(problem.symptom)
        return f'{spec.name}: {problem.message}' if spec else problem.message

    def _section(self, title: str, specs: Iterable[SymptomSpec], *, folded: bool = False) -> Section:
        return Section(title, tuple(self._chip(spec) for spec in specs), folded)

    def _chip(self, spec: SymptomSpec) -> Chip:
        body = self._body(spec) if spec.code in self._touched else self._blank(spec)
        return Chip(spec, bool(self.posted.get(f'{spec.code}.on')), self.notes.get(spec.code, ''), body)

    def _blank(self, spec: SymptomSpec) -> SafeString:
        return blank_body(self.catalogue, spec.code, self.units, photos=self.takes_photos)

    def _body(self, spec: SymptomSpec) -> SafeString:
        questions = [self._question(f'{spec.code}.{each.name}', each) for each in asked(spec)]
        questions.sort(key=lambda question: not question.doubt)  # a phone shows the start of a step
        return render_body(spec, questions, photos=self.takes_photos)

    def _question(self, name: str, spec: FieldSpec, *, also: str = '') -> Question:
        question = blank_question(name, spec, self.units, also=also)
        return Question(
            name,
            spec,
            value=self.posted.get(name, ''),
            unit=self.posted.get(f'{name}.unit') or question.unit,
            meant=self.posted.get(f'{name}.meant', ''),
            units=question.units,
            error=self._errors.get(name, ''),
            doubt=self._doubts.get(name),
        )


def _take(left: dict[str, SymptomSpec], codes: Iterable[str]) -> list[SymptomSpec]:
    return [left.pop(code) for code in codes if code in left]


def asked(spec: SymptomSpec) -> Iterator[FieldSpec]:
    """The fields that are questions on the page: all but `present`, which choosing the symptom says."""
    return (each for each in spec.fields.values() if not (spec.has_present and each.name == 'present'))


def blank_question(name: str, spec: FieldSpec, units: Units, *, also: str = '') -> Question:
    choices = units_for(spec.unit, also) if spec.is_number else ()
    signs = tuple((unit, SYMBOLS.get(unit, unit)) for unit in choices) if len(choices) > 1 else ()
    return Question(name, spec, unit=units.of(spec.unit), units=signs)


@lru_cache(maxsize=512)
def blank_body(catalogue: CatalogueView, code: str, units: Units, *, photos: bool = True) -> SafeString:
    """The questions of a symptom that nobody has touched."""
    spec = catalogue.symptom(code)
    return render_body(
        spec, [blank_question(f'{code}.{each.name}', each, units) for each in asked(spec)], photos=photos
    )


def render_body(spec: SymptomSpec, questions: list[Question], *, photos: bool) -> SafeString:
    photo = photos and spec.code in PHOTO_SYMPTOMS
    return (
        render_to_string('diary/entry_symptom.html', {'spec': spec, 'questions': questions, 'photo': photo})
        if questions or photo
        else SafeString('')
    )
