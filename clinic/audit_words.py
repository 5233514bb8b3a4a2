"""What was opened, in a patient's words. Each app says it of its own pages when it starts."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_WORDS: dict[str, Promise] = {
    'clinic:patient_edit': gettext_lazy('your name and address'),
    'clinic:patients': gettext_lazy('the list of patients'),
    'admin': gettext_lazy('the clinic’s records'),
}


def add(words: Mapping[str, Promise]) -> None:
    """By the name of the address, or by its namespace for all of its pages."""
    _WORDS.update(words)


def told(pages: Iterable[str]) -> list[str]:
    """Each thing once, in the order given; a page that nobody has named is "a page about you"."""
    return list(dict.fromkeys(_one(page) for page in pages))


def _one(page: str) -> str:
    found = _WORDS.get(page) or _WORDS.get(page.split(':')[0])
    return str(found) if found else _('a page about you')
