"""Opening hours as instants."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.engine.hours import Hours, after_open_time, open_stretches, open_until, opens_next

LONDON = ZoneInfo('Europe/London')
WEEK = [Hours(day, time(8), time(18)) for day in range(5)]
ALWAYS = [Hours(day, time(0), time(23, 59)) for day in range(7)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_open_until_the_door_closes() -> None:
    assert open_until(WEEK, LONDON, at('2026-11-16T08:00')) == at('2026-11-16T18:00')
    assert open_until(WEEK, LONDON, at('2026-11-16T17:59')) == at('2026-11-16T18:00')


def test_closed_before_after_and_at_the_weekend() -> None:
    for moment in ('2026-11-16T07:59', '2026-11-16T18:00', '2026-11-21T12:00'):
        assert open_until(WEEK, LONDON, at(moment)) is None


def test_opens_next_skips_the_weekend() -> None:
    assert opens_next(WEEK, LONDON, at('2026-11-20T18:00')) == at('2026-11-23T08:00')


def test_a_lunch_break_is_closed_and_touching_stretches_are_one() -> None:
    broken = [Hours(0, time(8), time(12)), Hours(0, time(13), time(18))]
    touching = [Hours(0, time(8), time(12)), Hours(0, time(12), time(18))]
    assert open_until(broken, LONDON, at('2026-11-16T12:30')) is None
    assert opens_next(broken, LONDON, at('2026-11-16T12:30')) == at('2026-11-16T13:00')
    assert open_until(touching, LONDON, at('2026-11-16T09:00')) == at('2026-11-16T18:00')


def test_overlapping_stretches_are_not_counted_twice() -> None:
    overlapping = [Hours(0, time(8), time(12)), Hours(0, time(10), time(14))]
    found = after_open_time(timedelta(hours=5), overlapping, LONDON, at('2026-11-16T08:00'))
    assert found == at('2026-11-16T13:00')


def test_a_clinic_without_hours_never_opens() -> None:
    assert list(open_stretches([], LONDON, at('2026-11-16T08:00'))) == []
    assert open_until([], LONDON, at('2026-11-16T08:00')) is None
    assert opens_next([], LONDON, at('2026-11-16T08:00')) is None
    assert after_open_time(timedelta(hours=1), [], LONDON, at('2026-11-16T08:00')) is None


def test_a_clinic_that_hardly_closes_is_open() -> None:
    for moment in ('2026-11-16T03:00', '2026-11-16T23:59:30', '2026-11-17T00:00'):
        until = open_until(ALWAYS, LONDON, at(moment))
        assert until is not None
        assert until - at(moment) > timedelta(days=1)


def test_a_stretch_inside_the_missing_hour_keeps_its_length() -> None:
    gap = [Hours(6, time(1, 15), time(1, 45))]  # 29 March 2026: 1:00 becomes 2:00
    first = next(open_stretches(gap, LONDON, at('2026-03-28T12:00')))
    assert first[1] - first[0] == timedelta(minutes=30)
