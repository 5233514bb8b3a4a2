"""A patient's line of time: everything, grouped by cycle and day, filtered, paged, at a constant cost; and the picture above it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert
from alerts.pages.life import PAGE, Life, life_of
from alerts.pages.strip import strip_of
from alerts.services import silences, working
from clinic.models import Membership, Patient
from diary.models import Entry
from diary.places import read_courses
from diary.queries import courses_of
from diary.services.conditions import start_context
from diary.services.pauses import plan_pause
from tests.alerts.conftest import FEVER, SICK, alert_of, open_alert, told_us
from tests.alerts.test_silent_page import go_silent
from tests.cast import NOW, client_of
from tests.diary.treated import give_course, give_dose

pytestmark = pytest.mark.usefixtures('content', 'now')
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def treated(ana: Patient) -> Patient:
    """Ana in cycle 3, day 5."""
    course = give_course(ana, starts_on=date(2026, 10, 1))
    for day in (date(2026, 10, 1), date(2026, 10, 22), date(2026, 11, 12)):
        give_dose(course, datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    return ana


def life(patient: Patient, **asked: object) -> Life:
    courses = read_courses(list(courses_of(patient)), patient.zone)
    return life_of(patient, courses=courses, now=NOW, **asked)  # type: ignore[arg-type]


def told(found: Life) -> list[tuple[str, str, list[str]]]:
    return [(s.title, day.label, [item.title for item in day.items]) for s in found.sections for day in s.days]


def kinds(found: Life) -> set[str]:
    return {item.kind for section in found.sections for day in section.days for item in day.items}


def newest(entry: Entry) -> Alert:
    return Alert.objects.exclude(state='resolved').get(patient=entry.patient, tier='urgent')


@pytest.fixture
def eventful(treated: Patient, rosa: Membership) -> Patient:
    """A fever that was worked, a silence that ended, steroids, a pause."""
    go_silent(treated, rosa, hours=90, answers=SICK, therapy='checkpoint_inhibitor')
    silences.sweep_silences(now=NOW)
    alert = alert_of(told_us(treated, FEVER, at=NOW + HOUR))
    working.note_contact(alert=alert, by=rosa.user, now=NOW + 2 * HOUR, reached=True, note='Drinks enough.')
    working.resolve(alert=alert, by=rosa.user, now=NOW + 3 * HOUR, outcome='appointment')
    silences.sweep_silences(now=NOW + 2 * HOUR)
    start_context(patient=treated, code='on_steroids', from_at=NOW - 3 * DAY, until_at=NOW - DAY, by=rosa.user, now=NOW)
    plan_pause(
        patient=treated,
        from_on=date(2026, 11, 16),
        until_on=date(2026, 11, 17),
        reason='hospital',
        by=rosa.user,
        now=NOW,
    )
    return treated


def test_days_stand_in_their_cycles_the_newest_first(treated: Patient) -> None:
    told_us(treated, SICK)
    told_us(treated, SICK, at=NOW - 30 * DAY)
    assert told(life(treated, kind='entries')) == [
        ('Cycle 3 · pembrolizumab', 'Cycle 3 · day 5', ['Feeling sick to the stomach: mild']),
        ('Cycle 1 · pembrolizumab', 'Cycle 1 · day 17', ['Feeling sick to the stomach: mild']),
    ]


def test_everything_is_on_it_and_an_alert_bears_its_steps(eventful: Patient) -> None:
    found = life(eventful)
    assert kinds(found) == {'entries', 'alerts', 'doses', 'holds', 'silences'}
    items = [item for section in found.sections for day in section.days for item in day.items]
    alert = next(item for item in items if item.kind == 'alerts' and item.tier == 'urgent')
    assert [(line.what, line.who) for line in alert.lines] == [
        ('acknowledged', 'Rosa Diaz'),
        ('Spoke with the patient', 'Rosa Diaz'),
        ('Resolved: appointment', 'Rosa Diaz'),
    ]
    silence = next(item for item in items if item.kind == 'silences')
    assert [line.what for line in silence.lines] == ['Over: an entry came']
    assert [item.at for item in items] == sorted((item.at for item in items), reverse=True)


def test_what_is_planned_has_not_happened(rosa: Membership, treated: Patient) -> None:
    start_context(patient=treated, code='on_steroids', from_at=NOW - DAY, until_at=NOW + DAY, by=rosa.user, now=NOW)
    days = {'from_on': date(2026, 11, 18), 'until_on': date(2026, 11, 20)}
    plan_pause(patient=treated, **days, reason='away', by=rosa.user, now=NOW)
    ((_section, _day, titles),) = told(life(treated, kind='holds'))
    assert titles == ['Takes steroids: begins']


@pytest.mark.parametrize('kind', ['entries', 'alerts', 'talks', 'doses', 'holds', 'silences'])
def test_a_filter_shows_its_kind_alone(rosa: Membership, eventful: Patient, kind: str) -> None:
    assert kinds(life(eventful, kind=kind)) == {kind}
    page = client_of(rosa).get(f'/patients/{eventful.public_id}/?show={kind}').content.decode()
    assert f'href="?show={kind}#line" aria-current="true"' in page


def test_older_pages_go_on_where_the_last_one_ended(treated: Patient) -> None:
    for n in range(PAGE + 5):
        told_us(treated, {}, at=NOW - n * 6 * HOUR, check=False)
    seen: list[datetime] = []
    before = None
    while True:
        page = life(treated, before=before)
        seen += [item.at for s in page.sections for day in s.days for item in day.items]
        if page.older is None:
            break
        before = page.older
    assert len(seen) == len(set(seen)) == PAGE + 5 + 3
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize('size', [1, 2, 3])
def test_what_happened_in_one_instant_is_on_one_page_each(
    rosa: Membership, ana: Patient, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A red and an amber alert of one entry begin in the same microsecond, and the entry may be of that instant, too."""
    monkeypatch.setattr('alerts.pages.life.PAGE', size)
    told_us(ana, SICK, at=NOW, check=False)
    for tier, at in (('urgent', NOW), ('same_day', NOW)):
        open_alert(ana, tier=tier, at=at)
    told_us(ana, SICK, at=NOW - HOUR, check=False)
    client, path, links = client_of(rosa), f'/patients/{ana.public_id}/', []
    while path:
        page = client.get(path).content.decode()
        links += re.findall(r'href="(/alerts/[^/"]+/|/patients/[^/"]+/entries/[^"]+)"', page.split('id="line"')[1])
        older = re.search(r'href="(\?before=[^"#]+)', page)
        path = f'/patients/{ana.public_id}/{older[1]}' if older else ''
    assert len(links) == len(set(links)) == 4


