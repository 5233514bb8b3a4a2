"""Who has not written when she should have: limits, habits, pauses, daylight saving; and what must hold for every life."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.content import default_rules
from alerts.engine.rules import MissedRule
from alerts.engine.silence import Known, Silent, Why, silence, usual_gap

NEW_YORK = ZoneInfo('America/New_York')
NOW = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)  # Monday, 9:00 in New York
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rules() -> list[MissedRule]:
    return list(default_rules().missed.values())


def known(*hours_ago: float, **fields: object) -> Known:
    """In treatment since spring; entries so many hours ago, the last one first."""
    wrote = sorted(NOW - timedelta(hours=ago) for ago in hours_ago)
    usual = {'zone': NEW_YORK, 'asked_from': NOW - 200 * DAY, 'wrote': wrote}
    return Known(**(usual | fields))  # type: ignore[arg-type]


def at(facts: Known, now: datetime = NOW) -> Silent | None:
    return silence(facts, rules(), now=now)


def limit(facts: Known, now: datetime = NOW) -> tuple[int, Why] | None:
    found = at(facts, now)
    return (found.limit_hours, found.why) if found else None


DAILY = tuple(24.0 * n for n in range(14))
TWICE_A_WEEK = tuple(84.0 * n for n in range(5))


def since_last(hours: float, habit: tuple[float, ...] = (0.0,), **fields: object) -> Known:
    """Her last entry was so many hours ago; before it she wrote as she does."""
    return known(*(hours + ago for ago in habit), **fields)


def test_the_limits_are_those_of_the_rule() -> None:
    (rule,) = rules()
    assert (rule.id, rule.hours_car_t_day_0_to_30, rule.hours_otherwise) == ('C06', 24, 72)
    assert limit(since_last(72)) == (72, Why.USUAL)
    assert limit(since_last(71.9)) is None
    other = replace(rule, id='X1', hours_otherwise=100)
    assert silence(since_last(99), [other], now=NOW) is None
    assert silence(since_last(101), [other], now=NOW) == Silent('X1', NOW - HOUR, 100, Why.USUAL)


def test_without_a_rule_nobody_is_silent() -> None:
    assert silence(since_last(1000), [], now=NOW) is None


def test_in_the_first_weeks_after_car_t_cells_a_day_is_too_long() -> None:
    cells = {'car_t': NOW - 12 * DAY}
    assert limit(since_last(25, doses=cells)) == (24, Why.CAR_T)
    assert limit(since_last(23, doses=cells)) is None
    assert limit(since_last(25, doses={'checkpoint_inhibitor': NOW - 12 * DAY})) is None


@pytest.mark.parametrize(('day', 'found'), [(0, None), (1, 24), (30, 24), (31, None), (40, None)])
def test_the_window_is_counted_in_her_local_days(day: int, found: int | None) -> None:
    """The cells came late on a day in New York, when it was the next day in UTC already."""
    cells = datetime(2026, 9, 1, 23, 0, tzinfo=NEW_YORK)
    now = datetime(2026, 9, 1, 23, 30, tzinfo=NEW_YORK) + day * DAY
    facts = Known(NEW_YORK, asked_from=cells - 90 * DAY, wrote=[now - 25 * HOUR], doses={'car_t': cells})
    got = at(facts, now)
    assert (got.limit_hours if got else None) == found


def test_who_was_missed_on_day_30_is_not_forgiven_on_day_31() -> None:
    facts = since_last(25, doses={'car_t': NOW - 30 * DAY})
    assert [limit(facts, NOW + n * DAY) for n in range(4)] == [(24, Why.CAR_T)] * 4


def test_the_cells_start_the_clock_where_the_last_entry_is_older() -> None:
    facts = since_last(40, doses={'car_t': NOW - 20 * HOUR})
    assert limit(facts) is None
    assert at(facts, NOW + 4 * HOUR) == Silent('C06', NOW + 4 * HOUR, 24, Why.CAR_T)


@pytest.mark.parametrize(('worst', 'found'), [(None, None), (2, None), (3, (24, Why.SEVERE)), (4, (24, Why.SEVERE))])
def test_after_something_severe_a_day_is_too_long(worst: int | None, found: object) -> None:
    assert limit(since_last(25, worst=worst)) == found


def test_who_writes_every_day_is_missed_sooner_than_who_writes_twice_a_week() -> None:
    assert limit(since_last(49, DAILY)) == (48, Why.PATTERN)
    assert limit(since_last(47, DAILY)) is None
    assert limit(since_last(49, TWICE_A_WEEK)) is None
    assert limit(since_last(73, TWICE_A_WEEK)) == (72, Why.USUAL)


def test_four_entries_on_a_bad_day_are_no_habit() -> None:
    bad_day = (0.0, 2.0, 4.0, 6.0, 168.0, 170.0, 172.0, 336.0)
    assert usual_gap(since_last(0, bad_day).wrote, NEW_YORK) is None
    assert limit(since_last(49, bad_day)) is None


def test_a_few_days_are_no_habit_yet() -> None:
    assert usual_gap(known(*DAILY[:4]).wrote, NEW_YORK) is None
    assert usual_gap(known(*DAILY[:5]).wrote, NEW_YORK) == DAY


# -- whether anybody expects an entry -------------------------------------------------------------------------------------
def test_nobody_is_asked_before_treatment_or_long_after_it() -> None:
    assert limit(since_last(500, asked_from=None)) is None
    assert limit(since_last(500, asked_from=NOW + HOUR)) is None
    assert limit(since_last(500, asked_until=date(2026, 11, 15))) is None
    assert limit(since_last(500, asked_until=date(2026, 11, 16))) == (72, Why.USUAL)


def test_who_never_wrote_is_silent_from_the_first_dose_on() -> None:
    assert limit(known(asked_from=NOW - 71 * HOUR)) is None
    assert at(known(asked_from=NOW - 73 * HOUR)) == Silent('C06', NOW - HOUR, 72, Why.USUAL)


def test_what_she_wrote_before_treatment_does_not_start_the_clock() -> None:
    assert limit(since_last(500, asked_from=NOW - 10 * HOUR)) is None


def test_after_a_nurse_has_reached_her_the_limit_begins_anew() -> None:
    assert limit(since_last(100, reached_at=NOW - 71 * HOUR)) is None
    assert limit(since_last(200, reached_at=NOW - 73 * HOUR)) == (72, Why.USUAL)


# -- pauses ---------------------------------------------------------------------------------------------------------------
def test_nobody_is_missed_in_a_planned_pause() -> None:
    assert limit(since_last(500, pauses=[(date(2026, 11, 16), date(2026, 11, 20))])) is None
    assert limit(since_last(500, pauses=[(date(2026, 11, 17), date(2026, 11, 20))])) == (72, Why.USUAL)


def test_paused_days_do_not_count_and_a_day_after_them_is_hers() -> None:
    """Wrote on Tuesday at 9:00, away from Wednesday to Friday: 72 hours become 144."""
    facts = since_last(144, pauses=[(date(2026, 11, 11), date(2026, 11, 13))])
    assert at(facts) == Silent('C06', NOW, 72, Why.USUAL)
    assert at(facts, NOW - HOUR) is None
    long_silent = since_last(500, pauses=[(date(2026, 11, 13), date(2026, 11, 15))])
    monday = datetime(2026, 11, 16, tzinfo=NEW_YORK)
    assert at(long_silent, monday + 23 * HOUR) is None
    assert at(long_silent, monday + 24 * HOUR) is not None


def test_pauses_that_overlap_count_once() -> None:
    twice = [(date(2026, 11, 11), date(2026, 11, 12)), (date(2026, 11, 12), date(2026, 11, 13))]
    assert at(since_last(144, pauses=twice)) == at(since_last(144, pauses=[(date(2026, 11, 11), date(2026, 11, 13))]))


@pytest.mark.parametrize(('sunday', 'hours'), [(date(2026, 11, 1), 25), (date(2026, 3, 8), 23)])
def test_a_pause_over_a_daylight_saving_day_is_as_long_as_the_day_really_is(sunday: date, hours: int) -> None:
    wrote = datetime(sunday.year, sunday.month, sunday.day, tzinfo=NEW_YORK) - 24 * HOUR
    facts = Known(NEW_YORK, asked_from=wrote - 90 * DAY, wrote=[wrote], pauses=[(sunday, sunday)])
    found = at(facts, wrote + 30 * DAY)
    assert found is not None
    assert found.since - wrote.astimezone(UTC) == timedelta(hours=72 + hours)


def test_hours_of_silence_are_real_hours_on_a_daylight_saving_night() -> None:
    wrote = datetime(2026, 10, 31, 20, 0, tzinfo=NEW_YORK)  # the night that is an hour longer comes
    facts = Known(NEW_YORK, asked_from=wrote - 90 * DAY, wrote=[wrote], worst=3)
    found = at(facts, datetime(2026, 11, 2, tzinfo=NEW_YORK))
    assert found is not None
    assert found.since.astimezone(NEW_YORK) == datetime(2026, 11, 1, 19, 0, tzinfo=NEW_YORK)


# -- what holds for every life ----------------------------------------------------------------------------------------------
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ('America/New_York', 'Europe/London', 'Asia/Tokyo', 'Pacific/Apia')]
)
AGO = st.floats(0, 24 * 70, allow_nan=False).map(lambda hours: NOW - timedelta(hours=hours))
SPANS = st.tuples(st.integers(-60, 20), st.integers(0, 12)).map(
    lambda span: (date(2026, 11, 16) + span[0] * DAY, date(2026, 11, 16) + (span[0] + span[1]) * DAY)
)


@st.composite
def lives(draw: st.DrawFn) -> Known:
    return Known(
        zone=draw(ZONES),
        asked_from=draw(st.none() | AGO),
        asked_until=draw(st.none() | st.dates(date(2026, 9, 1), date(2027, 3, 1))),
        wrote=sorted(draw(st.lists(AGO, max_size=20))),
        reached_at=draw(st.none() | AGO),
        worst=draw(st.none() | st.integers(0, 4)),
        doses=draw(st.dictionaries(st.sampled_from(['car_t', 'cytokine']), AGO)),
        pauses=draw(st.lists(SPANS, max_size=4)),
    )


@given(lives(), st.floats(0, 23.9))
def test_nobody_is_silent_within_a_day_of_an_entry(life: Known, hours: float) -> None:
    wrote = [*life.wrote, NOW]
    assert at(replace(life, wrote=wrote), NOW + timedelta(hours=hours)) is None


@given(lives(), SPANS, st.floats(0, 24 * 30))
def test_a_pause_never_shortens(life: Known, pause: tuple[date, date], hours: float) -> None:
    now = NOW + timedelta(hours=hours)
    without, with_pause = at(life, now), at(replace(life, pauses=[*life.pauses, pause]), now)
    if with_pause:
        assert without
        assert without.since <= with_pause.since


@given(lives(), st.floats(0, 24 * 30))
def test_the_limit_is_never_longer_than_the_rules_and_is_over(life: Known, hours: float) -> None:
    now = NOW + timedelta(hours=hours)
    found = at(life, now)
    if found:
        last = max(filter(None, (life.asked_from, life.reached_at, *life.wrote)))
        assert 24 <= found.limit_hours <= 72
        assert last + timedelta(hours=found.limit_hours) <= found.since <= now


@given(lives(), st.floats(0, 24 * 10), st.floats(0, 24 * 10))
def test_silence_lasts_until_something_happens(life: Known, first: float, more: float) -> None:
    now = NOW + timedelta(hours=first)
    life = replace(life, pauses=(), asked_until=None)
    if at(life, now):
        assert at(life, now + timedelta(hours=more)) == at(life, now)


@given(lives())
def test_whoever_said_nothing_for_72_hours_is_silent_where_no_pause_was_planned(life: Known) -> None:
    life = replace(life, pauses=(), asked_until=None, asked_from=NOW - 100 * DAY, reached_at=None)
    assert at(life, max(life.wrote, default=NOW - 100 * DAY) + timedelta(hours=72)) is not None
