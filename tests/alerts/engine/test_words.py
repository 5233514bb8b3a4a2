"""What a nurse reads: rules as sentences, and the tree of conditions that says why."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from alerts.content import default_program, default_rules, default_sources
from alerts.engine import Basis, EntryFacts, PatientFacts, describe, describe_rule
from alerts.engine.scope import people
from tests.alerts.engine.words_of import BOOK

RULES, PROGRAM = default_rules(), default_program()
MOMENT = datetime(2026, 5, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ('rule', 'sentence'),
    [
        (
            'R04',
            'loose stools: 4 or more over usual in 24 hours, or at night; or blood, mucus or black colour in the stool: yes',
        ),
        ('E08', 'confusion or unusual sleepiness: moderate or worse, or sudden'),
        (
            'E06',
            'fainting or nearly fainting: fainted; or upper blood pressure: below 90 mmHg, or more than 30 % below usual',
        ),
        ('U07S', 'new since the previous entry: cough; or cough 1 level worse than in the previous entry'),
        ('C01', 'any symptom severe or worse'),
        (
            'T05',
            'a patient who may have few white blood cells; and fever or feeling feverish: '
            '(38.3 °C or more, or (38 °C or more, and 38 °C or more for at least 1 h))',
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(rule, sentence):
    assert describe(RULES.rules[rule].when, BOOK) == sentence


def test_a_condition_for_the_people_of_one_therapy_counts_no_days():
    assert describe(people('car_t'), BOOK) == 'treatment with CAR T-cell therapy, now or earlier'


def test_every_default_rule_reads_as_one_sentence_without_the_words_of_the_file():
    for rule in RULES.rules.values():
        sentence = describe_rule(rule, BOOK)
        assert sentence.endswith('.')
        assert '_' not in sentence
        assert '{' not in sentence


def test_an_explanation_shows_the_values_that_met_the_rule():
    ana = PatientFacts(UTC, baseline={'stools_24h': 1})
    entry = EntryFacts('e', MOMENT, {'DIARRHEA': {'stools_24h': 5, 'at_night': False}})
    why = PROGRAM.explain(ana, [entry], 'e', 'R04')
    assert why.held
    first = why.children[0]
    assert first.asked == {'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 4}
    assert first.seen == {'stools_24h': 5, 'baseline': 1}
    assert [child.held for child in why.children] == [True, False, False]


def test_every_explanation_is_plain_json():
    ana = PatientFacts(UTC, baseline={'weight': 80.5})
    say = {'FEVER': {'celsius': 38.4, 'severity': 2}, 'RASH': {'severity': 2}}
    entries = [EntryFacts(f'e{day}', MOMENT + timedelta(days=day), say, {'weight': 72.4}) for day in range(3)]
    for rule in RULES.rules:
        tree = PROGRAM.explain(ana, entries, 'e2', rule).as_json()
        assert json.loads(json.dumps(tree)) == tree


def test_same_day_findings_name_the_entry_and_the_rule_they_come_from():
    entries = [
        EntryFacts('yesterday', MOMENT, {'BLEED': {'severity': 1}}),
        EntryFacts('now', MOMENT + timedelta(hours=24), {'DIARRHEA': {'severity': 1}}),
    ]
    why = PROGRAM.explain(PatientFacts(UTC), entries, 'now', 'C05')
    assert why.seen == {
        'symptoms': {
            'BLEED': [{'entry': 'yesterday', 'rule': 'U08'}],
            'DIARRHEA': [{'entry': 'now', 'rule': 'R04S'}],
        }
    }


def test_an_unknown_rule_or_entry_is_refused():
    entry = EntryFacts('e', MOMENT)
    with pytest.raises(KeyError):
        PROGRAM.explain(PatientFacts(UTC), [entry], 'e', 'E99')
    with pytest.raises(KeyError):
        PROGRAM.explain(PatientFacts(UTC), [entry], 'f', 'E01')


def test_every_citation_of_a_rule_leads_to_a_document_of_a_basis():
    sources = default_sources()
    for rule in RULES.rules.values():
        assert all(sources.citations[cite].document.title for cite in rule.cites)
    cited = sources.citations['cleveland-call-4']
    assert (cited.document.kind, cited.quote) == (Basis.RECOVERED, 'Diarrhea or colitis.')


def test_a_rule_of_the_substitute_list_is_never_shown_as_a_founding_one():
    substitutes = {rule.id for rule in RULES.rules.values() if any(cite.startswith('sub-') for cite in rule.cites)}
    assert substitutes
    assert all(RULES.rules[rule].basis in (Basis.SUBSTITUTE, Basis.GUIDELINE) for rule in substitutes)
