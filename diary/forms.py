"""The entry page as data for its templates: sections of chips, each with its questions. answers.py reads it back.

No Django Form: the page has 150 fields, and a submit should cost no more than a plain insert. What is the same for every patient
(the questions of a symptom that nobody has touched) is rendered once per process, catalogue and units.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from diary.answers import MEASURED, Doubt, Problem, Reading, Units
from diary.asking import FOLDED, Group, Known, Why, order
from diary.catalogue import CatalogueView, Level, SymptomSpec
from diary.fields import PRESENT, SEVERITY, FieldSpec
from diary.models import PHOTO_SYMPTOMS
from diary.numbers import SYMBOLS, units_for
from diary.sheet import Before, compared

OTHER = 'OTHER'


def id_of(name: str) -> str:
    """The id of the first input of a posted name."""
    return 'q-' + name.replace('.', '-')


@dataclass(frozen=True)
class Question:
    """One field as the page shows it, with what was posted and what is wrong with it. `units` are (value, sign) to choose from,
    `levels` those of a severity, each with how it stands to last time (or nothing)."""

    name: str
    spec: FieldSpec
    value: str = ''
    unit: str = ''
    meant: str = ''
    units: tuple[tuple[str, str], ...] = ()
    error: str = ''
    doubt: Doubt | None = None
    levels: tuple[tuple[Level, str], ...] = ()

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
class Row:
    """A symptom that was there last time, with its questions. A settled one stands as it was told until she changes it; any other
    is asked anew."""

    spec: SymptomSpec
    before: Before
    body: SafeString
    invalid: bool

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
    """Everything that the entry page shows. `posted` fills it: what was sent, or what it starts from. `groups` say what comes
    first and why; `before` has what stands as a row, `titles` what a reason is called here instead of its usual name; `today` is
    the date with which a check compares."""

    catalogue: CatalogueView
    offered: Mapping[str, SymptomSpec]
    units: Units
    posted: Mapping[str, str]
    groups: Sequence[Group] | None = None
    before: Mapping[str, Before] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[Why, str] = field(default_factory=dict)
    today: date | None = None
    reading: Reading = field(default_factory=Reading)
    takes_photos: bool = True

    @cached_property
    def _groups(self) -> Sequence[Group]:
        return order(Known(areas_of(self.offered))) if self.groups is None else self.groups

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
    def rows(self) -> list[Row]:
        """What was there last time, in the order in which it is asked."""
        codes = (code for group in self._groups for code in group.codes if code in self.before)
        return [self._row(self.offered[code]) for code in codes]

    @cached_property
    def checks(self) -> list[SafeString]:
        """The questions of the checks that are due today."""
        codes = (code for group in self._groups if group.why is Why.CHECK for code in group.codes)
        return [self._body(self.offered[code], 'diary/entry_check.html', today=self.today) for code in codes]

    @cached_property
    def sections(self) -> list[Section]:
        """The chips, with the reason for which they stand together; every symptom that is no row and no check is there once."""
        found = [self._section(group) for group in self._groups if group.why is not Why.CHECK]
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

    def _section(self, group: Group) -> Section:
        codes = (code for code in group.codes if code != OTHER and code not in self.before)
        chips = tuple(self._chip(self.offered[code]) for code in codes)
        return Section(self.titles.get(group.why) or title_of(group), chips, group.why in FOLDED)

    def _chip(self, spec: SymptomSpec) -> Chip:
        body = self._body(spec) if spec.code in self._touched else self._blank(spec)
        return Chip(spec, bool(self.posted.get(f'{spec.code}.on')), self.notes.get(spec.code, ''), body)

    def _blank(self, spec: SymptomSpec) -> SafeString:
        return blank_body(self.catalogue, spec.code, self.units, photos=self.takes_photos)

    def _row(self, spec: SymptomSpec) -> Row:
        before = self.before[spec.code]
        template = 'diary/entry_row_settled.html' if before.settled else 'diary/entry_symptom.html'
        invalid = any(name.startswith(f'{spec.code}.') for name in (*self._errors, *self._doubts))
        return Row(spec, before, self._body(spec, template, before=before), invalid)

    def _body(
        self,
        spec: SymptomSpec,
        template: str = 'diary/entry_symptom.html',
        *,
        before: Before | None = None,
        today: date | None = None,
    ) -> SafeString:
        questions = [self._question(f'{spec.code}.{each.name}', each) for each in asked(spec, again=before is not None)]
        questions.sort(key=lambda question: not question.doubt)  # a phone shows the start of a step
        level = before.level if before else None
        return render_body(spec, questions, template, level=level, today=today, photos=self.takes_photos)

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


def areas_of(offered: Mapping[str, SymptomSpec]) -> dict[str, str]:
    """Their body areas, as `asking.Known` wants them."""
    return {code: spec.group for code, spec in offered.items()}


def title_of(group: Group) -> str:
    """What a reason is called on the page."""
    return {
        Why.ROSE: _('Still there?'),
        Why.STILL: _('Still there?'),
        Why.GONE: _('Gone last time. Is it back?'),
        Why.WATCH: _('Look out for these: your medicine can hide them'),
        Why.CYCLE: _('You had this around this day of the last cycle'),
        Why.USUAL: _('Common with your treatment'),
        Why.DOSE: _('Watch for these after your dose'),
    }.get(group.why, group.area)


def asked(spec: SymptomSpec, *, again: bool = False) -> Iterator[FieldSpec]:
    """The fields that are questions on the page: all but `present`, which choosing the symptom says. Of what was there before
    (`again`) it is asked whether it still is."""
    for each in spec.fields.values():
        if not (spec.has_present and each.name == PRESENT):
            yield each
        elif again:
            yield replace(each, question=_('Is it still there?'))


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


def render_body(
    spec: SymptomSpec,
    questions: list[Question],
    template: str = 'diary/entry_symptom.html',
    *,
    level: int | None = None,
    today: date | None = None,
    photos: bool = True,
) -> SafeString:
    """`level`: the severity of last time, with which each level is compared."""
    photo = photos and spec.code in PHOTO_SYMPTOMS
    levels = compared(spec.levels, level)
    ranked = [replace(each, levels=levels) if each.spec.name == SEVERITY else each for each in questions]
    shown = {'spec': spec, 'questions': ranked, 'photo': photo, 'today': today}
    return render_to_string(template, shown) if questions or photo else SafeString('')
