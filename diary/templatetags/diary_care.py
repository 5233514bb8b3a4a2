"""What the pages about helpers show.

{% last_wrote caregiver as at %}   when this person last wrote in this diary; None for never
{% written_for entry as who %}     “Written by Ben for Ana”, of what counts of an entry now; empty for her own words
{% helpers_now patient as helpers %} who helps now or from a day to come, each with what they may do
{% consent_now patient as consent %} what counts of her consent; None before anything was said
{% care_news as news %}            what others changed about her helpers since she last looked; for the patient herself alone
"""

from datetime import datetime
from typing import Any

from django import template

from clinic.help_words import Helper, helper_of
from clinic.models import Caregiver, Consent, HelpEvent, Patient
from clinic.queries import help_news, helpers_of
from clinic.queries_consent import latest_of
from clinic.rights import Right
from diary.models import Entry
from diary.queries_entries import last_written_by
from diary.words import written_for as find_written_for

register = template.Library()


@register.simple_tag
def last_wrote(caregiver: Caregiver) -> datetime | None:
    return last_written_by(caregiver.user_id, patient=caregiver.patient_id)


@register.simple_tag(takes_context=True)
def care_news(context: dict[str, Any]) -> list[HelpEvent]:
    actor = context['request'].actor
    return help_news(actor.patient) if Right.OWN in actor.rights else []


@register.simple_tag
def written_for(entry: Entry) -> str:
    counts = entry.revisions.select_related('recorded_by').get(number=entry.current_number)
    return find_written_for(counts, entry.patient)


@register.simple_tag(takes_context=True)
def helpers_now(context: dict[str, Any], patient: Patient) -> list[Helper]:
    now = context['request'].now
    return [helper_of(each, now=now) for each in helpers_of(patient, now=now)]


@register.simple_tag
def consent_now(patient: Patient) -> Consent | None:
    return latest_of(patient)
