"""Rules and facts as plain data: everything arrives, nothing is rounded, and only what is pressing goes along."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from alerts.content import default_rules
from alerts.engine import ContextSpan, Dose, EntryFacts, FactError, PatientFacts, RuleError, RuleSet, Tier
from alerts.engine.parse import ConditionReader
from alerts.engine.portable import (
    micros,
    plain_number,
    portable_catalogue,
    portable_entry,
    portable_patient,
    portable_rules,
    pressing_rules,
)
from alerts.engine.spot import Spot
from tests.alerts.engine.made_up_rules import CATALOGUE, conditions

RULES = default_rules()
NOON = datetime(2026, 3, 8, 12, tzinfo=ZoneInfo('America/New_York'))


def test_pressing_rules_bring_the_same_day_rules_that_they_count():
    tiers = {rule.id: rule.tier for rule in pressing_rules(RULES)}
    assert set(tiers.values()) == {Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY}
    assert {rule.id for rule in RULES.rules.values() if rule.tier >= Tier.URGENT} <= set(tiers)
    assert 'R04S' in tiers


def test_without_a_rule_that_counts_them_no_same_day_rule_goes_along():
    content = {
        'rules': {
            'X1': {
                'tier': 'urgent',
                'title': 'Cough',
                'basis': 'design',
                'cites': ['penn'],
                'when': {'any_severity_gte': 3},
            },
            'X2': {
                'tier': 'same_day',
                'title': 'Cough',
                'basis': 'design',
                'cites': ['penn'],
                'when': {'any_severity_gte': 1},
            },
        },
        'follow_up_months_after_last_dose': 24,
        'acknowledge_within_minutes': {'emergency': 5, 'urgent': 60, 'same_day': 240},
    }
    assert [rule.id for rule in pressing_rules(RuleSet.parse(content, CATALOGUE))] == ['X1']


@given(conditions)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_condition_that_went_through_json_is_the_same_condition(condition):
    macros = {
        name: Spot(json.loads(json.dumps(when)), RuleError)
        for name, when in portable_rules([], RULES.macros)['macros'].items()
    }
    node = ConditionReader(CATALOGUE, macros).read(Spot(condition, RuleError))
    rule = RULES.rules['E01'].__class__('X1', Tier.URGENT, 'Made up', RULES.rules['E01'].basis, ('penn',), node)
    (written,) = json.loads(json.dumps(portable_rules([rule], {})))['rules']
    assert ConditionReader(CATALOGUE, macros).read(Spot(written['when'], RuleError)) == node


def test_the_lookback_is_in_microseconds():
    assert portable_rules(RULES.rules.values(), RULES.macros)['lookback'] == (9 * 24 + 2) * 3600 * 10**6


@pytest.mark.parametrize(
    ('value', 'plain'),
    [
        (3, 3),
        (38.3, '38.3'),
        (Decimal('38.30'), '38.30'),
        (Decimal('38.0'), 38),
        (2**60, '1152921504606846976'),
        (1e-7, '0.0000001'),
    ],
)
def test_a_number_keeps_every_digit(value, plain):
    assert plain_number(value) == plain


@pytest.mark.parametrize('value', [float('nan'), float('inf'), True, '38'])
def test_what_is_no_number_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        plain_number(value)


def test_facts_carry_instants_to_the_microsecond_and_no_words():
    entry = EntryFacts(
        'e1', NOON + timedelta(microseconds=1), {'OTHER': {'text': 'my secret', 'worried': True}}, {'weight': 72.5}
    )
    found = portable_entry(entry)
    assert found['at'] == micros(NOON) + 1 == int(NOON.astimezone(UTC).timestamp()) * 10**6 + 1
    assert found['answers'] == {'OTHER': {'text': None, 'worried': True}}
    assert found['measurements'] == {'weight': '72.5'}
    assert 'scales' not in found
    patient = PatientFacts(ZoneInfo('Europe/London'), (Dose('car_t', NOON),), (ContextSpan('on_steroids', None, NOON),))
    assert portable_patient(patient) == {
        'zone': 'Europe/London',
        'doses': [['car_t', micros(NOON)]],
        'contexts': [['on_steroids', None, micros(NOON)]],
    }


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(FactError):
        micros(datetime(2026, 3, 8))  # noqa: DTZ001


def test_the_catalogue_says_from_which_value_a_field_reports():
    fever = portable_catalogue(CATALOGUE)['symptoms']['FEVER']['fields']
    assert fever == {
        'severity': {'kind': 'severity', 'from': 1},
        'celsius': {'kind': 'number', 'from': 38},
        'hours_at_or_above_38': {'kind': 'number', 'from': None},
    }
