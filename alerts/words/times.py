"""Times as people say them, in the zone of whoever reads them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.dates import date_format

CLOCK = 'G:i'


def clock_words(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Only the time when it is today, else with the day: “18:00”, “tomorrow at 8:00”."""
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return date_format(at.astimezone(zone), CLOCK)
    return moment_words(at, now=now, zone=zone)


def deadline_words(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """What stands after “by”: “9:41”, “tomorrow 9:41”, “yesterday 23:30”, “Monday 12:00”, “3 March 9:15”."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    time = date_format(at.astimezone(zone), CLOCK)
    if day == today:
        return time
    if day == today + timedelta(1):
        return _('tomorrow %(time)s') % {'time': time}
    if day == today - timedelta(1):
        return _('yesterday %(time)s') % {'time': time}
    near = today < day < today + timedelta(7)
    return f'{date_format(day, "l" if near else "j F")} {time}'


def moment_words(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """As people say it: “today at 8:40”, “yesterday at 22:10”, “on Monday at 8:00”, “on 3 March at 9:15”."""
    words = {'day': day_words(at, now=now, zone=zone), 'time': date_format(at.astimezone(zone), CLOCK)}
    return _('%(day)s at %(time)s') % words


def last_day_words(until: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """The last day before an instant at which a day ends, after “until”: “today”, “tomorrow”, “Thursday”, “3 March”."""
    day, today = (until - timedelta(microseconds=1)).astimezone(zone).date(), now.astimezone(zone).date()
    if day in (today, today + timedelta(1)):
        return _('today') if day == today else _('tomorrow')
    return date_format(day, 'l' if today < day < today + timedelta(7) else 'j F')


def past_words(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """What stands after “from”: “yesterday, 22:10”, “13 November, 9:00”."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    near = {today: _('today'), today - timedelta(1): _('yesterday')}
    time = date_format(at.astimezone(zone), CLOCK)
    return f'{near.get(day) or date_format(day, "j F" if day.year == today.year else "j F Y")}, {time}'


def day_words(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    near = {today: _('today'), today + timedelta(1): _('tomorrow'), today - timedelta(1): _('yesterday')}
    if day in near:
        return near[day]
    if today < day < today + timedelta(7):
        return _('on %(day)s') % {'day': date_format(day, 'l')}
    return _('on %(day)s') % {'day': date_format(day, 'j F' if day.year == today.year else 'j F Y')}
