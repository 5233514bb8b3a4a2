"""The titles of rules in the reader's language. What a clinic wrote itself stays as it wrote it."""

from django.utils.translation import gettext as _

from alerts.content import default_rules
from alerts.translated import translations
from alerts.unread import RULE as UNREAD
from alerts.words.books import reading_language
from diary.catalogue import FALLBACK


def title_words(rule: str, title: str) -> str:
    """The title as the reader says it, as long as it is the one that the rule was shipped with; else as it stands."""
    if rule == UNREAD:
        return _(title) if title else title
    language = reading_language()
    if language == FALLBACK or not is_shipped(rule, title):
        return title
    return translations()[language].titles[rule]


def is_shipped(rule: str, title: str) -> bool:
    """Whether a rule is still called what it was shipped as."""
    rules = default_rules()
    known = rules.rules.get(rule) or rules.missed.get(rule)
    return known is not None and known.title == title


def title_language(rule: str, title: str, *, of_clinic: str) -> str:
    """The language that the words of `title_words` are in: the reader's, or the clinic's where the clinic wrote them."""
    return reading_language() if rule == UNREAD or is_shipped(rule, title) else of_clinic
