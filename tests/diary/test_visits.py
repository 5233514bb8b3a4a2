"""The next visit: entered by a nurse, seen by the patient, taken back and kept; and a course of treatment as one line."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import Caregiver, Membership, Patient
from diary.courseline import WIDTH, course_line
from diary.models import PlannedVisit
from diary.services.treatment import TreatmentRefused
from diary.services.visits import plan_visit, take_back_visit
from diary.timeline import plan
from tests.cast import NOW, client_of
from tests.diary.treated import give_course, give_dose

db = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]
MONDAY, DAY = date(2026, 11, 16), timedelta(1)


def on_stage(test):  # type: ignore[no-untyped-def]
    for mark in db:
        test = mark(test)
    return test


def planned(
    patient: Patient, by: Membership, on: date = MONDAY, at: time | None = None, what: str = ''
) -> PlannedVisit:
    return plan_visit(patient=patient, on=on, at=at, what=what, by=by.user, now=NOW)


@on_stage
def test_a_nurse_enters_a_visit_and_the_patient_and_her_family_see_it(
    rosa: Membership, ana: Patient, carmen: Caregiver
) -> None:
    sent = {'on': '2026-12-03', 'at': '09:30', 'what': 'blood test and infusion'}
    assert client_of(rosa).post(f'/patients/{ana.public_id}/visits/new/', sent).status_code == 302
    for person in (ana, carmen):
        text = client_of(person).get('/treatment/').content.decode()
        for expected in ('Thursday 3 December', 'at 9:30', 'blood test and infusion'):
            assert expected in text
    assert 'blood test and infusion' in client_of(rosa).get(f'/patients/{ana.public_id}/').content.decode()


@on_stage
def test_without_a_visit_the_next_dose_is_called_planned(ana: Patient, rosa: Membership) -> None:
    course = give_course(ana, starts_on=date(2026, 11, 12))
    give_dose(course, datetime(2026, 11, 12, 15, tzinfo=UTC))
    text = client_of(ana).get('/treatment/').content.decode()
    assert 'Your next dose is planned for <strong>Thursday 3 December</strong>' in text
    assert 'Your team has entered no visit yet.' in text
    planned(ana, rosa, MONDAY + 9 * DAY)
    assert 'Your team has entered no visit yet.' not in client_of(ana).get('/treatment/').content.decode()


@on_stage
def test_a_visit_that_is_over_or_taken_back_is_not_shown(ana: Patient, rosa: Membership) -> None:
    PlannedVisit.objects.create(patient=ana, on=MONDAY - DAY, what='yesterday’s', entered_by=rosa.user, entered_at=NOW)
    visit = planned(ana, rosa, MONDAY, what='scan')
    assert 'scan' in client_of(ana).get('/treatment/').content.decode()
    client_of(rosa).post(f'/patients/{ana.public_id}/visits/{visit.pk}/withdraw/')
    text = client_of(ana).get('/treatment/').content.decode()
    assert 'scan' not in text
    assert 'yesterday’s' not in text
    assert PlannedVisit.on_record.get(pk=visit.pk).withdrawn_by == rosa.user
    with pytest.raises(TreatmentRefused):
        take_back_visit(visit=visit, by=rosa.user, now=NOW)


@on_stage
@pytest.mark.parametrize('on', [MONDAY - DAY, MONDAY + 367 * DAY])
def test_a_day_that_cannot_be_meant_is_refused(ana: Patient, rosa: Membership, on: date) -> None:
    with pytest.raises(TreatmentRefused):
        planned(ana, rosa, on)
    page = client_of(rosa).post(f'/patients/{ana.public_id}/visits/new/', {'on': on.isoformat()})
    assert page.status_code == 422
    assert not PlannedVisit.on_record.exists()


@on_stage
def test_the_same_visit_is_entered_once(ana: Patient, rosa: Membership) -> None:
    planned(ana, rosa, at=time(9))
    with pytest.raises(TreatmentRefused):
        planned(ana, rosa, at=time(9))
    planned(ana, rosa, at=time(14))


@on_stage
def test_an_entered_visit_never_changes_the_database_itself_refuses(ana: Patient, rosa: Membership) -> None:
    visit = planned(ana, rosa)
    with pytest.raises(DatabaseError, match='never changed'), transaction.atomic():
        PlannedVisit.on_record.filter(pk=visit.pk).update(on=MONDAY + DAY)
    take_back_visit(visit=visit, by=rosa.user, now=NOW)
    with pytest.raises(DatabaseError, match='never changed'), transaction.atomic():
        PlannedVisit.on_record.filter(pk=visit.pk).update(withdrawn_at=None, withdrawn_by=None, withdrawn_reason='')


@on_stage
def test_a_stranger_finds_nothing(sam: Membership, ana: Patient, rosa: Membership) -> None:
    visit = planned(ana, rosa)
    for path in ('visits/new/', f'visits/{visit.pk}/withdraw/'):
        assert client_of(sam).post(f'/patients/{ana.public_id}/{path}', {'on': '2026-12-03'}).status_code == 404
    assert ana.visits.count() == 1


# -- the line -----------------------------------------------------------------------------------------------------------
schedules = st.sampled_from(
    [('every_n_days', 21, [1]), ('weekly', 7, [1]), ('cycles', 28, [1, 8, 15]), ('daily', 28, []), ('monthly', 30, [1])]
)


@given(schedules, st.integers(1, 30), st.integers(-20, 900), st.integers(0, 900))
def test_the_line_holds_every_cycle_and_dose_inside_the_picture(
    schedule: tuple[str, int, list[int]], cycles: int, today: int, until: int
) -> None:
    kind, length, days = schedule
    made = plan(kind, MONDAY, cycle_days=length, dose_days=days, cycles=cycles)
    doses = [day for cycle in made for day in cycle.doses]
    given_until = MONDAY + until * DAY
    now = MONDAY + today * DAY
    line = course_line(
        made, given=[d for d in doses if d <= given_until], to_come=[d for d in doses if d > given_until], today=now
    )
    assert len(line.pieces) == cycles
    assert sum(piece.is_now for piece in line.pieces) == (made[0].starts_on <= now <= made[-1].ends_on)
    for piece in line.pieces:
        assert 0 <= piece.past <= piece.width + 0.1
        assert piece.x + piece.width <= WIDTH
    for dose in line.doses:
        assert dose.x >= 0
        assert dose.x + dose.width <= WIDTH + 0.1
    assert any(dose.planned for dose in line.doses) == any(d > given_until for d in doses)
    assert (line.today is None) == (not made[0].starts_on <= now <= made[-1].ends_on)
    numbers = [mark.x for mark in line.numbers]
    assert all(later - earlier >= 17.9 for earlier, later in itertools.pairwise(numbers))
