"""Planned cycles and the place of a day in them: pure arithmetic, tried with many calendars."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.timeline import (
    SCHEDULES,
    Phase,
    PlannedCycle,
    ScheduleError,
    add_months,
    diary_runs_until,
    months_between,
    place,
    plan,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@st.composite
def plans(draw: st.DrawFn) -> tuple[PlannedCycle, ...]:
    schedule = draw(st.sampled_from(SCHEDULES))
    length = 7 if schedule == 'weekly' else draw(st.integers(1, 60))
    longest = 28 if schedule == 'monthly' else length
    several = st.lists(st.integers(1, longest), min_size=1, max_size=6)
    days = [1] if schedule in ('once', 'every_n_days') else draw(several)
    cycles = 1 if schedule == 'once' else draw(st.integers(1, 30))
    return plan(schedule, draw(DAYS), cycle_days=length, dose_days=days, cycles=cycles)


def three_weekly(cycles: int = 6) -> tuple[PlannedCycle, ...]:
    return plan('every_n_days', date(2026, 10, 1), cycle_days=21, dose_days=[1], cycles=cycles)


# -- what is planned ----------------------------------------------------------------------------------------------------
@given(plans())
def test_cycles_follow_each_other_without_gap_or_overlap(cycles: tuple[PlannedCycle, ...]) -> None:
    assert [cycle.number for cycle in cycles] == list(range(1, len(cycles) + 1))
    for before, after in itertools.pairwise(cycles):
        assert after.starts_on == before.ends_on + timedelta(1)


@given(plans())
def test_every_planned_dose_is_inside_its_cycle_and_in_order(cycles: tuple[PlannedCycle, ...]) -> None:
    for cycle in cycles:
        assert cycle.doses
        assert list(cycle.doses) == sorted(set(cycle.doses))
        assert all(day in cycle for day in cycle.doses)


@given(st.sampled_from(list(range(1, 32))), st.integers(1, 36))
def test_monthly_cycles_keep_their_day_of_the_month_where_the_month_has_it(day: int, count: int) -> None:
    cycles = plan('monthly', date(2026, 1, day), cycle_days=30, dose_days=[1], cycles=count)
    for cycle in cycles:
        last = add_months(cycle.starts_on.replace(day=1), 1) - timedelta(1)
        assert cycle.starts_on.day == min(day, last.day)


def test_a_month_that_begins_on_the_31st_uses_the_end_of_february() -> None:
    starts = [c.starts_on for c in plan('monthly', date(2028, 1, 31), cycle_days=30, dose_days=[1], cycles=4)]
    assert starts == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30)]


def test_a_21_day_cycle_has_its_dose_on_the_first_day() -> None:
    first, second = three_weekly(2)
    assert (first.starts_on, first.ends_on, first.doses) == (
        date(2026, 10, 1),
        date(2026, 10, 21),
        (date(2026, 10, 1),),
    )
    assert second.starts_on == date(2026, 10, 22)


def test_a_28_day_cycle_can_have_doses_on_days_1_8_and_15() -> None:
    (cycle,) = plan('cycles', date(2026, 3, 2), cycle_days=28, dose_days=[15, 1, 8, 8], cycles=1)
    assert cycle.doses == (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))
    assert [day for day in cycle.days if cycle.rests_on(day)] == list(cycle.days[15:])


def test_two_weeks_on_and_one_week_off() -> None:
    (cycle,) = plan('cycles', date(2026, 3, 2), cycle_days=21, dose_days=range(1, 15), cycles=1)
    assert sum(cycle.rests_on(day) for day in cycle.days) == 7
    assert not cycle.rests_on(date(2026, 3, 15))
    assert cycle.rests_on(date(2026, 3, 16))


def test_a_daily_schedule_has_a_dose_on_each_day() -> None:
    (cycle,) = plan('daily', date(2026, 3, 2), cycle_days=28, dose_days=[], cycles=1)
    assert cycle.doses == cycle.days


@pytest.mark.parametrize(
    ('field', 'schedule', 'length', 'days', 'cycles'),
    [
        ('schedule', 'fortnightly', 14, [1], 1),
        ('cycle_days', 'cycles', 0, [1], 1),
        ('cycle_days', 'weekly', 8, [1], 1),
        ('cycles', 'cycles', 21, [1], 0),
        ('cycles', 'once', 21, [1], 2),
        ('dose_days', 'cycles', 21, [], 1),
        ('dose_days', 'cycles', 21, [22], 1),
        ('dose_days', 'cycles', 21, [0], 1),
        ('dose_days', 'monthly', 30, [29], 1),
        ('dose_days', 'every_n_days', 21, [1, 8], 1),
    ],
)
def test_what_is_no_schedule_is_refused_and_says_where(
    field: str, schedule: str, length: int, days: list[int], cycles: int
) -> None:
    with pytest.raises(ScheduleError) as refused:
        plan(schedule, date(2026, 3, 2), cycle_days=length, dose_days=days, cycles=cycles)
    assert refused.value.field == field


# -- where a day stands -------------------------------------------------------------------------------------------------
@given(plans(), st.integers(-40, 400))
def test_a_day_is_in_exactly_one_phase(cycles: tuple[PlannedCycle, ...], offset: int) -> None:
    day = cycles[0].starts_on + timedelta(offset)
    spot = place(day, cycles=cycles, doses=[])
    inside = [cycle for cycle in cycles if day in cycle]
    expected = Phase.CYCLE if inside else Phase.BEFORE if offset < 0 else Phase.AFTER
    assert spot.phase is expected
    if inside:
        assert (spot.cycle, spot.day) == (inside[0].number, (day - inside[0].starts_on).days + 1)


def test_the_first_day_of_a_cycle_is_day_1() -> None:
    spot = place(date(2026, 10, 22), cycles=three_weekly(), doses=[date(2026, 10, 1)])
    assert (spot.cycle, spot.day, spot.days_since_dose) == (2, 1, 21)


def test_the_day_of_the_infusion_is_day_0() -> None:
    infusion = date(2026, 11, 4)
    once = plan('once', infusion, cycle_days=30, dose_days=[1], cycles=1)
    assert place(infusion, cycles=once, doses=[infusion]).days_since_dose == 0
    assert place(date(2026, 11, 16), cycles=once, doses=[infusion]).days_since_dose == 12


def test_a_dose_to_come_does_not_count_yet() -> None:
    spot = place(date(2026, 10, 10), cycles=three_weekly(), doses=[date(2026, 10, 1), date(2026, 10, 22)])
    assert spot.days_since_dose == 9


def test_the_next_dose_is_todays_until_it_was_given() -> None:
    cycles, today = three_weekly(), date(2026, 10, 22)
    assert place(today, cycles=cycles, doses=[]).next_dose == today
    assert place(today, cycles=cycles, doses=[today]).next_dose == date(2026, 11, 12)


def test_after_the_last_cycle_no_dose_is_due_and_months_are_counted() -> None:
    spot = place(date(2027, 3, 15), cycles=three_weekly(1), doses=[date(2026, 10, 1)])
    assert (spot.phase, spot.next_dose, spot.months_since_dose) == (Phase.AFTER, None, 5)


@given(DAYS, st.integers(0, 60))
def test_months_are_counted_as_they_are_added(day: date, months: int) -> None:
    assert months_between(day, add_months(day, months)) == months


@given(DAYS, DAYS)
def test_months_between_is_the_whole_months_that_fit(one: date, other: date) -> None:
    earlier, later = min(one, other), max(one, other)
    months = months_between(earlier, later)
    assert add_months(earlier, months) <= later < add_months(earlier, months + 1)


def test_the_diary_goes_on_for_24_months_after_the_last_dose() -> None:
    assert diary_runs_until(date(2026, 2, 28)) == date(2028, 2, 28)
    assert diary_runs_until(date(2026, 8, 31), 6) == date(2027, 2, 28)
