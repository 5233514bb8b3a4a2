"""The words beside the pictures say what the days hold, and nothing else; the pictures keep the days without an entry apart."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.models import Membership, Patient
from diary.catalogue import CatalogueView, current_catalogue
from diary.charts import day_runs, severity_words
from diary.charts_cycles import Row, cycle_chart
from diary.charts_numbers import number_chart, round_ticks
from diary.services.conditions import record_baseline
from diary.timeline import plan
from diary.trendfacts import AFTER_DOSE, Series, compare, facts_of, number_facts
from diary.trendwords import compared_words, number_sentences, sentences
from tests.cast import NOW, client_of
from tests.diary.test_catalogue import reword
from tests.diary.test_patient_pages import write
from tests.diary.treated import give_course, give_dose
from tests.poisoned import poison

FIRST = date(2026, 10, 1)
DAY = timedelta(1)
WORDS = ['none', 'mild', 'moderate', 'severe', 'very severe']
CYCLES = plan('every_n_days', FIRST, cycle_days=21, dose_days=[1], cycles=3)


def series(
    levels: dict[int, int | None], written: set[int], *, length: int = 47, doses: set[int] = frozenset(), **more: Any
) -> Series:
    """Days by their number since the first one."""
    days: Callable[[Any], Any] = lambda numbers: {FIRST + n * DAY for n in numbers}  # noqa: E731
    apart = days(more.get('apart', ()))
    told = {FIRST + n * DAY: level for n, level in levels.items()}
    return Series(told, days(written | set(levels)), FIRST, FIRST + (length - 1) * DAY, days(doses), apart)


numbers = st.integers(-3, 50)
any_series = st.builds(
    series,
    st.dictionaries(numbers, st.none() | st.integers(1, 4), max_size=20),
    st.sets(numbers, max_size=30),
    doses=st.sets(numbers, max_size=6),
    apart=st.sets(numbers, max_size=4),
)


# -- facts --------------------------------------------------------------------------------------------------------------
@given(any_series)
def test_the_days_are_counted_as_one_would_count_them(told: Series) -> None:
    facts = facts_of(told)
    inside = [FIRST + n * DAY for n in range(47)]
    assert facts.days == 47
    assert facts.written == sum(day in told.written for day in inside)
    assert facts.reported == sum(day in told.levels for day in inside) <= facts.written
    levels = [told.levels[d] for d in inside if told.levels.get(d) is not None and d not in told.apart]
    assert facts.worst == max(levels, default=None)  # type: ignore[type-var]
    assert len(facts.worst_days) == sum(level == facts.worst for level in levels)


@given(any_series)
def test_mostly_is_more_than_half_of_all_days_on_which_it_was_reported(told: Series) -> None:
    facts = facts_of(told)
    if facts.usual is not None:
        days = [d for d in told.inside(told.levels) if d not in told.apart and told.levels[d] == facts.usual]
        assert len(days) * 2 > facts.reported


@given(any_series)
def test_after_a_dose_is_said_of_every_worst_day_and_only_where_most_days_are_not(told: Series) -> None:
    facts = facts_of(told)
    near = lambda day: any(day - n * DAY in told.doses for n in range(AFTER_DOSE + 1))  # noqa: E731
    if facts.after_dose is not None:
        assert len(facts.worst_days) > 1
        assert all(any(day - n * DAY in told.doses for n in range(facts.after_dose + 1)) for day in facts.worst_days)
        assert sum(near(day) for day in told.inside(told.written)) * 2 <= facts.written


@given(any_series)
def test_days_without_an_entry_change_no_word(told: Series) -> None:
    """The same days told, in a longer time that nobody wrote about."""
    longer = Series(told.levels, told.inside(told.written), FIRST, told.last + 90 * DAY, told.doses, told.apart)
    shorter = Series(told.levels, told.inside(told.written), FIRST, told.last, told.doses, told.apart)
    longer = Series({d: told.levels[d] for d in told.inside(told.levels)}, *list(vars(longer).values())[1:])
    assert sentences(facts_of(longer), WORDS) == sentences(facts_of(shorter), WORDS)


def test_with_a_dose_every_day_nothing_is_laid_at_its_door() -> None:
    daily = series({4: 3, 9: 3, 12: 1}, set(range(47)), doses=set(range(47)))
    assert facts_of(daily).after_dose is None


# -- words --------------------------------------------------------------------------------------------------------------
@given(any_series)
def test_no_level_word_is_said_that_was_not_told(told: Series) -> None:
    text = ' '.join(sentences(facts_of(told), WORDS))
    levels = {told.levels[day] for day in told.inside(told.levels) if day not in told.apart}
    for level, word in enumerate(('none', 'MILD', 'MODERATE', 'SEVERE', 'VERY')):
        said = ' '.join(sentences(facts_of(told), ['none', 'MILD', 'MODERATE', 'SEVERE', 'VERY']))
        assert word not in said or level in levels
    assert 'None' not in text


@pytest.mark.parametrize(
    ('levels', 'words'),
    [
        ({}, 'Not reported in this time.'),
        ({5: 1}, 'There on 1 of 47 days with an entry. Worst: mild, on 6 October. Not there on the last 41 days'),
        ({5: 1, 46: 1}, 'There on 2 of 47 days with an entry. Always mild.'),
        (
            {1: 2, 22: 2, 5: 1, 6: 1, 46: 1},
            'Mostly mild. Worst: moderate, on 2 days. Each of the worst days was the day of a dose or the',
        ),
        ({5: 3, 6: 1, 46: 2}, 'Worst: severe, on 6 October.'),
        ({5: None, 46: 2}, 'Worst that was told: moderate, on 16 November.'),
        ({5: 2, 6: 2, 46: 1}, 'Mostly moderate, never worse.'),
    ],
)
def test_the_words_beside_the_picture(levels: dict[int, int | None], words: str) -> None:
    told = series(levels, set(range(47)), doses={0, 21, 42})
    assert words in ' '.join(sentences(facts_of(told), WORDS))


def test_what_is_only_there_or_not_has_no_how_bad() -> None:
    said = sentences(facts_of(series({3: 1, 46: 1}, set(range(47)))), WORDS, scaled=False)
    assert said == ['There on 2 of 47 days with an entry.']


def test_spanish_says_the_same() -> None:
    with translation.override('es'):
        said = ' '.join(sentences(facts_of(series({3: 1, 4: 1, 46: 2}, set(range(47)))), severity_words()))
    assert 'There' not in said
    assert '3' in said
    assert '47' in said


# -- this cycle against the one before ----------------------------------------------------------------------------------
def test_two_cycles_are_compared_on_the_same_days_only() -> None:
    told = series({43: 1, 22: 3, 35: 4}, set(range(47)))
    found = compare(told, CYCLES[2], CYCLES[1])
    assert found is not None
    assert (found.days, found.now, found.before) == (5, 1, 3)
    text = 'The first 5 days of this cycle: at worst mild. Of the cycle before: at worst severe.'
    assert compared_words(found, WORDS) == text


@pytest.mark.parametrize(
    ('levels', 'written', 'apart'),
    [
        ({43: 1, 22: 3}, set(range(21, 24)) | {43}, set()),  # too few entries in this cycle
        ({43: None, 22: 3}, set(range(47)), set()),  # not told how bad
        ({43: 1, 22: 3}, set(range(47)), {22}),  # on another scale
    ],
)
def test_what_cannot_be_compared_is_not(levels: dict[int, int | None], written: set[int], apart: set[int]) -> None:
    assert compare(series(levels, written, apart=apart), CYCLES[2], CYCLES[1]) is None


@given(
    st.dictionaries(st.integers(0, 62), st.integers(1, 4)), st.sets(st.integers(0, 62), max_size=9), st.integers(23, 62)
)
def test_a_comparison_never_looks_outside_the_days_that_it_names(
    levels: dict[int, int | None], missed: set[int], today: int
) -> None:
    told = series(levels, set(range(63)) - missed, length=today + 1)
    now = today // 21
    found = compare(told, CYCLES[now], CYCLES[now - 1])
    assume(found is not None)
    assert found is not None
    for cycle, worst in ((CYCLES[now], found.now), (CYCLES[now - 1], found.before)):
        days = [cycle.starts_on + n * DAY for n in range(found.days)]
        assert max(days) <= cycle.ends_on
        assert worst == max((told.levels.get(day) or 0 for day in days), default=0)


# -- numbers ------------------------------------------------------------------------------------------------------------
@given(st.lists(st.floats(-50, 400), min_size=1, max_size=20), st.sampled_from([1.0, 2.0, 4.0, 20.0]))
def test_an_axis_has_few_round_numbers_around_everything(values: list[float], narrowest: float) -> None:
    ticks = round_ticks(values, narrowest=narrowest)
    assert ticks[0] <= min(values) + 1e-6
    assert ticks[-1] >= max(values) - 1e-6
    assert 2 <= len(ticks) <= 6
    assert all(earlier < later for earlier, later in itertools.pairwise(ticks))


@given(st.lists(st.tuples(st.integers(0, 46), st.floats(34, 42)), min_size=1, max_size=20))
def test_every_number_is_drawn_inside_the_picture_and_stands_in_the_table(found: list[tuple[int, float]]) -> None:
    values = [(FIRST + n * DAY, value) for n, value in sorted(found)]
    drawn = number_chart(
        values, chart_id='n', title='T', said=str, first=FIRST, last=FIRST + 46 * DAY, limit=(38, 'fever')
    )
    assert len(drawn.rows) == len(drawn.dots) == len(values)
    for mark in [*drawn.dots, drawn.limit]:
        assert mark is not None
        assert drawn.plot.y1 - 0.1 <= mark.y <= drawn.plot.y2 + 0.1


def test_a_fever_is_counted_in_days_and_never_said_where_there_was_none() -> None:
    said = lambda value: f'{value} °C'  # noqa: E731
    warm = number_facts([(FIRST, 37.9), (FIRST, 38.0), (FIRST + DAY, 36.5)], limit=38)
    assert number_sentences(warm, said, limit=38)[-1] == '38 °C or more on 1 day.'
    cool = number_facts([(FIRST, 37.9)], limit=38)
    assert number_sentences(cool, said, limit=38) == ['Measured once: 37.9 °C on 1 October.', 'Never 38 °C or more.']


# -- cycle by cycle -----------------------------------------------------------------------------------------------------
@given(st.dictionaries(st.integers(0, 62), st.integers(0, 4)), st.sets(st.integers(0, 62)))
def test_day_five_stands_below_day_five_and_a_day_without_an_entry_is_no_low_day(
    levels: dict[int, int], written: set[int]
) -> None:
    rows = [Row(f'Cycle {cycle.number}', cycle.starts_on, cycle.ends_on) for cycle in reversed(CYCLES)]
    days = {FIRST + n * DAY for n in written | set(levels)}
    told = {FIRST + n * DAY: (level, 'word') for n, level in levels.items()}
    today = FIRST + 62 * DAY
    drawn = cycle_chart(rows, levels=told, written=days, today=today, chart_id='c', title='T')
    assert sum(len(row.bars) for row in drawn.rows) == len(levels)
    assert len(drawn.table) == len(days)
    for row, told_row in zip(drawn.rows, rows, strict=True):
        inside = {day for day in days if told_row.first <= day <= told_row.last}
        assert round(sum(run.width for run in row.written) / ((drawn.width - 8) / 21)) == len(inside)
    fifth = {round(bar.x, 1) for row in drawn.rows for bar in row.bars if bar.label.startswith(('5 ', '26 ', '16 '))}
    assert len(fifth) <= 3


@given(st.sets(st.integers(0, 40)))
def test_runs_of_days_hold_each_day_once_and_no_other(found: set[int]) -> None:
    runs = day_runs({FIRST + n * DAY for n in found}, FIRST, FIRST + 40 * DAY)
    assert [day for run in runs for day in run] == [FIRST + n * DAY for n in sorted(found)]


# -- the pages ----------------------------------------------------------------------------------------------------------
page = pytest.mark.usefixtures('diary', 'content')


@pytest.fixture
def treated(ana: Patient) -> Patient:
    course = give_course(ana, starts_on=date(2026, 10, 1))
    for day in (date(2026, 10, 1), date(2026, 10, 22), date(2026, 11, 12)):
        give_dose(course, datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    return ana


@page
@pytest.mark.django_db
def test_the_nurse_sees_the_same_pictures_as_her_patient(
    rosa: Membership, treated: Patient, catalogue: CatalogueView
) -> None:
    for days_ago in range(9):
        write(treated, catalogue, days_ago=days_ago, FATIGUE={'severity': 1 + (days_ago == 3)})
    own = client_of(treated).get('/diary/charts/').context['charts']
    hers = client_of(rosa).get(f'/patients/{treated.public_id}/trends/').context['charts']
    assert own == hers
    assert 'Mostly mild. Worst: moderate, on 13 November.' in ' '.join(own[0].words)


@page
@pytest.mark.django_db
def test_a_missed_day_is_dotted_and_cycle_by_cycle_stands_below_each_other(
    treated: Patient, catalogue: CatalogueView
) -> None:
    for days_ago in (0, 1, 4, 20):
        write(treated, catalogue, days_ago=days_ago, FATIGUE={'severity': 2})
    client = client_of(treated)
    (drawn,) = client.get('/diary/charts/?span=all').context['charts']
    assert len(drawn.strip.written) == 3
    (rows,) = client.get('/diary/charts/?span=all&by=cycle').context['trends'].cycle_charts
    assert [(row.title, len(row.bars)) for row in rows.rows] == [('Cycle 3', 3), ('Cycle 2', 1)]
    assert rows.rows[0].is_now


@page
@pytest.mark.django_db
def test_temperature_and_weight_are_drawn_in_her_own_units(
    rosa: Membership, treated: Patient, catalogue: CatalogueView
) -> None:
    treated.temperature_unit, treated.weight_unit = 'F', 'lb'
    treated.save()
    write(treated, catalogue, days_ago=2, FEVER={'severity': 2, 'celsius': 38.6})
    record_baseline(
        patient=treated, kind='weight', number=Decimal(150), unit='lb', measured_at=NOW - 9 * DAY, by=rosa.user, now=NOW
    )
    (drawn,) = client_of(treated).get('/diary/charts/').context['trends'].measured
    assert drawn.title == 'Temperature (°F)'
    assert 'Measured once: 101.5 °F on 14 November. 100.4 °F or more on 1 day.' in ' '.join(drawn.words)
    assert drawn.limit is not None


@page
@pytest.mark.django_db
def test_answers_on_an_older_scale_are_hollow_and_not_compared(treated: Patient, catalogue: CatalogueView) -> None:
    write(treated, catalogue, days_ago=9, FATIGUE={'severity': 4})
    reword('FATIGUE', ['None', 'A little', 'Some', 'A lot', 'All there is'])
    for days_ago in (2, 0):
        write(treated, current_catalogue('en'), days_ago=days_ago, FATIGUE={'severity': 1})
    client = client_of(treated)
    (drawn,) = client.get('/diary/charts/?span=all').context['charts']
    assert [dot.hollow for dot in drawn.dots] == [True, False, False]
    assert drawn.rows[-1][1] == 'very severe (older words)'
    said = ' '.join(drawn.words)
    assert 'Worst that was told: a little' in said or 'Mostly a little' in said
    assert 'On 1 day the words of the scale were older ones.' in said
    assert 'Worst: very severe' not in said


@page
@pytest.mark.django_db
def test_an_entry_that_cannot_be_read_takes_no_picture_down(treated: Patient, catalogue: CatalogueView) -> None:
    revision = write(treated, catalogue, days_ago=1, FATIGUE={'severity': 1}, NAUSEA={'severity': 1})
    document = revision.document
    document['answers']['NAUSEA']['version'] = 99
    document['measurements']['weight'] = {'value': 'heavy'}
    poison(revision.entry, document)
    (drawn,) = client_of(treated).get('/diary/charts/').context['charts']
    assert drawn.title == catalogue.symptom('FATIGUE').name
