"""What the patient's pages show of the clinic and of the sources. The diary may not import this app; its templates load these.

{% watch_of patient as watch %}      who is watching now: {words, team, other, emergency}; phones are for components/tel.html
{% phones_of patient as phones %}    the numbers by when they are answered, for a page that may be read at any time: a list
{% waiting_of patient as waiting %}  what is pressing and not answered: {words, tier, phone}; empty when nothing is
{% founding_lists as lists %}        the call-your-provider list, and the substitute for the lost allergy list, with their documents
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template

from alerts.models import Citation, Document
from alerts.people.watch import Phone, emergency_phone, other_team_phone, phones, team_phone
from alerts.people.watch import watch_of as find_watch
from alerts.queries.cases import unanswered
from alerts.translated import our_reading
from alerts.words.advice import reminder, watch_words
from alerts.words.books import reading_language
from clinic.models import Patient

register = template.Library()
CALL = ('cleveland-call', *(f'cleveland-call-{n}' for n in range(1, 7)))
ALLERGY = ('oncolink-allergic', 'oncolink-right-away', 'sub-a-signs', 'sub-a-911')


@dataclass(frozen=True)
class Said:
    """A sentence of a document in its own words, and how we read it in the reader's language; `ours` is empty in the document's."""

    text: str
    ours: str
    document: Document

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, quote: Citation) -> 'Said':
        return cls(quote.text, our_reading(quote.code, reading_language()), quote.document)

    @property
    def parts(self) -> list['Said']:
        """A list within a sentence, sign by sign."""
        texts = [part.strip() for part in self.text.split(';')]
        ours = [part.strip() for part in self.ours.split(';')] if self.ours else [''] * len(texts)
        return [Said(text, own, self.document) for text, own in zip(texts, ours, strict=True)]


@register.simple_tag(takes_context=True)
def watch_of(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    now: datetime = context['request'].now
    watch = find_watch(patient.clinic, now=now)
    return {
        'words': watch_words(watch, now=now, zone=patient.zone),
        'team': team_phone(watch, kind='strong'),
        'other': other_team_phone(watch),
        'emergency': emergency_phone(patient.clinic, kind='emergency'),
    }


@register.simple_tag
def phones_of(patient: Patient) -> list[Phone]:
    return phones(patient.clinic)


@register.simple_tag(takes_context=True)
def waiting_of(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    case = unanswered(patient)
    words = reminder(case, patient.clinic.emergency_number)
    if case is None or not words:
        return {}
    if case.tier == 'emergency':
        return {'words': words, 'tier': case.tier, 'phone': emergency_phone(patient.clinic, kind='emergency')}
    watch = find_watch(patient.clinic, now=context['request'].now)
    return {'words': words, 'tier': case.tier, 'phone': team_phone(watch, kind='strong')}


@register.simple_tag
def founding_lists() -> dict[str, Any]:
    """`call` and `allergy`, each with heading, signs and the documents that say them; empty while no sources are loaded."""
    quotes = {
        quote.code: quote for quote in Citation.objects.select_related('document').filter(code__in=CALL + ALLERGY)
    }
    if len(quotes) < len(CALL + ALLERGY):
        return {}
    signs = quotes['sub-a-signs']
    return {
        'call': {'heading': Said.of(quotes[CALL[0]]), 'signs': [Said.of(quotes[code]) for code in CALL[1:]]},
        'allergy': {
            'heading': Said.of(quotes['oncolink-allergic']),
            'right_away': Said.of(quotes['oncolink-right-away']),
            'signs': Said.of(signs).parts,
            'source': signs.document,
            'emergency': Said.of(quotes['sub-a-911']),
        },
    }
