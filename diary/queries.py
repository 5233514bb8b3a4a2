"""Named questions to the diary."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from clinic.instants import read_instants_fast
from clinic.models import Patient
from diary.models import Baseline, Context, Cycle, Dose, PlannedVisit, Revision, Therapy, TreatmentCourse
from diary.timeline import Phase, Place, PlannedCycle, doses_between, place
from diary.words import place_label


def current_revisions(
    patient: Patient, *, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Revision]:
    """The revisions that count now, of entries about `since` to `until` (both included), in the order of time."""
    revisions = Revision.objects.filter(entry__patient=patient, number=F('entry__current_number'))
    if since is not None:
        revisions = revisions.filter(entry__about_at__gte=since)
    if until is not None:
        revisions = revisions.filter(entry__about_at__lte=until)
    return revisions.select_related('entry').order_by('entry__about_at', 'entry_id')


def doses_of(patient: Patient) -> QuerySet[Dose]:
    """Every dose that a patient was given, in the order of time, with its course and therapy. What was taken back is not in it;
    nor in any other read here but `withdrawn_of`."""
    return Dose.objects.filter(course__patient=patient).select_related('course__therapy').order_by('given_at')


def contexts_of(patient: Patient) -> QuerySet[Context]:
    return Context.objects.filter(patient=patient).order_by('from_at')


def contexts_now(patient: Patient, now: datetime) -> set[str]:
    """The codes of what holds for a patient at `now`; the first and the last instant included."""
    holds = Q(until_at__isnull=True) | Q(until_at__gte=now)
    return set(Context.objects.filter(holds, patient=patient, from_at__lte=now).values_list('code', flat=True))


def visits_to_come(patient: Patient, today: date) -> list[PlannedVisit]:
    """The visits of today and later that stand, the next first; of one day that without a time last."""
    visits = PlannedVisit.objects.filter(patient=patient, on__gte=today).select_related('entered_by')
    return list(visits.order_by('on', F('at').asc(nulls_last=True), 'pk'))


def baselines_of(patient: Patient) -> QuerySet[Baseline]:
    """Every usual value that stands, oldest first; the one that counts is the latest measured by then, else the first."""
    return Baseline.objects.filter(patient=patient).order_by('kind', 'measured_at')


@dataclass(frozen=True)
class Withdrawn:
    """What was recorded of a patient by mistake and taken back, the latest first, with who did it."""

    doses: list[Dose]
    contexts: list[Context]
    baselines: list[Baseline]


def withdrawn_of(patient: Patient) -> Withdrawn:
    """Three queries."""
    gone = {'withdrawn_at__isnull': False}
    doses = Dose.on_record.filter(course__patient=patient, **gone).select_related('course__therapy', 'course__agent')
    contexts = Context.on_record.filter(patient=patient, **gone)
    baselines = Baseline.on_record.filter(patient=patient, **gone)
    return Withdrawn(
        list(doses.select_related('withdrawn_by').order_by('-withdrawn_at')),
        list(contexts.select_related('withdrawn_by').order_by('-withdrawn_at')),
        list(baselines.select_related('withdrawn_by').order_by('-withdrawn_at')),
    )


@dataclass(frozen=True)
class Circumstances:
    """What the rules ask of a patient besides her entries: doses as (therapy, given at), contexts as (code, from, until), usual
    values as (kind, measured at, value in the catalogue's unit). Each in the order of time; of one instant
    the last recorded comes last."""

    doses: tuple[tuple[str, datetime], ...]
    contexts: tuple[tuple[str, datetime, datetime | None], ...]
    usual: tuple[tuple[str, datetime, Decimal], ...]


# One statement, and no models: this is asked for every entry that is evaluated.
_CIRCUMSTANCES = """
    SELECT c.patient_id, 'dose', t.code, d.given_at, NULL::timestamptz, NULL::numeric, d.recorded_at FROM diary_dose d
        JOIN diary_treatmentcourse c ON c.id = d.course_id JOIN diary_therapy t ON t.id = c.therapy_id
        WHERE c.patient_id = ANY(%(patients)s) AND d.withdrawn_at IS NULL
    UNION ALL SELECT patient_id, 'context', code, from_at, until_at, NULL, recorded_at FROM diary_context
        WHERE patient_id = ANY(%(patients)s) AND withdrawn_at IS NULL
    UNION ALL SELECT patient_id, 'usual', kind, measured_at, NULL, value, recorded_at FROM diary_baseline
        WHERE patient_id = ANY(%(patients)s) AND withdrawn_at IS NULL
    ORDER BY 4, 7
"""


def circumstances_of(patient: Patient) -> Circumstances:
    """Doses, contexts and usual values of a patient, all that stand."""
    return circumstances_of_many([patient.pk])[patient.pk]


def circumstances_of_many(patients: Sequence[int]) -> dict[int, Circumstances]:
    """The same of many, by the patients' ids. One query."""
    with connection.cursor() as cursor:
        read_instants_fast(cursor)
        cursor.execute(_CIRCUMSTANCES, {'patients': list(patients)})
        rows = cursor.fetchall()
    by_patient: dict[int, list[tuple[Any, ...]]] = {patient: [] for patient in patients}
    for patient, *row in rows:
        by_patient[patient].append(tuple(row))
    return {patient: _circumstances(found) for patient, found in by_patient.items()}


def _circumstances(rows: Sequence[tuple[Any, ...]]) -> Circumstances:
    return Circumstances(
        tuple((code, at) for kind, code, at, *_ in rows if kind == 'dose'),
        tuple((code, at, until) for kind, code, at, until, *_ in rows if kind == 'context'),
        tuple((code, at, value) for kind, code, at, _, value, _ in rows if kind == 'usual'),
    )


def courses_of(patient: Patient) -> QuerySet[TreatmentCourse]:
    """The courses of a patient, newest first, with therapy, agent, cycles and doses: four queries however many there are."""
    courses = TreatmentCourse.objects.filter(patient=patient).select_related('therapy', 'agent')
    return courses.prefetch_related('cycles', 'doses')


def planned(course: TreatmentCourse, cycle: Cycle) -> PlannedCycle:
    """A stored cycle as the timeline reads it. Doses that a stop has cut off are not planned."""
    doses = doses_between(cycle.starts_on, cycle.ends_on, course.dose_days)
    last_day = course.stopped_on
    return PlannedCycle(
        cycle.number,
        cycle.starts_on,
        cycle.ends_on,
        tuple(day for day in doses if last_day is None or day <= last_day),
    )


def planned_cycles(course: TreatmentCourse) -> tuple[PlannedCycle, ...]:
    """The cycles of a course in order; no query when they were prefetched."""
    cycles = sorted(course.cycles.all(), key=lambda cycle: cycle.number)
    return tuple(planned(course, cycle) for cycle in cycles)


@dataclass(frozen=True)
class Where:
    """Where a patient stands. `label` is made in the active language, such as “Cycle 3 · day 5”; empty without a course.

    `last_dose` is the latest one given by then, in this course.
    """

    course: TreatmentCourse | None = None
    place: Place | None = None
    last_dose: Dose | None = None
    label: str = ''

    @property
    def therapy(self) -> Therapy | None:
        return self.course.therapy if self.course else None


def where_now(patient: Patient, now: datetime) -> Where:
    """Where a patient stands at `now`: three queries."""
    return where_many([patient], now)[patient.pk]


def where_many(patients: Collection[Patient], now: datetime) -> dict[int, Where]:
    """Where each of these patients stands at `now`, by primary key: three queries however many they are."""
    courses = TreatmentCourse.objects.filter(patient__in=patients).select_related('therapy', 'agent')
    latest = _latest_doses(patients, now)
    by_patient: dict[int, list[TreatmentCourse]] = {patient.pk: [] for patient in patients}
    for course in courses.prefetch_related('cycles'):
        by_patient[course.patient_id].append(course)
    return {
        patient.pk: _where(by_patient[patient.pk], latest, day=now.astimezone(patient.zone).date(), patient=patient)
        for patient in patients
    }


def _latest_doses(patients: Collection[Patient], now: datetime) -> dict[int, Dose]:
    doses = Dose.objects.filter(course__patient__in=patients, given_at__lte=now)
    return {dose.course_id: dose for dose in doses.order_by('course_id', '-given_at').distinct('course_id')}


def _where(courses: Iterable[TreatmentCourse], latest: dict[int, Dose], *, day: date, patient: Patient) -> Where:
    """Among several courses the one that runs counts, then the one with the latest dose."""
    found = [_where_in(course, latest.get(course.pk), day=day, patient=patient) for course in courses]
    return max(found, key=_weight, default=Where())


def _where_in(course: TreatmentCourse, dose: Dose | None, *, day: date, patient: Patient) -> Where:
    given = [dose.given_at.astimezone(patient.zone).date()] if dose else []
    spot = place(day, cycles=planned_cycles(course), doses=given)
    return Where(course, spot, dose, place_label(spot, course))


def _weight(where: Where) -> tuple[int, date, date]:
    assert where.course is not None
    assert where.place is not None
    running = {Phase.CYCLE: 2, Phase.AFTER: 1, Phase.BEFORE: 0}[where.place.phase]
    return running, where.last_dose.given_at.date() if where.last_dose else date.min, where.course.starts_on
