"""The on-call plan as the page draws it: fourteen days, each a line of named bars from midnight to midnight."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from alerts.engine.on_call import instant
from alerts.people.roster import Roster, Turn
from alerts.words.on_call import CLOCK, names
from clinic.dates import date_format
from clinic.models import Membership

DAY = timedelta(days=1)
USUAL = timedelta(hours=24)
WEEKS = 2
TONES = 6
FITS = timedelta(hours=3)  # as wide on a phone as a first name


@dataclass(frozen=True)
class Bar:
    """`x` and `width` are per cent of the day. `name` and `hours` stand in the bar, where they fit; `words` say it in full.

    `tone` tells people apart beside their names; None is a gap.
    """

    x: str
    width: str
    name: str
    hours: str
    words: str
    brief: str
    tone: int | None
    is_mine: bool
    is_changed: bool


@dataclass(frozen=True)
class Day:
    """`now` is where in the day it is now, in per cent; `note` what is unusual about the day."""

    day: date
    bars: tuple[Bar, ...]
    now: str
    note: str
    is_today: bool
    is_past: bool

    @property
    def words(self) -> str:
        return '; '.join(bar.words for bar in self.bars)

    @property
    def brief(self) -> str:
        """“Tom · 8:00 Rosa · 18:00 Tom”: who begins the day, then each hand-over."""
        return ' · '.join(bar.brief for bar in self.bars)


@dataclass(frozen=True)
class Week:
    title: str
    days: tuple[Day, ...]


class Timeline:
    """This week and next of one clinic, as one person sees them."""

    def __init__(self, roster: Roster, *, me: Membership | None, now: datetime) -> None:
        self.roster, self.me, self.now = roster, me, now
        self.zone: ZoneInfo = roster.clinic.zone
        self.today = now.astimezone(self.zone).date()
        planned = {one.who for one in roster.rota.shifts} | {one.who for one in roster.rota.overrides}
        self._tones = {who: n % TONES for n, who in enumerate(sorted(planned))}

    def weeks(self) -> list[Week]:
        monday = self.today - DAY * self.today.weekday()
        titles = (_('This week'), _('Next week'))
        return [Week(title, tuple(self._days(monday + DAY * 7 * n))) for n, title in enumerate(titles)]

    def _days(self, monday: date) -> Iterator[Day]:
        for day in (monday + DAY * n for n in range(7)):
            starts, ends = self._midnight(day), self._midnight(day + DAY)
            if starts < ends:  # a country that moved across the date line has left one out
                yield self._day(day, starts, ends)

    def _day(self, day: date, starts: datetime, ends: datetime) -> Day:
        bars = tuple(self._bar(turn, starts, ends) for turn in self.roster.turns(starts, ends))
        now = _per_cent(self.now - starts, ends - starts) if starts <= self.now < ends else ''
        return Day(day, bars, now, self._note(ends - starts), day == self.today, day < self.today)

    def _bar(self, turn: Turn, starts: datetime, ends: datetime) -> Bar:
        length = turn.ends_at - turn.starts_at
        name = ', '.join(one.user.get_short_name() for one in turn.people) or _('Nobody')
        edges = [date_format(at.astimezone(self.zone), CLOCK) for at in (turn.starts_at, turn.ends_at)]
        begins, ends_today = turn.starts_at > starts, turn.ends_at < ends
        return Bar(
            x=_per_cent(turn.starts_at - starts, ends - starts),
            width=_per_cent(length, ends - starts),
            name=name if length >= FITS * max(len(turn.people), 1) else '',
            hours=_hours(*edges, begins=begins, ends_today=ends_today),
            words=self._words(turn, edges[0], edges[1] if ends_today else '24:00'),
            brief=f'{edges[0]} {name}' if begins else name,
            tone=None if turn.is_gap else self._tones[turn.people[0].pk],
            is_mine=self.me in turn.people,
            is_changed=turn.change is not None,
        )

    def _words(self, turn: Turn, starts: str, ends: str) -> str:
        """“8:00–18:00 Rosa Diaz (changed)”."""
        who = _('%(who)s (changed)') % {'who': names(turn.people)} if turn.change else names(turn.people)
        return f'{starts}–{ends} {who}'

    def _note(self, length: timedelta) -> str:
        hours = {'hours': f'{length / timedelta(hours=1):g}'}
        return '' if length == USUAL else _('The clocks change: this day has %(hours)s hours.') % hours

    def _midnight(self, day: date) -> datetime:
        return instant(day, time(0), self.zone).astimezone(UTC)


def _hours(starts: str, ends: str, *, begins: bool, ends_today: bool) -> str:
    """“until 8:00”, “8:00–18:00”, “from 18:00”; nothing for a whole day."""
    if begins and ends_today:
        return f'{starts}–{ends}'
    if begins:
        return _('from %(time)s') % {'time': starts}
    return _('until %(time)s') % {'time': ends} if ends_today else ''


def _per_cent(part: timedelta, whole: timedelta) -> str:
    return f'{part / whole * 100:.3f}%'
