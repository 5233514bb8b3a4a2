"""Wilson's interval: published values, and what must hold for every share."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.engine.wilson import Stratum, estimate, wilson

CLOSE = 1e-9


# Newcombe, Statistics in Medicine 17 (1998), table I: the score method without correction.
@pytest.mark.parametrize(
    ('hits', 'cases', 'low', 'high'),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_published_values(hits: int, cases: int, low: float, high: float) -> None:
    found = wilson(hits / cases, cases)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


counts = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_it_stays_inside_and_holds_the_share(count: tuple[int, int]) -> None:
    hits, cases = count
    found = wilson(hits / cases, cases)
    assert 0 <= found.low <= hits / cases <= found.high <= 1
    assert found.width > 0


@given(counts)
def test_what_is_missed_and_what_is_not_mirror_each_other(count: tuple[int, int]) -> None:
    hits, cases = count
    there, back = wilson(hits / cases, cases), wilson((cases - hits) / cases, cases)
    assert isclose(there.low, 1 - back.high, abs_tol=CLOSE)
    assert isclose(there.high, 1 - back.low, abs_tol=CLOSE)


@given(counts, st.integers(2, 50))
def test_more_cases_of_the_same_share_say_more(count: tuple[int, int], times: int) -> None:
    hits, cases = count
    assert wilson(hits / cases, cases * times).width < wilson(hits / cases, cases).width


@given(counts)
def test_both_ends_solve_the_score_equation(count: tuple[int, int]) -> None:
    """Each end is the share from which what was seen lies exactly 1.96 standard errors away."""
    hits, cases = count
    share, found = hits / cases, wilson(hits / cases, cases)
    for end in (found.low, found.high):
        assert isclose((share - end) ** 2 * cases, 1.959963984540054**2 * end * (1 - end), abs_tol=1e-6)


@pytest.mark.parametrize(('share', 'cases'), [(-0.1, 5), (1.1, 5), (0.5, 0), (0.5, -1)])
def test_what_is_no_share_is_refused(share: float, cases: float) -> None:
    with pytest.raises(ValueError, match=r'share|cases'):
        wilson(share, cases)


# -- days of unequal weight -----------------------------------------------------------------------------------------------
def strata() -> st.SearchStrategy[Stratum]:
    rated = st.integers(0, 20)
    whole = rated.flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(n, n + 500)))
    return whole.map(lambda each: Stratum(each[2], each[0], each[1]))


days = st.lists(strata(), min_size=1, max_size=40).filter(lambda found: any(each.rated for each in found))


@given(days)
def test_the_estimate_lies_between_the_days_and_inside_its_interval(found: list[Stratum]) -> None:
    result = estimate(found)
    assert result is not None
    shares = [each.hits / each.rated for each in found if each.rated]
    assert min(shares) - CLOSE <= result.share <= max(shares) + CLOSE
    assert 0 <= result.interval.low <= result.share <= result.interval.high <= 1


@given(days)
def test_unequal_days_are_never_worth_more_than_their_number(found: list[Stratum]) -> None:
    result = estimate(found)
    assert result is not None
    assert 0 < result.effective <= result.rated + CLOSE


@given(
    st.lists(st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1),
    st.integers(1, 90),
)
def test_days_drawn_by_the_same_fraction_count_like_one_sample(given_days: list[tuple[int, int]], times: int) -> None:
    result = estimate(Stratum(n * times, n, hits) for hits, n in given_days)
    hits, cases = sum(h for h, _ in given_days), sum(n for _, n in given_days)
    assert result is not None
    assert isclose(result.effective, cases)
    assert isclose(result.share, hits / cases, abs_tol=CLOSE)
    plain = wilson(hits / cases, cases)
    assert isclose(result.interval.low, plain.low, abs_tol=1e-7)
    assert isclose(result.interval.high, plain.high, abs_tol=1e-7)


def test_a_miss_on_a_busy_day_weighs_more() -> None:
    quiet, busy = Stratum(10, 5, 0), Stratum(190, 5, 1)
    found = estimate([quiet, busy])
    assert found is not None
    assert isclose(found.share, 0.2 * 190 / 200)
    assert isclose(found.effective, 200**2 / (10**2 / 5 + 190**2 / 5))
    assert (found.rated, found.hits, found.population) == (10, 1, 200)


def test_days_without_a_rating_say_nothing() -> None:
    assert estimate([]) is None
    assert estimate([Stratum(40, 0, 0)]) is None
    assert estimate([Stratum(40, 0, 0), Stratum(10, 2, 1)]) == estimate([Stratum(10, 2, 1)])


@pytest.mark.parametrize('wrong', [Stratum(5, 6, 1), Stratum(5, 2, 3), Stratum(5, 2, -1)])
def test_counts_that_cannot_be_are_refused(wrong: Stratum) -> None:
    with pytest.raises(ValueError, match='hits'):
        estimate([wrong])
