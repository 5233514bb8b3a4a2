"""The figures: every number here was worked out by hand from steps that the real services took at known instants."""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.figures.measures import Rate, Share, Times, time_words
from alerts.figures.report import Report, report_of, verdict
from alerts.figures.span import Span, last_weeks
from alerts.figures.tables import Table, as_csv
from alerts.models import Alert, Line
from alerts.queries import figures as queries
from alerts.queries.figures import Scope, total
from alerts.services import working
from alerts.services.evaluation import evaluate_pending
from clinic.models import Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.services.entries import correct_entry
from tests import cast
from tests.alerts.conftest import SICK, told_us
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW_YORK = ZoneInfo('America/New_York')
RACING = {'PALPIT': {'severity': 1}}  # one urgent flag and nothing else
ACHING = {'ARTHRALGIA': {'severity': 2}}  # one same-day flag
EARLIER = NOW - 3 * DAY  # the Friday before, 9:00 in New York


@pytest.fixture
def patients(riverside: Clinic, rosa: Membership) -> list[Patient]:
    return [cast.make_patient(riverside, f'P{n:02} Example') for n in range(8)]


def scope(clinic: Clinic, *, weeks: int = 4, teams: Iterable[int | None] = (), now: datetime = NOW) -> Scope:
    return Scope(clinic, last_weeks(weeks, zone=clinic.zone, now=now), frozenset(teams))


def report(clinic: Clinic, **which: object) -> Report:
    return report_of(scope(clinic, **which), queries.teams_of(clinic))  # type: ignore[arg-type]


def red_of(patient: Patient, *, at: datetime = EARLIER) -> Alert:
    told_us(patient, RACING, at=at)
    return Alert.objects.get(patient=patient, line=Line.RED)


def amber_of(patient: Patient, *, at: datetime = EARLIER) -> Alert:
    told_us(patient, ACHING, at=at)
    return Alert.objects.get(patient=patient, line=Line.AMBER)


def take(alert: Alert, nurse: Membership, *, after: timedelta, at: datetime = EARLIER) -> Alert:
    return working.acknowledge(alert=alert, by=nurse.user, now=at + after)


def shown(table: Table, row: str, column: str) -> tuple[str, str]:
    """The words of a cell and what stands beside them."""
    cells = next(each.cells for each in table.rows if each.label == row)
    cell = cells[table.columns.index(column)]
    return cell.text, cell.beside


