"""Dates as the reader's language writes them. Code and templates name one format; other languages join its parts with words.

Use `date_format` from here instead of Django's, and the filter `date` (a built-in of our templates) as always.
"""

import re
from datetime import date, datetime

from django.utils import formats
from django.utils.translation import get_language

# “3 de marzo de 2026”, “marzo de 2026”; short months need no words and, unlike Django's, no capital (“3 mar 2026”).
_JOINED = {
    'es': (
        (re.compile(r'\bj F\b'), r'j \\d\\e F'),
        (re.compile(r'\bF Y\b'), r'F \\d\\e Y'),
        (re.compile(r'\bM\b'), 'b'),
    )
}


def date_format(value: date | datetime, pattern: str) -> str:
    """As Django's, in the active language."""
    return formats.date_format(value, localized(pattern))


def localized(pattern: str) -> str:
    """A format string (English order) as the active language says it."""
    for found, said in _JOINED.get((get_language() or '').split('-')[0], ()):
        pattern = found.sub(said, pattern)
    return pattern
