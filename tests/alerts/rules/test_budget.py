"""What each rule costs: every number here was worked out by hand from steps that the real services took at known instants."""

import csv
import json
from collections import Counter
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from alerts.figures.measures import Rate, Times
from alerts.figures.span import last_weeks
from alerts.models import Alert, Flag, Line, RuleBudget, RuleSet
from alerts.pages.rules.budget import Budget, budget_of, last_days
from alerts.pages.rules.budget import Line as RuleLine
from alerts.pages.rules.trend import Direction, direction, trend_of
from alerts.pages.rules.verdict import ENOUGH, Standing, judge, over_in_all
from alerts.queries.rules import budget as queries
from alerts.queries.rules.budget import Cost
from alerts.services import working
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules.budgeting import FIELDS, BudgetChanged, change_budget
from clinic.models import Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.services.entries import correct_entry
from tests import cast
from tests.alerts.conftest import SICK, told_us
from tests.alerts.test_figures import ACHING, RACING
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EARLIER = NOW - 3 * DAY
LIMITS = RuleBudget()
PALPITATIONS = 'R01'
SECOND = timedelta(seconds=1)  # told_us evaluates a second after the entry


@pytest.fixture
def patients(riverside: Clinic, rosa: Membership) -> list[Patient]:
    return [cast.make_patient(riverside, f'P{n:02} Example') for n in range(14)]


def page(clinic: Clinic, now: datetime = NOW) -> Budget:
    return budget_of(clinic, now=now)


def line(clinic: Clinic, rule: str, now: datetime = NOW) -> RuleLine:
    return next(each for each in page(clinic, now).lines if each.id == rule)


def cost(clinic: Clinic, rule: str) -> Cost:
    return queries.costs(clinic, last_days(clinic, now=NOW))[rule]


def red_of(patient: Patient, *, at: datetime = EARLIER) -> Alert:
    told_us(patient, RACING, at=at)
    return Alert.objects.get(patient=patient, line=Line.RED)


def closed(alert: Alert, nurse: Membership, outcome: str, *, after: timedelta = HOUR) -> Alert:
    return working.resolve(alert=alert, by=nurse.user, now=alert.opened_at + after, outcome=outcome)


def taken_back_by_a_correction(patient: Patient, at: datetime) -> None:
    entry = told_us(patient, RACING, at=at)
    correct_entry(
        entry=entry,
        by=cast.user_of(patient),
        expected_number=1,
        document=make_document({}, current_catalogue('en')),
        recorded_at=at + HOUR,
        now=at + HOUR,
        nothing_new=True,
    )
    evaluate_pending(now=at + HOUR)


# -- what is counted ------------------------------------------------------------------------------------------------------
def test_flags_of_a_rule_on_a_hundred_entries(riverside: Clinic, patients: list[Patient]) -> None:
    for patient in patients[:6]:
        told_us(patient, SICK, at=EARLIER)
    for patient in patients[6:8]:
        told_us(patient, RACING, at=EARLIER)
    found = line(riverside, PALPITATIONS)
    assert (found.flags, found.per_hundred.text, found.per_hundred.beside) == (2, '25.0', '2 in 8')
    assert (found.tier, found.title) == ('urgent', 'Heart palpitations or chest pain')
    assert (page(riverside).calls, page(riverside).entries, page(riverside).alerts) == (2, 8, 2)


def test_only_thirty_days_of_this_clinic_and_no_drill(
    riverside: Clinic, lakeside: Clinic, patients: list[Patient], olga: Patient
) -> None:
    first = last_days(riverside, now=NOW).since
    told_us(patients[0], RACING, at=first - MINUTE)
    told_us(patients[1], RACING, at=first)
    told_us(patients[2], RACING, at=NOW - MINUTE)
    told_us(patients[3], RACING, at=EARLIER)
    told_us(olga, RACING, at=EARLIER)
    Patient.objects.filter(pk=patients[3].pk).update(is_drill=True)
    assert cost(riverside, PALPITATIONS).flags == 2
    assert cost(lakeside, PALPITATIONS).flags == 1
    assert page(riverside).entries == 2


