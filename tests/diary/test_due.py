"""What the diary asks now: one entry a day, once more after a hard day, and no nagging. Days around which clocks change too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.due import LATE, MOST_MISSED, Diary, Due, due, evening_check, missed, next_look, next_time, reminds

NEW_YORK = ZoneInfo('America/New_York')
TODAY = date(2026, 11, 16)
DAY = timedelta(days=1)
ZONES = [
    ZoneInfo(name) for name in ('America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC')
]


def at(hour: int, minute: int = 0, *, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), NEW_YORK).astimezone(UTC)


def diary(**known: object) -> Diary:
    return Diary(**({'zone': NEW_YORK, 'runs_from': TODAY - 30 * DAY} | known))  # type: ignore[arg-type]


def wrote(*days_ago: int) -> frozenset[date]:
    return frozenset(TODAY - back * DAY for back in days_ago)


def test_an_entry_a_day_is_asked_for() -> None:
    assert due(diary(), now=at(9)) is Due.DAY
    assert due(diary(days=wrote(0)), now=at(9)) is Due.NOTHING
    assert due(diary(days=wrote(1)), now=at(0, 1)) is Due.DAY


@pytest.mark.parametrize(
    'known',
    [
        {'runs_from': None},
        {'runs_from': TODAY + DAY},
        {'runs_until': TODAY - DAY},
        {'pauses': [(TODAY, TODAY)]},
        {'pauses': [(TODAY - 3 * DAY, TODAY + DAY)]},
    ],
)
def test_nothing_is_asked_before_after_and_in_a_pause(known: dict[str, object]) -> None:
    assert due(diary(**known), now=at(12)) is Due.NOTHING


def test_after_a_hard_day_one_gentle_check_in_the_evening() -> None:
    hard = diary(days=wrote(0), latest=at(10), hard=True)
    assert due(hard, now=at(17, 59)) is Due.NOTHING
    assert due(hard, now=at(18)) is Due.AGAIN
    assert due(diary(days=wrote(0), latest=at(10), hard=False), now=at(20)) is Due.NOTHING
    assert due(diary(days=wrote(0), latest=at(17), hard=True), now=at(20)) is Due.NOTHING  # she has said so just now
    assert due(diary(days=wrote(0), latest=at(17), hard=True), now=at(21)) is Due.AGAIN


def test_what_is_told_in_the_evening_is_the_check() -> None:
    told = diary(days=wrote(0), latest=at(18, 1), hard=True)
    assert due(told, now=at(23, 59)) is Due.NOTHING
    assert evening_check(told, now=at(19)) is None


def test_a_check_of_the_first_weeks_is_due_once_the_day_is_told() -> None:
    assert due(diary(check=True), now=at(9)) is Due.DAY
    assert due(diary(days=wrote(0), latest=at(9), check=True), now=at(10)) is Due.CHECK
    assert due(diary(days=wrote(0), latest=at(9), check=True, hard=True), now=at(19)) is Due.AGAIN
    assert due(diary(days=wrote(0), check=True, pauses=[(TODAY, TODAY)]), now=at(10)) is Due.NOTHING


@given(st.integers(0, 23), st.integers(0, 23), st.times(), st.booleans(), st.sampled_from(ZONES))
def test_a_reminder_looks_at_her_hour_or_earlier_and_in_the_evening_only_when_it_asks(
    wrote_at: int, hour: int, chosen: time, hard: bool, zone: ZoneInfo
) -> None:
    known = diary(zone=zone, days=wrote(0), latest=at(wrote_at), hard=hard)
    looks, usual = next_look(known, chosen, after=at(hour)), next_time(chosen, zone, after=at(hour))
    assert at(hour) < looks <= usual
    if looks != usual:
        assert due(known, now=looks) in (Due.AGAIN, Due.DAY)


def test_a_reminder_goes_out_when_something_is_due_and_only_then() -> None:
    assert reminds(diary(days=wrote(1)), planned=at(18), now=at(18))
    assert not reminds(diary(days=wrote(0)), planned=at(18), now=at(18))
    assert not reminds(diary(pauses=[(TODAY, TODAY)]), planned=at(18), now=at(18))


def test_a_reminder_that_is_late_is_left_out() -> None:
    assert reminds(diary(days=wrote(1)), planned=at(18), now=at(18) + LATE)
    assert not reminds(diary(days=wrote(1)), planned=at(18), now=at(18) + LATE + timedelta(seconds=1))


def test_what_was_planned_for_yesterday_does_not_ask_for_today_in_the_night() -> None:
    evening = at(23, 50, day=TODAY - DAY)
    assert reminds(diary(days=wrote(2)), planned=evening, now=at(23, 55, day=TODAY - DAY))
    assert not reminds(diary(days=wrote(1)), planned=evening, now=at(0, 5))


def test_after_three_missed_days_no_more_reminders_nag() -> None:
    for last, expected in ((1, True), (2, True), (3, True), (4, False), (9, False)):
        assert reminds(diary(days=wrote(last)), planned=at(18), now=at(18)) is expected, last


def test_days_of_a_pause_and_before_treatment_are_not_missed() -> None:
    paused = diary(days=wrote(9), pauses=[(TODAY - 8 * DAY, TODAY - DAY)])
    assert missed(paused, before=TODAY) == 0
    assert missed(diary(runs_from=TODAY - DAY), before=TODAY) == 1
    assert missed(diary(), before=TODAY) == MOST_MISSED


@given(
    st.sets(st.integers(0, 6)),
    st.booleans(),
    st.integers(0, 23),
    st.integers(0, 23),
    st.lists(st.integers(0, 6), max_size=2),
)
def test_no_reminder_without_something_that_the_page_asks(
    days: set[int], hard: bool, wrote_at: int, hour: int, pause: list[int]
) -> None:
    pauses = [(TODAY - max(pause) * DAY, TODAY - min(pause) * DAY)] if pause else []
    known = diary(days=wrote(*days), pauses=pauses, latest=at(wrote_at) if 0 in days else None, hard=hard)
    if reminds(known, planned=at(hour), now=at(hour)):
        assert due(known, now=at(hour)) is not Due.NOTHING


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.integers(0, 3 * 365 * 24 * 60),
)
def test_the_next_time_is_within_a_day_and_shows_on_her_clock(zone: ZoneInfo, clock: time, minutes: int) -> None:
    clock, now = clock.replace(microsecond=0), datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = next_time(clock, zone, after=now)
    assert now < found <= now + timedelta(hours=26)
    shown = found.astimezone(zone).time()
    lost = datetime.combine(found.astimezone(zone).date(), clock, zone)
    assert shown == clock or lost.astimezone(UTC).astimezone(zone).time() != clock  # an hour that the clocks leave out


def test_on_the_days_on_which_clocks_change() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    skipped = next_time(time(2, 30), NEW_YORK, after=at(23, day=spring - DAY))
    assert skipped.astimezone(NEW_YORK).strftime('%d %H:%M') == '08 03:30'
    twice = next_time(time(1, 30), NEW_YORK, after=at(23, day=autumn - DAY))
    assert twice == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the first of the two
    assert next_time(time(1, 30), NEW_YORK, after=twice) == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
