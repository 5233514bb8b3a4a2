"""What the diary asks of a patient now. The page and the reminder both ask here, so that they never differ. Pure.

An entry a day while the diary runs, and never more than the day needs: after a hard day one gentle check the same evening, and
in the first weeks of some treatments a check of their own once a day.
"""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVENING = time(18)
REST = timedelta(hours=4)  # who said so an hour ago is not asked again
MOST_MISSED = 3  # then the team's list looks after her (rule C06), and no more reminders nag
LATE = timedelta(hours=3)  # a reminder that could not go out in time is not sent in the night


class Due(enum.Enum):
    """What is asked now."""

    NOTHING = 'nothing'
    DAY = 'day'  # today's entry
    AGAIN = 'again'  # today was hard: how is it this evening?
    CHECK = 'check'  # the day is told, its check is still to do


@dataclass(frozen=True)
class Diary:
    """What is known of a patient's diary. Days are local calendar days.

    `runs_from` and `runs_until` are the first and last day on which it is asked for, None for not at all and for no end; `pauses`
    are first and last days, both included; `days` those with an entry; `latest` when the newest entry of today came, `worst` its
    worst severity (0 to 4).
    """

    zone: ZoneInfo
    runs_from: date | None
    runs_until: date | None = None
    pauses: Sequence[tuple[date, date]] = ()
    days: Collection[date] = frozenset()
    latest: datetime | None = None
    hard: bool = False
    check: bool = False


def due(diary: Diary, *, now: datetime) -> Due:
    """What the diary asks at `now`."""
    local = now.astimezone(diary.zone)
    if not _asks(diary, local.date()):
        return Due.NOTHING
    if local.date() not in diary.days:
        return Due.DAY
    evening = evening_check(diary, now=now)
    if evening is not None and now >= evening:
        return Due.AGAIN
    return Due.CHECK if diary.check else Due.NOTHING


def evening_check(diary: Diary, *, now: datetime) -> datetime | None:
    """From when on the gentle check after a hard day is asked for, until midnight; None where there is none today.

    What is told in the evening itself is the check: nobody is asked twice.
    """
    if diary.latest is None or not diary.hard:
        return None
    told = diary.latest.astimezone(diary.zone)
    at = max(datetime.combine(told.date(), EVENING, diary.zone), (diary.latest + REST).astimezone(diary.zone))
    asks = told.date() == now.astimezone(diary.zone).date() == at.date() and told.time() < EVENING
    return at.astimezone(now.tzinfo) if asks and _asks(diary, told.date()) else None


def reminds(diary: Diary, *, planned: datetime, now: datetime) -> bool:
    """Whether the reminder that was planned for `planned` goes out at `now`: something is due, it is not late, and she has not
    been reminded in vain for days. After midnight it would ask for the next day, and take the place of that day's own."""
    asked, today = due(diary, now=now), now.astimezone(diary.zone).date()
    if asked is Due.NOTHING or now - planned > LATE or planned.astimezone(diary.zone).date() != today:
        return False
    return asked in (Due.AGAIN, Due.CHECK) or missed(diary, before=today) < MOST_MISSED


def missed(diary: Diary, *, before: date) -> int:
    """How many days in a row, up to the day before, were asked for and have no entry."""
    count, day = 0, before - timedelta(days=1)
    while count < MOST_MISSED and _asks(diary, day) and day not in diary.days:
        count, day = count + 1, day - timedelta(days=1)
    return count


def next_time(at: time, zone: ZoneInfo, *, after: datetime) -> datetime:
    """The next instant, in UTC, at which the clock on her wall shows `at`.

    An hour that a change of clocks leaves out comes as much later; one that comes twice counts once, the first time.
    """
    day = after.astimezone(zone).date()
    while True:
        found = datetime.combine(day, at, zone).astimezone(after.tzinfo)
        if found > after:
            return found
        day += timedelta(days=1)


def next_look(diary: Diary, at: time, *, after: datetime) -> datetime:
    """When a reminder looks next: at her own hour, or earlier for the check of this evening."""
    usual, evening = next_time(at, diary.zone, after=after), evening_check(diary, now=after)
    return min(usual, evening) if evening is not None and evening > after else usual


def _asks(diary: Diary, day: date) -> bool:
    runs = diary.runs_from is not None and diary.runs_from <= day
    over = diary.runs_until is not None and day > diary.runs_until
    return runs and not over and not any(first <= day <= last for first, last in diary.pauses)
