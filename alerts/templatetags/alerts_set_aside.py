"""Emergency rules that a clinic has set aside, for every page where one would have fired. The diary may not import this app.

{% set_aside_told entry as told %}      the patient's own page: {notices, tier of the entry}; computed now, never raises
{% set_aside_of entry as notices %}     the staff's pages: what silent runs stored
{% emergency_call clinic as phone %}    for components/tel.html, after “if in doubt”
"""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from alerts.people.watch import Phone, emergency_phone
from alerts.queries.cases import tiers_of
from alerts.queries.rules.set_aside import of_entry
from alerts.services import advice
from alerts.words.set_aside import SetAside, of_flags
from clinic.models import Clinic
from diary.models import Entry

register = template.Library()


@register.simple_tag
def set_aside_told(entry: Entry) -> dict[str, Any]:
    notices = advice.set_aside_told(entry=entry)
    return {'notices': notices, 'tier': tiers_of([entry])[entry.pk] if notices else ''}


@register.simple_tag
def set_aside_of(entry: Entry) -> list[SetAside]:
    return of_flags(of_entry(entry))


@register.simple_tag
def emergency_call(clinic: Clinic) -> Phone:
    return emergency_phone(clinic, kind='emergency', label=_('If in doubt, call'))