# -- times ----------------------------------------------------------------------------------------------------------------
def test_waits_are_told_by_their_middle_and_by_nine_of_ten(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient, wait in zip(patients, (5, 10, 20, 40, 90, 130), strict=False):
        take(red_of(patient), rosa, after=wait * MINUTE)
    found = queries.waits(scope(riverside), 'tier')
    # Halfway between the 3rd and 4th; 0.9 of the way over the 5 steps is halfway from the 5th to the 6th.
    assert found == {('urgent',): Times(6, 30 * MINUTE, 110 * MINUTE)}
    tiers = report(riverside).tiers
    assert shown(tiers, 'urgent', 'To acknowledge: half within') == ('30 min', 'n = 6')
    assert shown(tiers, 'urgent', 'To acknowledge: nine of ten within') == ('1 h 50 min', 'n = 6')
    assert shown(tiers, 'emergency', 'To acknowledge: half within') == ('–', '')


def test_an_alert_that_still_waits_after_its_time_was_not_seen_in_time(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient, wait in zip(patients, (5, 10, 20, 40, 90, 130), strict=False):
        take(red_of(patient), rosa, after=wait * MINUTE)
    red_of(patients[6])  # nobody ever came
    red_of(patients[7], at=NOW - MINUTE)  # there is time yet
    found = report(riverside)
    assert shown(found.tiers, 'urgent', 'Seen in time') == ('57 %', '4 of 7')
    assert shown(found.against, 'Act now', 'Waiting now') == ('2', '')


def test_the_time_to_resolve_counts_from_the_opening_to_the_last_outcome(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient, hours in zip(patients, (1, 2, 3, 4, 5), strict=False):
        alert = red_of(patient)
        working.resolve(alert=alert, by=rosa.user, now=alert.opened_at + hours * HOUR, outcome='self_care')
    assert queries.times_to_resolve(scope(riverside), 'tier') == {
        ('urgent',): Times(5, 3 * HOUR, 4 * HOUR + 36 * MINUTE)
    }


def test_under_five_cases_no_figure_is_told_but_their_number(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient in patients[:4]:
        take(red_of(patient), rosa, after=10 * MINUTE)
    found = report(riverside)
    assert shown(found.tiers, 'urgent', 'To acknowledge: half within') == ('too few to say', 'n = 4')
    assert shown(found.tiers, 'urgent', 'Seen in time') == ('too few to say', '4 of 4')
    assert found.verdict == 'Too few alerts to say whether pressing ones are seen sooner.'
    take(red_of(patients[4]), rosa, after=10 * MINUTE)
    assert shown(report(riverside).tiers, 'urgent', 'To acknowledge: half within') == ('10 min', 'n = 5')


def test_red_stands_against_amber_and_the_page_says_which_is_seen_sooner(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient in patients[:5]:
        take(red_of(patient), rosa, after=20 * MINUTE)
        take(amber_of(patient), rosa, after=90 * MINUTE)
    found = report(riverside)
    assert (found.red.text, found.amber.text) == ('20 min', '1 h 30 min')
    assert found.verdict == 'Pressing alerts are seen sooner: the others wait about 4 times as long.'
    few, quick, slow = Times(4, HOUR, HOUR), Times(9, MINUTE, HOUR), Times(9, HOUR, HOUR)
    assert verdict(slow, quick) == verdict(slow, slow)
    assert verdict(slow, quick).startswith('Pressing alerts wait no less than the others.')
    assert verdict(few, slow).startswith('Too few')


def test_waits_that_began_at_night_are_kept_apart_from_those_of_opening_hours(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    night = EARLIER - 12 * HOUR  # Thursday, 21:00 in New York; the clinic closes at 18:00
    for patient in patients[:3]:
        take(red_of(patient, at=night), rosa, after=10 * HOUR, at=night)
    for patient in patients[3:8]:
        take(red_of(patient), rosa, after=10 * MINUTE)
    found = scope(riverside)
    assert queries.waits_in_hours(found) == {('red',): Times(5, 10 * MINUTE, 10 * MINUTE)}
    assert queries.waits(found, 'line')[('red',)].n == 8
    label = 'Act now: came in opening hours'
    assert shown(report(riverside).against, label, 'Half waited no longer than') == ('10 min', 'n = 5')


# -- shares ---------------------------------------------------------------------------------------------------------------
def test_acted_on_means_that_somebody_was_reached_or_something_came_of_it(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    ends = ('self_care', 'admitted', 'no_action', 'not_reached', 'no_action', 'not_reached')
    alerts = [red_of(patient) for patient in patients[:6]]
    calls = {4: True, 5: False}  # one of the idle ends after a talk, one after ringing in vain
    for n, reached in calls.items():
        alerts[n] = working.note_contact(alert=alerts[n], by=rosa.user, now=EARLIER + HOUR, reached=reached)
    for alert, outcome in zip(alerts, ends, strict=True):
        working.resolve(alert=alert, by=rosa.user, now=EARLIER + 2 * HOUR, outcome=outcome)
    found = report(riverside)
    assert shown(found.tiers, 'urgent', 'Acted on') == ('50 %', '3 of 6')
    assert shown(found.in_all, 'All chosen days', 'Acted on') == ('50 %', '3 of 6')


def test_noise_is_a_share_of_what_nurses_marked(riverside: Clinic, patients: list[Patient], rosa: Membership) -> None:
    for n, patient in enumerate(patients[:7]):
        alert = working.resolve(alert=red_of(patient), by=rosa.user, now=EARLIER + HOUR, outcome='self_care')
        mark = 'noise' if n < 2 else 'useful' if n < 5 else ''
        Alert.objects.filter(pk=alert.pk).update(mark=mark)
    found = report(riverside).in_all
    assert shown(found, 'All chosen days', 'Marked as noise') == ('40 %', '2 of 5')
    assert shown(found, 'All chosen days', 'Resolved alerts with a mark') == ('71 %', '5 of 7')


def test_flags_are_told_on_a_hundred_entries(riverside: Clinic, patients: list[Patient]) -> None:
    for patient in patients[:6]:
        told_us(patient, SICK, at=EARLIER)  # nothing for a nurse
    told_us(patients[6], RACING, at=EARLIER)
    told_us(patients[7], RACING | ACHING, at=EARLIER)
    counts = total(queries.tallies(scope(riverside)))
    assert (counts['entries'], counts['flagged_entries'], counts['flags'], counts['opened']) == (8, 2, 3, 3)
    found = report(riverside).in_all
    assert shown(found, 'All chosen days', 'Flags per 100 entries') == ('37.5', '3 in 8')
    assert shown(found, 'All chosen days', 'Alerts per 100 entries') == ('37.5', '3 in 8')
    assert shown(found, 'All chosen days', 'Entries with a flag') == ('25 %', '2 of 8')


# -- what is in no figure -------------------------------------------------------------------------------------------------
def test_a_case_in_which_all_was_corrected_is_left_out_and_the_page_says_so(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    entry = told_us(patients[0], RACING, at=EARLIER)
    take(Alert.objects.get(), rosa, after=10 * MINUTE)
    assert queries.waits(scope(riverside), 'line')[('red',)].n == 1
    correct_entry(
        entry=entry,
        by=cast.user_of(patients[0]),
        expected_number=1,
        document=make_document({}, current_catalogue('en')),
        recorded_at=EARLIER + HOUR,
        now=EARLIER + HOUR,
        nothing_new=True,
    )
    evaluate_pending(now=EARLIER + HOUR)
    found = report(riverside)
    assert queries.waits(scope(riverside), 'line') == {}
    assert (found.left_out, shown(found.weeks, '9 Nov', 'Alerts')) == (1, ('0', ''))
    assert shown(found.ages, 'all', 'Urgent') == ('0', '')
    said = client_of(rosa).get('/figures/').content.decode()
    assert '1 case of these days is not counted: everything in it was corrected later.' in said


def test_a_drill_is_in_no_figure(riverside: Clinic, patients: list[Patient], rosa: Membership) -> None:
    drilled = patients[0]
    drilled.is_drill = True
    drilled.save()
    take(red_of(drilled), rosa, after=10 * MINUTE)
    Alert.objects.update(is_drill=True)
    assert total(queries.tallies(scope(riverside))).total() == 0
    assert queries.waits(scope(riverside), 'line') == queries.waiting_by_line(scope(riverside)) == {}
    assert queries.left_out(scope(riverside)) == 0


def test_no_other_clinics_alert_is_counted(
    riverside: Clinic, lakeside: Clinic, patients: list[Patient], olga: Patient, sam: Membership
) -> None:
    take(red_of(olga), sam, after=10 * MINUTE)
    assert total(queries.tallies(scope(riverside))).total() == 0
    assert total(queries.tallies(scope(lakeside)))['acknowledged'] == 1


# -- teams and weeks ------------------------------------------------------------------------------------------------------
def test_teams_are_told_apart(riverside: Clinic, patients: list[Patient], rosa: Membership) -> None:
    blue, green = cast.make_team(riverside, 'Blue'), cast.make_team(riverside, 'Green')
    for n, patient in enumerate(patients[:7]):
        patient.care_team = blue if n < 5 else None
        patient.save()
        take(red_of(patient), rosa, after=(10 if n < 5 else 300) * MINUTE)
    teams = report(riverside).teams
    assert [row.label for row in teams.rows] == ['Blue', 'Green', 'No team']
    assert shown(teams, 'Blue', 'Act now: half within') == ('10 min', 'n = 5')
    assert shown(teams, 'No team', 'Act now: half within') == ('too few to say', 'n = 2')
    assert shown(teams, 'Green', 'Alerts') == ('0', '')
    assert queries.waits(scope(riverside, teams=[blue.pk]), 'line')[('red',)].n == 5
    assert queries.waits(scope(riverside, teams=[None]), 'line')[('red',)].n == 2
    assert queries.waits(scope(riverside, teams=[green.pk]), 'line') == {}
    assert [row.label for row in report(riverside, teams=[None]).teams.rows] == ['No team']


def test_weeks_are_cut_at_the_clinics_own_midnight(riverside: Clinic, ana: Patient, ben: Patient) -> None:
    sunday = datetime(2026, 11, 15, 23, 30, tzinfo=NEW_YORK)  # Monday already in UTC
    told_us(ana, SICK, at=sunday)
    told_us(ben, SICK, at=sunday + HOUR)
    rows = queries.tallies(scope(riverside))
    assert total(rows, week=date(2026, 11, 9))['entries'] == 1
    assert total(rows, week=date(2026, 11, 16))['entries'] == 1
    weeks = report(riverside).weeks
    assert [row.label for row in weeks.rows] == ['16 Nov', '9 Nov', '2 Nov', '26 Oct']
    assert weeks.rows[0].note == 'so far'


def test_the_night_on_which_clocks_go_back_belongs_to_its_day(
    riverside: Clinic, ana: Patient, rosa: Membership
) -> None:
    """1 November 2026 has 25 hours in New York: 1:30 comes twice, and midnight moves from 4:00 to 5:00 UTC."""
    before = datetime(2026, 10, 31, 23, 0, tzinfo=NEW_YORK).astimezone(UTC)
    alert = red_of(ana, at=before)
    take(alert, rosa, after=4 * HOUR, at=before)  # 2:00 by the clock on the wall, after four hours all the same
    seen = queries.waits(scope(riverside), 'line')
    assert seen[('red',)].median == 4 * HOUR
    sunday = Span(date(2026, 11, 1), date(2026, 11, 1), NEW_YORK, NOW)
    assert sunday.until - sunday.since == 25 * HOUR
    assert queries.waits(Scope(riverside, sunday), 'week', 'line').keys() == {(date(2026, 10, 26), 'red')}
    late = datetime(2026, 11, 1, 23, 30, tzinfo=NEW_YORK)
    told_us(ana, SICK, at=late)
    assert total(queries.tallies(Scope(riverside, sunday)))['entries'] == 1
    assert total(queries.tallies(scope(riverside)), week=date(2026, 10, 26))['entries'] == 2


def test_a_span_ends_with_its_last_day_or_now(riverside: Clinic, ana: Patient) -> None:
    friday = Span(EARLIER.date(), EARLIER.date(), NEW_YORK, NOW)
    assert (friday.since, friday.until) == (
        datetime(2026, 11, 13, 5, tzinfo=UTC),
        datetime(2026, 11, 14, 5, tzinfo=UTC),
    )
    assert last_weeks(4, zone=NEW_YORK, now=NOW).until == NOW
    told_us(ana, SICK, at=EARLIER)
    told_us(ana, SICK, at=EARLIER + DAY)
    assert total(queries.tallies(Scope(riverside, friday)))['entries'] == 1
    assert [(week.first, week.is_whole) for week in friday.weeks] == [(date(2026, 11, 13), False)]


def test_open_alerts_stand_by_their_age(riverside: Clinic, patients: list[Patient], rosa: Membership) -> None:
    for patient, age in zip(patients, (30 * MINUTE, 2 * HOUR, 2 * HOUR, 6 * DAY), strict=False):
        red_of(patient, at=NOW - age)
    take(amber_of(patients[4], at=NOW - 2 * DAY), rosa, after=HOUR, at=NOW - 2 * DAY)  # in hand is open, too
    working.resolve(alert=red_of(patients[5], at=NOW - HOUR), by=rosa.user, now=NOW, outcome='self_care')
    found = queries.open_by_age(scope(riverside))
    assert found == {'urgent': [1, 2, 0, 0, 1, 0], 'same_day': [0, 0, 0, 1, 0, 0]}


# -- the page and its file ------------------------------------------------------------------------------------------------
def test_the_page_asks_as_often_for_many_as_for_few(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    def asked(**given: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client_of(rosa).get('/figures/', given).status_code == 200
        return len(caught)

    few = asked(weeks='4')
    for n, patient in enumerate(patients):
        patient.care_team = cast.make_team(riverside, f'Team {n}')
        patient.save()
        take(red_of(patient, at=EARLIER - n * DAY), rosa, after=HOUR, at=EARLIER - n * DAY)
    assert asked(weeks='26') == few


def test_the_file_holds_every_cell_of_the_page_and_no_patient(
    riverside: Clinic, patients: list[Patient], rosa: Membership, ana: Patient
) -> None:
    cast.make_team(riverside, '=cmd()')
    for patient in [*patients, ana]:
        take(red_of(patient), rosa, after=10 * MINUTE)
    response = client_of(rosa).get('/figures.csv', {'weeks': '4'})
    assert response['Content-Disposition'] == 'attachment; filename="vigil-figures-2026-10-26-2026-11-16.csv"'
    text = response.content.decode('utf-8-sig')
    lines = list(csv.DictReader(StringIO(text)))
    page = client_of(rosa).get('/figures/', {'weeks': '4'})
    tables: list[Table] = list(page.context['report'].tables)
    assert len(lines) == sum(len(row.cells) for table in tables for row in table.rows)
    wanted = {'table': 'By tier', 'row': 'urgent', 'figure': 'To acknowledge: half within'}
    (line,) = [line for line in lines if wanted.items() <= line.items()]
    assert (line['value'], line['unit'], line['cases'], line['shown']) == ('10', 'min', '9', '10 min (n = 9)')
    assert (line['from'], line['to'], line['team']) == ('2026-10-26', '2026-11-16', 'All teams')
    assert not any(patient.first_name in text or patient.record_number in text for patient in [*patients, ana])
    assert "'=cmd()" in text
    assert not any(cell.startswith('=') for line in lines for cell in line.values())


def test_every_picture_says_in_words_what_it_shows_and_has_its_figures_beside_it(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient in patients:
        take(red_of(patient), rosa, after=10 * MINUTE)
    red_of(patients[0], at=NOW - HOUR)
    page = client_of(rosa).get('/figures/').content.decode()
    pictures = page.split('<svg viewBox')[1:]
    assert len(pictures) == 5
    for picture in pictures:
        assert 'role="img"' in picture
        assert '<title>' in picture
        assert picture.split('<desc')[1].split('>', 1)[1].split('</desc>')[0].strip()
    assert 'Act now: half within 10 min, nine of ten within 10 min.' in page
    assert page.count('<table class="table fig-table">') == 5


def test_own_days_are_shown_and_impossible_ones_are_told(
    riverside: Clinic, rosa: Membership, grace: Membership
) -> None:
    rosas = client_of(rosa)
    page = rosas.get('/figures/', {'weeks': 'own', 'first': '2026-11-03', 'last': '2026-11-11', 'team': ''})
    assert [row.label for row in page.context['report'].weeks.rows] == ['9–11 Nov', '3–8 Nov']
    for first, last, said in (
        ('2026-11-11', '2026-11-03', 'The first day comes after the last one. Swap them.'),
        ('2026-11-11', '2026-12-03', 'This day is still to come. Choose today or an earlier day.'),
        ('2020-11-11', '2026-11-03', 'Choose two years or less.'),
    ):
        refused = rosas.get('/figures/', {'weeks': 'own', 'first': first, 'last': last})
        assert refused.status_code == 422
        assert said in refused.content.decode()
        assert rosas.get('/figures.csv', {'weeks': 'own', 'first': first, 'last': last}).status_code == 404
    assert client_of(grace).get('/figures/').status_code == 200


def test_an_unknown_span_or_another_clinics_team_is_no_page(
    riverside: Clinic, lakeside: Clinic, rosa: Membership
) -> None:
    theirs = cast.make_team(lakeside, 'Thames')
    for given in ({'weeks': '5'}, {'weeks': 'x'}, {'team': str(theirs.pk)}, {'team': 'x'}):
        assert client_of(rosa).get('/figures/', given).status_code == 404
        assert client_of(rosa).get('/figures.csv', given).status_code == 404


# -- words ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ('seconds', 'words'),
    [
        (0, '0 s'),
        (59, '59 s'),
        (60, '1 min'),
        (2460, '41 min'),
        (3600, '1 h'),
        (12_000, '3 h 20 min'),
        (86_400, '1 day'),
        (187_200, '2 days 4 h'),
    ],
)
def test_times_are_told_as_people_say_them(seconds: int, words: str) -> None:
    assert time_words(timedelta(seconds=seconds)) == words


def test_shares_and_rates_of_nothing_are_nothing() -> None:
    assert Share(0, 0).percent is None
    assert Rate(3, 4).per_hundred is None
    assert Rate(3, 5).per_hundred == 60
    assert as_csv([], about=[]).strip() == 'table,row,figure,value,unit,cases,shown'