def test_a_flag_that_was_corrected_away_is_not_counted(riverside: Clinic, patients: list[Patient]) -> None:
    taken_back_by_a_correction(patients[0], EARLIER)
    assert queries.costs(riverside, last_days(riverside, now=NOW)) == {}
    assert Flag.objects.filter(withdrawn_at__isnull=False).exists()


def test_acted_on_is_any_outcome_but_nothing_and_open_or_unreached_ones_count_for_neither(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    ends = ('self_care', 'admitted', 'no_action', 'appointment', 'not_reached')
    for patient, outcome in zip(patients, ends, strict=False):
        closed(red_of(patient), rosa, outcome)
    red_of(patients[5])
    found = cost(riverside, PALPITATIONS)
    assert (found.cases, found.judged, found.acted, found.open, found.unreached) == (6, 4, 3, 1, 1)


def test_a_case_that_several_flags_of_a_rule_joined_counts_once(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for hours in range(3):
        alert = red_of(patients[0], at=EARLIER + hours * HOUR)
    working.resolve(alert=alert, by=rosa.user, now=EARLIER + 4 * HOUR, outcome='self_care')
    working.mark(alert=alert, by=rosa.user, now=EARLIER + 4 * HOUR, mark='noise')
    found = cost(riverside, PALPITATIONS)
    assert (found.flags, found.cases, found.judged, found.acted, found.marked, found.noise) == (3, 1, 1, 1, 1, 1)


def test_noise_is_a_share_of_the_marked(riverside: Clinic, patients: list[Patient], rosa: Membership) -> None:
    for n, patient in enumerate(patients[:7]):
        alert = red_of(patient)
        if n < 5:
            working.mark(alert=alert, by=rosa.user, now=EARLIER + HOUR, mark='noise' if n < 2 else 'useful')
    found = line(riverside, PALPITATIONS)
    assert (found.noise.text, found.noise.beside) == ('40 %', '2 of 5')


def test_the_answer_is_from_the_flag_to_the_next_acknowledgement(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    for patient, wait in zip(patients, (5, 10, 20, 40, 90), strict=False):
        working.acknowledge(alert=red_of(patient), by=rosa.user, now=EARLIER + SECOND + wait * MINUTE)
    red_of(patients[5])  # nobody has come
    found = cost(riverside, PALPITATIONS)
    assert found.answers == Times(5, 20 * MINUTE, 70 * MINUTE)
    assert found.waiting == 1
    assert line(riverside, PALPITATIONS).answer.text == '20 min'


def test_a_flag_that_joined_a_case_in_hand_waited_for_nobody(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    """The same joint pain on the next day joins quietly; when the case comes back days later that is no answer to it."""
    told_us(patients[0], ACHING, at=EARLIER)
    alert = Alert.objects.get()
    working.acknowledge(alert=alert, by=rosa.user, now=EARLIER + SECOND + HOUR)
    told_us(patients[0], ACHING, at=EARLIER + DAY)
    rule = Flag.objects.values_list('rule', flat=True).distinct().get()
    assert (Flag.objects.count(), Alert.objects.count()) == (2, 1)
    assert cost(riverside, rule).answers == Times(1, HOUR, HOUR)
    assert cost(riverside, rule).waiting == 0


def test_a_flag_that_found_its_case_waiting_waits_with_it(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    red_of(patients[0], at=EARLIER)
    alert = red_of(patients[0], at=EARLIER + HOUR)
    working.acknowledge(alert=alert, by=rosa.user, now=EARLIER + SECOND + 2 * HOUR)
    assert cost(riverside, PALPITATIONS).answers.n == 2
    assert cost(riverside, PALPITATIONS).answers.median == timedelta(minutes=90)


# -- the verdict ----------------------------------------------------------------------------------------------------------
def verdict(tier: str = 'urgent', entries: int = 1000, *, untouchable: bool = False, **counts: int) -> Any:
    return judge(Cost(**counts), entries=entries, limits=LIMITS, tier=tier, untouchable=untouchable)


def test_a_rule_over_any_limit_is_listed_with_the_reasons() -> None:
    found = verdict(entries=200, flags=14, calls=14, judged=20, acted=7, marked=12, noise=6)
    assert found.standing is Standing.OVER
    assert found.reasons == [
        '7.0 flags on 100 entries; your limit for one rule is 5.',
        'Something was done in 7 of 20 closed cases (35.0 %); you want at least 40 %.',
        'Nurses called 6 of 12 marked cases noise (50.0 %); your limit is 30 %.',
    ]


@pytest.mark.parametrize(
    ('counts', 'standing'),
    [
        ({'calls': 50, 'judged': 10, 'acted': 4, 'marked': 10, 'noise': 3}, Standing.WITHIN),  # on each limit exactly
        ({'calls': 51}, Standing.OVER),
        ({'calls': 10, 'judged': 10, 'acted': 3}, Standing.OVER),
        ({'calls': 10, 'marked': 10, 'noise': 4}, Standing.OVER),
        ({'calls': 10, 'judged': 9, 'acted': 0, 'marked': 9, 'noise': 9}, Standing.WITHIN),
        ({'calls': 9, 'judged': 9, 'acted': 0, 'marked': 9, 'noise': 9}, Standing.FEW),
    ],
)
def test_limits_are_held_against_enough_cases_only(counts: dict[str, int], standing: Standing) -> None:
    assert verdict(**counts).standing is standing


def test_what_could_not_be_judged_is_said() -> None:
    assert verdict(calls=4).open == ['Too few flags to judge: 4, from 10 on.']
    assert verdict(calls=12, judged=3, marked=0).open == [
        'Too few closed cases to judge what was done: 3.',
        'Too few marks to judge noise: 0.',
    ]


costs = st.builds(
    Cost, **dict.fromkeys(('flags', 'calls', 'cases', 'judged', 'acted', 'marked', 'noise'), st.integers(0, 500))
)


@given(costs, st.integers(0, 500))
def test_an_emergency_rule_is_never_over_the_budget(found: Cost, entries: int) -> None:
    result = judge(found, entries=entries, limits=LIMITS, tier='emergency', untouchable=True)
    assert (result.standing, result.reasons) == (Standing.UNTOUCHABLE, ())


@given(costs, st.integers(0, 500))
def test_nothing_is_over_without_ten_flags(found: Cost, entries: int) -> None:
    result = judge(found, entries=entries, limits=LIMITS, tier='urgent', untouchable=False)
    share = found.judged >= ENOUGH or found.marked >= ENOUGH
    assert result.standing is not Standing.OVER or found.calls >= ENOUGH or share


def test_all_rules_together() -> None:
    assert not over_in_all(20, entries=100, limits=LIMITS)
    assert over_in_all(21, entries=100, limits=LIMITS)
    assert not over_in_all(9, entries=10, limits=LIMITS)


# -- the page -------------------------------------------------------------------------------------------------------------
def many_useless(patients: list[Patient], nurse: Membership, answers: Any = RACING) -> None:
    for patient in patients[:12]:
        told_us(patient, answers, at=EARLIER)
        for alert in Alert.objects.filter(patient=patient):
            closed(alert, nurse, 'no_action')


def test_the_rule_over_its_limits_comes_first_with_words_and_a_way_to_change_it(
    riverside: Clinic, patients: list[Patient], rosa: Membership, grace: Membership
) -> None:
    many_useless(patients, rosa)
    assert [each.id for each in page(riverside).over] == [PALPITATIONS]
    text = client_of(grace).get('/clinic/rules/budget/').content.decode()
    for expected in (
        'Something was done in 0 of 12 closed cases (0.0 %); you want at least 40 %.',
        '100.0 flags on 100 entries; your limit for one rule is 5.',
        'Begin a draft that changes it',
        'Over your limit of 20.',
    ):
        assert expected in text
    assert 'Begin a draft' not in client_of(rosa).get('/clinic/rules/budget/').content.decode()


def test_an_emergency_rule_with_the_same_figures_is_shown_and_never_listed(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    many_useless(patients, rosa, {'DYSPNEA': {'severity': 3}})
    found = line(riverside, 'E01')
    assert (found.cost.calls, found.cost.judged, found.cost.acted) == (12, 12, 0)
    assert found.verdict.standing is Standing.UNTOUCHABLE
    assert 'E01' not in {each.id for each in page(riverside).over}
    assert 'E01' in {each.id for each in page(riverside).untouchable}


def own_rules(clinic: Clinic, content: dict[str, Any], grace: Membership, rosa: Membership) -> RuleSet:
    """Published rules of the clinic's own, written past the services: only their content matters here."""
    default = RuleSet.objects.get(clinic=None, status='published')
    return RuleSet.objects.create(
        clinic=clinic,
        version=1,
        status='published',
        title='Ours',
        content=content,
        digest='x',
        default=default,
        created_at=NOW - DAY,
        created_by=grace.user,
        reviewed_by=rosa.user,
        reviewed_at=NOW - DAY,
        published_by=grace.user,
        published_at=NOW - DAY,
    )


def test_an_emergency_rule_that_the_clinic_has_lowered_stays_untouchable(
    riverside: Clinic, patients: list[Patient], rosa: Membership, grace: Membership, content: RuleSet
) -> None:
    many_useless(patients, rosa, {'DYSPNEA': {'severity': 3}})
    rules = content.content['rules']
    own_rules(riverside, content.content | {'rules': rules | {'E01': rules['E01'] | {'tier': 'urgent'}}}, grace, rosa)
    found = line(riverside, 'E01')
    assert (found.tier, found.verdict.standing) == ('urgent', Standing.UNTOUCHABLE)


def test_a_rule_that_was_taken_out_is_shown_as_no_longer_in_force(
    riverside: Clinic, patients: list[Patient], rosa: Membership, grace: Membership, content: RuleSet
) -> None:
    many_useless(patients, rosa)
    left = {code: rule for code, rule in content.content['rules'].items() if code != PALPITATIONS}
    own_rules(riverside, content.content | {'rules': left}, grace, rosa)
    found = page(riverside)
    assert [each.id for each in found.gone] == [PALPITATIONS]
    assert found.over == []
    text = client_of(grace).get('/clinic/rules/budget/').content.decode()
    assert 'No longer in force' in text
    assert 'These rules are in force since 15 November.' in text


def test_without_flags_every_rule_is_there_and_none_is_judged(riverside: Clinic, rosa: Membership) -> None:
    found = page(riverside)
    assert {each.id for each in found.lines} == set(RuleSet.objects.get(clinic=None).content['rules'])
    assert (found.over, found.others, found.gone) == ([], [], [])
    assert len(found.never) == len(found.lines)
    assert {each.verdict.standing for each in found.never} == {Standing.FEW, Standing.UNTOUCHABLE, Standing.QUIET}
    assert client_of(rosa).get('/clinic/rules/budget/').status_code == 200


def test_without_published_rules_the_page_says_so(riverside: Clinic, rosa: Membership, content: RuleSet) -> None:
    RuleSet.objects.filter(pk=content.pk).update(status='retired')
    assert 'No rules are published' in client_of(rosa).get('/clinic/rules/budget/').content.decode()


def test_the_csv_has_every_rule_and_no_patient(riverside: Clinic, patients: list[Patient], rosa: Membership) -> None:
    many_useless(patients, rosa)
    response = client_of(rosa).get('/clinic/rules/budget.csv')
    rows = list(csv.DictReader(StringIO(response.content.decode('utf-8-sig'))))
    of_rule = {row['figure']: row for row in rows if row['row'].startswith(f'{PALPITATIONS} ')}
    assert (of_rule['Flags']['value'], of_rule['Flags on 100 entries']['value']) == ('12', '100')
    assert (of_rule['Acted on']['value'], of_rule['Acted on']['cases']) == ('0', '12')
    assert of_rule['Judgement']['shown'].startswith('over the limits. 100.0 flags')
    assert not any('Example' in cell for row in rows for cell in row.values())


# -- the trend ------------------------------------------------------------------------------------------------------------
def test_the_trend_is_told_only_beyond_chance() -> None:
    assert direction(Rate(2, 100), Rate(4, 100)) is Direction.LEVEL
    assert direction(Rate(20, 1000), Rate(40, 1000)) is Direction.UP
    assert direction(Rate(40, 1000), Rate(20, 1000)) is Direction.DOWN
    assert direction(Rate(0, 4), Rate(4, 1000)) is Direction.FEW
    assert direction(Rate(0, 1000), Rate(0, 1000)) is Direction.LEVEL


rates = st.integers(5, 5000).flatmap(lambda n: st.tuples(st.integers(0, 2 * n), st.just(n))).map(lambda r: Rate(*r))


@given(rates, rates)
def test_two_counts_turned_round_turn_the_trend_round(before: Rate, after: Rate) -> None:
    opposite = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP}
    there = direction(before, after)
    assert direction(after, before) is opposite.get(there, there)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=12, max_size=12))
def test_the_line_stays_in_its_box(counts: list[tuple[int, int]]) -> None:
    weeks = last_weeks(12, zone=ZoneInfo('UTC'), now=NOW).weeks
    flags = Counter({week.monday: n for week, (n, _) in zip(weeks, counts, strict=True)})
    entries = Counter({week.monday: n for week, (_, n) in zip(weeks, counts, strict=True)})
    found = trend_of(weeks, flags, entries)
    for line in found.lines:
        for place in line.split(' '):
            x, y = map(float, place.split(','))
            assert 0 <= x <= found.width
            assert 0 <= y <= found.height


def test_flags_and_entries_of_a_week_stand_under_its_monday(riverside: Clinic, patients: list[Patient]) -> None:
    told_us(patients[0], RACING, at=NOW - 8 * DAY)  # Sunday
    told_us(patients[1], RACING, at=NOW - 7 * DAY)  # Monday
    told_us(patients[2], SICK, at=NOW - 7 * DAY)
    weeks = last_weeks(12, zone=riverside.zone, now=NOW)
    assert queries.flags_by_week(riverside, weeks)[PALPITATIONS] == {date(2026, 11, 2): 1, date(2026, 11, 9): 1}
    assert queries.entries_by_week(riverside, weeks) == {date(2026, 11, 2): 1, date(2026, 11, 9): 2}


# -- the limits -----------------------------------------------------------------------------------------------------------
SENT = {'flags_per_100': 30, 'rule_per_100': 8, 'least_acted_on': 50, 'most_noise': 20, 'samples_per_day': 4}


def test_an_admin_changes_the_limits_and_is_named(riverside: Clinic, grace: Membership) -> None:
    response = client_of(grace).post('/clinic/rules/budget/limits/', SENT | {'seen': 0}, follow=True)
    assert 'The limits are saved.' in response.content.decode()
    found = RuleBudget.objects.get(clinic=riverside)
    assert {name: getattr(found, name) for name in FIELDS} == SENT
    assert (found.changed_by, found.changed_at, found.version) == (grace.user, NOW, 1)
    assert 'Changed by Grace Kim' in client_of(grace).get('/clinic/rules/budget/').content.decode()


def test_two_admins_do_not_overwrite_one_another(riverside: Clinic, grace: Membership) -> None:
    hugo = cast.make_member(riverside, 'Hugo Adler', is_admin=True)
    client_of(grace).post('/clinic/rules/budget/limits/', SENT | {'seen': 0})
    refused = client_of(hugo).post('/clinic/rules/budget/limits/', SENT | {'seen': 0, 'rule_per_100': 99})
    assert refused.status_code == 409
    assert 'Somebody else has just changed the limits.' in refused.content.decode()
    assert 'value="8"' in refused.content.decode()
    assert RuleBudget.objects.get().rule_per_100 == 8


def test_the_service_refuses_what_was_read_before(riverside: Clinic, grace: Membership) -> None:
    change_budget(clinic=riverside, by=grace.user, limits=SENT, seen=0, now=NOW)
    with pytest.raises(BudgetChanged):
        change_budget(clinic=riverside, by=grace.user, limits=SENT, seen=0, now=NOW)
    assert change_budget(clinic=riverside, by=grace.user, limits=SENT, seen=1, now=NOW).version == 2


@pytest.mark.parametrize(
    'wrong', [{'least_acted_on': 101}, {'flags_per_100': 0}, {'samples_per_day': ''}, {'most_noise': 'x'}]
)
def test_a_limit_that_cannot_be_is_asked_for_again(grace: Membership, wrong: dict[str, Any]) -> None:
    response = client_of(grace).post('/clinic/rules/budget/limits/', SENT | {'seen': 0} | wrong)
    assert response.status_code == 422
    assert 'Write a whole number from' in response.content.decode()
    assert not RuleBudget.objects.exists()


# -- what it costs to ask -------------------------------------------------------------------------------------------------
OLD = 20_000


def years_of_flags() -> None:
    """Copies of each flag, its evaluation, revision and entry, a year old and more; and a planner that knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO alerts_flag (evaluation_id, patient_id, alert_id, rule, tier, title, symptoms, evidence, raised_at,
                                     withdrawn_at, withdrawn_reason)
            SELECT f.evaluation_id, f.patient_id, f.alert_id, 'X' || n, f.tier, f.title, f.symptoms, f.evidence,
                   f.raised_at - interval '200 days' - n * interval '30 minutes', NULL, ''
            FROM (SELECT * FROM alerts_flag LIMIT 1) f, generate_series(1, %s) n
            """,
            [OLD],
        )
        cursor.execute(
            """
            INSERT INTO diary_entry (public_id, client_uuid, patient_id, about_at, day, is_late, current_number)
            SELECT gen_random_uuid(), gen_random_uuid(), e.patient_id,
                   e.about_at - interval '200 days' - n * interval '30 minutes', e.day, false, 1
            FROM (SELECT * FROM diary_entry LIMIT 1) e, generate_series(1, %s) n
            """,
            [OLD],
        )
        cursor.execute('ANALYZE alerts_flag')
        cursor.execute('ANALYZE diary_entry')


def rows_read(rows: QuerySet[Any, Any], table: str) -> int:
    """How many rows of a table PostgreSQL touched, those that a filter threw away included."""

    def read(node: dict[str, Any]) -> float:
        names = ('Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Index Recheck')
        here = sum(node.get(name, 0) for name in names)
        own = here * node['Actual Loops'] if node.get('Relation Name') == table else 0
        return own + sum(map(read, node.get('Plans', ())))

    found = json.loads(rows.explain(format='json', analyze=True))
    return round(read(found[0]['Plan']))


def test_flags_of_years_are_not_read_for_those_of_thirty_days(riverside: Clinic, patients: list[Patient]) -> None:
    for patient in patients:
        told_us(patient, RACING, at=EARLIER)
    years_of_flags()
    days, weeks = last_days(riverside, now=NOW), last_weeks(12, zone=riverside.zone, now=NOW)
    asked = {
        'counts': (queries.counted_flags(riverside, days), 'alerts_flag'),
        'answers': (queries.waiting_flags(riverside, days), 'alerts_flag'),
        'weeks': (queries.weekly_flags(riverside, weeks), 'alerts_flag'),
        'entries': (queries.weekly_entries(riverside, weeks), 'diary_entry'),
    }
    read = {name: rows_read(rows, table) for name, (rows, table) in asked.items()}
    assert {name for name, number in read.items() if number > len(patients) ** 2} == set(), read
    assert Flag.objects.count() > OLD


def test_the_page_asks_the_same_number_of_questions_for_few_and_many(
    riverside: Clinic, patients: list[Patient], rosa: Membership
) -> None:
    numbers = []
    for several in (patients[:1], patients[1:]):
        for patient in several:
            told_us(patient, RACING | ACHING, at=EARLIER)
        with CaptureQueriesContext(connection) as asked:
            page(riverside)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]
