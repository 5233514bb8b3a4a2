"""What is wrong with a rule file, a catalogue or a case, in the reader's language."""

from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from alerts.engine import PlacedError
from alerts.engine.sentences import Sentence


@dataclass(frozen=True)
class Problem:
    """An error as its reader reads it; `place` is empty where it is the whole file."""

    place: str
    text: str

    def __str__(self) -> str:
        return f'{self.place}: {self.text}' if self.place else self.text


def problem_words(error: PlacedError) -> Problem:
    return Problem(in_words(error.where), in_words(error.what))


def in_words(told: object) -> str:
    """A sentence with all that stands in it; names and numbers stay as they were written."""
    match told:
        case Sentence():
            return _FORMATTER.vformat(gettext(told.template), (), told.values)
        case PlacedError():
            return str(problem_words(told))
    return str(told)


class _InWords(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return number_format(value, use_l10n=True, force_grouping=True) if format_spec == ',' else in_words(value)


_FORMATTER = _InWords()
