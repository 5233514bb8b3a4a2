"""What the hand-over says of the daily sample: entries to rate, and missed ones that nobody has followed up."""

from typing import Any

from django import template

from alerts.pages.rules.misses import missed
from alerts.queries.rules.samples import to_follow_up, to_rate
from clinic.models import Clinic

register = template.Library()


@register.inclusion_tag('alerts/rules/samples/handover.html', takes_context=True)
def samples_on_handover(context: dict[str, Any], clinic: Clinic) -> dict[str, Any]:
    """A few queries, however many there are."""
    found = list(to_follow_up(clinic))
    return {
        'misses': missed(found, clinic) if found else [],
        'to_rate': to_rate(clinic, now=context['request'].now).count(),
        'clinic': clinic,
    }
