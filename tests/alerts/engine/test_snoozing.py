"""What a snooze hides: every severity sequence, every break, and an expectation that is read strictly."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.content import default_program
from alerts.engine import EntryFacts, FlagResult, PatientFacts, Tier
from alerts.engine.snoozing import (
    Expected,
    Level,
    Verdict,
    covers,
    decide,
    end_of,
    level_of,
    rests_on_measurement,
)

NEW_YORK = ZoneInfo('America/New_York')
START = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)
LEVELS = range(5)
RASH = FlagResult('R06S', Tier.SAME_DAY, ('RASH',))
KNOWN = Expected(frozenset({'R06S'}), {'RASH': Level(1, frozenset({'itchy'}), {'percent_body': 5})})


def document(**answers: dict[str, Any]) -> dict[str, Any]:
    return {'answers': {code: {'version': 1, 'values': values} for code, values in answers.items()}}


def verdict(expected: Expected, flags: Iterable[FlagResult], **answers: dict[str, Any]) -> Verdict:
    flags = list(flags)
    return decide(expected, flags, level_of({code for flag in flags for code in flag.symptoms}, document(**answers)))


# -- every sequence -----------------------------------------------------------------------------------------------------------


def flags_of_days(symptom: str, severities: tuple[int, ...]) -> list[tuple[FlagResult, ...]]:
    """What the default rules say of one entry a day."""
    entries = [
        EntryFacts(f'{day:02}', START + timedelta(days=day), {symptom: {'severity': severity}}, {})
        for day, severity in enumerate(severities)
    ]
    return [result.flags for result in default_program().evaluate(PatientFacts(NEW_YORK, (), (), {}), entries)]


def alerting(flags: Iterable[FlagResult]) -> list[FlagResult]:
    return [flag for flag in flags if flag.tier >= Tier.SAME_DAY]


@pytest.mark.parametrize('symptom', ['RASH', 'FATIGUE'])
def test_no_sequence_of_severities_hides_red_or_worse(symptom: str) -> None:
    """All 19,530 sequences of one to six days (as the prefixes of the longest), for a snooze at every level and of any rule."""
    rules = frozenset(rule.id for rule in default_program().rule_set.rules.values())
    seen, hidden, red, worse = 0, 0, 0, 0
    for severities in product(LEVELS, repeat=6):
        days = flags_of_days(symptom, severities)
        for expected_level in LEVELS:
            # The most generous snooze there can be: it expects every rule, so that the level alone is what breaks it.
            expected = Expected(rules, {symptom: Level(expected_level)})
            for severity, flags in zip(severities, map(alerting, days), strict=True):
                seen += 1
                if not flags:
                    continue
                said = decide(expected, flags, {symptom: Level(severity)})
                if any(flag.tier > Tier.SAME_DAY for flag in flags):
                    assert said is Verdict.RED
                    red += 1
                elif severity > expected_level:
                    assert said is Verdict.WORSE
                    worse += 1
                else:
                    assert said is Verdict.STAYS
                    hidden += 1
    assert seen == 5**6 * 6 * 5
    assert min(hidden, red, worse) > 1000  # each kind was met, and often


@pytest.mark.parametrize('level', [1, 2])
def test_a_snooze_runs_until_the_first_day_that_is_worse_new_or_red(level: int) -> None:
    """A snooze as a nurse makes it of the first day's flags, followed through all 15,625 sequences of the six days after it."""
    ran_to_the_end = broken = 0
    for severities in product(LEVELS, repeat=6):
        first, *days = map(alerting, flags_of_days('RASH', (level, *severities)))
        expected = Expected.of(first, {'RASH': Level(level)})
        runs = True
        for severity, flags in zip(severities, days, strict=True):
            if runs and flags and decide(expected, flags, {'RASH': Level(severity)}) is not Verdict.STAYS:
                runs, broken = False, broken + 1
            if runs:  # whatever it kept quiet on this day was known, and no worse
                assert severity <= level
                assert all(flag.tier is Tier.SAME_DAY and flag.rule_id in expected.rules for flag in flags)
        ran_to_the_end += runs
    assert ran_to_the_end + broken == 5**6
    assert min(ran_to_the_end, broken) > 50


# -- what breaks it -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    'told',
    [
        {'severity': 1, 'itchy': True, 'percent_body': 5},
        {'severity': 1},
        {'severity': 0, 'percent_body': 4.9},
        {'severity': 1, 'itchy': False, 'painful': False, 'percent_body': 0},
        {},
    ],
)
def test_the_same_or_less_stays_quiet(told: dict[str, Any]) -> None:
    assert verdict(KNOWN, [RASH], RASH=told) is Verdict.STAYS


@pytest.mark.parametrize(
    'told',
    [
        {'severity': 2},
        {'severity': 1, 'painful': True},
        {'severity': 1, 'percent_body': 5.01},
        {'severity': 1, 'warmth': 1},  # a number that was not told before
        {'severity': 1, 'text': 'it bleeds'},  # words cannot be compared
        {'severity': 1, 'call_back': True},  # a request is said anew each time
        {'severity': 1, 'worried': True},
    ],
)
def test_more_of_anything_ends_it(told: dict[str, Any]) -> None:
    assert verdict(KNOWN, [RASH], RASH=told) is Verdict.WORSE


def test_a_new_rule_or_symptom_ends_it() -> None:
    same, fever = {'severity': 1}, {'severity': 1}
    new_rule = FlagResult('C04', Tier.SAME_DAY, ('RASH',))
    new_symptom = FlagResult('R06S', Tier.SAME_DAY, ('FEVER', 'RASH'))
    assert verdict(KNOWN, [RASH, new_rule], RASH=same) is Verdict.WORSE
    assert verdict(KNOWN, [new_symptom], RASH=same, FEVER=fever) is Verdict.WORSE


