"""Titles of rules and quoted sentences, each in its own language and said so to whoever hears the page.

{% rule_title rule title %}             the title; in a span of the clinic's language where the clinic wrote it in another
{% titles_of alert.summary %}           the titles in an alert's summary, each like that
{% set_name rule_set %}                 a rule set's name, likewise
{% clinic_wrote text %}                 a reason that the clinic typed
{{ title|title_of:rule }}               the same as plain text, for attributes and sentences
{{ citation.code|our_reading }}         our reading of a quoted sentence in the reader's language; empty in the document's own
"""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join

from alerts.models import BETWEEN_TITLES, RuleSet
from alerts.translated import our_reading
from alerts.words.books import reading_language
from alerts.words.titles import title_language, title_words, titles_in
from diary.catalogue import FALLBACK

register = template.Library()


@register.simple_tag(takes_context=True)
def rule_title(context: Any, rule: str, title: str) -> str:
    words = title_words(rule, title)
    language = title_language(rule, title, of_clinic=_clinic_language(context))
    return _in_its_language(words, language)


@register.simple_tag(takes_context=True)
def titles_of(context: Any, summary: str) -> str:
    return format_html_join(BETWEEN_TITLES, '{}', ((rule_title(context, *found),) for found in titles_in(summary)))


@register.simple_tag(takes_context=True)
def set_name(context: Any, rule_set: RuleSet) -> str:
    """A rule set's name; a clinic wrote its own."""
    language = _clinic_language(context) if rule_set.clinic_id else reading_language()
    return _in_its_language(rule_set.name, language)


@register.simple_tag(takes_context=True)
def clinic_wrote(context: Any, text: str) -> str:
    """A reason or another word of the clinic's own, in its language."""
    return _in_its_language(text, _clinic_language(context))


@register.filter
def title_of(title: str, rule: str) -> str:
    return title_words(rule, title)


@register.filter('our_reading')
def our_reading_of(code: str) -> str:
    return our_reading(code, reading_language())


def _in_its_language(words: str, language: str) -> str:
    return words if language == reading_language() else format_html('<span lang="{}">{}</span>', language, words)


def _clinic_language(context: Any) -> str:
    """Templates that are included with `only` still know the request."""
    actor = getattr(getattr(context, 'request', None), 'actor', None)
    clinic = actor.clinic or (actor.patient.clinic if actor.patient else None) if actor else None
    return clinic.language if clinic else FALLBACK
