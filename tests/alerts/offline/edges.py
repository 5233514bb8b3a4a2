"""Timelines that stand on the edges of rules: the very instant, the very day, the very number, and a hair beside each."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from alerts.engine import ContextSpan, Dose, EntryFacts, PatientFacts
from tests.alerts.offline.told import Made, Usual

HAIR = timedelta(microseconds=1)
HAIRS = (timedelta(), timedelta(), HAIR, -HAIR)
STEPS = (0, 0, 1, 12, 24, 24, 24, 24, 48, 168)
ZONES = ('America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'UTC')
SEVERE = ('COUGH', 'RASH', 'NAUSEA', 'ITCH')
# 80 and 120 are usual: 5 %, 10 %, 30 % of them, with more digits than a double keeps apart after one multiplication.
WEIGHTS = (
    76,
    72,
    84,
    88,
    Decimal('75.99999999999999'),
    Decimal('76.00000000000001'),
    80.5,
    Decimal('83.99999999999999'),
)
PRESSURES = (84, 90, Decimal('83.99999999999999'), Decimal('89.99999999999999'), 91, 120)
STOOLS = (0, 1, 4, 5, 6, 8)


def rule(tier: str, when: Any) -> dict[str, Any]:
    return {'tier': tier, 'title': 'On the edge', 'basis': 'design', 'cites': ['penn'], 'when': when}


def lasting(days: int, at_least: int, *of: Any) -> dict[str, Any]:
    return {'persists': {'days': days, 'at_least': at_least, 'of': list(of)}}


COUGH, RASH = {'symptom': 'COUGH', 'gte': 2}, {'symptom': 'RASH', 'gte': 1}
RULES = {
    'X01': rule('same_day', COUGH),
    'X02': rule('same_day', RASH),
    'X03': rule('urgent', {'same_day_findings_24h_gte': 2}),
    'X04': rule('urgent', {'hours_since_dose': {'lte': 12}}),
    'X05': rule('urgent', {'hours_since_dose': {'lte': 24.5}}),
    'X06': rule('monitor', {'therapy': 'car_t', 'day_gte': 1, 'day_lte': 2}),
    'X07': rule('urgent', {'context': 'on_steroids'}),
    'X08': rule('urgent', {'new_any': ['COUGH', 'RASH', 'DIARRHEA', 'FEVER']}),
    'X09': rule('emergency', {'worsened': 'COUGH', 'by': 2}),
    'X10': rule('same_day', {'any_worsened_by': 1}),
    'X11': rule('same_day', lasting(2, 1, COUGH, RASH)),
    'X12': rule('urgent', lasting(2, 2, {'any_severity_gte': 1}, {'any_worsened_by': 1}, {'context': 'on_steroids'})),
    'X13': rule('same_day', {'persists_any_severity': {'days': 2, 'gte': 2}}),
    'X14': rule('urgent', {'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 4}),
    'X15': rule('urgent', {'measure': 'weight', 'drop_percent_gt': 5}),
    'X16': rule('urgent', {'measure': 'weight', 'change_percent_gte': 5}),
    'X17': rule('emergency', {'measure': 'systolic_bp', 'lt': 90}),
    'X18': rule('emergency', {'measure': 'systolic_bp', 'drop_percent_gt': 30}),
    'X19': rule('emergency', {'symptom': 'FEVER', 'field': 'celsius', 'gte': 38}),
    'X20': rule(
        'urgent', lasting(3, 1, lasting(2, 1, {'worsened': 'COUGH', 'by': 1}, RASH), {'same_day_findings_24h_gte': 1})
    ),
    'X21': rule('urgent', {'reported_any': ['FEVER', 'DIARRHEA']}),
    'X22': rule('urgent', {'all': [{'persists_any_severity': {'days': 1, 'gte': 1}}, 'dosed']}),
}
CONTENT = {
    'macros': {'dosed': {'hours_since_dose': {'lte': 168}}},
    'rules': RULES,
    'follow_up_months_after_last_dose': 24,
    'acknowledge_within_minutes': {'emergency': 5, 'urgent': 60, 'same_day': 240},
}


def answers(chance: Random) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        code: {'severity': chance.randint(0, 4)} for code in SEVERE if chance.random() < 0.5
    }
    if chance.random() < 0.4:
        found['DIARRHEA'] = {'stools_24h': chance.choice(STOOLS)}
    if chance.random() < 0.4:
        found['FEVER'] = {'celsius': chance.choice([37.9, 38, Decimal('37.99999999999999'), 38.000000000000007, 37])}
    return found


def measured(chance: Random) -> dict[str, Any]:
    found: dict[str, Any] = {'weight': chance.choice(WEIGHTS)} if chance.random() < 0.5 else {}
    return found | ({'systolic_bp': chance.choice(PRESSURES)} if chance.random() < 0.5 else {})


def entries(chance: Random, start: datetime) -> list[EntryFacts]:
    at, found = start, []
    twice = chance.random() < 0.5  # the words of some symptoms were changed on the way
    for index in range(chance.randint(2, 6)):
        at += timedelta(hours=chance.choice(STEPS)) + chance.choice(HAIRS)
        scales = {code: chance.randint(0, 1) for code in SEVERE} if twice else {}
        found.append(EntryFacts(f'e{index}', at, answers(chance), measured(chance), scales))
    return found


def timeline(chance: Random) -> Made:
    zone = ZoneInfo(chance.choice(ZONES))
    start = datetime(2026, chance.choice([3, 10]), chance.choice([5, 26]), chance.choice([0, 4, 12, 23]), tzinfo=UTC)
    said = entries(chance, start)
    near = [each.at + chance.choice(HAIRS) for each in said]
    doses = [
        Dose(chance.choice(['car_t', 'cytokine']), at - timedelta(hours=chance.choice([0, 12, 24.5, 24, 48, 72])))
        for at in near
    ]
    spans = [
        ContextSpan('on_steroids', *chance.choice([(None, at), (at, None), (at, at), (at - HAIR, at)])) for at in near
    ]
    usual: Usual = (
        ('weight', start - timedelta(days=9), 80),
        ('systolic_bp', start - timedelta(days=9), 120),
        *((('stools_24h', chance.choice(near), chance.choice([0, 1, 2])),) if chance.random() < 0.7 else ()),
        *((('weight', chance.choice(near), 85),) if chance.random() < 0.3 else ()),
    )
    by_time = tuple(sorted(usual, key=lambda one: one[1]))
    return Made(
        PatientFacts(zone, tuple(chance.sample(doses, 1)), tuple(chance.sample(spans, 1))), tuple(said), by_time
    )


def timelines(count: int) -> list[Made]:
    chance = Random(1147)  # the same every time: a difference must come again
    return [timeline(chance) for _ in range(count)]
