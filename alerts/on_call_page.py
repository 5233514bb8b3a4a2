"""The on-call plan as the page draws it: fourteen days, each a line of named bars from midnight to midnight."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alerts.engine.on_call import instant
from alerts.on_call_words import CLOCK, names
from alerts.roster import Roster, Turn
from clinic.models import Membership

DAY = timedelta(days=1)
USUAL = timedelta(hours=24)
WEEKS = 2
TONES = 6
WIDE_ENOUGH = 12.0  # per cent of a day: a first name fits on a phone


@dataclass(frozen=True)
class Bar:
    """`x` and `width` are per cent of the day. `tone` tells people apart beside their names; None is a gap."""

    x: str
    width: str
    text: str
    words: str
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
    def has_gap(self) -> bool:
        return any(bar.tone is None for bar in self.bars)


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
        width = (turn.ends_at - turn.starts_at) / (ends - starts) * 100
        text = _('Nobody') if turn.is_gap else ', '.join(one.user.get_short_name() for one in turn.people)
        return Bar(
            x=_per_cent(turn.starts_at - starts, ends - starts),
            width=_per_cent(turn.ends_at - turn.starts_at, ends - starts),
            text=text if width >= WIDE_ENOUGH * len(turn.people or text[:1]) else '',
            words=self._words(turn),
            tone=None if turn.is_gap else self._tones[turn.people[0].pk],
            is_mine=self.me in turn.people,
            is_changed=turn.change is not None,
        )

    def _words(self, turn: Turn) -> str:
        """“8:00–18:00 Rosa Diaz (changed)”."""
        starts, ends = (date_format(at.astimezone(self.zone), CLOCK) for at in (turn.starts_at, turn.ends_at))
        who = _('%(who)s (changed)') % {'who': names(turn.people)} if turn.change else names(turn.people)
        return f'{starts}–{"24:00" if ends == "0:00" else ends} {who}'

    def _note(self, length: timedelta) -> str:
        hours = {'hours': f'{length / timedelta(hours=1):g}'}
        return '' if length == USUAL else _('The clocks change: this day has %(hours)s hours.') % hours

    def _midnight(self, day: date) -> datetime:
        return instant(day, time(0), self.zone).astimezone(UTC)


def _per_cent(part: timedelta, whole: timedelta) -> str:
    return f'{part / whole * 100:.3f}%'
