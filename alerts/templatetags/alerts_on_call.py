"""Who is on call, in words; the plan, for pages of the lower floors."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from alerts.models import OnCallShift
from alerts.people.roster import Plan, Turn, plan_of, shift_of
from alerts.words import on_call as on_call_words
from alerts.words.times import deadline_words
from clinic.models import Clinic, Membership

register = template.Library()
ONE_CLICK = timedelta(days=4)  # who takes more than that talks with the lead


@register.simple_tag(takes_context=True)
def on_call_plan(context: dict[str, Any], clinic: Clinic) -> Plan:
    return plan_of(clinic, now=context['request'].now)


@register.filter
def names(people: Iterable[Membership]) -> str:
    """“Rosa Diaz, Tom Weber”; “nobody” for nobody."""
    return on_call_words.names(people)


@register.filter
def clock_of(at: datetime, plan: Plan) -> str:
    """“20:00”, “tomorrow 8:00”, “Monday 8:00”, in the clinic's own time."""
    return deadline_words(at, now=plan.at, zone=plan.roster.clinic.zone)


@register.filter
def span_in(turn: Turn, plan: Plan) -> str:
    """“Fri 20 Nov 18:00 – Sat 21 Nov 8:00”, “now, until Sat 21 Nov 8:00”; without an end what the plan sees no end of."""
    zone, runs = plan.roster.clinic.zone, turn.starts_at <= plan.at
    start, end = (on_call_words.day_clock(at, zone) for at in (turn.starts_at, turn.ends_at))
    if not plan.sees_end_of(turn):
        return _('now and for weeks') if runs else _('from %(start)s on') % {'start': start}
    return _('now, until %(end)s') % {'end': end} if runs else on_call_words.span(turn.starts_at, turn.ends_at, zone)


@register.filter
def length_in(turn: Turn, plan: Plan) -> str:
    """How long it is from now on; empty for what the plan sees no end of."""
    left = turn.ends_at - max(turn.starts_at, plan.at)
    return on_call_words.length(int(left.total_seconds()) // 60) if plan.sees_end_of(turn) else ''


@register.filter
def one_click(turn: Turn) -> bool:
    return turn.ends_at - turn.starts_at <= ONE_CLICK


@register.filter
def shift_words(row: OnCallShift) -> str:
    """“Fri 18:00 – Mon 8:00”."""
    return on_call_words.shift_words(shift_of(row))


@register.filter
def shift_length(row: OnCallShift) -> str:
    return on_call_words.shift_length(shift_of(row))


@register.filter
def span_of(change: Any, clinic: Clinic) -> str:
    return on_call_words.span(change.starts_at, change.ends_at, clinic.zone)
