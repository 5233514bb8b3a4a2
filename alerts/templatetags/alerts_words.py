"""Times as staff and patients read them."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from alerts.words.times import clock_words, deadline_words, last_day_words, moment_words

register = template.Library()


@register.filter
def waited(span: timedelta) -> str:
    """“0:41” under a day, “2 d 3 h” above; static/js/since.js counts on in the same way."""
    minutes = int(span.total_seconds()) // 60
    if minutes >= 24 * 60:
        return f'{minutes // 1440} d {minutes // 60 % 24} h'
    return f'{minutes // 60}:{minutes % 60:02}'


@register.filter
def whole_seconds(span: timedelta) -> int:
    return int(span.total_seconds())


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], at: datetime, time_zone: str) -> str:
    """“today at 8:40”."""
    return moment_words(at, now=context['request'].now, zone=ZoneInfo(time_zone))


@register.simple_tag(takes_context=True)
def deadline(context: dict[str, Any], at: datetime, time_zone: str) -> str:
    """What stands after “by”: “9:41”, “Monday 12:00”."""
    return deadline_words(at, now=context['request'].now, zone=ZoneInfo(time_zone))


@register.simple_tag(takes_context=True)
def clock(context: dict[str, Any], at: datetime, time_zone: str) -> str:
    """“8:40”, with the day where it is not today."""
    return clock_words(at, now=context['request'].now, zone=ZoneInfo(time_zone))


@register.simple_tag(takes_context=True)
def seconds_until(context: dict[str, Any], at: datetime) -> int:
    """Whole seconds from the request until then, rounded up: 0 when it is over. static/js/since.js counts them down."""
    left: timedelta = at - context['request'].now
    return max(0, ceil(left.total_seconds()))


@register.simple_tag(takes_context=True)
def last_day(context: dict[str, Any], until: datetime, time_zone: str) -> str:
    """What stands after “until the end of”: “tomorrow”, “Thursday”, “3 March”."""
    return last_day_words(until, now=context['request'].now, zone=ZoneInfo(time_zone))
