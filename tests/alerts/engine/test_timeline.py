"""Time: days are the patient's own, hours are real hours, and earlier means strictly earlier."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from alerts.content import default_catalogue, default_program
from alerts.engine import ContextSpan, Dose, EntryFacts, FactError, PatientFacts, RuleSet, Tier, compile_rules

NEW_YORK, LONDON, LORD_HOWE = ZoneInfo('America/New_York'), ZoneInfo('Europe/London'), ZoneInfo('Australia/Lord_Howe')
ST_JOHNS = ZoneInfo('America/St_Johns')
PROGRAM = default_program()


def at(zone: ZoneInfo, *moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=zone, fold=fold)


def said(name: str, moment: datetime, **answers) -> EntryFacts:
    return EntryFacts(name, moment, answers)


def rules(patient: PatientFacts, entries: list[EntryFacts], wanted: str) -> list[str]:
    return next(r.rule_ids for r in PROGRAM.evaluate(patient, entries) if r.entry_id == wanted)


def test_three_days_of_a_symptom_count_across_the_day_with_23_hours():
    ana = PatientFacts(NEW_YORK)
    # From Saturday 00:10 to Monday 23:50 are 70 h 40 min of three calendar days; the clocks went forward on Sunday.
    days = [at(NEW_YORK, 2026, 3, 7, 0, 10), at(NEW_YORK, 2026, 3, 8, 3, 5), at(NEW_YORK, 2026, 3, 9, 23, 50)]
    entries = [said(f'e{n}', moment, CONSTIP={'severity': 2}) for n, moment in enumerate(days)]
    assert 'C04' in rules(ana, entries, 'e2')
    assert 'C04' not in rules(ana, entries[::2], 'e2')


@pytest.mark.parametrize(('zone', 'day'), [(NEW_YORK, (2026, 11, 1)), (LORD_HOWE, (2026, 4, 5))], ids=str)
def test_the_hour_that_comes_twice_is_two_hours(zone, day):
    patient = PatientFacts(zone)
    first, second = at(zone, *day, 1, 50), at(zone, *day, 1, 50, fold=1)
    entries = [said('first', first, ITCH={'severity': 1}), said('second', second, ITCH={'severity': 1})]
    # In the second the itching is not new any more: the first came before it, although both clocks say 1:50.
    assert ('A03S' in rules(patient, entries, 'first'), 'A03S' in rules(patient, entries, 'second')) == (True, False)


def test_hours_after_a_dose_are_real_hours_on_the_day_with_25():
    dose = Dose('cytokine', at(LONDON, 2026, 10, 24, 12, 0))
    ana = PatientFacts(LONDON, (dose,))
    real_24, clock_24 = at(LONDON, 2026, 10, 25, 11, 0), at(LONDON, 2026, 10, 25, 12, 0)
    assert 'E05' in rules(ana, [said('e', real_24, DIZZY={'severity': 2})], 'e')
    assert 'E05' not in rules(ana, [said('e', clock_24, DIZZY={'severity': 2})], 'e')


def test_therapy_days_are_local_calendar_days():
    ben = PatientFacts(NEW_YORK, (Dose('car_t', at(NEW_YORK, 2026, 3, 1, 23, 30)),))
    speech = {'SPEECH': {'present': True}}
    assert 'T02' in rules(ben, [said('e', at(NEW_YORK, 2026, 3, 15, 23, 59), **speech)], 'e')
    assert 'T03' in rules(ben, [said('e', at(NEW_YORK, 2026, 3, 16, 0, 0), **speech)], 'e')
    assert 'T03' in rules(ben, [said('e', at(NEW_YORK, 2026, 3, 31, 23, 59), **speech)], 'e')
    assert 'T03' not in rules(ben, [said('e', at(NEW_YORK, 2026, 4, 1, 0, 0), **speech)], 'e')


def test_a_local_day_that_comes_back_after_midnight_is_one_day():
    # St John's, 7 November 2010: at 00:01 the clocks went back to 23:01 of the 6th.
    patient = PatientFacts(ST_JOHNS)
    start = at(ST_JOHNS, 2010, 11, 6, 23, 59)
    moments = [start - timedelta(days=2), start - timedelta(days=1), start, start + timedelta(minutes=1, seconds=30)]
    moments.append(moments[-1].astimezone(UTC) + timedelta(minutes=20))
    entries = [said(f'e{n}', m, CONSTIP={'severity': 2 if n < 3 else 0}) for n, m in enumerate(moments)]
    assert [('C04' in rules(patient, entries, f'e{n}')) for n in range(5)] == [False, False, True, False, True]


def test_entries_of_one_instant_are_not_earlier_than_each_other():
    noon = at(UTC, 2026, 5, 5, 12)
    entries = [said('a', noon, ITCH={'severity': 1}), said('b', noon, ITCH={'severity': 3})]
    ana = PatientFacts(UTC)
    assert 'A03S' in rules(ana, entries, 'b')
    assert 'C02' not in rules(ana, entries, 'b')


def test_of_entries_of_one_instant_the_last_by_id_is_the_previous_entry():
    noon = at(UTC, 2026, 5, 5, 12)
    now = said('c', noon + timedelta(hours=1), ITCH={'severity': 3})
    ana = PatientFacts(UTC)
    assert 'C02' not in rules(ana, [said('b', noon, ITCH={'severity': 2}), said('a', noon), now], 'c')
    assert 'C02' in rules(ana, [said('a', noon, ITCH={'severity': 2}), said('b', noon), now], 'c')


def test_entries_of_one_instant_share_their_day():
    ana, day = PatientFacts(UTC), timedelta(days=1)
    noon = at(UTC, 2026, 5, 5, 12)
    entries = [said('y', noon - day, VOMIT={'severity': 1}), said('a', noon), said('b', noon, VOMIT={'severity': 1})]
    assert 'C03' in rules(ana, entries, 'a')


def test_a_context_holds_at_its_first_and_last_instants():
    start, end = at(UTC, 2026, 5, 5, 8), at(UTC, 2026, 5, 5, 20)
    ana = PatientFacts(UTC, (), (ContextSpan('on_steroids', start, end),))
    tick = timedelta(microseconds=1)
    held = [
        'T06' in rules(ana, [said('e', m, CHILLS={'severity': 1})], 'e') for m in (start - tick, start, end, end + tick)
    ]
    assert held == [False, True, True, False]


@pytest.mark.parametrize(
    ('usual', 'pressure', 'fires'), [(130.3, 91.21, False), (130.3, 91.20, True), (Decimal('142.9'), 100.03, False)]
)
def test_percent_limits_are_exact(usual, pressure, fires):
    # 70 % of 130.3 is 91.21 and of 142.9 is 100.03: exactly 30 % below is not more than 30 % below.
    ana = PatientFacts(UTC, baseline={'systolic_bp': usual})
    entry = EntryFacts('e', at(UTC, 2026, 5, 5, 8), {}, {'systolic_bp': pressure})
    assert ('E06' in rules(ana, [entry], 'e')) == fires


def test_an_entry_without_answers_has_no_flags():
    (result,) = PROGRAM.evaluate(PatientFacts(UTC), [said('e', at(UTC, 2026, 5, 5, 8))])
    assert (result.tier, result.flags) == (Tier.NONE, ())


def test_no_entries_have_no_results():
    assert PROGRAM.evaluate(PatientFacts(UTC), []) == []


MOMENT = at(UTC, 2026, 5, 5, 8)


@pytest.mark.parametrize(
    ('patient', 'entry'),
    [
        (PatientFacts(UTC), said('e', MOMENT, DYSPNOEA={'severity': 1})),
        (PatientFacts(UTC), said('e', MOMENT, FEVER={'kelvin': 300})),
        (PatientFacts(UTC), said('e', MOMENT, FEVER={'severity': 'bad'})),
        (PatientFacts(UTC), said('e', MOMENT, FEVER={'severity': None})),
        (PatientFacts(UTC), said('e', MOMENT, FEVER={'celsius': float('nan')})),
        (PatientFacts(UTC), EntryFacts('e', MOMENT, {}, {'height': 170})),
        (PatientFacts(UTC), said('e', datetime(2026, 5, 5, 8))),  # noqa: DTZ001
        (PatientFacts(UTC, (Dose('magic', MOMENT),)), said('e', MOMENT)),
        (PatientFacts(UTC, (), (ContextSpan('tired'),)), said('e', MOMENT)),
        (PatientFacts(UTC, baseline={'height': 170}), said('e', MOMENT)),
    ],
)
def test_facts_that_the_catalogue_does_not_know_are_refused(patient, entry):
    with pytest.raises(FactError):
        PROGRAM.evaluate(patient, [entry])


def test_two_entries_with_one_id_are_refused():
    with pytest.raises(FactError, match='given twice'):
        PROGRAM.evaluate(PatientFacts(UTC), [said('e', MOMENT), said('e', MOMENT + timedelta(hours=1))])


def test_a_program_serves_another_patient_without_a_trace_of_the_first():
    fever = said('e', MOMENT, ITCH={'severity': 4}, RASH={'severity': 4})
    quiet = said('e', MOMENT + timedelta(hours=1))
    assert PROGRAM.evaluate(PatientFacts(UTC), [fever])[0].tier is Tier.URGENT
    assert PROGRAM.evaluate(PatientFacts(UTC), [quiet])[0].tier is Tier.NONE


def test_rules_without_history_need_no_lookback():
    content = {
        'rules': {
            'E01': {
                'tier': 'urgent',
                'title': 'Severe',
                'basis': 'design',
                'cites': ['penn'],
                'when': {'any_severity_gte': 3},
            }
        },
        'follow_up_months_after_last_dose': 24,
        'acknowledge_within_minutes': {'emergency': 5, 'urgent': 60, 'same_day': 240},
    }
    assert compile_rules(RuleSet.parse(content, default_catalogue())).lookback == timedelta()


def test_same_day_findings_of_the_same_instant_are_not_put_together():
    entries = [said('a', MOMENT, BLEED={'severity': 1}), said('b', MOMENT, DIARRHEA={'severity': 1})]
    ana = PatientFacts(UTC)
    for name in ('a', 'b'):
        assert 'C05' not in rules(ana, entries, name)
        assert not PROGRAM.explain(ana, entries, name, 'C05').held


def test_an_entry_a_week_before_yesterday_can_decide_today():
    # Seven days of the same cough until yesterday are a same-day finding of yesterday (C04); today's bruise makes it two.
    ana = PatientFacts(UTC)
    cough = [said(f'c{n}', MOMENT - timedelta(days=n), COUGH={'severity': 1}) for n in range(1, 7)]
    oldest = said('c7', MOMENT - timedelta(days=7, hours=8), COUGH={'severity': 1})
    today = said('now', MOMENT, BLEED={'severity': 1})
    assert MOMENT - oldest.at < PROGRAM.lookback
    assert 'C05' in rules(ana, [oldest, *cough, today], 'now')
    assert 'C05' not in rules(ana, [*cough, today], 'now')
