"""What is asked first, and why: the order is a pure function, and holds whatever is known."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from diary.asking import GONE_DAYS, MOST_OFFERED, Group, Heard, Known, Why, active, lately_gone, order, watched

TODAY = date(2026, 11, 16)
CODES = [f'S{number}' for number in range(30)] + ['FEVER', 'CHILLS']
OFFERED = {code: f'area {number % 5}' for number, code in enumerate(CODES)}


def heard(*entries: dict[str, int], last: date = TODAY - timedelta(days=1)) -> list[Heard]:
    """One entry a day, the last one on `last`."""
    return [Heard(last - timedelta(days=len(entries) - 1 - back), levels) for back, levels in enumerate(entries)]


def found(why: Why, known: Known) -> tuple[str, ...]:
    return next((group.codes for group in order(known) if group.why is why), ())


codes = st.lists(st.sampled_from([*CODES, 'RETIRED']), max_size=20)
entries = st.lists(
    st.builds(
        Heard,
        st.dates(TODAY - timedelta(days=7), TODAY),
        st.dictionaries(st.sampled_from([*CODES, 'RETIRED']), st.integers(1, 4), max_size=6),
    ),
    max_size=8,
).map(lambda all_: sorted(all_, key=lambda each: each.day))
knowns = st.builds(
    Known,
    offered=st.sets(st.sampled_from(CODES)).map(lambda chosen: {c: a for c, a in OFFERED.items() if c in chosen}),
    heard=entries,
    checks=codes,
    usual=codes,
    contexts=st.sets(st.sampled_from(['on_steroids', 'on_antipyretics', 'neutropenia_risk', 'unheard_of'])),
    signs=codes,
    cycle=codes,
)


@given(knowns)
def test_every_symptom_is_asked_once_and_nothing_else(known: Known) -> None:
    asked = [code for group in order(known) for code in group.codes]
    assert sorted(asked) == sorted(known.offered)


@given(knowns)
def test_reasons_come_in_their_order_and_no_group_is_empty(known: Known) -> None:
    groups = order(known)
    reasons = [list(Why).index(group.why) for group in groups]
    assert reasons == sorted(reasons)
    assert all(group.codes for group in groups)
    assert len({(group.why, group.area) for group in groups}) == len(groups)


@given(knowns)
def test_what_was_there_last_time_is_never_behind_what_was_not(known: Known) -> None:
    there = set(known.heard[-1].levels) & set(known.offered) - set(known.checks) if known.heard else set()
    first = [code for group in order(known) if group.why in (Why.ROSE, Why.STILL) for code in group.codes]
    assert set(first) == there


@given(knowns)
def test_never_more_in_sight_than_a_screen(known: Known) -> None:
    in_sight = [each for each in order(known) if each.why in (Why.GONE, Why.WATCH, Why.CYCLE, Why.USUAL)]
    assert sum(len(group.codes) for group in in_sight) <= MOST_OFFERED


@given(knowns)
def test_the_same_knowledge_gives_the_same_order(known: Known) -> None:
    assert order(known) == order(known)


@given(entries)
def test_what_is_there_is_not_gone(past: list[Heard]) -> None:
    rose, still = active(past)
    assert not set(lately_gone(past)) & {*rose, *still}


def test_what_rose_comes_before_what_stayed_and_the_worst_first() -> None:
    known = Known(OFFERED, heard({'S1': 1, 'S2': 2, 'S3': 3}, {'S1': 2, 'S2': 2, 'S3': 1, 'S4': 3}))
    assert order(known)[:2] == (Group(Why.ROSE, ('S4', 'S1')), Group(Why.STILL, ('S2', 'S3')))


def test_nothing_is_called_new_in_a_diary_that_begins() -> None:
    assert active(heard({'S1': 4})) == ((), ('S1',))


def test_a_thing_that_is_gone_is_asked_for_one_day_more_and_then_left_alone() -> None:
    assert GONE_DAYS == 2
    assert lately_gone(heard({'S1': 2}, {})) == ('S1',)
    assert lately_gone(heard({'S1': 2}, {}, {})) == ()
    assert found(Why.GONE, Known(OFFERED, heard({'S1': 2}, {}))) == ('S1',)
    assert found(Why.AREA, Known({'S1': 'skin'}, heard({'S1': 2}, {}, {}))) == ('S1',)


def test_days_count_and_not_entries() -> None:
    twice_a_day = [Heard(TODAY - timedelta(days=1), {'S1': 2}), Heard(TODAY, {}), Heard(TODAY, {})]
    assert lately_gone(twice_a_day) == ('S1',)


def test_what_comes_back_is_there_again() -> None:
    known = Known(OFFERED, heard({'S1': 2}, {}, {'S1': 1}))
    assert found(Why.ROSE, known) == ('S1',)
    assert found(Why.GONE, known) == ()


def test_a_medicine_that_hides_a_fever_puts_fever_in_sight() -> None:
    for context in ('on_steroids', 'on_antipyretics', 'neutropenia_risk'):
        assert watched([context]) == ('FEVER', 'CHILLS')
    assert found(Why.WATCH, Known(OFFERED, contexts=['on_steroids'], usual=['FEVER', 'S1'])) == ('FEVER', 'CHILLS')
    assert found(Why.USUAL, Known(OFFERED, contexts=['on_steroids'], usual=['FEVER', 'S1'])) == ('S1',)


def test_the_last_cycle_and_the_days_after_a_dose_have_their_place() -> None:
    known = Known(OFFERED, cycle=['S5'], usual=['S6'], signs=['S7', 'S5'], checks=['S8'])
    assert [(group.why, group.codes) for group in order(known)[:4]] == [
        (Why.CHECK, ('S8',)),
        (Why.CYCLE, ('S5',)),
        (Why.USUAL, ('S6',)),
        (Why.DOSE, ('S7',)),
    ]
