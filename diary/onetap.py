"""What one tap on the today page may say. docs/decisions/0010-the-one-tap.md tells why."""

import enum

from diary.answers import Document
from diary.catalogue import CatalogueView
from diary.documents import EMPTY, all_gone, only_mild, reported, same_again
from diary.felt import worst_of
from diary.legible import UNREADABLE


class Tap(enum.Enum):
    """What the button of the today page does, given the previous entry."""

    NOTHING = 'nothing'  # nothing was there: one tap stores “nothing new”
    SAME = 'same'  # mild or moderate things were there: one tap says them again, another says they are gone
    FORM = 'form'  # a danger sign or a number was there: it is asked anew


class Say(enum.Enum):
    """What a tap says."""

    NOTHING = 'nothing'
    SAME = 'same'
    GONE = 'gone'


ALLOWED = {Tap.NOTHING: {Say.NOTHING}, Tap.SAME: {Say.SAME, Say.GONE}, Tap.FORM: set[Say]()}


def tap_after(previous: Document | None, catalogue: CatalogueView) -> Tap:
    """`previous` is the document of the previous entry, None without one in the last 168 hours."""
    if previous is None:
        return Tap.NOTHING
    try:
        return _tap_after(previous, catalogue)
    except UNREADABLE:
        return Tap.FORM  # what cannot be read may be a danger sign: it is asked anew


def _tap_after(previous: Document, catalogue: CatalogueView) -> Tap:
    if not only_mild(previous, catalogue):
        return Tap.FORM
    return Tap.SAME if reported(previous, catalogue) else Tap.NOTHING


def document_of(say: Say, previous: Document | None, catalogue: CatalogueView) -> Document:
    """The document that a tap stores."""
    if previous is None or say is Say.NOTHING:
        return EMPTY
    return same_again(previous, catalogue) if say is Say.SAME else all_gone(previous, catalogue)


def said_by(document: Document) -> Say:
    """Which tap stored this document."""
    if not document['answers']:
        return Say.NOTHING
    return Say.SAME if worst_of(document) else Say.GONE
