"""The patient's treatment: her cycles and doses, what is next, and what the documents say for this point."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.courseline import CourseLine, course_line
from diary.expect_content import expected
from diary.models import Dose, TreatmentCourse
from diary.queries import contexts_now, courses_of, planned_cycles, visits_to_come, where_now
from diary.timeline import PlannedCycle, diary_runs_until
from diary.views.guard import subject_of
from diary.views.pauses import pauses_to_show
from diary.words import cycle_name, schedule_words


@dataclass(frozen=True)
class CycleRow:
    """One cycle as both pages show it. `missed` are planned days before today for which no dose was recorded."""

    name: str
    cycle: PlannedCycle
    doses: list[Dose]
    to_come: list[date]
    missed: list[date]
    is_now: bool


@dataclass(frozen=True)
class CourseCard:
    course: TreatmentCourse
    schedule: str
    rows: list[CycleRow]
    next_dose: date | None
    extra_doses: list[Dose]
    running: bool
    line: CourseLine | None

    @property
    def given(self) -> int:
        """How many doses were given in the cycles."""
        return sum(len(row.doses) for row in self.rows)

    @property
    def now(self) -> CycleRow | None:
        return next((row for row in self.rows if row.is_now), None)

    @property
    def near(self) -> list[CycleRow]:
        """The running cycle with its neighbours; else those that matter next or mattered last."""
        now = next((n for n, row in enumerate(self.rows) if row.is_now), None)
        if now is not None:
            return self.rows[max(0, now - 1) : now + 2]
        return self.rows[:2] if self.next_dose and not any(row.doses for row in self.rows) else self.rows[-2:]

    @property
    def others(self) -> bool:
        return len(self.rows) > len(self.near)


@who_may(Who.DIARIST, Right.READ)
def treatment(request: ActorRequest) -> HttpResponse:
    patient = subject_of(request)
    today = request.now.astimezone(patient.zone).date()
    where = where_now(patient, request.now)
    last_dose = where.last_dose
    courses = course_cards(patient, today)
    page = {
        'patient': patient,
        'where': where,
        'courses': courses,
        'visits': visits_to_come(patient, today),
        'next_dose': min((card.next_dose for card in courses if card.next_dose), default=None),
        'topics': expected(where, contexts_now(patient, request.now)),
        'runs_until': _runs_until(patient, last_dose.given_at) if last_dose else None,
        'today': today,
        'pauses': pauses_to_show(patient, request),
    }
    return render(request, 'diary/treatment.html', page)


def _runs_until(patient: Patient, last_dose: datetime) -> date:
    return diary_runs_until(last_dose.astimezone(patient.zone).date(), patient.clinic.follow_up_months)


def course_cards(patient: Patient, today: date) -> list[CourseCard]:
    """The courses, newest first, each with its cycles and what was given in them: three queries."""
    return [_card(course, patient, today) for course in courses_of(patient)]


def _card(course: TreatmentCourse, patient: Patient, today: date) -> CourseCard:
    doses = sorted(course.doses.all(), key=lambda dose: dose.given_at)
    given = {dose.given_at.astimezone(patient.zone).date() for dose in doses}
    rows = [_row(course, cycle, doses, given, patient, today) for cycle in planned_cycles(course)]
    to_come = [day for row in rows for day in row.to_come] if course.stopped_on is None else []
    in_cycles = {dose.pk for row in rows for dose in row.doses}
    return CourseCard(
        course,
        schedule_words(course),
        rows,
        next_dose=min((day for row in rows for day in row.to_come), default=None),
        extra_doses=[dose for dose in doses if dose.pk not in in_cycles],
        running=course.stopped_on is None and any(today <= row.cycle.ends_on for row in rows),
        line=course_line([row.cycle for row in rows], given=given, to_come=to_come, today=today) if rows else None,
    )


def _row(
    course: TreatmentCourse, cycle: PlannedCycle, doses: list[Dose], given: set[date], patient: Patient, today: date
) -> CycleRow:
    inside = [dose for dose in doses if dose.given_at.astimezone(patient.zone).date() in cycle]
    open_days = [day for day in cycle.doses if day not in given]
    return CycleRow(
        cycle_name(cycle.number, course.schedule),
        cycle,
        inside,
        to_come=[day for day in open_days if day >= today],
        missed=[day for day in open_days if day < today],
        is_now=today in cycle,
    )
