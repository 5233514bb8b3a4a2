"""Charts are coordinates and words: a day without an entry is a gap, never a zero."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.charts import Chart, Point, severity_chart, yes_no_words
from diary.timeline import plan

FIRST, LAST = date(2026, 10, 1), date(2026, 11, 16)
CYCLES = plan('every_n_days', FIRST, cycle_days=21, dose_days=[1], cycles=3)


def chart(*points: tuple[int, int], **fields: object) -> Chart:
    """Levels by the number of days since the first one."""
    shown = [Point(FIRST + timedelta(n), level) for n, level in points]
    usual = {'chart_id': 'c', 'title': 'Tiredness', 'first': FIRST, 'last': LAST, 'cycles': CYCLES}
    return severity_chart(shown, **(usual | fields))  # type: ignore[arg-type]


@given(st.dictionaries(st.integers(0, 46), st.integers(0, 4)))
def test_everything_lies_inside_the_plot(levels: dict[int, int]) -> None:
    drawn = chart(*levels.items())
    plot = drawn.plot
    for dot in drawn.dots:
        assert plot.x1 <= dot.x <= plot.x2
        assert plot.y1 <= dot.y <= plot.y2
    assert len(drawn.rows) == len(levels)
    assert len(drawn.dots) == sum(level > 0 for level in levels.values())


def test_a_worse_day_is_higher_and_a_later_day_further_right() -> None:
    mild, severe = chart((3, 1), (9, 3)).dots
    assert severe.y < mild.y
    assert severe.x > mild.x


def test_the_axis_speaks_in_words() -> None:
    assert [tick.label for tick in chart((1, 1)).y_ticks] == ['none', 'mild', 'moderate', 'severe', 'very severe']
    assert [tick.label for tick in chart((1, 1), levels=yes_no_words()).y_ticks] == ['no', 'yes']


def test_a_line_bridges_one_missing_day_but_not_a_week() -> None:
    assert len(chart((1, 1), (3, 2)).lines) == 1
    assert chart((1, 1), (8, 2)).lines == []


def test_the_strip_is_drawn_through_on_days_with_an_entry_and_dotted_on_the_others() -> None:
    drawn = chart((1, 1), (2, 0), (9, 1))
    assert drawn.strip is not None
    assert len(drawn.strip.written) == 2
    assert sum(run.width for run in drawn.strip.written) < drawn.plot.x2 - drawn.plot.x1
    told_more = chart((1, 1), written=[FIRST + timedelta(n) for n in range(47)])
    assert told_more.strip is not None
    assert len(told_more.strip.written) == 1


def test_an_answer_on_an_older_scale_is_hollow_keeps_its_word_and_no_line_leads_to_it() -> None:
    old = Point(FIRST + timedelta(1), 4, apart=True, word='awful')
    drawn = severity_chart(
        [old, Point(FIRST + timedelta(2), 1)], chart_id='c', title='T', first=FIRST, last=LAST, cycles=CYCLES
    )
    assert [(dot.hollow, dot.label) for dot in drawn.dots] == [
        (True, '2 October 2026: awful (older words)'),
        (False, '3 October 2026: mild'),
    ]
    assert drawn.lines == []
    assert 'Worst: mild' in drawn.summary


def test_doses_are_marked_and_every_second_cycle_is_shaded() -> None:
    drawn = chart((1, 1), doses=[FIRST, FIRST + timedelta(21), FIRST - timedelta(1)])
    assert [dose.label for dose in drawn.doses] == ['Dose on 1 October 2026', 'Dose on 22 October 2026']
    assert len(drawn.bands) == 1


def test_the_picture_is_told_in_words() -> None:
    drawn = chart((3, 1), (4, 3), (5, 0))
    assert drawn.summary == (
        'From 1 October 2026 to 16 November 2026. Reported on 2 days. Worst: severe on 5 October 2026. '
        'Last: none on 6 October 2026.'
    )


def test_the_table_says_the_same_newest_first() -> None:
    drawn = chart((0, 1), (25, 2), doses=[FIRST])
    assert drawn.rows == [
        ['26 October 2026', 'moderate', 'Cycle 2 · day 5'],
        ['1 October 2026', 'mild', 'Cycle 1 · day 1, dose'],
    ]


def test_a_level_outside_the_scale_is_an_error() -> None:
    with pytest.raises(ValueError, match='outside 0 to 4'):
        chart((1, 5))


def test_one_single_day_can_be_drawn() -> None:
    drawn = severity_chart([Point(FIRST, 2)], chart_id='c', title='Rash', first=FIRST, last=FIRST)
    assert len(drawn.dots) == 1


def test_over_a_year_a_line_has_no_dots_but_a_lonely_day_has() -> None:
    year = {'first': FIRST, 'last': FIRST + timedelta(365), 'cycles': ()}
    assert chart((1, 1), (2, 2), **year).dots == []
    assert len(chart((1, 1), (60, 2), **year).dots) == 2
