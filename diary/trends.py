"""One's own trends: each symptom and each number of a diary over the days or cycle by cycle, with the words beside the pictures.

    trends_of(patient, catalogue, span=Span.RECENT, by=By.DAY, now=now, units=units) -> Trends

The arithmetic is in trendfacts.py, the words in trendwords.py, the pictures in charts.py, charts_numbers.py and charts_cycles.py.
Levels of an older wording are read on the scale of now; those that cannot be stay apart (docs/decisions/0032, 0053).
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.dates import date_format
from clinic.models import Patient
from diary.almanac import Section, sections
from diary.answers import Units
from diary.catalogue import FEVER_FROM, CatalogueView, SymptomSpec
from diary.charts import Chart, Point, severity_chart, severity_words, yes_no_words
from diary.charts_cycles import CycleChart, Row, cycle_chart
from diary.charts_numbers import number_chart
from diary.fields import SEVERITY, FieldKind, FieldSpec
from diary.legible import read_with
from diary.models import Baseline, EntryPhoto, Revision, TreatmentCourse
from diary.numbers import SYMBOLS, converted, shown
from diary.queries import baselines_of, courses_of, current_revisions, planned_cycles
from diary.telling import number_words
from diary.timeline import PlannedCycle
from diary.trendfacts import Series, compare, facts_of, number_facts
from diary.trendwords import compared_words, number_sentences, sentences
from diary.words import CAR_T, cycle_name

RECENT, MOST_ROWS, LONGEST_WORD = 3, 12, 14
# Numbers of answers that have a chart of their own, beside what is measured: symptom, field, its title.
NUMBERS = {
    ('FEVER', 'celsius'): gettext_lazy('Temperature'),
    ('DIARRHEA', 'stools_24h'): gettext_lazy('Stools in 24 hours'),
}
# The least that an axis spans, so that a tenth of a degree does not look like a mountain; in the catalogue's unit.
NARROWEST = {'celsius': 2.0, 'weight': 4.0, 'systolic_bp': 20.0, 'spo2': 4.0, 'pulse': 20.0, 'stools_24h': 4.0}


class Span(enum.Enum):
    """How far back one looks."""

    CYCLE = 'cycle'
    RECENT = 'recent'
    ALL = 'all'


class By(enum.Enum):
    """Over the days of the calendar, or cycle by cycle below each other."""

    DAY = 'day'
    CYCLE = 'cycle'


@dataclass(frozen=True)
class Felt:
    """How a reported symptom was on one day; `apart` is a level on an older scale, with the word that was answered."""

    level: int | None
    word: str
    apart: bool


@dataclass
class Told:
    """What the entries say: by symptom and day the worst, by (symptom, field) or measurement every number in order of time."""

    felt: dict[str, dict[date, Felt]] = field(default_factory=lambda: defaultdict(dict))
    numbers: dict[tuple[str, str], list[tuple[date, float]]] = field(default_factory=lambda: defaultdict(list))
    written: set[date] = field(default_factory=set)


@dataclass(frozen=True)
class Trends:
    """From `first` to `last`; `written` of these `days` have an entry. Empty (`first` is None) without any entry."""

    first: date | None = None
    last: date | None = None
    written: int = 0
    charts: Sequence[Chart] = ()
    cycle_charts: Sequence[CycleChart] = ()
    measured: Sequence[Chart] = ()
    has_photos: bool = False

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1 if self.first and self.last else 0


@dataclass(frozen=True)
class _Stage:
    """What every picture of the page shares."""

    first: date
    today: date
    told: Told
    sections: Sequence[Section]
    courses: Sequence[TreatmentCourse]
    doses: frozenset[date]
    photos: Mapping[str, set[date]]

    @property
    def cycles(self) -> list[PlannedCycle]:
        return [section.cycle for section in reversed(self.sections) if section.cycle and section.last >= self.first]

    def series(self, code: str) -> Series:
        """All that was ever told of a symptom; a picture takes its part."""
        days = self.told.felt[code]
        begun = min(self.told.written)
        apart = {day for day, felt in days.items() if felt.apart}
        levels = {day: felt.level for day, felt in days.items()}
        return Series(levels, self.told.written, begun, self.today, self.doses, apart)


def trends_of(
    patient: Patient,
    catalogue: CatalogueView,
    *,
    span: Span,
    by: By,
    now: datetime,
    units: Units,
    photos: bool = True,
) -> Trends:
    """A constant number of queries, however long the diary is. Without `photos` nothing says that there are any."""
    today = now.astimezone(patient.zone).date()
    revisions = list(current_revisions(patient).filter(entry__day__lte=today))
    if not revisions:
        return Trends()
    courses = list(courses_of(patient))
    begun = revisions[0].entry.day
    found = sections([planned_cycles(course) for course in courses], first=begun, today=today)
    found = [section for section in found if section.last >= begun]
    first = found[_index(span, found)].first
    stage = _Stage(
        first,
        today,
        _told(revisions, catalogue),
        found,
        courses,
        frozenset(dose.given_at.astimezone(patient.zone).date() for course in courses for dose in course.doses.all()),
        _photos(patient) if photos else {},
    )
    specs = [catalogue.symptom(code) for code in _lately(stage)]
    by_day = by is By.DAY
    return Trends(
        first,
        today,
        sum(first <= day <= today for day in stage.told.written),
        charts=[_chart(stage, spec, number) for number, spec in enumerate(specs, 1)] if by_day else [],
        cycle_charts=[] if by_day else [_cycles(stage, spec, number) for number, spec in enumerate(specs, 1)],
        measured=list(_measured(stage, patient, catalogue, units)) if by_day else [],
        has_photos=any(day >= first for days in stage.photos.values() for day in days),
    )


def _index(span: Span, found: Sequence[Section]) -> int:
    """The oldest section that is shown; `found` is newest first."""
    return {Span.CYCLE: 0, Span.RECENT: min(RECENT, len(found)) - 1, Span.ALL: len(found) - 1}[span]


def _lately(stage: _Stage) -> list[str]:
    """The symptoms reported in the time that is shown, most lately first."""
    lately = {code: max(days) for code, days in stage.told.felt.items() if max(days) >= stage.first}
    return sorted(lately, key=lately.__getitem__, reverse=True)


def _photos(patient: Patient) -> dict[str, set[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for symptom, day in EntryPhoto.objects.filter(entry__patient=patient).values_list('symptom', 'entry__day'):
        found[symptom].add(day)
    return found


# -- what the entries say ------------------------------------------------------------------------------------------------


def _told(revisions: Iterable[Revision], catalogue: CatalogueView) -> Told:
    told = Told()
    for revision in revisions:
        day = revision.entry.day
        told.written.add(day)
        for code, felt in read_with(_felt, revision.document, catalogue):
            known = told.felt[code].get(day)
            told.felt[code][day] = max(known, felt, key=_rank) if known else felt
        for place, value in read_with(_numbers, revision.document, catalogue):
            told.numbers[place].append((day, value))
    return told


def _rank(felt: Felt) -> tuple[bool, int]:
    return not felt.apart, -1 if felt.level is None else felt.level


def _felt(document: Mapping[str, Any], catalogue: CatalogueView) -> list[tuple[str, Felt]]:
    stored = document['answers']
    answers = {code: answer['values'] for code, answer in stored.items()}
    reported = [
        code for code, values in answers.items() if catalogue.version(code, stored[code]['version']).reported(values)
    ]
    apart = catalogue.scales.read(answers, stored)
    return [(code, _one(catalogue, code, stored[code], answers[code], apart=code in apart)) for code in reported]


def _one(
    catalogue: CatalogueView, code: str, answer: Mapping[str, Any], now: Mapping[str, Any], *, apart: bool
) -> Felt:
    """`now` are the values on the scale of now; a level that stands apart keeps the word that was answered."""
    answered, today = catalogue.version(code, answer['version']).levels, catalogue.symptom(code).levels
    level = now.get(SEVERITY)
    if level is None:
        return Felt(None, '', apart=False)
    word = answered[answer['values'][SEVERITY]].word if apart or not today else today[level].word
    return Felt(level, word.lower(), apart)


def _numbers(document: Mapping[str, Any], catalogue: CatalogueView) -> list[tuple[tuple[str, str], float]]:
    """Decimal refuses what is no number, so that a broken one is left out with the rest that cannot be read."""
    answers, measured = document['answers'], document['measurements'].items()
    found = [
        ((code, name), answers[code]['values'][name])
        for code, name in NUMBERS
        if code in answers and name in answers[code]['values']
    ]
    found += [(('', code), each['value']) for code, each in measured if code in catalogue.measurements]
    return [(place, float(Decimal(str(value)))) for place, value in found]


# -- over the days -------------------------------------------------------------------------------------------------------


def _chart(stage: _Stage, spec: SymptomSpec, number: int) -> Chart:
    """A day with an entry that does not report it is level 0; one that was told without how bad has no point."""
    days = stage.told.felt[spec.code]
    return severity_chart(
        [point for day in stage.told.written if (point := _point(day, days.get(day), spec)) is not None],
        chart_id=f'chart-{number}',
        title=spec.name,
        first=stage.first,
        last=stage.today,
        cycles=stage.cycles,
        doses=stage.doses,
        levels=_words(spec) if spec.has_severity else yes_no_words(),
        written=stage.told.written,
        photos=stage.photos.get(spec.code, ()),
        said=_said(stage, spec),
    )


def _point(day: date, felt: Felt | None, spec: SymptomSpec) -> Point | None:
    if felt is None:
        return Point(day, 0)
    if not spec.has_severity:
        return Point(day, 1)
    return None if felt.level is None else Point(day, felt.level, apart=felt.apart, word=felt.word)


def _words(spec: SymptomSpec) -> list[str]:
    """The words that were chosen from, as long as they fit beside a picture."""
    own = [level.word.lower() for level in spec.levels]
    return own if own and max(map(len, own)) <= LONGEST_WORD else severity_words()


def _said(stage: _Stage, spec: SymptomSpec) -> list[str]:
    """The words beside a picture: of the time that is shown, then this cycle against the one before."""
    series = stage.series(spec.code)
    shown = facts_of(series.part(stage.first, stage.today))
    words = _words(spec)
    said = sentences(shown, words, scaled=spec.has_severity)
    cycles = [section.cycle for section in stage.sections if section.cycle][:2]
    if spec.has_severity and len(cycles) == 2 and stage.sections[0].cycle is cycles[0]:
        said.append(compared_words(compare(series, cycles[0], cycles[1]), words))
    return [sentence for sentence in said if sentence]


# -- cycle by cycle ------------------------------------------------------------------------------------------------------


def _cycles(stage: _Stage, spec: SymptomSpec, number: int) -> CycleChart:
    days = stage.told.felt[spec.code].items()
    shown = [section for section in stage.sections if section.last >= stage.first][:MOST_ROWS]
    return cycle_chart(
        [_row(stage, section) for section in shown],
        levels={day: _bar(felt, spec) for day, felt in days},
        apart={day for day, felt in days if felt.apart},
        written=stage.told.written,
        doses=stage.doses,
        today=stage.today,
        chart_id=f'cycles-{number}',
        title=spec.name,
        said=_said(stage, spec),
    )


def _row(stage: _Stage, section: Section) -> Row:
    if section.course is None or section.cycle is None:
        return Row(date_format(section.first, 'F Y'), section.first, section.last)
    course = stage.courses[section.course]
    offset = 0 if course.therapy.code == CAR_T else 1  # the day of the cells is day 0
    return Row(cycle_name(section.cycle.number, course.schedule), section.first, section.last, offset)


def _bar(felt: Felt, spec: SymptomSpec) -> tuple[int, str]:
    if not spec.has_severity:
        return 1, _('there')
    if felt.level is None:
        return 0, _('there, not told how bad')
    return felt.level, _('%(word)s (older words)') % {'word': felt.word} if felt.apart else felt.word


# -- what was measured ---------------------------------------------------------------------------------------------------


def _measured(stage: _Stage, patient: Patient, catalogue: CatalogueView, units: Units) -> Iterator[Chart]:
    usual = {each.kind: each for each in baselines_of(patient)}  # oldest first: the latest stays
    for (code, name), title in NUMBERS.items():
        if spec := catalogue.symptoms.get(code):
            yield from _number(stage, (code, name), str(title), spec.fields.get(name), usual.get(name), units)
    for code, measure in catalogue.measurements.items():
        yield from _number(stage, ('', code), measure.name, measure.field, usual.get(code), units)


def _number(
    stage: _Stage,
    place: tuple[str, str],
    title: str,
    spec: FieldSpec | None,
    usual: Baseline | None,
    units: Units,
) -> Iterator[Chart]:
    values = [(day, value) for day, value in stage.told.numbers.get(place, ()) if day >= stage.first]
    if spec is None or not values:
        return
    limit = float(FEVER_FROM) if spec.unit == 'C' else None
    facts = number_facts(values, limit=limit)
    yield number_chart(
        [(day, _own(value, spec, units)) for day, value in values],
        chart_id=f'number-{spec.name}',
        title=_titled(title, spec, units),
        said=lambda value: _with_unit(value, spec, units),
        first=stage.first,
        last=stage.today,
        cycles=stage.cycles,
        doses=stage.doses,
        written=stage.told.written,
        limit=(_own(limit, spec, units), _('fever')) if limit is not None else None,
        usual=(_own(float(usual.value), spec, units), _('usual')) if usual else None,
        narrowest=_own(NARROWEST[spec.name], spec, units) - _own(0, spec, units) if spec.name in NARROWEST else 1,
        words=number_sentences(facts, lambda value: number_words(spec, value, None, units), limit=limit),
    )


def _own(value: float, spec: FieldSpec, units: Units) -> float:
    """In the reader's unit."""
    return float(converted(Decimal(str(value)), units.of(spec.unit)))


def _titled(title: str, spec: FieldSpec, units: Units) -> str:
    """The axis has bare numbers; a count needs no unit."""
    unit = units.of(spec.unit)
    return title if spec.kind is FieldKind.COUNT else f'{title} ({SYMBOLS.get(unit, unit)})'


def _with_unit(value: float, spec: FieldSpec, units: Units) -> str:
    """A value that is in the reader's unit already."""
    unit = units.of(spec.unit)
    number = Decimal(str(round(value, 1)))
    if spec.kind is FieldKind.COUNT:
        return f'{number.normalize():f}'
    return shown(number, unit) if unit in SYMBOLS or unit != spec.unit else f'{number.normalize():f} {spec.unit_word}'
