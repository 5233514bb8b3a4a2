"""Documents that cannot be read whole: what can is kept apart from what cannot, so that one bad answer takes no page down.

No way in lets such a document be stored. A fault of ours, a restored backup or a catalogue that lost a symptom may leave one
all the same, and then a person must be able to read what is there (decision 26).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from diary.answers import Document
from diary.catalogue import CatalogueView
from diary.documents import EMPTY, DocumentError, validate_document

T = TypeVar('T')

# What reading an answer makes that is not as its symptom's version says.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
LONGEST = 200


@dataclass(frozen=True)
class Legible:
    """`document` holds what can be read; `broken` the rest, as it is stored: (where it stood, the raw text)."""

    document: Document
    broken: tuple[tuple[str, str], ...] = ()


def legible(document: object, catalogue: CatalogueView) -> Legible:
    """Every answer and measurement by itself. Slow, so it is asked only where reading failed."""
    if not isinstance(document, Mapping):
        return Legible(EMPTY, (('', _raw(document)),))
    kept: Document = {'answers': {}, 'measurements': {}}
    broken = []
    for part, code, found in _parts(document):
        if part in kept and _fits(part, code, found, catalogue):
            kept[part][code] = found
        else:
            broken.append((code, _raw(found)))
    return Legible(kept, tuple(broken))


def read_with(read: Callable[[Any, CatalogueView], T], document: object, catalogue: CatalogueView) -> T:
    """`read(document, catalogue)`; where that fails, of what of the document can be read."""
    try:
        return read(document, catalogue)
    except UNREADABLE:
        return read(legible(document, catalogue).document, catalogue)


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for part, whole in document.items():
        if not isinstance(whole, Mapping):
            yield '', str(part), whole
            continue
        for code, found in whole.items():
            yield str(part), str(code), found


def _fits(part: str, code: str, found: Any, catalogue: CatalogueView) -> bool:
    try:
        validate_document(EMPTY | {part: {code: found}}, catalogue)
    except (DocumentError, *UNREADABLE):
        return False
    return True


def _raw(found: object) -> str:
    text = json.dumps(found, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'
