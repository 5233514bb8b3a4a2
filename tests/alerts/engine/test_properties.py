"""What must hold for every patient and timeline, tried on made-up ones."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.content import catalogue_mapping, default_program, read_yaml, rules_mapping
from alerts.engine import Kind, RuleSet, compile_rules
from tests.alerts.engine import reference
from tests.alerts.engine.made_up import ANSWERS, CATALOGUE, cases, rescaled

PROGRAM = default_program()
RULES, PLAIN_CATALOGUE = rules_mapping(), catalogue_mapping()
# Times vary with the machine, so no example fails for being slow.
modestly = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

UNUSUAL = read_yaml((Path(__file__).parent / 'unusual_rules.yaml').read_text())
UNUSUAL_PROGRAM = compile_rules(RuleSet.parse(UNUSUAL, CATALOGUE))

both = pytest.mark.parametrize(
    ('program', 'content'), [(PROGRAM, RULES), (UNUSUAL_PROGRAM, UNUSUAL)], ids=['default', 'unusual']
)


def as_reference(results):
    return [(r.entry_id, r.tier.word, {f.rule_id: set(f.symptoms) for f in r.flags}) for r in results]


@both
@given(case=cases())
@modestly
def test_the_compiled_rules_answer_as_the_reference_does(program, content, case):
    patient, entries = case
    answered = as_reference(program.evaluate(patient, entries))
    assert answered == reference.evaluate(content, PLAIN_CATALOGUE, patient, entries)


@both
@given(case=rescaled())
@modestly
def test_both_read_changed_scales_alike(program, content, case):
    patient, entries = case
    answered = as_reference(program.evaluate(patient, entries))
    assert answered == reference.evaluate(content, PLAIN_CATALOGUE, patient, entries)


@given(case=cases(), data=st.data())
@modestly
def test_the_order_of_arrival_does_not_matter(case, data):
    patient, entries = case
    shuffled = data.draw(st.permutations(entries))
    assert PROGRAM.evaluate(patient, shuffled) == PROGRAM.evaluate(patient, entries)


@both
@given(case=cases(most=4) | rescaled(most=5))
@modestly
def test_the_explanation_agrees_with_the_evaluation(program, content, case):
    patient, entries = case
    for result in program.evaluate(patient, entries):
        fired = {flag.rule_id: flag.symptoms for flag in result.flags}
        for rule_id in content['rules']:
            why = program.explain(patient, entries, result.entry_id, rule_id)
            assert why.held == (rule_id in fired)
            assert why.symptoms == fired.get(rule_id, ())


@both
@given(case=cases(most=10) | rescaled(most=10), data=st.data())
@modestly
def test_the_lookback_window_is_all_the_history_that_an_entry_needs(program, content, case, data):
    patient, entries = case
    wanted = data.draw(st.sampled_from(entries))
    window = [entry for entry in entries if wanted.at - program.lookback <= entry.at <= wanted.at]
    (whole,) = [result for result in program.evaluate(patient, entries) if result.entry_id == wanted.id]
    assert program.evaluate_window(patient, window, {wanted.id}) == [whole]


@both
@given(case=cases(most=10) | rescaled(most=10), data=st.data())
@modestly
def test_an_entry_changes_no_result_beyond_the_lookback_nor_any_before_it(program, content, case, data):
    patient, entries = case
    late = data.draw(st.sampled_from(entries))
    touched = {entry.id for entry in entries if late.at <= entry.at <= late.at + program.lookback}
    without = program.evaluate(patient, [entry for entry in entries if entry is not late])
    kept = [result for result in program.evaluate(patient, entries) if result.entry_id not in touched]
    assert kept == [result for result in without if result.entry_id not in touched]


def tier_of(patient, entries, entry_id):
    (result,) = PROGRAM.evaluate_window(patient, entries, {entry_id})
    return result.tier


def with_answer(entries, entry, code, **fields):
    answers = {**entry.answers, code: {**entry.answers.get(code, {}), **fields}}
    return [each._replace(answers=answers) if each is entry else each for each in entries]


SCALES = sorted(code for code in ANSWERS if 'severity' in CATALOGUE.symptoms[code].fields)
YES_FIELDS = sorted(
    (code, field.name)
    for code in ANSWERS
    for field in CATALOGUE.symptoms[code].fields.values()
    if field.kind is Kind.YES
)


@given(case=cases(), code=st.sampled_from(SCALES), level=st.integers(1, 4), data=st.data())
@modestly
def test_raising_a_severity_never_lowers_the_tier(case, code, level, data):
    patient, entries = case
    entry = data.draw(st.sampled_from(entries))
    higher = max(level, entry.answers.get(code, {}).get('severity', 0))
    raised = with_answer(entries, entry, code, severity=higher)
    assert tier_of(patient, raised, entry.id) >= tier_of(patient, entries, entry.id)


@given(case=cases(), yes=st.sampled_from(YES_FIELDS), data=st.data())
@modestly
def test_adding_a_yes_never_lowers_the_tier(case, yes, data):
    patient, entries = case
    entry = data.draw(st.sampled_from(entries))
    added = with_answer(entries, entry, yes[0], **{yes[1]: True})
    assert tier_of(patient, added, entry.id) >= tier_of(patient, entries, entry.id)


def test_the_lookback_counts_what_same_day_findings_look_back_at():
    # C05 looks 24 hours back at C04, which looks back over 7 local days of up to 26 hours more than 7 x 24.
    assert PROGRAM.lookback == timedelta(hours=24) + timedelta(days=7) + timedelta(hours=26)
