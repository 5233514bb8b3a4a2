"""The engine's explanations in words: every word of the rule language has some, and only what held is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.content import default_catalogue, default_program, default_rules
from alerts.engine import ContextSpan, Dose, EntryFacts, PatientFacts
from alerts.words.evidence import _WORDS, Line, Names, lines

NOW = datetime(2026, 11, 16, 14, tzinfo=UTC)
# Everything at once, for ten days: so much that nearly every condition of the default rules holds.
ANSWERS = {
    'FEVER': {'severity': 3, 'celsius': 39.2, 'hours_at_or_above_38': 2},
    'CHILLS': {'severity': 3},
    'FATIGUE': {'severity': 3},
    'DIARRHEA': {'severity': 3, 'stools_24h': 9, 'at_night': True},
    'BLOODSTOOL': {'present': True, 'heavy': True},
    'DYSPNEA': {'severity': 3, 'at_rest': True},
    'CHESTPAIN': {'severity': 2},
    'PALPIT': {'severity': 1},
    'HIVES': {'present': True},
    'ITCH': {'severity': 2},
    'COUGH': {'severity': 2},
    'VOMIT': {'severity': 3, 'times_24h': 7},
    'SPEECH': {'present': True},
    'OTHER': {'worried': True, 'text': 'all of it'},
}
NAMES = Names({'COUGH': 'Cough', 'ITCH': 'Itching'}, {'spo2': 'oxygen'}, {'car_t': 'CAR T-cells'})


def everything() -> tuple[PatientFacts, list[EntryFacts]]:
    patient = PatientFacts(
        ZoneInfo('America/New_York'),
        (Dose('car_t', NOW - timedelta(days=3)), Dose('checkpoint_inhibitor', NOW - timedelta(hours=5))),
        tuple(ContextSpan(code) for code in ('on_steroids', 'on_antipyretics', 'neutropenia_risk')),
        {'stools_24h': 1, 'systolic_bp': 130, 'weight': 80},
    )
    measured = {'systolic_bp': 80, 'weight': 60, 'spo2': 88}
    mild = {'COUGH': {'severity': 1}, 'RASH': {'severity': 1}}
    earlier = [EntryFacts(f'e{day}', NOW - timedelta(days=day), ANSWERS | mild) for day in range(1, 10)]
    return patient, [*earlier, EntryFacts('now', NOW, ANSWERS | {'RASH': {'severity': 4}}, measured)]


def told(found: tuple[Line, ...]) -> list[str]:
    return [text for line in found for text in (line.text, *told(line.below))]


@pytest.mark.parametrize('rule', sorted(default_rules().rules))
def test_every_rule_can_say_why_it_fired(rule: str) -> None:
    patient, entries = everything()
    tree = default_program().explain(patient, entries, 'now', rule).as_json()
    found = told(lines(tree, NAMES))
    assert bool(found) == tree['held']
    assert all(text and '%(' not in text for text in found)


def test_the_default_rules_use_every_word() -> None:
    patient, entries = everything()
    seen: set[str] = set()

    def walk(tree: object) -> None:
        seen.add(tree['word'])  # type: ignore[index]
        for child in tree['children']:  # type: ignore[index]
            walk(child)

    for rule in default_rules().rules:
        walk(default_program().explain(patient, entries, 'now', rule).as_json())
    assert seen - {'any', 'all', 'macro'} <= set(_WORDS)
    # What no default rule says is tried by hand below.
    assert set(_WORDS) - seen <= {'measure_dropped', 'measure_below', 'worsened', 'over_baseline'}


def leaf(word: str, asked: dict[str, object], seen: dict[str, object], *symptoms: str) -> dict[str, object]:
    return {'word': word, 'asked': asked, 'seen': seen, 'held': True, 'symptoms': list(symptoms), 'children': []}


@pytest.mark.parametrize(
    ('tree', 'text'),
    [
        (
            leaf('measure_below', {'measure': 'spo2', 'lt': 92}, {'spo2': 91, 'baseline': None}),
            'oxygen: 91 (the rule asks for less than 92)',
        ),
        (
            leaf('measure_dropped', {'measure': 'spo2', 'drop_percent_gt': 30}, {'spo2': 60, 'baseline': 98}),
            'oxygen: 60, usual 98: more than 30 % lower',
        ),
        (
            leaf(
                'worsened',
                {'symptom': 'COUGH', 'by': 1},
                {'severity': {'COUGH': 2}, 'severity_before': {'COUGH': 0}},
                'COUGH',
            ),
            'Cough: from none to moderate',
        ),
        (
            leaf(
                'over_baseline',
                {'symptom': 'COUGH', 'field': 'stools_24h', 'over_baseline_gte': 4},
                {'stools_24h': 6, 'baseline': None},
                'COUGH',
            ),
            'Cough: stools in 24 hours 6, usual not known (the rule asks for 4 or more)',
        ),
        (leaf('new_any', {}, {'previous_entry': None}, 'ITCH'), 'New, with no earlier entry to compare: Itching'),
        (
            leaf('therapy', {'therapy': 'car_t', 'day_gte': 0, 'day_lte': 14}, {'day': 12}),
            'Day 12 after CAR T-cells (the rule counts day 0 to 14)',
        ),
        (
            leaf('therapy', {'therapy': 'car_t', 'day_gte': 0, 'day_lte': 3660}, {'day': 12}),
            'Treated with CAR T-cells',
        ),
        (
            leaf('number', {'symptom': 'COUGH', 'field': 'celsius', 'gte': 38}, {'celsius': 38.88888}, 'COUGH'),
            'Cough: temperature 38.9 °C (the rule asks for 38 °C or more)',
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(tree: dict[str, object], text: str) -> None:
    assert [line.text for line in lines(tree, NAMES)] == [text]


def test_what_did_not_hold_is_not_told() -> None:
    assert lines({'held': False, 'word': 'yes', 'children': [], 'asked': {}, 'seen': {}, 'symptoms': []}, NAMES) == ()


def test_an_unknown_word_raises() -> None:
    with pytest.raises(KeyError, match='snores'):
        lines(leaf('snores', {}, {}), NAMES)


def test_every_symptom_of_the_catalogue_can_be_named() -> None:
    assert Names({code: spec.name for code, spec in default_catalogue().symptoms.items()}).listed(['FEVER']) != 'FEVER'
