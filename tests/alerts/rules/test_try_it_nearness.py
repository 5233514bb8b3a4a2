"""How near a rule came, and cases written out and read again; on made-up patients."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from alerts.content import default_program
from alerts.engine import CaseError, EntryFacts, Explanation, PatientFacts
from alerts.engine.exchange import Case, read_case, written
from alerts.engine.nearness import missing, touched
from tests.alerts.engine.made_up import CATALOGUE, cases

PROGRAM = default_program()
AT = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)
modestly = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def leaf(held=False, **seen):
    return Explanation('yes', {}, held, seen)


def group(word, *children):
    held = (any if word == 'any' else all)(child.held for child in children)
    return Explanation(word, {}, held, {}, (), children)


@given(case=cases(most=4))
@modestly
def test_nothing_is_missing_exactly_where_the_rule_fires(case):
    patient, entries = case
    for result in PROGRAM.evaluate(patient, entries):
        for rule in PROGRAM.rule_set.rules:
            why = PROGRAM.explain(patient, entries, result.entry_id, rule)
            assert (missing(why) == 0) == (rule in result.rule_ids)
            assert touched(why) or rule not in result.rule_ids


def test_the_cheapest_way_to_fire_counts():
    both = group('all', leaf(), leaf())
    assert missing(group('any', both, leaf(), leaf())) == 1
    assert missing(group('all', both, leaf(held=True), leaf())) == 3
    assert missing(group('any', both, group('all', leaf(), leaf(), leaf()))) == 2


def test_each_day_that_lacks_something_counts_for_what_it_lacks():
    full = Explanation('day', {}, True, {}, (), (leaf(held=True), leaf(held=True)))
    half = Explanation('day', {}, False, {}, (), (leaf(held=True), leaf()))
    without_entry = Explanation('day', {}, False, {'entries': []})
    assert missing(Explanation('persists', {'at_least': 2}, False, {}, (), (full, half, without_entry))) == 3


def test_an_answer_that_is_not_enough_is_still_something_to_look_at():
    assert touched(leaf(celsius=37.8))
    assert touched(group('all', leaf(), leaf(stools_24h=0)))
    assert not touched(leaf(celsius=None, reported=[], severity={'RASH': None}, on_steroids=False))


@given(case=cases())
@modestly
def test_a_case_that_was_written_is_read_as_the_same_facts(case):
    patient, entries = case
    read = read_case(written(Case('made up', patient, tuple(entries))).encode(), CATALOGUE)
    assert read.patient.doses == patient.doses
    assert [(each.id, each.at, set(each.answers)) for each in read.entries] == [
        (each.id, each.at, set(each.answers)) for each in entries
    ]
    assert PROGRAM.evaluate(read.patient, read.entries) == PROGRAM.evaluate(patient, entries)
    assert read_case(written(read).encode(), CATALOGUE) == read


def test_every_digit_and_every_letter_survives():
    exact = Decimal('38.0000000000000000000000001')
    entry = EntryFacts('é "1"', AT, {'FEVER': {'celsius': exact}, 'OTHER': {'text': 'ü\n"x"'}}, {})
    made = Case('a\n"b"', PatientFacts(ZoneInfo('UTC')), (entry,))
    assert '\n' not in written(made)
    assert read_case(written(made).encode(), CATALOGUE) == replace(made, entries=(entry._replace(at=AT),))


def test_a_line_that_is_no_case_says_where():
    with pytest.raises(CaseError, match='given twice'):
        read_case(b'{"case": "a", "case": "b", "patient": {"time_zone": "UTC"}, "entries": []}', CATALOGUE)
    with pytest.raises(CaseError, match='not JSON'):
        read_case(b'hello', CATALOGUE)
