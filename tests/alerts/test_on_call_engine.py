"""Who is on call, as instants: weeks, overrides, gaps, and the nights on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine.on_call import (
    Override,
    Rota,
    Shift,
    comes_twice,
    days_long,
    exists,
    gaps,
    instant,
    minutes_long,
    next_handover,
    on_call_at,
    overlap,
    stretches,
)

NEW_YORK, BERLIN = ZoneInfo('America/New_York'), ZoneInfo('Europe/Berlin')
ROSA, TOM, EVA = 1, 2, 3
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
HOUR = timedelta(hours=1)
# Rosa from Monday 8:00 to Friday 18:00, Tom the weekend.
WEEK = [Shift(ROSA, MON, time(8), FRI, time(18)), Shift(TOM, FRI, time(18), MON, time(8))]


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def rota(*shifts: Shift, zone: ZoneInfo = NEW_YORK, overrides: tuple[Override, ...] = ()) -> Rota:
    return Rota(zone, shifts, overrides)


def told(found: Rota, since: str, until: str) -> list[tuple[str, str, set[int]]]:
    """The stretches of a window in the rota's local time."""
    zone = found.zone
    return [
        (f'{one.starts_at.astimezone(zone):%a %H:%M}', f'{one.ends_at.astimezone(zone):%a %H:%M}', set(one.people))
        for one in stretches(found, at(since, zone), at(until, zone))  # type: ignore[arg-type]
    ]


# -- weeks -------------------------------------------------------------------------------------------------------------
def test_a_week_is_handed_over_at_the_minute() -> None:
    week = rota(*WEEK)
    assert on_call_at(week, at('2026-11-20T17:59')) == {ROSA}
    assert on_call_at(week, at('2026-11-20T18:00')) == {TOM}
    assert on_call_at(week, at('2026-11-23T07:59')) == {TOM}
    assert on_call_at(week, at('2026-11-23T08:00')) == {ROSA}


def test_a_shift_crosses_midnight() -> None:
    nights = rota(Shift(TOM, WED, time(20), THU, time(8)))
    assert told(nights, '2026-11-18T12:00', '2026-11-19T12:00') == [
        ('Wed 12:00', 'Wed 20:00', set()),
        ('Wed 20:00', 'Thu 08:00', {TOM}),
        ('Thu 08:00', 'Thu 12:00', set()),
    ]


def test_the_same_start_and_end_is_a_whole_week_without_end() -> None:
    always = rota(Shift(ROSA, WED, time(9), WED, time(9)))
    assert told(always, '2026-11-01T00:00', '2026-12-01T00:00') == [('Sun 00:00', 'Tue 00:00', {ROSA})]
    assert next_handover(always, at('2026-11-16T09:00'), within=timedelta(days=28)) is None


def test_of_shifts_that_overlap_everybody_is_on_call() -> None:
    both = rota(Shift(ROSA, MON, time(8), MON, time(18)), Shift(TOM, MON, time(12), MON, time(20)))
    assert told(both, '2026-11-16T08:00', '2026-11-16T20:00') == [
        ('Mon 08:00', 'Mon 12:00', {ROSA}),
        ('Mon 12:00', 'Mon 18:00', {ROSA, TOM}),
        ('Mon 18:00', 'Mon 20:00', {TOM}),
    ]


def test_the_next_hand_over_says_when_and_who_and_may_be_to_nobody() -> None:
    day = rota(Shift(ROSA, MON, time(8), MON, time(18)), Shift(ROSA, MON, time(18), MON, time(20)))
    assert next_handover(day, at('2026-11-16T09:00'), within=timedelta(days=8)) == (at('2026-11-16T20:00'), set())
    assert next_handover(day, at('2026-11-16T20:00'), within=timedelta(days=8)) == (at('2026-11-23T08:00'), {ROSA})


def test_without_shifts_every_window_is_one_gap() -> None:
    assert [one.is_gap for one in stretches(rota(), at('2026-11-16T00:00'), at('2026-11-30T00:00'))] == [True]


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match='ends after it begins'):
        stretches(rota(), at('2026-11-16T00:00'), at('2026-11-15T00:00'))


# -- overrides ---------------------------------------------------------------------------------------------------------
def test_an_override_replaces_everybody_of_the_week_for_its_time() -> None:
    change = Override(TOM, at('2026-11-17T12:00'), at('2026-11-17T18:00'), 1)
    changed = rota(*WEEK, Shift(EVA, TUE, time(0), WED, time(0)), overrides=(change,))
    assert told(changed, '2026-11-17T11:00', '2026-11-17T19:00') == [
        ('Tue 11:00', 'Tue 12:00', {ROSA, EVA}),
        ('Tue 12:00', 'Tue 18:00', {TOM}),
        ('Tue 18:00', 'Tue 19:00', {ROSA, EVA}),
    ]


