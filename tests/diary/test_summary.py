"""The visit summary: by cycle, worst and typical, since the day one asks for; and the questions to ask."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.models import Caregiver, Membership, Patient
from diary.answers import Units
from diary.catalogue import CatalogueView, current_catalogue
from diary.models import PlannedVisit, SymptomVersion, VisitQuestion
from diary.services.questions import keep_questions
from diary.summary import Line, Summary, summary_of, usual_since
from tests.alerts.conftest import FEVER, open_alert, told_us
from tests.cast import NOW, client_of, user_of
from tests.diary.conftest import write
from tests.diary.treated import give_course, give_dose
from tests.poisoned import poison

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]
DAY = timedelta(days=1)
TODAY = date(2026, 11, 16)


def summary(patient: Patient, since: date = TODAY - 28 * DAY) -> Summary:
    return summary_of(patient, current_catalogue('en'), since=since, now=NOW, units=Units('F', 'lb'))


def lines(found: Summary) -> dict[str, Line]:
    return {line.name: line for line in found.stretches[0].lines}


def tired(patient: Patient, levels: Iterable[int]) -> None:
    """One entry a day, the last of them yesterday's."""
    told = list(levels)
    for n, level in enumerate(told):
        write(patient, {'FATIGUE': {'severity': level}}, hours_ago=24 * (len(told) - n))


def test_the_worst_day_and_the_middle_of_the_days_with_it(ana: Patient) -> None:
    tired(ana, [0, 1, 1, 3, 2, 0])
    line = lines(summary(ana))['Tiredness']
    assert (line.worst, line.worst_on, line.typical, line.days) == ('severe', TODAY - 3 * DAY, 'moderate', 4)


def test_a_day_with_two_entries_counts_once_at_its_worst(ana: Patient) -> None:
    write(ana, {'FATIGUE': {'severity': 3}}, hours_ago=26)
    write(ana, {'FATIGUE': {'severity': 1}}, hours_ago=24)
    line = lines(summary(ana))['Tiredness']
    assert (line.worst, line.typical, line.days) == ('severe', 'severe', 1)


def test_the_highest_of_each_number_stands_beside_in_the_readers_unit(ana: Patient) -> None:
    write(ana, {'FEVER': {'severity': 2, 'celsius': 38.0}, 'DIARRHEA': {'severity': 2, 'stools_24h': 6}}, hours_ago=48)
    write(ana, {'FEVER': {'severity': 1, 'celsius': 39.0}, 'HIVES': {'present': True}}, weight=80)
    found = lines(summary(ana))
    assert found['Fever or feeling hot'].most == ('102.2 °F',)
    assert found['Loose or watery stools'].most[0].startswith('6')
    hives = found['Hives (raised itchy bumps)']
    assert (hives.worst, hives.typical, hives.days) == ('', '', 1)
    assert [(row.last, row.times) for row in summary(ana).measured] == [('176.4 lb', 1)]


def test_it_is_told_cycle_by_cycle_the_newest_first(ana: Patient) -> None:
    give_course(ana, starts_on=date(2026, 10, 12))
    write(ana, {'FATIGUE': {'severity': 1}}, hours_ago=24 * 26)
    write(ana, {'FATIGUE': {'severity': 4}}, hours_ago=24)
    found = summary(ana)
    assert [(part.title, part.first, part.days, part.written) for part in found.stretches] == [
        ('Cycle 2 · pembrolizumab', date(2026, 11, 2), 15, 1),
        ('Cycle 1 · pembrolizumab', date(2026, 10, 19), 14, 1),
    ]
    assert [part.lines[0].worst for part in found.stretches] == ['very severe', 'mild']
    assert (found.written, found.days) == (2, 29)


def test_levels_of_an_older_wording_are_read_on_the_scale_of_now(ana: Patient, diary: CatalogueView) -> None:
    write(ana, {'FATIGUE': {'severity': 1}}, hours_ago=24)
    old = SymptomVersion.objects.get(symptom__code='FATIGUE')
    SymptomVersion.objects.create(
        symptom=old.symptom,
        number=2,
        name=old.name,
        group=old.group,
        answers=old.answers,
        words=old.words,
        facts=old.facts,
        created_at=NOW,
        level_map={'0': 0, '1': 2, '2': 2, '3': 3, '4': 4},
    )
    assert lines(summary(ana))['Tiredness'].worst == 'moderate'


def test_what_cannot_be_read_takes_no_summary_down(ana: Patient) -> None:
    entry = write(ana, {'FATIGUE': {'severity': 1}, 'NAUSEA': {'severity': 1}}, weight=80)
    document = entry.revisions.get().document
    document['answers']['NAUSEA']['version'] = 99
    document['measurements']['weight'] = {'value': 'heavy'}
    poison(entry, document)
    assert list(lines(summary(ana))) == ['Tiredness']


