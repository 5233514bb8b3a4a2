"""What was told last time, as the form shows it again: what stands until it is changed, and what must be answered anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from diary.answers import ASKED, Document
from diary.catalogue import CatalogueView, Level, SymptomSpec
from diary.documents import level_now, reported, settled
from diary.felt import stays
from diary.fields import SEVERITY
from diary.telling import Told


@dataclass(frozen=True)
class Before:
    """A symptom as it was told last time, in words and on the scale of now (None where it has none). `settled`: mild or moderate
    and no more, so it stands as it is; `rose`: it was new or worse then."""

    said: str
    level: int | None
    settled: bool
    rose: bool


def before_of(
    document: Document, told: Told, offered: Mapping[str, SymptomSpec], catalogue: CatalogueView, *, rose: Sequence[str]
) -> dict[str, Before]:
    """What of `document` is asked about as a row. Free words and daily checks are not: they are told anew or not at all."""
    said, stands = {each.code: each for each in told.said}, settled(document, catalogue)
    return {
        code: Before(said[code].brief, level_now(code, document, catalogue), code in stands, code in rose)
        for code in reported(document, catalogue)
        if code in offered and stays(offered[code])
    }


def as_start(before: Mapping[str, Before]) -> dict[str, str]:
    """The posted names with which a form after last time begins: everything asked, mild and moderate severities set.

    Never a number, a yes or a measurement: a temperature of yesterday is no temperature of today.
    """
    posted = {f'{code}.on': ASKED for code in before}
    settled_ones = {code: each.level for code, each in before.items() if each.settled}
    return posted | {f'{code}.{SEVERITY}': str(level) for code, level in settled_ones.items()}


def compared(levels: Sequence[Level], before: int | None) -> tuple[tuple[Level, str], ...]:
    """Each level with how it stands to the one of last time; with nothing where there is none."""
    return tuple((each, '' if before is None else _standing(each.value, before)) for each in levels)


def _standing(level: int, before: int) -> str:
    if level == before:
        return _('the same')
    return _('better') if level < before else _('worse')
