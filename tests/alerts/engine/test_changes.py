"""What differs between two rule sets, and three-way merging: nobody's change is lost without a word."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.content import default_rules, rules_mapping
from alerts.engine import RuleSet
from alerts.engine.changes import beside, compare, merge, piece_of
from tests.alerts.engine.made_up import CATALOGUE

DEFAULT, CONTENT = default_rules(), rules_mapping()


def changed(**rules):
    """The default content with some rules' mappings changed, or left out (None)."""
    content = copy.deepcopy(CONTENT)
    for name, change in rules.items():
        if change is None:
            del content['rules'][name]
        else:
            content['rules'][name] = content['rules'].get(name, {}) | change
    return content


def parsed(content):
    return RuleSet.parse(content, CATALOGUE)


def test_a_set_does_not_differ_from_itself():
    assert not compare(DEFAULT, parsed(changed()))


def test_rules_that_were_added_changed_and_left_out_are_found_the_most_pressing_first():
    new = {**CONTENT['rules']['E06'], 'title': 'Another'}
    found = compare(DEFAULT, parsed(changed(R01={'title': 'Heart'}, E06=None, N01=new)))
    assert [(one.id, one.before is None, one.after is None) for one in found.rules] == [
        ('E06', False, True),
        ('N01', True, False),
        ('R01', False, False),
    ]


def test_a_changed_macro_shows_at_every_rule_that_uses_it():
    content = changed()
    content['macros']['fever38'] = {'symptom': 'FEVER', 'field': 'celsius', 'gte': 38.5}
    ids = {one.id for one in compare(DEFAULT, parsed(content)).rules}
    assert {'E11', 'R02', 'T02'} <= ids
    assert 'E01' not in ids


def test_the_numbers_of_the_whole_set_and_missed_diaries_are_compared():
    content = changed()
    content['acknowledge_within_minutes']['urgent'] = 30
    content['follow_up_months_after_last_dose'] = 12
    content['missed']['C06'] = content['missed']['C06'] | {'tier': 'urgent'}
    found = compare(DEFAULT, parsed(content))
    assert {(one.name, one.before, one.after) for one in found.numbers} == {
        ('urgent', 60, 30),
        ('follow_up_months', 24, 12),
    }
    assert [one.id for one in found.rules] == ['C06']


# -- three-way ------------------------------------------------------------------------------------------------------------
def test_changes_of_different_rules_come_together():
    merged = merge(CONTENT, changed(R01={'title': 'Ours'}, R03=None), changed(R05={'title': 'Theirs'}, S03=None))
    assert merged.content == changed(R01={'title': 'Ours'}, R03=None, R05={'title': 'Theirs'}, S03=None)
    assert merged.taken == ('rules.R05', 'rules.S03')
    assert merged.conflicts == ()


def test_the_same_change_on_both_sides_is_no_conflict():
    merged = merge(CONTENT, changed(R01={'title': 'Same'}), changed(R01={'title': 'Same'}))
    assert (merged.taken, merged.conflicts) == ((), ())


@pytest.mark.parametrize(
    ('ours', 'theirs'),
    [
        ({'R01': {'title': 'Ours'}}, {'R01': {'title': 'Theirs'}}),
        ({'R01': None}, {'R01': {'title': 'Theirs'}}),
        ({'R01': {'title': 'Ours'}}, {'R01': None}),
        ({'N01': {'title': 'Ours'}}, {'N01': {'title': 'Theirs'}}),
    ],
)
def test_a_rule_that_both_changed_is_a_conflict_and_stays_ours_until_theirs_is_asked_for(ours, theirs):
    name = next(iter(ours))
    mine, new = changed(**ours), changed(**theirs)
    kept = merge(CONTENT, mine, new)
    assert kept.conflicts == (f'rules.{name}',)
    assert kept.content == mine
    taken = merge(CONTENT, mine, new, take={f'rules.{name}'})
    assert taken.content == new
    assert taken.taken == (f'rules.{name}',)


def test_asking_for_theirs_touches_nothing_but_conflicts():
    mine = changed(R01={'title': 'Ours'})
    assert merge(CONTENT, mine, CONTENT, take={'rules.R01'}).content == mine


def test_a_macro_that_one_side_took_away_stays_for_the_rules_of_the_other():
    ours, theirs = changed(), changed()
    ours['rules']['R01']['when'] = {'any': ['low_bp', ours['rules']['R01']['when']]}
    del theirs['macros']['low_bp']
    for name in ('E04', 'E05', 'E06', 'E11', 'E14', 'T02'):
        del theirs['rules'][name]
    merged = merge(CONTENT, ours, theirs)
    assert 'low_bp' in merged.content['macros']
    assert parsed(merged.content).rules['R01']


def test_a_piece_is_found_by_its_name():
    assert piece_of(CONTENT, 'rules.E01') == CONTENT['rules']['E01']
    assert piece_of(CONTENT, 'follow_up_months_after_last_dose') == 24
    assert piece_of(CONTENT, 'rules.NONE') is None


SIDES = st.dictionaries(
    st.sampled_from(['R01', 'R02', 'E01', 'C06X']), st.none() | st.sampled_from(['one', 'two']), max_size=4
)


@given(base=SIDES, ours=SIDES, theirs=SIDES)
def test_merging_keeps_every_change_that_is_not_in_conflict(base, ours, theirs):
    def made(side):
        return {'rules': {name: {'title': title} for name, title in side.items() if title}, 'follow_up': 1}

    was, mine, new = made(base), made(ours), made(theirs)
    merged = merge(was, mine, new)
    for name in ('R01', 'R02', 'E01', 'C06X'):
        before, left, right, now = (side['rules'].get(name) for side in (was, mine, new, merged.content))
        conflict = f'rules.{name}' in merged.conflicts
        assert conflict == (len({str(before), str(left), str(right)}) == 3)
        assert now == (right if left == before and not conflict else left)
    assert merge(was, mine, was).content == mine
    assert merge(was, was, new).content == new


# -- words ----------------------------------------------------------------------------------------------------------------
def test_what_differs_is_marked_by_words():
    left, right = beside('loose stools: 4 or more, or at night', 'loose stools: 6 or more')
    assert [one.text for one in left if one.differs] == ['4 ', ', or at night']
    assert [one.text for one in right if one.differs] == ['6 ']


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_runs_make_the_sentences_again(before, after):
    left, right = beside(before, after)
    assert ''.join(one.text for one in left) == before
    assert ''.join(one.text for one in right) == after
