"""What a nurse recorded by mistake: taken back it counts no longer, for nobody, and stays on record."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from alerts.models import Flag
from alerts.services.evaluation import evaluate_pending
from clinic.models import Membership, Patient
from diary.models import Baseline, Context, Dose, TreatmentCourse, WithdrawnReason
from diary.queries import circumstances_of, courses_of, doses_of, planned_cycles, where_now
from diary.queries_entries import days_since_dose, last_measured
from diary.services.conditions import (
    FROM_THE_BEGINNING,
    end_context,
    record_baseline,
    start_context,
    withdraw_baseline,
    withdraw_context,
)
from diary.services.treatment import TreatmentRefused, record_dose, replan_from, stop_course, withdraw_dose
from diary.signals import treatment_changed
from tests.cast import NOW, client_of
from tests.diary.conftest import write
from tests.diary.treated import give_course, give_dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content', 'now')]
HOUR, DAY = timedelta(hours=1), timedelta(1)
GIVEN = NOW - 5 * HOUR
REASON = WithdrawnReason.WRONG_TIME
HEADACHE: dict[str, Any] = {'HEADACHE': {'severity': 1}}


@pytest.fixture
def course(ana: Patient, rosa: Membership) -> TreatmentCourse:
    return give_course(ana, starts_on=date(2026, 11, 1))


@pytest.fixture
def dose(course: TreatmentCourse) -> Dose:
    """Hours ago, in the first cycle."""
    return give_dose(course, GIVEN)


@pytest.fixture
def since() -> Any:
    """The instants since which treatment_changed told of a change."""
    told: list[datetime] = []

    def listen(sender: Any, **kwargs: Any) -> None:
        told.append(kwargs['since'])

    treatment_changed.connect(listen)
    yield told
    treatment_changed.disconnect(listen)


@pytest.fixture
def take_back(rosa: Membership) -> Callable[[Dose], Dose]:
    return lambda dose: withdraw_dose(dose=dose, by=rosa.user, reason=REASON, now=NOW)


def usual(ana: Patient, rosa: Membership, number: int, measured_at: datetime) -> Baseline:
    given: dict[str, Any] = {'kind': 'weight', 'number': Decimal(number), 'unit': 'kg', 'measured_at': measured_at}
    return record_baseline(patient=ana, by=rosa.user, now=NOW, **given)


def steroids(ana: Patient, rosa: Membership) -> Context:
    return start_context(patient=ana, code='on_steroids', from_at=NOW - 3 * DAY, until_at=None, by=rosa.user, now=NOW)


def page(kind: str, patient: Patient, pk: int) -> str:
    return reverse(f'diary:{kind}_withdraw', args=[patient.public_id, pk])


def standing() -> set[str]:
    return set(Flag.objects.filter(withdrawn_at=None).values_list('rule', flat=True))


# -- doses --------------------------------------------------------------------------------------------------------------
def test_a_flag_that_stood_on_the_hours_since_a_dose_is_withdrawn_with_it(
    ana: Patient, dose: Dose, take_back: Callable[[Dose], Dose]
) -> None:
    write(ana, HEADACHE, hours_ago=1)
    evaluate_pending(now=NOW)
    with_dose = standing()
    take_back(dose)
    assert evaluate_pending(now=NOW + HOUR) == 1
    assert with_dose - standing() == {'A01S'}


def test_no_read_counts_a_dose_that_was_taken_back(
    ana: Patient, course: TreatmentCourse, dose: Dose, take_back: Callable[[Dose], Dose]
) -> None:
    assert circumstances_of(ana).doses == (('checkpoint_inhibitor', GIVEN),)
    take_back(dose)
    assert circumstances_of(ana).doses == ()
    assert list(doses_of(ana)) == []
    assert where_now(ana, NOW).last_dose is None
    assert days_since_dose(ana, ['checkpoint_inhibitor'], at=NOW) == {}
    assert [list(found.doses.all()) for found in courses_of(ana)] == [[]]
    assert not course.cycles.filter(doses__isnull=False).exists()


def test_it_stays_on_record_with_who_when_and_why(
    rosa: Membership, dose: Dose, take_back: Callable[[Dose], Dose], since: list[datetime]
) -> None:
    take_back(dose)
    kept = Dose.on_record.get()
    assert (kept.given_at, kept.withdrawn_at, kept.withdrawn_by, kept.withdrawn_reason) == (
        GIVEN,
        NOW,
        rosa.user,
        REASON,
    )
    assert since == [GIVEN]


def test_it_can_be_recorded_again_at_the_same_instant_but_stand_only_once(
    course: TreatmentCourse, dose: Dose, take_back: Callable[[Dose], Dose]
) -> None:
    take_back(dose)
    again = give_dose(course, GIVEN)
    take_back(again)
    third = give_dose(course, GIVEN)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dose.objects.create(course=course, given_at=GIVEN, recorded_by=third.recorded_by, recorded_at=NOW)
    assert (Dose.on_record.count(), Dose.objects.get()) == (3, third)


def test_it_is_taken_back_once(dose: Dose, take_back: Callable[[Dose], Dose], since: list[datetime]) -> None:
    take_back(dose)
    with pytest.raises(TreatmentRefused, match='before'):
        take_back(dose)
    assert since == [GIVEN]


def test_a_reason_that_nobody_knows_takes_nothing_back(rosa: Membership, dose: Dose) -> None:
    with pytest.raises(ValueError, match='because'):
        withdraw_dose(dose=dose, by=rosa.user, reason='because', now=NOW)
    assert Dose.objects.get() == dose


def test_the_database_keeps_no_half_of_it(dose: Dose) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Dose.objects.update(withdrawn_at=NOW, cycle=None)


def test_cycles_that_had_only_the_mistake_move_again_and_go_when_the_course_stops(
    ana: Patient, course: TreatmentCourse, take_back: Callable[[Dose], Dose], rosa: Membership
) -> None:
    moved = record_dose(course=course, given_at=GIVEN, by=rosa.user, now=NOW, moves_cycles=True)
    take_back(moved)
    replan_from(course=course, number=1, starts_on=date(2026, 11, 3))
    assert planned_cycles(course)[0].starts_on == date(2026, 11, 3)
    take_back(give_dose(course, GIVEN))
    stop_course(course=course, on=date(2026, 11, 10), now=NOW)
    assert Dose.on_record.count() == 2


# -- usual values and contexts ------------------------------------------------------------------------------------------
def test_the_first_usual_value_counted_from_the_beginning_and_so_does_its_going(
    ana: Patient, rosa: Membership, since: list[datetime]
) -> None:
    first, second = usual(ana, rosa, 80, NOW - 9 * DAY), usual(ana, rosa, 79, NOW - 2 * DAY)
    since.clear()
    for mistake in (second, first):
        withdraw_baseline(baseline=mistake, by=rosa.user, reason=REASON, now=NOW)
    assert since == [second.measured_at, FROM_THE_BEGINNING]
    assert circumstances_of(ana).usual == ()
    assert last_measured(ana, ['weight'], before=NOW) == {}
    assert Baseline.on_record.count() == 2


def test_a_context_that_never_held_counts_no_longer_and_does_not_bar_the_right_one(
    ana: Patient, rosa: Membership, since: list[datetime]
) -> None:
    mistake = steroids(ana, rosa)
    withdraw_context(context=mistake, by=rosa.user, reason=REASON, now=NOW)
    assert circumstances_of(ana).contexts == ()
    assert since == [mistake.from_at, mistake.from_at]
    with pytest.raises(TreatmentRefused, match='taken back'):
        end_context(context=mistake, until_at=NOW, now=NOW)
    assert steroids(ana, rosa) == Context.objects.get()
    assert Context.on_record.count() == 2


# -- the pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def mistakes(ana: Patient, rosa: Membership, dose: Dose) -> dict[str, int]:
    """One of each kind, by its primary key."""
    return {'dose': dose.pk, 'baseline': usual(ana, rosa, 80, NOW).pk, 'context': steroids(ana, rosa).pk}


@pytest.fixture
def nurse(rosa: Membership) -> Client:
    return client_of(rosa)


KINDS: dict[str, Any] = {'dose': Dose, 'baseline': Baseline, 'context': Context}


@pytest.mark.parametrize('kind', KINDS)
def test_a_nurse_takes_back_and_still_reads_it_struck_through(
    nurse: Client, ana: Patient, mistakes: dict[str, int], kind: str
) -> None:
    path, home = page(kind, ana, mistakes[kind]), reverse('diary:patient', args=[ana.public_id])
    assert path in nurse.get(home).content.decode()
    assert nurse.get(path).status_code == 200
    assert KINDS[kind].objects.exists(), 'looking changes nothing'
    assert nurse.post(path, {'reason': REASON}).url == home  # type: ignore[attr-defined]
    assert not KINDS[kind].objects.exists()
    shown = nurse.get(home).content.decode()
    assert path not in shown
    assert shown.count('<del>') == 1
    assert 'Wrong day or time · taken back by Rosa Diaz' in shown
    again = nurse.post(path, {'reason': REASON})
    assert (again.status_code, b'taken back before' in again.content) == (422, True)


@pytest.mark.parametrize('kind', KINDS)
def test_without_a_reason_nothing_is_taken_back(
    nurse: Client, ana: Patient, mistakes: dict[str, int], kind: str
) -> None:
    assert nurse.post(page(kind, ana, mistakes[kind])).status_code == 422
    assert KINDS[kind].objects.exists()


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('who', ['sam', 'ana', 'luis', 'grace'])
def test_nobody_but_a_nurse_of_hers_finds_it(
    request: pytest.FixtureRequest, ana: Patient, mistakes: dict[str, int], who: str, kind: str
) -> None:
    response = client_of(request.getfixturevalue(who)).post(page(kind, ana, mistakes[kind]), {'reason': REASON})
    assert response.status_code == 404
    assert KINDS[kind].objects.exists()


@pytest.mark.parametrize('kind', KINDS)
def test_it_is_not_found_below_another_patient(
    nurse: Client, ben: Patient, mistakes: dict[str, int], kind: str
) -> None:
    assert nurse.post(page(kind, ben, mistakes[kind]), {'reason': REASON}).status_code == 404
    assert KINDS[kind].objects.exists()


def test_the_patient_reads_nothing_of_a_mistake(ana: Patient, dose: Dose, take_back: Callable[[Dose], Dose]) -> None:
    client, path = client_of(ana), reverse('diary:treatment')
    assert 'Dose on' in client.get(path).content.decode()
    take_back(dose)
    shown = client.get(path).content.decode()
    assert 'Dose on' not in shown
    assert '<del>' not in shown


def test_what_holds_is_chosen_never_preselected(nurse: Client, ana: Patient, course: TreatmentCourse) -> None:
    path = reverse('diary:context_new', args=[ana.public_id])
    assert '<option value="" selected' in nurse.get(path).content.decode()
    assert nurse.post(path, {'code': '', 'from_on': '2026-11-10'}).status_code == 422
    assert not Context.objects.exists()


def test_the_office_reads_what_was_taken_back(
    grace: Membership, ana: Patient, rosa: Membership, mistakes: dict[str, int]
) -> None:
    office = client_of(grace)
    withdraw_baseline(baseline=Baseline.objects.get(), by=rosa.user, reason=REASON, now=NOW)
    withdraw_dose(dose=Dose.objects.get(), by=rosa.user, reason=REASON, now=NOW)
    path = reverse('admin:diary_baseline_change', args=[mistakes['baseline']])
    assert 'wrong day or time' in office.get(path).content.decode()
    course = TreatmentCourse.objects.get()
    shown = office.get(reverse('admin:diary_treatmentcourse_change', args=[course.pk])).content.decode()
    assert 'wrong day or time' in shown