def test_of_several_overrides_the_newest_counts_while_it_lasts() -> None:
    older = Override(TOM, at('2026-11-17T12:00'), at('2026-11-17T18:00'), 1)
    newer = Override(EVA, at('2026-11-17T14:00'), at('2026-11-17T15:00'), 2)
    assert told(rota(*WEEK, overrides=(newer, older)), '2026-11-17T12:00', '2026-11-17T18:00') == [
        ('Tue 12:00', 'Tue 14:00', {TOM}),
        ('Tue 14:00', 'Tue 15:00', {EVA}),
        ('Tue 15:00', 'Tue 18:00', {TOM}),
    ]


def test_an_override_fills_a_gap_and_only_what_it_covers() -> None:
    taken = Override(EVA, at('2026-11-18T08:00'), at('2026-11-18T20:00'), 1)
    nights = rota(Shift(TOM, WED, time(20), THU, time(8)), overrides=(taken,))
    found = gaps(nights, at('2026-11-18T06:00'), at('2026-11-19T09:00'))
    assert [one.starts_at for one in found] == [at('2026-11-18T06:00'), at('2026-11-19T08:00')]


# -- nights on which the clocks change ---------------------------------------------------------------------------------
def test_a_hand_over_at_a_time_that_does_not_exist_is_when_the_clock_jumps() -> None:
    nights = rota(Shift(ROSA, SAT, time(20), SUN, time(2, 30)), Shift(TOM, SUN, time(2, 30), SUN, time(8)))
    jump = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 2:00 becomes 3:00
    found = stretches(nights, at('2026-03-07T20:00'), at('2026-03-08T08:00'))
    assert [(one.ends_at, set(one.people)) for one in found] == [(jump, {ROSA}), (at('2026-03-08T08:00'), {TOM})]


def test_a_hand_over_at_a_time_that_comes_twice_is_at_its_first_coming() -> None:
    nights = rota(Shift(ROSA, SAT, time(20), SUN, time(2, 30)), Shift(TOM, SUN, time(2, 30), SUN, time(8)), zone=BERLIN)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30 in summer time; 3:00 becomes 2:00 at 1:00 UTC
    found = stretches(nights, at('2026-10-24T20:00', BERLIN), at('2026-10-25T08:00', BERLIN))
    assert [(one.ends_at, set(one.people)) for one in found] == [
        (first, {ROSA}),
        (at('2026-10-25T08:00', BERLIN), {TOM}),
    ]
    assert on_call_at(nights, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == {TOM}  # 2:30 for the second time


def test_a_shift_inside_the_hour_that_does_not_exist_is_not_held_that_night() -> None:
    short = rota(Shift(TOM, SUN, time(2, 15), SUN, time(2, 45)))
    assert told(short, '2026-03-08T01:00', '2026-03-08T04:00') == [('Sun 01:00', 'Sun 04:00', set())]
    assert told(short, '2026-03-15T02:00', '2026-03-15T02:30')[-1] == ('Sun 02:15', 'Sun 02:30', {TOM})


def test_a_night_is_as_long_as_it_is() -> None:
    night = rota(Shift(TOM, SAT, time(20), SUN, time(8)))
    lengths = []
    for day in ('2026-03-07', '2026-03-14', '2026-10-31'):
        since = at(f'{day}T12:00').astimezone(UTC)
        held = next(one for one in stretches(night, since, since + 30 * HOUR) if one.people)
        lengths.append((held.ends_at - held.starts_at) // HOUR)
    assert lengths == [11, 12, 13]


def test_a_whole_day_that_a_country_skipped_is_handed_over_when_it_is_skipped() -> None:
    apia = ZoneInfo('Pacific/Apia')  # 30 December 2011 did not exist there
    assert not exists(date(2011, 12, 30), time(12), apia)
    assert instant(date(2011, 12, 30), time(12), apia) == datetime(2011, 12, 30, 10, 0, tzinfo=UTC)


def test_times_that_do_not_exist_or_come_twice_are_known() -> None:
    assert not exists(date(2026, 3, 8), time(2, 30), NEW_YORK)
    assert exists(date(2026, 3, 8), time(3), NEW_YORK)
    assert comes_twice(date(2026, 11, 1), time(1, 30), NEW_YORK)
    assert not comes_twice(date(2026, 11, 1), time(2), NEW_YORK)
    assert not comes_twice(date(2026, 3, 8), time(2, 30), NEW_YORK)


# -- weekly shifts against each other ----------------------------------------------------------------------------------
def test_lengths_of_shifts() -> None:
    assert minutes_long(Shift(ROSA, FRI, time(18), MON, time(8))) == 62 * 60
    assert minutes_long(Shift(ROSA, MON, time(8), MON, time(8))) == 7 * 24 * 60
    assert minutes_long(Shift(ROSA, MON, time(8), MON, time(7))) == (7 * 24 - 1) * 60
    assert days_long(Shift(ROSA, MON, time(8), MON, time(9))) == 0


def test_shifts_that_touch_do_not_overlap() -> None:
    assert not overlap(*WEEK)
    assert overlap(WEEK[1], Shift(TOM, SUN, time(7), MON, time(9)))
    assert overlap(Shift(TOM, MON, time(8), MON, time(8)), Shift(TOM, FRI, time(1), FRI, time(2)))
    assert not overlap(Shift(TOM, SUN, time(20), MON, time(8)), Shift(TOM, MON, time(8), MON, time(20)))


# -- what holds for every plan, over every change of the clocks --------------------------------------------------------
ZONES = [
    'America/New_York', 'Europe/London', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Casablanca',
    'Asia/Kolkata', 'Pacific/Chatham', 'America/Santiago', 'Asia/Beirut',
]  # fmt: skip
NIGHTS = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def noon(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(12), zone).utcoffset()


# Every change of the clocks in 2026, as (zone, day); and one quiet day in each zone.
CHANGES = [
    (zone, day) for zone in map(ZoneInfo, ZONES) for day in NIGHTS if noon(day, zone) != noon(day - timedelta(1), zone)
]
PLACES = CHANGES + [(ZoneInfo(zone), date(2026, 7, 1)) for zone in ZONES]
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 59]))
small_hours = st.builds(time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45, 59]))
clock = times | small_hours
weekdays = st.integers(0, 6)
shifts = st.builds(Shift, st.integers(1, 4), weekdays, clock, weekdays, clock)
minutes = st.integers(-4 * 24 * 60, 4 * 24 * 60)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Rota, datetime]:
    """A made-up plan in a zone, and an instant some days around a change of its clocks."""
    zone, day = draw(st.sampled_from(PLACES))
    midnight = datetime.combine(day, time(0), zone).astimezone(UTC)

    def change(number: int) -> Override:
        starts_at = midnight + timedelta(minutes=draw(minutes))
        return Override(
            draw(st.integers(1, 4)), starts_at, starts_at + timedelta(minutes=draw(st.integers(1, 3000))), number
        )

    changes = [change(number) for number in range(draw(st.integers(0, 3)))]
    return Rota(zone, draw(st.lists(shifts, max_size=6)), changes), midnight + timedelta(minutes=draw(minutes))


