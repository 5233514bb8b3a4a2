"""A calendar of cycles, and of months where there are none: every day once."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from diary.almanac import sections
from diary.timeline import plan

TODAY = date(2026, 11, 16)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 40), st.integers(1, 9)), max_size=4), st.integers(0, 600))
def test_every_day_is_in_one_section_whatever_the_courses(given: list[tuple[int, int, int]], back: int) -> None:
    courses = [
        plan('every_n_days', TODAY - timedelta(start), cycle_days=length, dose_days=[1], cycles=count)
        for start, length, count in given
    ]
    found = sections(courses, first=TODAY - timedelta(back), today=TODAY)
    days = [day for section in reversed(found) for day in section.days]
    assert days == [days[0] + timedelta(n) for n in range(len(days))]
    assert days[0] <= TODAY - timedelta(back)
    assert TODAY in days


def test_cycles_to_come_are_left_out() -> None:
    cycles = plan('every_n_days', date(2026, 11, 1), cycle_days=21, dose_days=[1], cycles=6)
    assert [section.cycle for section in sections([cycles], first=TODAY, today=TODAY)] == [cycles[0]]


def test_the_time_after_treatment_is_cut_into_months() -> None:
    cycles = plan('every_n_days', date(2026, 8, 1), cycle_days=21, dose_days=[1], cycles=2)
    found = sections([cycles], first=date(2026, 8, 1), today=TODAY)
    assert [(s.first, s.last) for s in found[:3]] == [
        (date(2026, 11, 1), TODAY),
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 9, 12), date(2026, 9, 30)),
    ]


def test_where_two_courses_overlap_the_first_one_given_wins() -> None:
    first = plan('every_n_days', date(2026, 11, 1), cycle_days=21, dose_days=[1], cycles=1)
    second = plan('every_n_days', date(2026, 11, 10), cycle_days=21, dose_days=[1], cycles=1)
    found = sections([first, second], first=date(2026, 11, 1), today=TODAY)
    assert [section.course for section in found] == [0]