@pytest.mark.parametrize('tier', [Tier.URGENT, Tier.EMERGENCY])
def test_red_is_red_whatever_was_expected(tier: Tier) -> None:
    everything = Expected(frozenset({'R06S'}), {'RASH': Level(4, frozenset({'painful'}), {'percent_body': 100})})
    assert verdict(everything, [FlagResult('R06S', tier, ('RASH',))], RASH={'severity': 1}) is Verdict.RED
    assert verdict(everything, [RASH, FlagResult('R06', tier, ('RASH',))], RASH={'severity': 1}) is Verdict.RED


def test_what_makes_no_alert_is_no_news() -> None:
    assert verdict(KNOWN, [FlagResult('M01', Tier.MONITOR, ('NAUSEA',))], NAUSEA={'severity': 4}) is Verdict.STAYS
    assert verdict(KNOWN, []) is Verdict.STAYS


def test_a_flag_without_symptoms_is_never_covered() -> None:
    expected = Expected(frozenset({'S01S'}), {})
    assert not covers(expected, [FlagResult('S01S', Tier.SAME_DAY, ())], {})


# -- what can be expected -------------------------------------------------------------------------------------------------------


def test_only_what_can_be_compared_becomes_expected() -> None:
    flags = [
        RASH,
        FlagResult('S01S', Tier.SAME_DAY, ()),
        FlagResult('C07', Tier.SAME_DAY, ('OTHER',)),
        FlagResult('R06', Tier.URGENT, ('RASH',)),
    ]
    levels = level_of({'RASH', 'OTHER'}, document(RASH={'severity': 2}, OTHER={'call_back': True}))
    assert Expected.of(flags, levels) == Expected(frozenset({'R06S'}), {'RASH': Level(2)})


def test_levels_are_read_from_the_answers() -> None:
    told = {'severity': 2, 'painful': True, 'itchy': False, 'percent_body': 4.5, 'text': ' '}
    levels = level_of(['RASH', 'COUGH'], document(RASH=told))
    assert levels == {'RASH': Level(2, frozenset({'painful'}), {'percent_body': Decimal('4.5')}), 'COUGH': Level()}


def test_a_measurement_is_found_in_the_explanation() -> None:
    def tree(word: str, held: bool, *children: dict[str, Any]) -> dict[str, Any]:
        return {'word': word, 'held': held, 'children': list(children)}

    weight = tree('measure_changed', True)
    assert rests_on_measurement(tree('any', True, tree('severity', False), tree('all', True, weight)))
    assert not rests_on_measurement(tree('any', True, tree('severity', True), tree('measure_below', False)))


# -- stored ---------------------------------------------------------------------------------------------------------------------


def test_what_is_stored_comes_back_the_same() -> None:
    stored = KNOWN.to_json()
    assert stored == {
        'rules': ['R06S'],
        'symptoms': {'RASH': {'severity': 1, 'yes': ['itchy'], 'numbers': {'percent_body': 5}}},
    }
    assert Expected.from_json(stored) == KNOWN
    exact = Expected(frozenset({'R02S'}), {'FEVER': Level(None, frozenset(), {'celsius': Decimal('37.' + '1' * 30)})})
    assert Expected.from_json(exact.to_json()) == exact


@pytest.mark.parametrize(
    'stored',
    [
        None,
        {},
        {'rules': []},
        {'rules': ['R06S'], 'symptoms': {}, 'until': 1},
        {'rules': 'R06S', 'symptoms': {}},
        {'rules': [6], 'symptoms': {}},
        {'rules': [], 'symptoms': []},
        {'rules': [], 'symptoms': {'RASH': {'severity': 1}}},
        {'rules': [], 'symptoms': {'RASH': {'severity': 5, 'yes': [], 'numbers': {}}}},
        {'rules': [], 'symptoms': {'RASH': {'severity': True, 'yes': [], 'numbers': {}}}},
        {'rules': [], 'symptoms': {'RASH': {'severity': 1, 'yes': 'itchy', 'numbers': {}}}},
        {'rules': [], 'symptoms': {'RASH': {'severity': 1, 'yes': [], 'numbers': []}}},
        {'rules': [], 'symptoms': {'RASH': {'severity': 1, 'yes': [], 'numbers': {'percent_body': 'much'}}}},
        {'rules': [], 'symptoms': {'RASH': {'severity': 1, 'yes': [], 'numbers': {'percent_body': True}}}},
    ],
)
def test_an_unknown_expectation_raises(stored: object) -> None:
    with pytest.raises(ValueError, match=r'needed|mapping|severity'):
        Expected.from_json(stored)


# -- until when -----------------------------------------------------------------------------------------------------------------


def test_it_ends_with_the_local_day_also_when_the_clocks_change() -> None:
    now = datetime(2026, 10, 30, 14, 0, tzinfo=UTC)
    assert end_of(date(2026, 10, 30), now=now, zone=NEW_YORK) == datetime(2026, 10, 31, 4, 0, tzinfo=UTC)
    assert end_of(date(2026, 11, 1), now=now, zone=NEW_YORK) == datetime(2026, 11, 2, 5, 0, tzinfo=UTC)  # 25 hours long


@pytest.mark.parametrize('days', [-1, 31])
def test_not_yesterday_and_not_for_ever(days: int) -> None:
    with pytest.raises(ValueError, match='not within 30 days'):
        end_of(START.date() + timedelta(days=days), now=START, zone=NEW_YORK)
