"""Who is on call, in words; the plan, for pages of the lower floors."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from alerts import on_call_words
from alerts.engine.on_call import Shift
from alerts.models import OnCallShift
from alerts.roster import AHEAD, Plan, Turn, plan_of
from alerts.wording import clock_words
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
    """“20:00”, “tomorrow at 8:00”, in the clinic's own time."""
    return clock_words(at, now=plan.at, zone=plan.roster.clinic.zone)


@register.filter
def span_in(turn: Turn, plan: Plan) -> str:
    """“Fri 20 Nov 18:00 – Sat 21 Nov 8:00”; what runs is told from now, what the plan does not see the end of as going on."""
    zone = plan.roster.clinic.zone
    if turn.ends_at >= plan.at + AHEAD:
        return (
            _('from %(start)s on') % {'start': on_call_words.day_clock(turn.starts_at, zone)}
            if _later(turn, plan)
            else _('now and on')
        )
    end = {'end': on_call_words.day_clock(turn.ends_at, zone)}
    return (
        on_call_words.span(turn.starts_at, turn.ends_at, zone) if _later(turn, plan) else _('now, until %(end)s') % end
    )


@register.filter
def length_in(turn: Turn, plan: Plan) -> str:
    """How long it is from now on; empty for what the plan does not see the end of."""
    if turn.ends_at >= plan.at + AHEAD:
        return ''
    return on_call_words.length(int((turn.ends_at - max(turn.starts_at, plan.at)).total_seconds()) // 60)


@register.filter
def one_click(turn: Turn) -> bool:
    return turn.ends_at - turn.starts_at <= ONE_CLICK


@register.filter
def shift_length(row: OnCallShift) -> str:
    shift = Shift(row.membership_id, row.starts_weekday, row.starts, row.ends_weekday, row.ends)
    return on_call_words.shift_length(shift)


@register.filter
def span_of(change: Any, clinic: Clinic) -> str:
    return on_call_words.span(change.starts_at, change.ends_at, clinic.zone)


def _later(turn: Turn, plan: Plan) -> bool:
    return turn.starts_at > plan.at
