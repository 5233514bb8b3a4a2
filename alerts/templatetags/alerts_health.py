"""The banner that every page of the staff shows while something of Vigil itself is not well."""

from typing import Any

from django import template

from alerts.services import watching
from alerts.words.watch import banner_words

register = template.Library()


@register.inclusion_tag('alerts/health_banner.html', takes_context=True)
def health_banner(context: dict[str, Any]) -> dict[str, Any]:
    """Two queries; nothing for somebody who works nowhere. The page's own clock is used."""
    actor = context.get('actor')
    if actor is None or actor.clinic is None:
        return {'banner': None, 'asks': False}
    return {'banner': banner_words(watching.health(now=context['request'].now), actor.clinic), 'asks': True}
