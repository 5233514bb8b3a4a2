"""Times, stretches and weekly shifts of an on-call plan, as people write them on a plan. Always in the clinic's own time."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.engine.on_call import Shift, days_long, minutes_long
from clinic.dates import date_format
from clinic.models import Clinic, Membership

CLOCK = 'G:i'
HOUR_MINUTES, DAY_MINUTES = 60, 24 * 60


def names(people: Iterable[Membership]) -> str:
    """“Rosa Diaz, Tom Weber”; “nobody” for nobody."""
    return ', '.join(one.user.name for one in people) or _('nobody')


def day_clock(at: datetime, zone: tzinfo) -> str:
    """“Fri 20 Nov 18:00”."""
    return date_format(at.astimezone(zone), f'D j M {CLOCK}')


def span(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> str:
    """“Fri 20 Nov 18:00 – Sat 21 Nov 8:00”; the day once when it is the same."""
    same = starts_at.astimezone(zone).date() == ends_at.astimezone(zone).date()
    end = date_format(ends_at.astimezone(zone), CLOCK) if same else day_clock(ends_at, zone)
    return f'{day_clock(starts_at, zone)} – {end}'


def length(minutes: int) -> str:
    """“2 days 14 hours”, “8 hours 30 minutes”: what is not zero."""
    days, rest = divmod(minutes, DAY_MINUTES)
    hours, left = divmod(rest, HOUR_MINUTES)
    parts = (
        (days, ngettext('%(n)d day', '%(n)d days', days)),
        (hours, ngettext('%(n)d hour', '%(n)d hours', hours)),
        (left, ngettext('%(n)d minute', '%(n)d minutes', left)),
    )
    return ' '.join(words % {'n': n} for n, words in parts if n)


def shift_words(shift: Shift) -> str:
    """“Mon 8:00 – 18:00”, “Fri 18:00 – Mon 8:00”; a whole week: “Mon 8:00, a whole week”."""
    start = f'{WEEKDAYS_ABBR[shift.starts_weekday]} {time_format(shift.starts, CLOCK)}'
    end = time_format(shift.ends, CLOCK)
    if minutes_long(shift) == 7 * DAY_MINUTES:
        return _('%(start)s, a whole week') % {'start': start}
    return f'{start} – {end}' if days_long(shift) == 0 else f'{start} – {WEEKDAYS_ABBR[shift.ends_weekday]} {end}'


def shift_length(shift: Shift) -> str:
    return '' if minutes_long(shift) == 7 * DAY_MINUTES else length(minutes_long(shift))


def zone_words(clinic: Clinic, now: datetime) -> str:
    """“New York (EST, UTC−5:00)”."""
    local = now.astimezone(ZoneInfo(clinic.time_zone))
    city = clinic.time_zone.split('/')[-1].replace('_', ' ')
    offset = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    utc = f'UTC{"−" if offset < timedelta() else "+"}{hours}:{minutes:02}'
    name = local.tzname() or ''
    return f'{city} ({name}, {utc})' if name.isalpha() else f'{city} ({utc})'
