"""What the diary's pages show of alerts. The diary may not import this app; its templates may load these tags.

{% load alerts_receipts %}
{% receipt entry %}                                   the receipt of one entry: saved, checked, seen, answered
{% tiers_of entries as tiers %}                       one query for a whole list
{% for entry in entries %}{% entry_tier tiers entry %}{% endfor %}   its badge (shape, word, colour)
{% tier_name tiers entry as tier %}                   emergency … none, or unchecked
{% worst_of tiers entries as tier %}                  the worst of some of them, such as a day's
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from alerts.pages.receipts import receipt_of
from alerts.queries.cases import UNCHECKED
from alerts.queries.cases import tiers_of as find_tiers
from alerts.words.reasons import worst
from diary.models import Entry

register = template.Library()


@register.inclusion_tag('components/receipt.html', takes_context=True)
def receipt(context: dict[str, Any], entry: Entry) -> dict[str, Any]:
    return {'steps': receipt_of(entry, now=context['request'].now).steps}


@register.simple_tag
def tiers_of(entries: Iterable[Entry]) -> dict[int, str]:
    """The tier of each entry, by its primary key."""
    return find_tiers(list(entries))


@register.inclusion_tag('components/tier_badge.html')
def entry_tier(tiers: Mapping[int, str], entry: Entry) -> dict[str, str]:
    return {'tier': tiers.get(entry.pk, UNCHECKED)}


@register.simple_tag
def tier_name(tiers: Mapping[int, str], entry: Entry) -> str:
    return tiers.get(entry.pk, UNCHECKED)


@register.simple_tag
def worst_of(tiers: Mapping[int, str], entries: Iterable[Entry]) -> str:
    """Unchecked counts as the worst but for emergency and urgent: it must not look calm."""
    found = [tiers.get(entry.pk, UNCHECKED) for entry in entries]
    known = worst(tier for tier in found if tier != UNCHECKED)
    return UNCHECKED if UNCHECKED in found and known not in ('emergency', 'urgent') else known
