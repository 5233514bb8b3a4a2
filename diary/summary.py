"""The visit summary: what a diary says since the last visit, cycle by cycle, for two people to look at together.

“Typical” is the middle one of the days on which a symptom was reported (of two middles the worse), always shown with the number
of those days: over all days it would be “none” for most of what matters (docs/decisions/0045-visit-summary.md).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from clinic.models import Patient
from diary.answers import Units
from diary.catalogue import CatalogueView, MeasurementSpec, SymptomSpec
from diary.fields import SEVERITY, FieldSpec
from diary.legible import read_with
from diary.models import Context, Dose, PlannedVisit, Revision, ScheduleKind, VisitQuestion
from diary.places import read_courses, stand
from diary.queries import contexts_of, courses_of, current_revisions
from diary.signals import cases_asked
from diary.strips import Felt, Strip, strip_of
from diary.telling import number_words
from diary.words import writers_words

USUAL_DAYS, LONGEST_AGO, MOST_DAYS = 28, 56, 366
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One symptom in one stretch. `worst` and `typical` are words, empty for what is only there or not; `days` with it.

    `strip` draws it day by day; None where the stretch is too long for a picture of this size.
    """

    name: str
    days: int
    worst: str
    worst_on: date
    typical: str
    most: tuple[str, ...]
    rank: int
    strip: Strip | None


@dataclass(frozen=True)
class Stretch:
    """A cycle, or days without one; `written` of its days have an entry."""

    title: str
    first: date
    last: date
    written: int
    lines: tuple[Line, ...]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Measured:
    """A measurement over the whole time, in the reader's units."""

    name: str
    first: str
    last: str
    lowest: str
    highest: str
    times: int


@dataclass(frozen=True)
class ToldCase:
    """One alert. `told` is the answers that met its rules, each symptom once, at its worst.

    `answered_at` is empty while nobody has answered.
    """

    tier: str
    opened_at: datetime
    told: tuple[str, ...]
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Summary:
    """From `since` to `until`, both included, the newest stretch first; `cases` the newest first, too."""

    since: date
    until: date
    stretches: tuple[Stretch, ...]
    measured: tuple[Measured, ...]
    doses: tuple[Dose, ...]
    contexts: tuple[Context, ...]
    questions: tuple[VisitQuestion, ...]
    cases: tuple[ToldCase, ...]
    writers: tuple[str, ...] = ()  # who wrote entries for her, one line each

    @property
    def written(self) -> int:
        return sum(stretch.written for stretch in self.stretches)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


def usual_since(patient: Patient, *, today: date) -> date:
    """Since when one would ask: the latest visit before today, arranged or for a dose, else four weeks ago.

    What is taken every day is no visit; nor does one of more than eight weeks ago tell when the last was.
    """
    doses = Dose.objects.filter(course__patient=patient).exclude(course__schedule=ScheduleKind.DAILY)
    days = [at.astimezone(patient.zone).date() for at in doses.values_list('given_at', flat=True)]
    days += PlannedVisit.objects.filter(patient=patient).values_list('on', flat=True)
    near = [day for day in days if today - timedelta(days=LONGEST_AGO) <= day < today]
    return max(near, default=today - timedelta(days=USUAL_DAYS))


def summary_of(patient: Patient, catalogue: CatalogueView, *, since: date, now: datetime, units: Units) -> Summary:
    """Nine queries and the catalogue's, however long the time is."""
    today = now.astimezone(patient.zone).date()
    revisions = list(
        current_revisions(patient).select_related('entry', 'recorded_by').filter(entry__day__range=(since, today))
    )
    courses = list(courses_of(patient))
    places = read_courses(courses, patient.zone)
    days = [since + timedelta(n) for n in range((today - since).days + 1)]
    parts = [list(part) for _, part in itertools.groupby(days, key=lambda day: stand(day, places).section)]
    by_day = _by_day(revisions, catalogue)
    doses = [dose for course in courses for dose in course.doses.all()]
    return Summary(
        since,
        today,
        tuple(_stretch(stand(part[0], places).section, part, by_day, catalogue, units) for part in reversed(parts)),
        tuple(_measured(revisions, catalogue, units)),
        tuple(sorted((d for d in doses if _within(d.given_at, since, today, patient)), key=lambda dose: dose.given_at)),
        tuple(_contexts(patient, since, now)),
        tuple(VisitQuestion.objects.filter(patient=patient)),
        tuple(_cases(patient, since)),
        writers_words(revisions, patient),
    )


def _within(at: datetime, since: date, until: date, patient: Patient) -> bool:
    return since <= at.astimezone(patient.zone).date() <= until


def _cases(patient: Patient, since: date) -> list[ToldCase]:
    """The diary knows of no alerts: who does is asked. Nobody there is an error, not a summary that says “nothing”."""
    begin = datetime.combine(since, datetime.min.time(), tzinfo=patient.zone)
    answers: list[Any] = cases_asked.send(sender=Summary, patient=patient, since=begin)
    [(_, cases)] = answers
    return list(cases)


