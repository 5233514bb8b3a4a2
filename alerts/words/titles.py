"""The titles of rules in the reader's language. What a clinic wrote itself stays as it wrote it."""

from functools import cache

from django.utils.translation import gettext as _

from alerts.content import default_rules
from alerts.models import BETWEEN_TITLES
from alerts.translated import translations
from alerts.unread import RULE as UNREAD
from alerts.unread import TITLE as UNREAD_TITLE
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


def titles_in(summary: str) -> list[tuple[str, str]]:
    """The titles of an alert's stored summary, each as (rule, title); the rule is empty where the clinic wrote the title itself."""
    return [_rule_and_title(title) for title in summary.split(BETWEEN_TITLES) if title]


def summary_words(summary: str) -> str:
    """An alert's stored summary in the reader's words."""
    return BETWEEN_TITLES.join(title_words(rule, title) for rule, title in titles_in(summary))


def _rule_and_title(title: str) -> tuple[str, str]:
    """Of a last title that had no room, what it began with."""
    known = _shipped()
    if title in known or not title.endswith('…'):
        return known.get(title, ''), title
    meant = [whole for whole in known if whole.startswith(title[:-1])]
    return (known[meant[0]], meant[0]) if len(meant) == 1 else ('', title)


@cache
def _shipped() -> dict[str, str]:
    """Rules by the titles that they were shipped with."""
    rules = default_rules()
    return {rule.title: name for known in (rules.rules, rules.missed) for name, rule in known.items()} | {
        UNREAD_TITLE: UNREAD
    }
