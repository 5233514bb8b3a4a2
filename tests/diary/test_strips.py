"""A symptom day by day: bars where there is an entry, and the same in words."""

from datetime import date, timedelta

import pytest

from diary.catalogue import CatalogueView
from diary.strips import HEIGHT, MOST_DAYS, STEP, Felt, Strip, strip_of

FIRST = date(2026, 11, 2)


def days(n: int) -> list[date]:
    return [FIRST + timedelta(day) for day in range(n)]


@pytest.fixture
def drawn(catalogue: CatalogueView) -> Strip:
    """Four entries in six days: mild, mild, nothing, and hives of which no severity was told."""
    tired, hives = catalogue.symptom('FATIGUE'), catalogue.symptom('HIVES')
    felt = {FIRST: Felt(tired, 1, 'mild', {}), FIRST + timedelta(1): Felt(tired, 1, 'mild', {})}
    felt[FIRST + timedelta(4)] = Felt(hives, None, '', {})
    written = {FIRST + timedelta(n) for n in (0, 1, 3, 4)}
    found = strip_of(days(6), written, felt)
    assert found is not None
    return found


@pytest.mark.django_db
def test_a_day_without_an_entry_has_no_bar_and_one_without_the_symptom_a_line(drawn: Strip) -> None:
    assert [(bar.x // STEP, bar.level) for bar in drawn.bars] == [(0, 1), (1, 1), (3, 0), (4, 2)]
    assert [bar.height for bar in drawn.bars] == [4, 4, 1, 8]
    assert all(bar.y + bar.height == HEIGHT for bar in drawn.bars)


@pytest.mark.django_db
def test_words_say_the_days_with_the_symptom_in_runs(drawn: Strip) -> None:
    assert drawn.words == '2 Nov – 3 Nov: mild; 6 Nov'


@pytest.mark.parametrize('n', [1, MOST_DAYS + 1])
def test_one_day_and_a_crowd_of_days_are_not_drawn(n: int) -> None:
    assert strip_of(days(n), set(days(n)), {}) is None
