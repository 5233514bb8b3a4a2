"""How bad a stored entry was, symptom by symptom, read in the words of the versions that it answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import SEVERITY
from diary.legible import UNREADABLE, read_with

WORST = 4


@dataclass(frozen=True)
class Felt:
    """One reported symptom. `level` is its severity; None where it has no such scale or it was not said."""

    spec: SymptomSpec
    level: int | None


def felt(document: Mapping[str, Any], catalogue: CatalogueView) -> list[Felt]:
    """The symptoms that an entry reports, in the order of its answers; of one that cannot be read whole, those that can."""
    return read_with(_felt, document, catalogue)


def _felt(document: Mapping[str, Any], catalogue: CatalogueView) -> list[Felt]:
    found = []
    for code, answer in document['answers'].items():
        spec, values = catalogue.version(code, answer['version']), answer['values']
        if spec.reported(values):
            found.append(Felt(spec, values.get(SEVERITY)))
    return found


def worst(found: list[Felt]) -> int:
    """The highest severity, 0 when none was said."""
    return max((symptom.level or 0 for symptom in found), default=0)


def worst_of(document: Mapping[str, Any]) -> int:
    """The worst severity in a stored document; 0 where none was told. One that cannot be read may have told the worst."""
    try:
        levels = (answer['values'].get(SEVERITY) for answer in document.get('answers', {}).values())
        return max((level for level in levels if level is not None), default=0)
    except UNREADABLE:
        return WORST
