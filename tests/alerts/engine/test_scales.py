"""The scale of a severity is changed on a day: what was answered before it is not compared with what comes after."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.content import default_catalogue, default_program
from alerts.engine import EntryFacts, PatientFacts, RuleSet, compile_rules

PROGRAM = default_program()
ANA = PatientFacts(UTC)
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def said(day: int, scale: int = 0, *, code: str = 'RASH', severity: int = 2, hour: int = 0) -> EntryFacts:
    at = NOON + day * DAY + timedelta(hours=hour)
    return EntryFacts(f'd{day:02}h{hour:02}', at, {code: {'severity': severity}}, {}, {code: scale} if scale else {})


def fires(rule: str, entries: list[EntryFacts]) -> bool:
    """For the last of them; the explanation must say the same."""
    results = PROGRAM.evaluate(ANA, entries)
    fired = rule in results[-1].rule_ids
    assert PROGRAM.explain(ANA, entries, results[-1].entry_id, rule).held == fired
    return fired


def seen(rule: str, entries: list[EntryFacts], word: str) -> list[list[str]]:
    """What the conditions with that word say of another scale."""
    found, left = [], [PROGRAM.explain(ANA, entries, entries[-1].id, rule)]
    while left:
        node = left.pop()
        left += node.children
        if node.word == word:
            found.append(node.seen.get('other_scale', []))
    return found


def test_a_severity_on_another_scale_is_never_worse():
    assert fires('C02', [said(0, severity=1), said(1, severity=3)])
    assert not fires('C02', [said(0, severity=1), said(1, 1, severity=3)])
    assert not fires('C02', [said(0, 1, severity=1), said(1, severity=3)])


def test_the_evidence_says_that_the_scale_was_another():
    assert seen('C02', [said(0, severity=1), said(1, 1, severity=3)], 'any_worsened') == [['RASH']]
    assert seen('C02', [said(0, severity=1), said(1, severity=3)], 'any_worsened') == [[]]


def test_a_symptom_that_was_not_answered_before_still_counts_as_none_before():
    assert fires('C02', [said(0, code='COUGH', severity=1), said(1, 1, severity=3)])


def test_comparisons_go_on_when_both_answers_are_on_the_new_scale():
    assert fires('C02', [said(0, severity=3), said(1, 1, severity=1), said(2, 1, severity=3)])


def test_the_absolute_tests_of_an_entry_stay_as_they_are():
    assert fires('C01', [said(0, severity=1), said(1, 1, severity=3)])
    assert fires('R06S', [said(0, severity=1), said(1, 1, severity=1)])


def test_what_is_new_is_judged_without_a_scale():
    assert not fires('A03S', [said(0, code='ITCH'), said(1, 1, code='ITCH')])
    assert fires('A03S', [said(0, code='ITCH', severity=0), said(1, 1, code='ITCH')])


def test_days_on_another_scale_do_not_last():
    assert fires('C04', [said(0), said(1), said(2)])
    assert not fires('C04', [said(0), said(1), said(2, 1)])
    assert fires('C04', [said(0), said(1, 1), said(2, 1), said(3, 1)])


def test_the_evidence_names_the_days_that_do_not_count():
    entries = [*(said(day, severity=1) for day in range(6)), said(6, 1, severity=1)]
    assert not fires('C04', entries)
    assert ['RASH'] in seen('C04', entries, 'persists_any_severity')
    days = [node for node in PROGRAM.explain(ANA, entries, entries[-1].id, 'C04').children if node.word == 'persists']
    rash = next(node for node in days if any(child.seen.get('other_scale') == ['RASH'] for child in node.children))
    assert [child.seen.get('other_scale') for child in rash.children] == [None, *[['RASH']] * 6]


def test_an_entry_without_the_symptom_keeps_the_scale_of_its_latest_answer():
    quiet = EntryFacts('z', NOON + 2 * DAY + timedelta(hours=1), {'COUGH': {'severity': 0}})
    assert fires('C04', [said(0, 1), said(1, 1), said(2, 1), quiet])
    assert not fires('C04', [said(0), said(1), said(2), said(2, 1, severity=0, hour=1), quiet])


def test_a_scale_that_comes_back_brings_its_days_back():
    entries = [said(0), said(1), said(2, 1, hour=-2), said(2)]
    assert not fires('C04', entries[:3])
    assert fires('C04', entries)


def test_the_flags_of_earlier_entries_stay_judged_in_their_own_terms():
    # Yesterday's persisting rash was a finding on the old scale; today's bruise makes it two.
    lasting = [said(day, severity=1) for day in range(7)]
    today = EntryFacts('z', NOON + 6 * DAY + timedelta(hours=20), {'BLEED': {'severity': 1}, 'RASH': {'severity': 0}})
    changed = EntryFacts(today.id, today.at, today.answers, {}, {'RASH': 1})
    assert fires('C05', [*lasting, today])
    assert fires('C05', [*lasting, changed])


@pytest.mark.parametrize('scale', [0, 1, 7])
def test_one_scale_throughout_changes_nothing(scale):
    entries = [said(day, scale, severity=1 + day % 3) for day in range(9)]
    plain = [said(day, severity=1 + day % 3) for day in range(9)]
    assert PROGRAM.evaluate(ANA, entries) == PROGRAM.evaluate(ANA, plain)


def test_tests_inside_a_lasting_condition_follow_the_scale_of_the_entry_that_asks():
    content = {
        'rules': {
            'P01': {
                'tier': 'same_day',
                'title': 'Worse on two days',
                'basis': 'design',
                'cites': ['penn'],
                'when': {'persists': {'days': 2, 'at_least': 1, 'of': [{'worsened': 'RASH', 'by': 1}]}},
            }
        },
        'follow_up_months_after_last_dose': 24,
        'acknowledge_within_minutes': {'emergency': 5, 'urgent': 60, 'same_day': 240},
    }
    program = compile_rules(RuleSet.parse(content, default_catalogue()))
    same = [said(0, severity=1), said(1, severity=2), said(2, severity=3)]
    # On the day of the change the first answer only sets the new scale; what got worse on it came a day after.
    other = [said(0, severity=1), said(1, severity=2), said(2, 1, severity=1), said(2, 1, severity=3, hour=2)]
    assert [len(program.evaluate(ANA, entries)[-1].flags) for entries in (same, other)] == [1, 0]


def test_an_entry_of_the_same_instant_on_another_scale_does_not_hide_what_got_worse():
    before = EntryFacts('a', NOON, {'ITCH': {'severity': 0}, 'RASH': {'severity': 1}})
    worse = EntryFacts('b', NOON + DAY, {'ITCH': {'severity': 3}})
    beside = EntryFacts('c', NOON + DAY, {'ITCH': {'severity': 1}}, {}, {'ITCH': 1})
    for others in ([], [beside]):
        (result,) = PROGRAM.evaluate_window(ANA, [before, worse, *others], {'b'})
        assert 'C02' in result.rule_ids
