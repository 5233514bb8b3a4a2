"""The arithmetic of ladders: who is told next and when, on ordinary days, at night, and when the clocks change."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.engine.escalation import (
    ALERTING,
    RED_REPEATS,
    Climb,
    Clock,
    Ladder,
    LadderError,
    Moment,
    Place,
    Rung,
    When,
    Who,
    climb,
    comes_back,
    default_ladder,
    next_due,
    unanswered,
)
from alerts.engine.hours import Hours
from alerts.engine.tiers import Tier

NEW_YORK = ZoneInfo('America/New_York')
MONDAY = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)  # 9:00 in New York
WEEK = Clock([Hours(day, time(8), time(18)) for day in range(5)], NEW_YORK)
NO_HOURS = Clock([], NEW_YORK)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def everybody(_: Rung) -> int:
    return 1


def nobody(_: Rung) -> int:
    return 0


def missing(*gone: Who) -> Callable[[Rung], int]:
    return lambda rung: 0 if rung.who in gone else 1


def ladder(*rungs: Rung, tier: Tier = Tier.URGENT, rounds: int = 1) -> Ladder:
    return Ladder(tier, rungs, rounds=rounds, forgotten_after=60, unfinished_after=480)


def told(taken: Climb) -> list[str]:
    return [rung.who.value for rung in taken.taken]


def course(
    of: Ladder,
    *,
    opened: datetime = MONDAY,
    by: int = 60,
    clock: Clock = WEEK,
    reach: Callable[[Rung], int] = everybody,
    most: int = 12,
) -> list[Moment]:
    promise = opened + by * MINUTE
    return list(
        islice(
            unanswered(of, opened=opened, acknowledge_by=promise, clock=clock, reach=lambda _, rung: reach(rung)), most
        )
    )


def spelled(moments: list[Moment], opened: datetime = MONDAY) -> list[tuple[int, str]]:
    return [(int((one.at - opened) / MINUTE), '+'.join(told(one.climb))) for one in moments]


# -- red ladders -------------------------------------------------------------------------------------------------------------


def test_an_emergency_that_nobody_answers_climbs_and_never_ends() -> None:
    assert spelled(course(default_ladder(Tier.EMERGENCY), by=5, most=11)) == [
        (0, 'primary_nurse+on_call'),
        (5, 'team'),
        (10, 'lead'),
        (15, 'primary_nurse+on_call'),
        (20, 'team'),
        (25, 'lead'),
        (30, 'primary_nurse+on_call'),
        (35, 'team'),
        (40, 'lead'),
        (100, 'lead'),
        (160, 'lead'),
    ]


def test_an_urgent_alert_keeps_a_promise_of_half_an_hour_although_its_ladder_waits_longer() -> None:
    slow = ladder(Rung(0, Who.ON_CALL), Rung(50, Who.TEAM), Rung(50, Who.LEAD))
    assert spelled(course(slow, by=30, most=3)) == [(0, 'on_call'), (30, 'team'), (80, 'lead')]
    assert spelled(course(slow, by=120, most=3)) == [(0, 'on_call'), (50, 'team'), (100, 'lead')]


def test_whatever_rung_stands_there_the_ladder_climbs_at_the_promised_instant() -> None:
    assert spelled(course(default_ladder(Tier.URGENT), by=45, most=3))[1:] == [(30, 'on_call'), (45, 'team')]


def test_a_promise_that_is_broken_when_the_alert_opens_climbs_at_once() -> None:
    moments = course(default_ladder(Tier.EMERGENCY), by=-10, most=3)
    assert spelled(moments) == [(0, 'primary_nurse+on_call'), (0, 'team'), (5, 'lead')]


def test_red_goes_by_the_wall_clock_in_the_middle_of_the_night() -> None:
    night = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)  # Saturday, 3:00 in New York
    moments = course(default_ladder(Tier.URGENT), opened=night, most=4)
    # At night the primary nurse is not told of an urgent alert: who is on call is.
    assert spelled(moments, night) == [(0, 'on_call'), (30, 'on_call'), (60, 'team'), (90, 'lead')]


# -- rungs that do not hold, and rungs on which nobody stands ----------------------------------------------------------------


def test_a_rung_that_does_not_hold_now_is_left_out_and_the_next_is_taken_in_its_place() -> None:
    only_open = ladder(Rung(0, Who.PRIMARY_NURSE, When.OPEN), Rung(30, Who.TEAM), Rung(30, Who.LEAD))
    by_day = climb(only_open, Place(), is_open=True, reach=everybody)
    by_night = climb(only_open, Place(), is_open=False, reach=everybody)
    assert (told(by_day), by_day.next) == (['primary_nurse'], Place(1))
    assert (told(by_night), by_night.next) == (['team'], Place(2))
    assert [rung.who for rung in by_night.skipped] == [Who.PRIMARY_NURSE]


def test_a_rung_left_out_beside_one_that_was_taken_hurries_nobody() -> None:
    both = ladder(Rung(0, Who.PRIMARY_NURSE), Rung(0, Who.ON_CALL, When.CLOSED), Rung(30, Who.TEAM))
    taken = climb(both, Place(), is_open=True, reach=everybody)
    assert (told(taken), taken.next) == (['primary_nurse'], Place(2))


def test_a_red_ladder_whose_rungs_all_wait_for_other_hours_does_not_wait_for_them() -> None:
    by_day = ladder(Rung(0, Who.ON_CALL, When.OPEN), Rung(30, Who.TEAM, When.OPEN))
    taken = climb(by_day, Place(), is_open=False, reach=everybody)
    assert (told(taken), taken.next) == (['on_call'], Place(1))
    only_one = ladder(Rung(0, Who.ON_CALL, When.CLOSED), Rung(30, Who.TEAM, When.OPEN))
    assert told(climb(only_one, Place(), is_open=False, reach=missing(Who.ON_CALL))) == ['team']


def test_where_nobody_is_on_call_the_next_are_told_at_once() -> None:
    taken = climb(default_ladder(Tier.EMERGENCY), Place(), is_open=True, reach=missing(Who.ON_CALL))
    assert (told(taken), taken.next) == (['primary_nurse', 'team'], Place(3))
    assert [rung.who for rung in taken.hollow] == [Who.ON_CALL]


def test_a_patient_without_a_primary_nurse_is_no_reason_to_call_the_whole_team() -> None:
    taken = climb(default_ladder(Tier.EMERGENCY), Place(), is_open=True, reach=missing(Who.PRIMARY_NURSE))
    assert (told(taken), taken.next) == (['on_call'], Place(2))


def test_a_ladder_with_nobody_on_it_says_so_and_begins_again_after_its_pause() -> None:
    emergency = default_ladder(Tier.EMERGENCY)
    taken = climb(emergency, Place(), is_open=True, reach=nobody)
    assert (told(taken), len(taken.hollow), taken.next) == ([], 4, Place(0, 1))
    assert [minutes for minutes, _ in spelled(course(emergency, by=5, reach=nobody, most=5))] == [0, 5, 10, 70, 130]


def test_when_the_last_ones_are_gone_the_hourly_reminder_goes_to_whoever_is_left() -> None:
    emergency = default_ladder(Tier.EMERGENCY)
    taken = climb(emergency, Place(0, emergency.rounds), is_open=True, reach=missing(Who.LEAD))
    assert told(taken) == ['primary_nurse', 'on_call', 'team']


# -- same day ----------------------------------------------------------------------------------------------------------------


def test_a_same_day_ladder_counts_clinic_hours_and_ends_in_the_review_list() -> None:
    friday = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)  # Friday, 16:00 in New York: two hours of the day are left
    moments = course(default_ladder(Tier.SAME_DAY), opened=friday, by=66 * 60)
    local = [(one.at.astimezone(NEW_YORK).strftime('%a %H:%M'), '+'.join(told(one.climb))) for one in moments]
    assert local == [('Fri 18:00', 'primary_nurse'), ('Mon 10:00', 'team'), ('Mon 11:00', 'lead'), ('Mon 13:00', '')]


def test_the_review_list_comes_no_sooner_than_the_promise() -> None:
    hasty = ladder(Rung(5, Who.PRIMARY_NURSE), Rung(5, Who.TEAM), tier=Tier.SAME_DAY)
    assert spelled(course(hasty, by=240)) == [(5, 'primary_nurse'), (10, 'team'), (240, '')]


def test_a_same_day_alert_of_the_night_tells_nobody_before_the_clinic_opens() -> None:
    at_once = ladder(Rung(0, Who.PRIMARY_NURSE), Rung(60, Who.TEAM), tier=Tier.SAME_DAY)
    night = datetime(2026, 11, 17, 10, 30, tzinfo=UTC)  # Tuesday, 5:30 in New York
    assert spelled(course(at_once, opened=night, by=10**5), night)[:2] == [(150, 'primary_nurse'), (210, 'team')]


def test_a_clinic_without_hours_runs_by_the_wall_clock() -> None:
    night = datetime(2026, 11, 17, 10, 30, tzinfo=UTC)
    moments = course(default_ladder(Tier.SAME_DAY), opened=night, by=240, clock=NO_HOURS)
    assert spelled(moments, night) == [(120, 'primary_nurse'), (240, 'team'), (300, 'lead'), (420, '')]


def test_a_sweep_seconds_after_closing_time_still_counts_and_one_in_the_night_does_not() -> None:
    same_day = default_ladder(Tier.SAME_DAY)
    closing = datetime(2026, 11, 16, 23, 0, tzinfo=UTC)  # Monday, 18:00
    assert WEEK.stands_still(same_day, due=closing, now=closing + timedelta(seconds=4)) is None
    opens = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)
    assert WEEK.stands_still(same_day, due=closing, now=closing + 2 * HOUR) == opens
    assert WEEK.stands_still(default_ladder(Tier.URGENT), due=closing, now=closing + 2 * HOUR) is None


# -- forgotten ---------------------------------------------------------------------------------------------------------------


def back(tier: Tier, *, contacted: bool = False, call_back: timedelta | None = None) -> timedelta:
    at = None if call_back is None else MONDAY + call_back
    return comes_back(default_ladder(tier), at=MONDAY, contacted=contacted, call_back_at=at, clock=WEEK) - MONDAY


def test_what_was_acknowledged_and_forgotten_comes_back_by_its_tier() -> None:
    assert [back(tier) / MINUTE for tier in ALLTIERS] == [30, 60, 240]
    assert back(Tier.URGENT, contacted=True) == 8 * HOUR
    assert back(Tier.SAME_DAY, contacted=True) == 48 * HOUR  # 20 clinic hours: two whole days of ten


ALLTIERS = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)


def test_it_comes_back_when_an_agreed_call_is_due_within_a_limit() -> None:
    assert back(Tier.URGENT, contacted=True, call_back=1 * HOUR) == HOUR + 10 * MINUTE
    assert back(Tier.URGENT, contacted=True, call_back=20 * HOUR) == 20 * HOUR + 10 * MINUTE
    assert back(Tier.URGENT, contacted=True, call_back=90 * HOUR) == 24 * HOUR + 10 * MINUTE
    assert back(Tier.EMERGENCY, call_back=90 * HOUR) == 12 * HOUR + 10 * MINUTE
    assert (
        back(Tier.URGENT, call_back=-1 * HOUR) == HOUR
    )  # the time that was agreed has passed, and somebody took it since


def test_a_same_day_call_is_due_while_the_clinic_is_open() -> None:
    assert back(Tier.SAME_DAY, contacted=True, call_back=2 * HOUR) == 2 * HOUR + 10 * MINUTE
    in_the_evening, opens = 12 * HOUR, 23 * HOUR
    assert back(Tier.SAME_DAY, call_back=in_the_evening) == opens + 10 * MINUTE
    assert back(Tier.SAME_DAY, call_back=9 * HOUR - 5 * MINUTE) == opens  # ten minutes later it is closed
    assert back(Tier.SAME_DAY, call_back=900 * HOUR) == 7 * 24 * HOUR + 10 * MINUTE


# -- JSON --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('change', 'where'),
    [
        ({'tier': 'monitor'}, 'tier'),
        ({'tier': 'sometime'}, 'tier'),
        ({'rounds': 0}, 'rounds'),
        ({'rounds': True}, 'rounds'),
        ({'forgotten_after': '60'}, 'forgotten_after'),
        ({'rungs': []}, 'rungs'),
        ({'rungs': [{'wait': -1, 'who': 'team', 'when': 'always', 'phone': ''}]}, r'rungs\[0\].wait'),
        ({'rungs': [{'wait': 0, 'who': 'robot', 'when': 'always', 'phone': ''}]}, r'rungs\[0\].*robot'),
        ({'rungs': [{'wait': 0, 'who': 'team', 'when': 'at noon', 'phone': ''}]}, r'rungs\[0\].*at noon'),
        ({'rungs': [{'wait': 0, 'who': 'phone', 'when': 'always', 'phone': ''}]}, r'rungs\[0\].phone'),
        ({'rungs': [{'wait': 0, 'who': 'team', 'when': 'always', 'phone': '+1'}]}, r'rungs\[0\].phone'),
        ({'rungs': [{'wait': 0, 'who': 'team'}]}, r'rungs\[0\]: expected'),
        ({'colour': 'red'}, 'ladder: expected'),
    ],
)
def test_what_a_ladder_does_not_know_raises_and_says_where(change: dict[str, Any], where: str) -> None:
    raw = default_ladder(Tier.URGENT).to_json() | change
    with pytest.raises(LadderError, match=where):
        Ladder.from_json(raw)


def test_an_empty_policy_is_no_ladder() -> None:
    with pytest.raises(LadderError, match='ladder: expected'):
        Ladder.from_json({})


# -- properties --------------------------------------------------------------------------------------------------------------

rungs = st.builds(
    lambda wait, who, when: Rung(wait, who, when, '+12125550100' if who is Who.PHONE else ''),
    st.one_of(st.just(0), st.integers(1, 300)),
    st.sampled_from(Who),
    st.sampled_from(When),
)
ladders = st.builds(
    Ladder,
    tier=st.sampled_from(ALERTING),
    rungs=st.lists(rungs, min_size=1, max_size=6).map(tuple),
    rounds=st.integers(1, 4),
    forgotten_after=st.integers(1, 600),
    unfinished_after=st.integers(1, 3000),
)
zones = st.sampled_from(['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu']).map(ZoneInfo)
spans = st.builds(
    lambda day, opens, length: Hours(day, time(opens), time(min(opens + length, 23), 59)),
    st.integers(0, 6),
    st.integers(0, 23),
    st.integers(0, 12),
)
clocks = st.builds(Clock, st.lists(spans, max_size=7), zones)
# Around the nights on which the clocks change, among others.
instants = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 10, 31), datetime(2026, 11, 3)),  # noqa: DTZ001
    st.datetimes(datetime(2027, 3, 13), datetime(2027, 3, 16)),  # noqa: DTZ001
).map(lambda at: at.replace(tzinfo=UTC))
people = st.sets(st.sampled_from(Who)).map(lambda gone: missing(*gone))


@given(ladders)
def test_a_ladder_survives_the_way_through_json(one: Ladder) -> None:
    assert Ladder.from_json(one.to_json()) == one


@given(ladders, instants, st.integers(-600, 600), clocks, people)
def test_instants_advance_and_only_the_promise_hurries_a_ladder(
    one: Ladder, opened: datetime, by: int, clock: Clock, reach: Callable[[Rung], int]
) -> None:
    moments = course(one, opened=opened, by=by, clock=clock, reach=reach, most=40)
    assert moments[0].at >= opened
    for before, after in pairwise(moments[1:]):
        assert after.at > before.at
    for before, after in pairwise(moments):
        due = next_due(one, before.climb.next, at=before.at, acknowledge_by=after.at + 999 * HOUR, clock=clock)
        promise = max(opened + by * MINUTE, before.at)
        assert after.at >= min(due, clock.into_hours(promise) if not one.is_red else promise)


@given(ladders, instants, st.integers(1, 600), clocks)
def test_somebody_else_is_told_by_the_promised_instant(one: Ladder, opened: datetime, by: int, clock: Clock) -> None:
    moments = course(one, opened=opened, by=by, clock=clock, most=2)
    promise = opened + by * MINUTE
    later = [moment.at for moment in moments if moment.at > opened]
    assert later[0] <= (promise if one.is_red else clock.into_hours(promise))


@given(ladders, instants, st.integers(-600, 600), clocks, people)
def test_a_same_day_ladder_tells_nobody_outside_opening_hours_and_ends(
    one: Ladder, opened: datetime, by: int, clock: Clock, reach: Callable[[Rung], int]
) -> None:
    same_day = Ladder(Tier.SAME_DAY, one.rungs, one.rounds, one.forgotten_after, one.unfinished_after)
    moments = course(same_day, opened=opened, by=by, clock=clock, reach=reach, most=200)
    assert len(moments) < 200
    assert (moments[-1].climb.taken, moments[-1].round) == ((), same_day.rounds)
    assert not clock.hours or all(is_within(clock, moment.at) for moment in moments)


def is_within(clock: Clock, at: datetime) -> bool:
    """By the clock on the wall; 23:59 is how people write midnight."""
    local = at.astimezone(clock.zone)
    minute = local.replace(tzinfo=None) - timedelta(seconds=60)
    return any(
        one.weekday == local.weekday()
        and one.opens <= local.time()
        and (minute.date() < local.date() or minute.time() <= one.closes)
        for one in clock.hours
    )


@given(ladders, instants, clocks, people)
def test_a_red_ladder_never_ends_and_at_last_comes_every_hour(
    one: Ladder, opened: datetime, clock: Clock, reach: Callable[[Rung], int]
) -> None:
    red = Ladder(Tier.EMERGENCY, one.rungs, one.rounds, one.forgotten_after, one.unfinished_after)
    most = len(red.rungs) * red.rounds + 30
    moments = course(red, opened=opened, by=5, clock=clock, reach=reach, most=most)
    assert len(moments) == most
    assert {after.at - before.at for before, after in pairwise(moments[-20:])} == {RED_REPEATS * MINUTE}


@given(ladders, instants, clocks, people)
def test_in_each_round_every_rung_has_its_turn_once(
    one: Ladder, opened: datetime, clock: Clock, reach: Callable[[Rung], int]
) -> None:
    for number in range(one.rounds):
        moments = course(one, opened=opened, clock=clock, reach=reach, most=200)
        mine = [moment.climb for moment in moments if moment.round == number]
        seen = [rung for each in mine for rung in (*each.taken, *each.hollow, *each.skipped)]
        assert sorted(map(repr, seen)) == sorted(map(repr, one.rungs))


@given(ladders, st.booleans(), st.sets(st.sampled_from(Who)))
def test_nobody_reached_means_that_nobody_could_be(one: Ladder, is_open: bool, gone: set[Who]) -> None:
    taken = climb(one, Place(), is_open=is_open, reach=missing(*gone))
    there = [rung for rung in one.rungs if (one.is_red or rung.when.holds(is_open)) and rung.who not in gone]
    assert bool(taken.taken) == bool(there)
