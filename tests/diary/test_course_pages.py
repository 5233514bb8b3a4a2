"""A nurse enters treatment: she sees the planned cycles before they are saved, and what she cannot enter says why."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from clinic.models import Membership, Patient
from diary.models import Baseline, Context, Dose, TreatmentCourse
from diary.queries import planned_cycles
from tests.cast import client_of
from tests.diary.treated import give_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary')]


@pytest.fixture
def nurse(rosa: Membership) -> Client:
    return client_of(rosa)


@pytest.fixture
def course(ana: Patient) -> TreatmentCourse:
    return give_course(ana, starts_on=date(2026, 11, 1))


def page(patient: Patient, rest: str) -> str:
    return f'/patients/{patient.public_id}/{rest}'


def filled(agent: str = 'nivolumab', **fields: str) -> dict[str, str]:
    """A filled course form: 28-day cycles with doses on days 1, 8 and 15."""
    from diary.models import Agent

    usual = {
        'medicine': f'agent-{Agent.objects.get(name=agent).pk}',
        'route': 'intravenous',
        'starts_on': '2026-11-02',
        'schedule': 'cycles',
        'cycle_days': '28',
        'dose_days': '1, 8, 15',
        'cycles': '4',
    }
    return usual | fields


# -- a new course -------------------------------------------------------------------------------------------------------
def test_the_first_submit_shows_the_planned_cycles_and_saves_nothing(nurse: Client, ana: Patient) -> None:
    shown = nurse.post(page(ana, 'courses/new/'), filled(preview='1'))
    text = shown.content.decode()
    assert shown.status_code == 200
    assert 'Mon 30 Nov 2026' in text
    assert 'Mon 2 Nov, Mon 9 Nov, Mon 16 Nov' in text
    assert 'into a vein (IV)' in text
    assert not TreatmentCourse.objects.exists()


def test_the_second_submit_saves_what_was_shown(nurse: Client, ana: Patient) -> None:
    shown = nurse.post(page(ana, 'courses/new/'), filled(preview='1'))
    again = dict(shown.context['given'])
    saved = nurse.post(page(ana, 'courses/new/'), again | {'save': '1'})
    assert saved.status_code == 302
    course = TreatmentCourse.objects.get()
    assert [cycle.starts_on for cycle in planned_cycles(course)][:2] == [date(2026, 11, 2), date(2026, 11, 30)]
    assert course.agent is not None
    assert course.agent.name == 'nivolumab'


def test_something_can_be_changed_after_the_preview(nurse: Client, ana: Patient) -> None:
    back = nurse.post(page(ana, 'courses/new/'), filled(change='1'))
    assert b'value="1, 8, 15"' in back.content
    assert not TreatmentCourse.objects.exists()


@pytest.mark.parametrize(
    ('wrong', 'says'),
    [
        ({'dose_days': '1, 29'}, 'Write days from 1 to 28.'),
        ({'dose_days': 'tuesdays'}, 'Write days like 1, 8, 15 or 1-14.'),
        ({'schedule': 'every_n_days'}, 'With this schedule the dose is on day 1: write 1.'),
        ({'schedule': 'once', 'dose_days': '1'}, 'One dose makes one cycle: write 1.'),
        ({'medicine': 'agent-999999'}, 'Select a valid choice'),
        ({'agent': 'lenalidomide', 'route': ''}, 'This field is required.'),
        ({'cycles': '61'}, 'less than or equal to 60'),
        ({'starts_on': 'soon'}, 'Enter a valid date'),
    ],
)
def test_what_cannot_be_planned_says_why(nurse: Client, ana: Patient, wrong: dict[str, str], says: str) -> None:
    refused = nurse.post(page(ana, 'courses/new/'), filled(**wrong, save='1'))
    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert not TreatmentCourse.objects.exists()


def test_a_week_has_seven_days_whatever_was_written(nurse: Client, ana: Patient) -> None:
    nurse.post(page(ana, 'courses/new/'), filled('rituximab', schedule='weekly', dose_days='1', save='1'))
    assert TreatmentCourse.objects.get().cycle_days == 7


def test_a_medicine_that_is_not_on_the_list_is_entered_by_its_therapy(nurse: Client, ana: Patient) -> None:
    from diary.models import Therapy

    therapy = Therapy.objects.get(code='targeted_molecular')
    nurse.post(page(ana, 'courses/new/'), filled(medicine=f'therapy-{therapy.pk}', save='1'))
    course = TreatmentCourse.objects.get()
    assert (course.therapy, course.agent) == (therapy, None)


# -- doses, delays, the end ---------------------------------------------------------------------------------------------
def dose(course: TreatmentCourse, **fields: str) -> dict[str, Any]:
    return {'course': course.pk, 'given_on': '2026-11-01', 'given_time': '10:30', 'amount': '200 mg', **fields}


def test_a_dose_is_recorded_in_the_patients_own_time(nurse: Client, ana: Patient, course: TreatmentCourse) -> None:
    saved = nurse.post(page(ana, 'doses/new/'), dose(course))
    assert saved.status_code == 302
    assert Dose.objects.get().given_at.isoformat() == '2026-11-01T15:30:00+00:00'


def test_a_dose_of_another_patients_course_is_refused(
    nurse: Client, ana: Patient, ben: Patient, course: TreatmentCourse
) -> None:
    refused = nurse.post(page(ben, 'doses/new/'), dose(course))
    assert refused.status_code == 422
    assert not Dose.objects.exists()


@pytest.mark.parametrize(
    ('fields', 'says'),
    [
        ({'given_on': '2026-11-17'}, 'still to come'),
        ({'given_on': '2026-10-31'}, 'begins after this day'),
        ({'given_on': ''}, 'required'),
    ],
)
def test_a_dose_that_cannot_be_says_why(
    nurse: Client, ana: Patient, course: TreatmentCourse, fields: dict[str, str], says: str
) -> None:
    refused = nurse.post(page(ana, 'doses/new/'), dose(course, **fields))
    assert refused.status_code == 422
    assert says in refused.content.decode()


def test_cycles_are_moved_from_the_page(nurse: Client, ana: Patient, course: TreatmentCourse) -> None:
    path = page(ana, f'courses/{course.public_id}/delay/')
    assert nurse.get(path).status_code == 200
    moved = nurse.post(path, {'number': '2', 'starts_on': '2026-11-25'})
    assert moved.status_code == 302
    assert planned_cycles(course)[1].starts_on == date(2026, 11, 25)


def test_a_course_is_stopped_from_the_page(nurse: Client, ana: Patient, course: TreatmentCourse) -> None:
    stopped = nurse.post(page(ana, f'courses/{course.public_id}/stop/'), {'on': '2026-11-15'})
    assert stopped.status_code == 302
    course.refresh_from_db()
    assert course.stopped_on == date(2026, 11, 15)


def test_a_course_of_another_patient_is_not_found(nurse: Client, ben: Patient, course: TreatmentCourse) -> None:
    assert nurse.get(page(ben, f'courses/{course.public_id}/stop/')).status_code == 404


# -- usual values and contexts ------------------------------------------------------------------------------------------
def test_a_weight_in_pounds_is_a_usual_value_in_kilograms(nurse: Client, ana: Patient) -> None:
    form = {'kind': 'weight', 'number': '176', 'unit': 'lb', 'measured_on': '2026-11-10'}
    assert nurse.post(page(ana, 'usual/new/'), form).status_code == 302
    assert round(Baseline.objects.get().value) == 80


def test_a_usual_value_that_nobody_has_says_so(nurse: Client, ana: Patient) -> None:
    form = {'kind': 'systolic_bp', 'number': '400', 'unit': 'kg', 'measured_on': '2026-11-10'}
    refused = nurse.post(page(ana, 'usual/new/'), form)
    assert refused.status_code == 422
    assert 'outside what people have' in refused.content.decode()


def test_a_context_begins_and_ends_from_the_pages(nurse: Client, ana: Patient) -> None:
    begun = nurse.post(page(ana, 'contexts/new/'), {'code': 'on_steroids', 'from_on': '2026-11-10', 'until_on': ''})
    assert begun.status_code == 302
    context = Context.objects.get()
    assert context.until_at is None
    ended = nurse.post(page(ana, f'contexts/{context.pk}/end/'), {'until_on': '2026-11-14'})
    assert ended.status_code == 302
    context.refresh_from_db()
    assert context.until_at is not None
    assert context.until_at.astimezone(ana.zone).date() == date(2026, 11, 14)


def test_the_same_context_twice_says_so(nurse: Client, ana: Patient) -> None:
    form = {'code': 'on_steroids', 'from_on': '2026-11-10', 'until_on': ''}
    nurse.post(page(ana, 'contexts/new/'), form)
    refused = nurse.post(page(ana, 'contexts/new/'), form)
    assert refused.status_code == 422
    assert 'End the earlier note first' in refused.content.decode()