@pytest.mark.parametrize(
    'query',
    [
        'show=secrets',
        'before=yesterday',
        'before=20261116T140000.000000',
        'before=20261116T140000.000000-',
        'before=20261116T140000.000000-1%00',
        'before=20261116T140000.000000--1',
        'before=20261116T140000.000000-9999',
        'before=9',
    ],
)
def test_an_unknown_word_is_no_page(rosa: Membership, treated: Patient, query: str) -> None:
    assert client_of(rosa).get(f'/patients/{treated.public_id}/?{query}').status_code == 404


def test_what_a_nurse_wrote_cannot_break_the_page(rosa: Membership, eventful: Patient) -> None:
    alert = newest(told_us(eventful, FEVER, at=NOW))
    working.add_note(alert=alert, by=rosa.user, now=NOW, note='<script>alert(1)</script>')
    assert '<script>alert(1)' not in client_of(rosa).get(f'/patients/{eventful.public_id}/').content.decode()


def test_the_page_costs_the_same_however_much_happened(rosa: Membership, eventful: Patient) -> None:
    client, path = client_of(rosa), f'/patients/{eventful.public_id}/'
    client.get(path)
    few = queries(client, path)
    for n in range(6):
        alert = newest(told_us(eventful, FEVER, at=NOW - n * DAY))
        working.resolve(alert=alert, by=rosa.user, now=NOW, outcome='self_care', note='Well.')
    assert queries(client, path) == few


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


# -- the picture ----------------------------------------------------------------------------------------------------------
def test_the_picture_shows_the_last_three_cycles_day_below_day(rosa: Membership, eventful: Patient) -> None:
    strip = strip_of(eventful, read_courses(list(courses_of(eventful)), eventful.zone), now=NOW)
    assert strip is not None
    assert [row.title for row in strip.rows] == ['Cycle 1', 'Cycle 2', 'Cycle 3']
    assert {row.doses[0].x for row in strip.rows} == {strip.rows[0].doses[0].x}
    last = strip.rows[-1]
    assert [mark.tier for mark in last.alerts] == ['urgent']
    assert last.today is not None
    assert len(last.pauses) == 1
    assert last.words == 'Cycle 3: doses: 12 Nov; entries on 2 days; alerts: urgent 16 Nov.'


def test_after_car_t_cells_the_picture_counts_from_the_dose_as_the_head_of_the_page_does(ben: Patient) -> None:
    once = {'schedule': 'once', 'cycle_days': 30, 'dose_days': [1], 'cycles': 1}
    course = give_course(ben, 'axicabtagene ciloleucel', starts_on=date(2026, 11, 4), **once)
    give_dose(course, NOW - timedelta(days=12))
    strip = strip_of(ben, read_courses(list(courses_of(ben)), ben.zone), now=NOW)
    assert strip is not None
    [row] = strip.rows
    assert (row.title, strip.title) == ('After the dose', 'Axicabtagene ciloleucel: since the dose')
    assert [day for _x, day in strip.ticks] == [0, 7, 14, 21, 28]
    step = (strip.ticks[1][0] - strip.ticks[0][0]) / 7
    assert row.today == pytest.approx(strip.ticks[0][0] + 12 * step, abs=0.2)


def test_the_picture_has_a_name_and_words_for_who_does_not_see_it(rosa: Membership, eventful: Patient) -> None:
    page = client_of(rosa).get(f'/patients/{eventful.public_id}/').content.decode()
    assert 'role="img" aria-labelledby="strip-title strip-words"' in page
    assert 'alerts: urgent 16 Nov.' in page


def test_before_treatment_there_is_no_picture_but_a_page(rosa: Membership, ana: Patient) -> None:
    told_us(ana, SICK)
    page = client_of(rosa).get(f'/patients/{ana.public_id}/').content.decode()
    assert 'class="strip"' not in page
    assert 'November 2026' in page
