"""What the hand-over says of the daily sample: entries to rate, and missed ones that nobody has followed up."""

from typing import Any

from django import template

from alerts.pages.rules.misses import Miss, missed_words
from alerts.queries.rules.samples import to_follow_up, to_rate
from clinic.models import Clinic

register = template.Library()


@register.inclusion_tag('alerts/rules/samples/handover.html', takes_context=True)
def samples_on_handover(context: dict[str, Any], clinic: Clinic) -> dict[str, Any]:
    """Two queries, and those of the catalogue where there is a miss."""
    found = [Miss(sample, missed_words(sample, clinic)) for sample in to_follow_up(clinic)]
    return {'misses': found, 'to_rate': to_rate(clinic, now=context['request'].now).count(), 'clinic': clinic}
