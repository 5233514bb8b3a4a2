"""The pure parts of a replay: which rules differ, and the cases that flags would have made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.engine import FlagResult, RuleSet, Tier, compile_rules
from alerts.engine.replay_counts import Tally, added, pairs
from alerts.engine.replay_rules import differing, drafted, kept
from alerts.engine.replaying import Closing, Found, Snoozed, Worked, compare, group
from alerts.engine.snoozing import Expected, Level
from tests.alerts.engine.made_up import RULES, cases

modestly = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
AT = datetime(2026, 11, 16, 14, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IN_FORCE = compile_rules(RULES)


def drafts() -> st.SearchStrategy[RuleSet]:
    """The default rules with some taken out, some given another tier, some another condition."""
    rules = sorted(RULES.rules)
    change = st.sampled_from(['out', *(tier.word for tier in Tier if tier is not Tier.NONE), *rules])
    return st.dictionaries(st.sampled_from(rules), change, min_size=1, max_size=6).map(changed)


def changed(changes: dict[str, str]) -> RuleSet:
    rules = dict(RULES.rules)
    for rule, change in changes.items():
        if change == 'out':
            del rules[rule]
        elif change in RULES.rules:
            rules[rule] = replace(rules[rule], when=RULES.rules[change].when)
        else:
            rules[rule] = replace(rules[rule], tier=Tier.from_word(change))
    return replace(RULES, rules=rules)


@given(draft=drafts(), case=cases())
@modestly
def test_the_part_that_differs_and_the_flags_in_force_give_the_draft_exactly(draft, case):
    part = differing(RULES, draft)
    same = kept(RULES, draft, part)
    whole = IN_FORCE.evaluate(*case)
    own = compile_rules(part).evaluate(*case) if part else [None] * len(whole)
    for expected, there, fresh in zip(compile_rules(draft).evaluate(*case), whole, own, strict=True):
        assert drafted(there.flags, fresh.flags if fresh else (), same) == expected.flags


def test_another_title_or_source_makes_no_rule_differ():
    rule = replace(RULES.rules['R02'], title='Fever', cites=('ctcae_v5',), acknowledge_within_minutes=5)
    assert differing(RULES, replace(RULES, rules=RULES.rules | {'R02': rule})) is None


def test_a_changed_same_day_rule_brings_along_those_that_count_findings():
    part = differing(RULES, changed({'R06S': 'out'}))
    assert part is not None
    assert 'C05' in part.rules
    assert all(rule.tier is Tier.SAME_DAY or rule.id == 'C05' for rule in part.rules.values())


def flag(rule: str, tier: Tier = Tier.URGENT, *symptoms: str) -> FlagResult:
    return FlagResult(rule, tier, symptoms)


RED, AMBER = flag('R02'), flag('R06S', Tier.SAME_DAY, 'RASH')


def found(hours: float, revision: int, *flags: FlagResult, level: int = 1) -> Found:
    levels = {code: Level(level) for each in flags for code in each.symptoms}
    return Found(AT + hours * HOUR, revision, flags or (RED,), levels)


def entries(*found: Found, **known) -> list[list[int]]:
    return [case.revisions for case in group(found, **({'closing': Closing()} | known)).cases]


def test_flags_join_the_case_of_their_line_that_is_open():
    assert entries(found(0, 1), found(1, 2), found(2, 3, AMBER)) == [[1, 2], [3]]


def test_a_case_closes_after_a_day_where_nothing_is_known():
    assert entries(found(0, 1), found(25, 2)) == [[1], [2]]


def test_news_keeps_a_case_open_and_the_same_same_day_finding_does_not():
    assert entries(found(0, 1), found(20, 2), found(40, 3)) == [[1, 2, 3]]
    assert entries(found(0, 1, AMBER), found(20, 2, AMBER), found(40, 3, AMBER)) == [[1, 2], [3]]
    other = flag('C02', Tier.SAME_DAY, 'RASH')
    assert entries(found(0, 1, AMBER), found(20, 2, other), found(40, 3, AMBER)) == [[1, 2, 3]]


def test_a_same_day_case_closes_when_the_clinic_opens_next():
    closing = Closing(openings=[AT - HOUR, AT + 66 * HOUR])
    assert entries(found(0, 1, AMBER), found(60, 2, AMBER), found(67, 3, AMBER), closing=closing) == [[1, 2], [3]]


def test_the_clinics_usual_time_goes_before_both():
    closing = Closing({Tier.URGENT: 2 * HOUR}, openings=[AT + HOUR])
    assert entries(found(0, 1), found(1.5, 2), found(4, 3), closing=closing) == [[1, 2], [3]]


def test_a_case_closes_when_the_clinic_really_resolved_the_alert_of_that_line():
    alerts = [Worked('red', AT + HOUR / 60, AT + 30 * HOUR)]
    assert entries(found(0, 1), found(28, 2), found(31, 3), alerts=alerts) == [[1, 2], [3]]
    other = [Worked('amber', AT, AT + 30 * HOUR)]
    assert entries(found(0, 1), found(28, 2), alerts=other) == [[1], [2]]
    later = [Worked('red', AT + 26 * HOUR, AT + 60 * HOUR)]  # opened when the case would have been closed for long
    assert entries(found(0, 1), found(25, 2), alerts=later) == [[1], [2]]


def test_an_alert_that_is_open_still_takes_everything_in():
    assert entries(found(0, 1), found(500, 2), alerts=[Worked('red', AT, None)]) == [[1, 2]]


EXPECTED = Expected(frozenset({'R06S'}), {'RASH': Level(1)})


def test_a_snooze_hides_what_it_expects_and_ends_with_what_is_worse():
    snoozes = [Snoozed(AT, AT + 5 * DAY, EXPECTED)]
    quiet = group([found(1, 1, AMBER), found(30, 2, AMBER)], snoozes=snoozes, closing=Closing())
    assert (quiet.cases, quiet.hidden) == ([], 2)
    worse = group(
        [found(1, 1, AMBER), found(30, 2, AMBER, level=2), found(70, 3, AMBER)], snoozes=snoozes, closing=Closing()
    )
    assert ([case.revisions for case in worse.cases], worse.hidden) == ([[2], [3]], 1)


def test_a_red_flag_ends_a_snooze():
    snoozes = [Snoozed(AT, AT + 5 * DAY, EXPECTED)]
    red = group([found(1, 1, RED), found(2, 2, AMBER)], snoozes=snoozes, closing=Closing())
    assert ([case.line for case in red.cases], red.hidden) == (['red', 'amber'], 0)


def test_cases_are_the_same_when_they_share_an_entry():
    ours = group([found(0, 2), found(50, 3)], closing=Closing()).cases
    theirs = group([found(0, 1), found(1, 2), found(100, 4)], closing=Closing()).cases
    compared = compare(ours, theirs)
    assert [case.revisions for case in compared.gained] == [[3]]
    assert [case.revisions for case in compared.lost] == [[4]]
    assert [(case.revisions, tier) for case, tier in compared.both] == [([2], Tier.URGENT)]


found_entries = st.lists(
    st.builds(
        found,
        st.integers(0, 300),
        st.integers(1, 10_000),
        st.sampled_from([RED, AMBER, flag('E01', Tier.EMERGENCY), flag('C02', Tier.SAME_DAY, 'RASH')]),
    ),
    unique_by=lambda each: each.revision,
    max_size=12,
).map(lambda each: sorted(each, key=lambda one: (one.at, one.revision)))


@given(found_entries, found_entries)
@modestly
def test_every_entry_is_in_one_case_and_what_is_gained_one_way_is_lost_the_other(ours, theirs):
    here, there = group(ours, closing=Closing()), group(theirs, closing=Closing())
    assert sorted(revision for case in here.cases for revision in case.revisions) == sorted(e.revision for e in ours)
    assert compare(here.cases, here.cases).gained == compare(here.cases, here.cases).lost == ()
    forth, back = compare(here.cases, there.cases), compare(there.cases, here.cases)
    assert (forth.gained, forth.lost) == (back.lost, back.gained)


def test_figures_of_batches_add_up_in_any_order():
    one, two, both = Tally(), Tally(), Tally()
    for tally in (one, both):
        tally.entry('2026-11-16', (RED,), ())
    for tally in (two, both):
        tally.entry('2026-11-17', (AMBER,), (AMBER,))
        tally.patient(drafted=True, in_force=False)
    expected = both.figures()
    assert added([one.figures(), two.figures()]) == added([two.figures(), one.figures()]) == expected
    assert expected['flags'] == {'R02': {'urgent|': 1}, 'R06S': {'same_day|same_day': 1}}
    assert expected['flagged'] == {'entries': {'gained': 1, 'both': 1}, 'patients': {'gained': 1}}


@pytest.mark.parametrize(
    ('here', 'there', 'said'),
    [
        ((RED,), (), [('R02', 'urgent', '')]),
        ((), (RED,), [('R02', '', 'urgent')]),
        ((RED,), (flag('R02', Tier.SAME_DAY),), [('R02', 'urgent', 'same_day')]),
    ],
)
def test_a_rule_on_both_sides_is_one_row_with_both_tiers(here, there, said):
    assert pairs(here, there) == said
