"""Courses, cycles and doses: what is stored, what moves, what is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.models import Patient
from diary.models import Cycle, Dose, TreatmentCourse
from diary.queries import planned_cycles, where_many, where_now
from diary.services.treatment import TreatmentRefused, replan_from, stop_course
from diary.signals import treatment_changed
from diary.timeline import ScheduleError
from tests.cast import NOW, make_patient
from tests.diary.treated import give_course, give_dose, nurse_of, therapy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('catalogue')]
STARTS = date(2026, 10, 1)


def at(day: date, hour: int = 15) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def course(ana: Patient) -> TreatmentCourse:
    """Pembrolizumab every 21 days from 1 October."""
    return give_course(ana, starts_on=STARTS)


@pytest.fixture
def announced() -> Any:
    """What treatment_changed tells, in order."""
    told: list[dict[str, Any]] = []

    def listen(sender: Any, **kwargs: Any) -> None:
        told.append(kwargs)

    treatment_changed.connect(listen)
    yield told
    treatment_changed.disconnect(listen)


# -- courses ------------------------------------------------------------------------------------------------------------
def test_a_course_is_stored_with_its_planned_cycles(course: TreatmentCourse) -> None:
    cycles = planned_cycles(course)
    assert [cycle.number for cycle in cycles] == [1, 2, 3, 4, 5, 6]
    assert cycles[2].starts_on == date(2026, 11, 12)
    assert cycles[2].doses == (date(2026, 11, 12),)


def test_a_medicine_of_another_therapy_is_refused(ana: Patient, course: TreatmentCourse) -> None:
    with pytest.raises(TreatmentRefused) as refused:
        give_course(ana, starts_on=STARTS, therapy=therapy('car_t'))
    assert refused.value.field == 'agent'


def test_a_schedule_that_cannot_be_stores_nothing(ana: Patient) -> None:
    with pytest.raises(ScheduleError):
        give_course(ana, starts_on=STARTS, schedule='cycles', dose_days=[22])
    assert not TreatmentCourse.objects.exists()


def test_the_database_refuses_overlapping_cycles_of_one_course(course: TreatmentCourse) -> None:
    with pytest.raises(IntegrityError, match='cycles_of_a_course_do_not_overlap'), transaction.atomic():
        Cycle.objects.create(course=course, number=99, starts_on=date(2026, 10, 21), ends_on=date(2026, 10, 21))


def test_cycles_of_two_courses_may_overlap(ana: Patient, course: TreatmentCourse) -> None:
    give_course(ana, 'ipilimumab', starts_on=STARTS)
    assert Cycle.objects.filter(starts_on=STARTS).count() == 2


# -- doses --------------------------------------------------------------------------------------------------------------
def test_a_dose_belongs_to_the_cycle_of_its_local_day(course: TreatmentCourse) -> None:
    late_in_new_york = datetime(2026, 10, 22, 2, 0, tzinfo=UTC)  # 21 October, 22:00 there
    dose = give_dose(course, late_in_new_york)
    assert dose.cycle is not None
    assert dose.cycle.number == 1


def test_a_dose_tells_that_the_treatment_changed_since_it_was_given(
    course: TreatmentCourse, announced: list[dict[str, Any]]
) -> None:
    dose = give_dose(course, at(STARTS))
    assert [(told['patient'], told['since']) for told in announced] == [(course.patient, dose.given_at)]


def test_a_dose_to_come_is_refused(course: TreatmentCourse) -> None:
    with pytest.raises(TreatmentRefused, match='still to come'):
        give_dose(course, NOW + timedelta(hours=1))


def test_the_same_dose_twice_is_refused(course: TreatmentCourse) -> None:
    give_dose(course, at(STARTS))
    with pytest.raises(TreatmentRefused, match='recorded already'):
        give_dose(course, at(STARTS))
    assert Dose.objects.count() == 1


def test_a_second_dose_on_one_day_has_to_be_meant(course: TreatmentCourse) -> None:
    give_dose(course, at(STARTS))
    with pytest.raises(TreatmentRefused) as refused:
        give_dose(course, at(STARTS, 18))
    assert refused.value.field == 'second_that_day'
    give_dose(course, at(STARTS, 18), second_that_day=True)
    assert Dose.objects.count() == 2


def test_a_dose_before_the_course_is_refused(course: TreatmentCourse) -> None:
    with pytest.raises(TreatmentRefused, match='begins after'):
        give_dose(course, at(STARTS - timedelta(1)))


# -- delays -------------------------------------------------------------------------------------------------------------
def test_a_delayed_cycle_moves_the_later_ones_and_lengthens_the_one_before(course: TreatmentCourse) -> None:
    give_dose(course, at(STARTS))
    replan_from(course=course, number=2, starts_on=date(2026, 10, 26))
    cycles = planned_cycles(TreatmentCourse.objects.get())
    assert [cycle.starts_on for cycle in cycles[:3]] == [STARTS, date(2026, 10, 26), date(2026, 11, 16)]
    assert cycles[0].ends_on == date(2026, 10, 25)
    assert len(cycles) == 6


def test_a_cycle_that_was_given_stays_where_it_is(course: TreatmentCourse) -> None:
    give_dose(course, at(date(2026, 10, 22)))
    with pytest.raises(TreatmentRefused, match='has a dose already'):
        replan_from(course=course, number=2, starts_on=date(2026, 10, 26))
    assert planned_cycles(course)[1].starts_on == date(2026, 10, 22)


def test_a_cycle_cannot_begin_before_the_last_dose_of_the_one_before(course: TreatmentCourse) -> None:
    give_dose(course, at(date(2026, 10, 8)))
    with pytest.raises(TreatmentRefused, match='needs these days'):
        replan_from(course=course, number=2, starts_on=date(2026, 10, 8))


def test_a_late_dose_can_take_its_cycle_along(course: TreatmentCourse) -> None:
    give_dose(course, at(STARTS))
    dose = give_dose(course, at(date(2026, 10, 25)), moves_cycles=True)
    assert dose.cycle is not None
    assert (dose.cycle.number, dose.cycle.starts_on) == (2, date(2026, 10, 25))


def test_a_dose_that_comes_early_can_take_its_cycle_along(course: TreatmentCourse) -> None:
    give_dose(course, at(STARTS))
    dose = give_dose(course, at(date(2026, 10, 20)), moves_cycles=True)
    assert dose.cycle is not None
    assert (dose.cycle.number, dose.cycle.starts_on) == (2, date(2026, 10, 20))


# -- stopping -----------------------------------------------------------------------------------------------------------
def test_stopping_ends_the_running_cycle_and_removes_the_later_ones(course: TreatmentCourse) -> None:
    stop_course(course=course, on=date(2026, 11, 14), now=NOW)
    cycles = planned_cycles(TreatmentCourse.objects.get())
    assert [cycle.number for cycle in cycles] == [1, 2, 3]
    assert cycles[-1].ends_on == date(2026, 11, 14)


@pytest.mark.parametrize('day', [date(2026, 9, 30), date(2026, 11, 17), date(2026, 10, 21)])
def test_a_course_stops_neither_before_its_doses_nor_in_the_future(course: TreatmentCourse, day: date) -> None:
    give_dose(course, at(date(2026, 10, 22)))
    with pytest.raises(TreatmentRefused):
        stop_course(course=course, on=day, now=NOW)
    assert TreatmentCourse.objects.get().stopped_on is None


def test_a_stopped_course_takes_no_more_doses(course: TreatmentCourse) -> None:
    stop_course(course=course, on=date(2026, 11, 14), now=NOW)
    with pytest.raises(TreatmentRefused, match='stopped'):
        give_dose(course, at(date(2026, 11, 15)))


# -- where she stands ---------------------------------------------------------------------------------------------------
def test_ana_stands_on_day_5_of_cycle_3(course: TreatmentCourse, ana: Patient) -> None:
    last = give_dose(course, at(date(2026, 11, 12)))
    where = where_now(ana, NOW)
    assert (where.label, where.last_dose, where.course) == ('Cycle 3 · day 5', last, course)
    assert where.therapy is not None
    assert where.therapy.code == 'checkpoint_inhibitor'


def test_after_car_t_cells_days_are_counted_from_the_infusion(ben: Patient) -> None:
    course = give_course(ben, 'tisagenlecleucel', starts_on=date(2026, 11, 4), schedule='once', cycle_days=30, cycles=1)
    give_dose(course, at(date(2026, 11, 4)))
    assert where_now(ben, NOW).label == 'CAR T-cells · day 12'


def test_after_the_last_cycle_months_since_the_last_dose_are_told(ana: Patient) -> None:
    course = give_course(ana, starts_on=date(2026, 7, 1), cycles=1)
    give_dose(course, at(date(2026, 7, 1)))
    assert where_now(ana, NOW).label == '4 months after the last dose'


def test_without_a_course_nothing_is_claimed(ana: Patient) -> None:
    where = where_now(ana, NOW)
    assert (where.label, where.course, where.therapy) == ('', None, None)


def test_where_many_patients_stand_takes_as_many_queries_as_for_one(ana: Patient) -> None:
    people = [ana, *(make_patient(ana.clinic, f'Person{n} Doe') for n in range(4))]
    for person in people:
        give_dose(give_course(person, starts_on=STARTS), at(STARTS))
    with CaptureQueriesContext(
        connection,
    ) as one:
        where_many(people[:1], NOW)
    with CaptureQueriesContext(connection) as many:
        found = where_many(people, NOW)
    assert len(one) == len(many) == 3
    assert {where.label for where in found.values()} == {'Cycle 3 · day 5'}


def test_nurse_of_the_cast_enters_it(course: TreatmentCourse, ana: Patient) -> None:
    assert course.entered_by == nurse_of(ana)
