"""The nurse's page of a patient, and the patient's own calendar, charts and treatment."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Caregiver, Membership, Patient
from diary.catalogue import CatalogueView
from diary.documents import make_document
from diary.models import Revision
from diary.services.conditions import start_context
from diary.services.entries import correct_entry, record_entry
from tests.cast import NOW, client_of
from tests.diary.treated import give_course, give_dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]

ONCE = {'schedule': 'once', 'cycle_days': 30, 'dose_days': [1], 'cycles': 1}


def write(patient: Patient, catalogue: CatalogueView, *, days_ago: int = 0, **answers: dict[str, object]) -> Revision:
    """An entry as it was written that many days ago."""
    assert patient.user is not None
    at = NOW - timedelta(days_ago)
    return record_entry(
        patient=patient,
        by=patient.user,
        client_uuid=uuid4(),
        about_at=at,
        recorded_at=at,
        now=at,
        document=make_document(answers, catalogue),
        nothing_new=not answers,
    ).revision


@pytest.fixture
def treated(ana: Patient) -> Patient:
    """Ana in cycle 3, day 5."""
    course = give_course(ana, starts_on=date(2026, 10, 1))
    for day in (date(2026, 10, 1), date(2026, 10, 22), date(2026, 11, 12)):
        give_dose(course, datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    return ana


# -- the nurse's page ---------------------------------------------------------------------------------------------------
def test_the_nurse_sees_where_a_patient_stands_and_what_she_wrote(
    rosa: Membership, treated: Patient, catalogue: CatalogueView
) -> None:
    write(treated, catalogue, FATIGUE={'severity': 1})
    start_context(patient=treated, code='on_steroids', from_at=NOW - timedelta(2), until_at=None, by=rosa.user, now=NOW)
    text = client_of(rosa).get(f'/patients/{treated.public_id}/').content.decode()
    for expected in ('Ana Morales', 'Cycle 3 · day 5', 'Tiredness: mild', 'Takes steroids', 'tel:+12125550142'):
        assert expected in text


def test_an_entry_is_read_with_every_version(rosa: Membership, treated: Patient, catalogue: CatalogueView) -> None:
    first = write(treated, catalogue, FATIGUE={'severity': 1})
    assert treated.user is not None
    correct_entry(
        entry=first.entry,
        by=treated.user,
        expected_number=1,
        document=make_document({'FATIGUE': {'severity': 3}}, catalogue),
        recorded_at=NOW,
        now=NOW,
    )
    text = client_of(rosa).get(f'/patients/{treated.public_id}/entries/{first.entry.public_id}/').content.decode()
    assert 'What counts now' in text
    assert 'Before: version 1' in text


def test_an_entry_of_another_patient_is_not_found(
    rosa: Membership, treated: Patient, ben: Patient, catalogue: CatalogueView
) -> None:
    entry = write(ben, catalogue, FATIGUE={'severity': 1}).entry
    assert client_of(rosa).get(f'/patients/{treated.public_id}/entries/{entry.public_id}/').status_code == 404


def test_the_nurses_page_costs_the_same_however_much_there_is(
    rosa: Membership, treated: Patient, catalogue: CatalogueView
) -> None:
    client, path = client_of(rosa), f'/patients/{treated.public_id}/'
    write(treated, catalogue, days_ago=9)
    client.get(path)
    few = queries(client, path)
    for n in range(8):
        write(treated, catalogue, days_ago=n, FATIGUE={'severity': 1})
    assert queries(client, path) == few


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


# -- my diary -----------------------------------------------------------------------------------------------------------
def test_the_calendar_marks_doses_entries_and_today(treated: Patient, catalogue: CatalogueView) -> None:
    write(treated, catalogue, days_ago=1, FATIGUE={'severity': 2})
    page = client_of(treated).get('/diary/')
    days = {day.day: day for day in page.context['stretches'][0].days}
    assert page.context['stretches'][0].title == 'Cycle 3'
    assert days[date(2026, 11, 15)].level == 2
    assert days[date(2026, 11, 15)].label == 'Sunday 15 November, 1 entry, worst: moderate'
    assert days[date(2026, 11, 12)].is_dose
    assert days[date(2026, 11, 16)].is_today
    assert days[date(2026, 11, 17)].is_future


def test_the_calendar_counts_days_after_car_t_as_the_head_of_the_page_does(ben: Patient) -> None:
    course = give_course(ben, 'axicabtagene ciloleucel', starts_on=date(2026, 11, 4), **ONCE)
    give_dose(course, datetime(2026, 11, 4, 15, tzinfo=UTC))
    page = client_of(ben).get('/diary/')
    numbers = {day.day: day.number for day in page.context['stretches'][0].days}
    assert (numbers[date(2026, 11, 4)], numbers[date(2026, 11, 16)]) == (0, 12)
    assert 'CAR T-cells · day 12' in page.content.decode()


def test_missing_days_of_the_last_seven_can_be_filled_in(treated: Patient) -> None:
    page = client_of(treated).get('/diary/')
    open_days = [day.day for stretch in page.context['stretches'] for day in stretch.days if day.can_fill_in]
    assert sorted(open_days) == [date(2026, 11, 9) + timedelta(n) for n in range(8)]
    assert '/entry/new/?day=2026-11-14' in page.content.decode()


@pytest.mark.parametrize('path', ['/diary/', '/diary/charts/', '/treatment/'])
def test_a_page_says_whose_it_is(treated: Patient, luis: Caregiver, path: str) -> None:
    def heading(who: Patient | Caregiver) -> str:
        return re.sub(r'\s+', ' ', client_of(who).get(path).content.decode()).split('<h1>')[1].split('</h1>')[0].strip()

    what = 'treatment' if path == '/treatment/' else 'diary'
    assert heading(treated) == f'My {what}'
    assert heading(luis) == f'Ana’s {what}'


def test_a_caregiver_who_only_reads_fills_nothing_in(treated: Patient, carmen: Caregiver) -> None:
    page = client_of(carmen).get('/diary/')
    assert page.status_code == 200
    assert '/entry/new/?day=' not in page.content.decode()


def test_a_day_with_several_entries_has_its_own_page(treated: Patient, catalogue: CatalogueView) -> None:
    first = write(treated, catalogue, days_ago=1, FATIGUE={'severity': 2})
    second = write(treated, catalogue, days_ago=1)
    client = client_of(treated)
    assert '/diary/2026-11-15/' in client.get('/diary/').content.decode()
    text = client.get('/diary/2026-11-15/').content.decode()
    assert str(first.entry.public_id) in text
    assert str(second.entry.public_id) in text


@pytest.mark.parametrize('path', ['/diary/2026-11-17/', '/diary/2026-02-30/', '/diary/2026-1-1/'])
def test_a_day_that_is_not_there_is_not_found(treated: Patient, path: str) -> None:
    assert client_of(treated).get(path).status_code == 404


def test_older_cycles_are_on_further_pages(ana: Patient) -> None:
    give_course(ana, starts_on=date(2026, 7, 1), cycles=10)
    client = client_of(ana)
    first, second = client.get('/diary/').context, client.get('/diary/?page=2').context
    assert [stretch.title for stretch in first['stretches']] == ['Cycle 7', 'Cycle 6', 'Cycle 5']
    assert [stretch.title for stretch in second['stretches']] == ['Cycle 4', 'Cycle 3', 'Cycle 2']


def test_after_treatment_the_diary_goes_on_by_month(ana: Patient) -> None:
    give_course(ana, starts_on=date(2026, 8, 1), cycles=2)
    titles = [stretch.title for stretch in client_of(ana).get('/diary/').context['stretches']]
    assert titles == ['November 2026', 'October 2026', 'September 2026']


@pytest.mark.parametrize('path', ['/diary/', '/diary/charts/?span=all', '/treatment/'])
def test_a_page_costs_the_same_however_much_there_is(treated: Patient, catalogue: CatalogueView, path: str) -> None:
    client = client_of(treated)
    write(treated, catalogue, days_ago=20, FATIGUE={'severity': 1})
    cache.clear()
    client.get(path)
    few = queries(client, path)
    for n in range(8):
        write(treated, catalogue, days_ago=n, FATIGUE={'severity': 1}, NAUSEA={'severity': 1})
    assert queries(client, path) == few


# -- charts -------------------------------------------------------------------------------------------------------------
def test_only_symptoms_that_were_reported_are_drawn(treated: Patient, catalogue: CatalogueView) -> None:
    write(treated, catalogue, days_ago=2, FATIGUE={'severity': 2}, COUGH={'severity': 0})
    write(treated, catalogue, days_ago=1, HIVES={'present': True})
    charts = client_of(treated).get('/diary/charts/').context['charts']
    assert [chart.title for chart in charts] == [catalogue.symptom('HIVES').name, catalogue.symptom('FATIGUE').name]
    assert [tick.label for tick in charts[0].y_ticks] == ['no', 'yes']


def test_the_span_chooses_how_far_back(treated: Patient, catalogue: CatalogueView) -> None:
    write(treated, catalogue, days_ago=20, NAUSEA={'severity': 1})
    write(treated, catalogue, days_ago=1, FATIGUE={'severity': 1})
    client = client_of(treated)
    now = client.get('/diary/charts/?span=cycle').context['charts']
    everything = client.get('/diary/charts/?span=all').context['charts']
    assert len(now) == 1
    assert len(everything) == 2


def test_all_begins_with_the_diary_not_with_the_treatment(ana: Patient, catalogue: CatalogueView) -> None:
    give_course(ana, starts_on=date(2026, 1, 1), cycles=20)
    write(ana, catalogue, days_ago=1, FATIGUE={'severity': 1})
    (drawn,) = client_of(ana).get('/diary/charts/?span=all').context['charts']
    assert drawn.summary.startswith('From 12 November 2026')


def test_an_unknown_span_shows_the_last_cycles(treated: Patient) -> None:
    page = client_of(treated).get('/diary/charts/?span=FATIGUE')
    assert [(value, chosen) for value, _word, chosen in page.context['spans']] == [
        ('cycle', False),
        ('recent', True),
        ('all', False),
    ]


# -- treatment ----------------------------------------------------------------------------------------------------------
def test_the_patient_sees_her_next_dose_and_how_long_the_diary_goes_on(treated: Patient) -> None:
    text = client_of(treated).get('/treatment/').content.decode()
    assert 'Thursday 3 December' in text
    assert 'November 2028' in text


def test_without_a_course_the_page_says_who_will_enter_it(ana: Patient) -> None:
    assert 'Your care team will enter it' in client_of(ana).get('/treatment/').content.decode()