def _contexts(patient: Patient, since: date, now: datetime) -> Iterable[Context]:
    """What held at some time of it."""
    begin = datetime.combine(since, datetime.min.time(), tzinfo=patient.zone)
    return contexts_of(patient).filter(Q(until_at__isnull=True) | Q(until_at__gte=begin), from_at__lte=now)


# -- symptoms -----------------------------------------------------------------------------------------------------------


def _by_day(revisions: Iterable[Revision], catalogue: CatalogueView) -> dict[date, dict[str, Felt]]:
    """Of each day with an entry the worst of each symptom."""
    days: dict[date, dict[str, Felt]] = {}
    for revision in revisions:
        day = days.setdefault(revision.entry.day, {})
        for felt in read_with(_felt, revision.document, catalogue):
            known = day.get(felt.spec.code)
            day[felt.spec.code] = _worse(known, felt) if known else felt
    return days


def _felt(document: Mapping[str, Any], catalogue: CatalogueView) -> list[Felt]:
    stored = document['answers']
    answers = {code: answer['values'] for code, answer in stored.items()}
    apart = catalogue.scales.read(answers, stored)
    return [
        _one(catalogue, code, catalogue.version(code, stored[code]['version']), values, apart=code in apart)
        for code, values in answers.items()
        if catalogue.version(code, stored[code]['version']).reported(values)
    ]


def _one(catalogue: CatalogueView, code: str, spec: SymptomSpec, values: Mapping[str, Any], *, apart: bool) -> Felt:
    """A level that cannot be compared with those of now keeps the word that was answered."""
    level, now = values.get(SEVERITY), catalogue.symptom(code)
    levels = spec.levels if apart or not now.levels else now.levels
    most = {name: values[name] for name, field in spec.fields.items() if field.is_number and name in values}
    return Felt(now, level, levels[level].word.lower() if level is not None else '', most)


def _worse(one: Felt, other: Felt) -> Felt:
    worse = max(one, other, key=_rank)
    names = [*one.most, *(name for name in other.most if name not in one.most)]
    most = {name: max(felt.most[name] for felt in (one, other) if name in felt.most) for name in names}
    return Felt(worse.spec, worse.level, worse.word, most)


def _rank(felt: Felt) -> int:
    return -1 if felt.level is None else felt.level


def _stretch(
    title: str, days: Sequence[date], by_day: Mapping[date, Mapping[str, Felt]], catalogue: CatalogueView, units: Units
) -> Stretch:
    """The worst symptom first, then what came most often."""
    found: dict[str, list[tuple[date, Felt]]] = defaultdict(list)
    for day in days:
        for code, felt in by_day.get(day, {}).items():
            found[code].append((day, felt))
    written_on = by_day.keys()
    lines = [_line(felt, units, strip_of(days, written_on, dict(felt))) for felt in found.values()]
    lines.sort(key=lambda line: (-line.rank, -line.days, line.name))
    written = sum(day in by_day for day in days)
    return Stretch(title, days[0], days[-1], written, tuple(lines))


def _line(days: Sequence[tuple[date, Felt]], units: Units, strip: Strip | None) -> Line:
    worst_on, worst = max(days, key=lambda found: (_rank(found[1]), found[0]))
    ordered = sorted((felt for _, felt in days if felt.level is not None), key=_rank)
    typical = ordered[len(ordered) // 2].word if ordered else ''
    most = tuple(_most(days, worst.spec, units))
    return Line(worst.spec.name, len(days), worst.word, worst_on, typical, most, _rank(worst), strip)


def _most(days: Sequence[tuple[date, Felt]], spec: SymptomSpec, units: Units) -> Iterable[str]:
    """The highest of each number that was told, such as 38.6 °C."""
    for name, field in spec.fields.items():
        told = [felt.most[name] for _, felt in days if name in felt.most]
        if told:
            yield _number(field, max(told), units)


def _number(field: FieldSpec, value: float, units: Units) -> str:
    return number_words(field, value, None, units)


# -- measurements -------------------------------------------------------------------------------------------------------


def _measured(revisions: Iterable[Revision], catalogue: CatalogueView, units: Units) -> Iterable[Measured]:
    values: dict[str, list[float]] = defaultdict(list)
    for revision in revisions:
        for code, value in read_with(_values, revision.document, catalogue):
            values[code].append(value)
    for code, spec in catalogue.measurements.items():
        if code in values:
            yield _over_time(spec, values[code], units)


def _values(document: Mapping[str, Any], catalogue: CatalogueView) -> list[tuple[str, float]]:
    """Decimal refuses what is no number, so that a broken one is left out with the rest that cannot be read."""
    measured = document['measurements'].items()
    return [(code, float(Decimal(str(m['value'])))) for code, m in measured if catalogue.measurements[code]]


def _over_time(spec: MeasurementSpec, values: Sequence[float], units: Units) -> Measured:
    first, last, low, high = (
        _number(spec.field, value, units) for value in (values[0], values[-1], min(values), max(values))
    )
    return Measured(spec.name, first, last, low, high, len(values))