@settings(max_examples=200, deadline=None)
@given(plans(), st.integers(1, 10 * 24 * 60))
def test_stretches_and_gaps_tile_every_window(plan: tuple[Rota, datetime], length: int) -> None:
    found, since = plan
    until = since + timedelta(minutes=length)
    tiles = stretches(found, since, until)
    assert (tiles[0].starts_at, tiles[-1].ends_at) == (since, until)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(tiles))
    assert all(one.starts_at < one.ends_at for one in tiles)
    assert sum((one.ends_at - one.starts_at for one in tiles), timedelta()) == until - since
    assert gaps(found, since, until) == [one for one in tiles if not one.people]
    assert all((one.people, one.override) != (other.people, other.override) for one, other in pairwise(tiles))


@settings(max_examples=200, deadline=None)
@given(plans(), st.integers(1, 10 * 24 * 60), st.data())
def test_who_is_on_call_is_who_the_stretch_names(plan: tuple[Rota, datetime], length: int, data: st.DataObject) -> None:
    found, since = plan
    now = since + timedelta(seconds=data.draw(st.integers(0, length * 60 - 1)))
    tiles = stretches(found, since, since + timedelta(minutes=length))
    holding = [one for one in tiles if one.starts_at <= now < one.ends_at]
    assert [one.people for one in holding] == [on_call_at(found, now)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), st.lists(st.tuples(weekdays, clock), min_size=2, max_size=6, unique=True))
def test_a_week_that_is_handed_from_one_to_the_next_has_neither_gap_nor_overlap(
    place: tuple[ZoneInfo, date], edges: list[tuple[int, time]]
) -> None:
    edges = sorted(edges)
    round_trip = zip(edges, edges[1:] + edges[:1], strict=True)
    week = [Shift(who, day, start, last, end) for who, ((day, start), (last, end)) in enumerate(round_trip)]
    since = datetime.combine(place[1], time(0), place[0]) - timedelta(days=4)
    tiles = stretches(Rota(place[0], week), since, since + timedelta(days=9))
    assert {len(one.people) for one in tiles} == {1}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), clock, clock)
def test_a_later_time_of_a_day_is_never_an_earlier_instant(
    place: tuple[ZoneInfo, date], one: time, other: time
) -> None:
    zone, day = place
    early, late = sorted((one, other))
    assert instant(day, early, zone) <= instant(day, late, zone)


@settings(max_examples=150, deadline=None)
@given(plans())
def test_the_next_hand_over_is_the_first_instant_with_other_people(plan: tuple[Rota, datetime]) -> None:
    (found, now), week = plan, timedelta(days=8)
    coming = next_handover(found, now, within=week)
    until = coming[0] if coming else now + week
    assert {one.people for one in stretches(found, now, until)} == {on_call_at(found, now)}
    if coming:
        assert on_call_at(found, coming[0]) == coming[1] != on_call_at(found, now)