def test_usually_it_begins_with_the_last_dose(ana: Patient, rosa: Membership) -> None:
    assert usual_since(ana, today=TODAY) == TODAY - 28 * DAY
    course = give_course(ana, starts_on=date(2026, 10, 5))
    for day in (date(2026, 10, 5), date(2026, 10, 26), TODAY):
        give_dose(course, datetime(day.year, day.month, day.day, 13, tzinfo=UTC))
    assert usual_since(ana, today=TODAY) == date(2026, 10, 26)  # today's dose is this visit
    assert usual_since(ana, today=TODAY + 90 * DAY) == TODAY + 62 * DAY


def test_a_visit_that_was_arranged_is_the_last_one_when_it_came_after_the_dose(ana: Patient, rosa: Membership) -> None:
    give_dose(give_course(ana, starts_on=date(2026, 10, 26)), datetime(2026, 10, 26, 13, tzinfo=UTC))
    for days, gone in ((-4, False), (-2, True), (0, False), (9, False)):
        back = {'withdrawn_at': NOW, 'withdrawn_by': rosa.user, 'withdrawn_reason': 'never_was'} if gone else {}
        PlannedVisit.on_record.create(patient=ana, on=TODAY + days * DAY, entered_by=rosa.user, entered_at=NOW, **back)
    assert usual_since(ana, today=TODAY) == TODAY - 4 * DAY


def test_what_is_taken_every_day_is_no_visit(ana: Patient) -> None:
    course = give_course(ana, starts_on=date(2026, 11, 1), schedule='daily', cycle_days=28)
    give_dose(course, NOW - DAY)
    assert usual_since(ana, today=TODAY) == TODAY - 28 * DAY


# -- the pages ---------------------------------------------------------------------------------------------------------


def test_alerts_stand_there_with_what_was_told_and_the_answer(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER)
    open_alert(
        ana,
        tier='same_day',
        at=NOW - 3 * DAY,
        state='resolved',
        outcome='appointment',
        resolved_at=NOW - 2 * DAY,
        owner=rosa.user,
        acknowledged_at=NOW - 2 * DAY,
    )
    for client, path in (
        (client_of(ana), '/diary/summary/'),
        (client_of(rosa), f'/patients/{ana.public_id}/summary/'),
    ):
        page = client.get(path).content.decode()
        assert 'Fever or feeling hot: moderate, 101.5 °F' in page
        assert 'No answer yet' in page
        assert 'Answered: an appointment' in page


def test_an_answered_alert_of_before_is_left_out(ana: Patient, rosa: Membership) -> None:
    when = NOW - 40 * DAY
    done = {'state': 'resolved', 'outcome': 'self_care', 'resolved_at': when, 'owner': rosa.user}
    open_alert(ana, at=when, acknowledged_at=when, **done)
    assert 'Answered' not in client_of(ana).get('/diary/summary/').content.decode()
    assert 'Answered' in client_of(ana).get('/diary/summary/?since=2026-09-01').content.decode()


@pytest.mark.parametrize('since', ['2026-11-17', '2025-01-01', 'monday', ''])
def test_a_day_that_cannot_be_is_told_beside_the_field(ana: Patient, since: str) -> None:
    response = client_of(ana).get('/diary/summary/', {'since': since})
    assert response.status_code == 422
    assert response.context['form'].errors['since']
    assert response.context['summary'].since == TODAY - 28 * DAY


def test_questions_are_kept_one_a_line(ana: Patient, rosa: Membership) -> None:
    client = client_of(ana)
    answer = client.post('/diary/summary/questions/', {'questions': ' May I  fly? \n\nIs coffee fine?\nMay I fly?'})
    assert answer.status_code == 303
    assert [question.text for question in ana.visit_questions.all()] == ['May I fly?', 'Is coffee fine?']
    assert 'Is coffee fine?' in client_of(rosa).get(f'/patients/{ana.public_id}/summary/').content.decode()


def test_a_line_that_is_taken_out_goes_and_one_that_was_not_seen_stays(ana: Patient, luis: Caregiver) -> None:
    [first] = keep_questions(patient=ana, lines=['May I fly?'], seen=[], by=user_of(ana), now=NOW)
    keep_questions(patient=ana, lines=['May I fly?', 'Who drives her?'], seen=[first.pk], by=luis.user, now=NOW)
    kept = keep_questions(patient=ana, lines=['Is coffee fine?'], seen=[first.pk], by=user_of(ana), now=NOW + DAY)
    assert [(q.text, q.written_by) for q in kept] == [('Who drives her?', luis.user), ('Is coffee fine?', ana.user)]


@pytest.mark.parametrize('typed', ['?' * 301, '\n'.join(str(n) for n in range(21))])
def test_too_long_a_list_is_told_and_kept_in_the_field(ana: Patient, typed: str) -> None:
    response = client_of(ana).post('/diary/summary/questions/', {'questions': typed})
    assert response.status_code == 422
    assert typed in response.content.decode()
    assert not VisitQuestion.objects.exists()


def test_who_only_reads_may_see_the_questions_but_not_write_them(ana: Patient, carmen: Caregiver) -> None:
    keep_questions(patient=ana, lines=['May I fly?'], seen=[], by=user_of(ana), now=NOW)
    client = client_of(carmen)
    assert 'May I fly?' in client.get('/diary/summary/').content.decode()
    assert client.get('/diary/summary/questions/').status_code == 404
