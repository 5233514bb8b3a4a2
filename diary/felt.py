"""How bad a stored entry was, symptom by symptom, read in the words of the versions that it answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import SEVERITY, FieldKind
from diary.legible import UNREADABLE, read_with

WORST = 4
HARD = 3  # severe: PRO-CTCAE's fourth level, the catalogue's 3


@dataclass(frozen=True)
class Felt:
    """One reported symptom. `level` is its severity; None where it has no such scale or it was not said."""

    spec: SymptomSpec
    level: int | None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hard(self) -> bool:
        """Severe, a danger sign that was answered with yes, or a fever that was measured. Of what is told once it never is."""
        if not stays(self.spec):
            return False
        said_yes = any(value is True for value in self.values.values())
        fever = any(self.spec.reported({name: self.values[name]}) for name in self._degrees)
        return (self.level or 0) >= HARD or said_yes or fever

    @property
    def _degrees(self) -> list[str]:
        return [name for name in self.values if name in self.spec.fields and self.spec.fields[name].unit == 'C']


def stays(spec: SymptomSpec) -> bool:
    """Whether one asks if it is still there: not of free words, nor of a check that has its own day."""
    return not spec.only_for and all(each.kind is not FieldKind.TEXT for each in spec.fields.values())


def felt(document: Mapping[str, Any], catalogue: CatalogueView) -> list[Felt]:
    """The symptoms that an entry reports, in the order of its answers; of one that cannot be read whole, those that can."""
    return read_with(_felt, document, catalogue)


def _felt(document: Mapping[str, Any], catalogue: CatalogueView) -> list[Felt]:
    found = []
    for code, answer in document['answers'].items():
        spec, values = catalogue.version(code, answer['version']), answer['values']
        if spec.reported(values):
            found.append(Felt(spec, values.get(SEVERITY), values))
    return found


def worst(found: list[Felt]) -> int:
    """The highest severity, 0 when none was said."""
    return max((symptom.level or 0 for symptom in found), default=0)


def was_hard(document: Mapping[str, Any], catalogue: CatalogueView) -> bool:
    """Whether an entry tells of something after which one asks again the same evening. One that cannot be read may."""
    try:
        return any(each.hard for each in _felt(document, catalogue))
    except UNREADABLE:
        return True


def may_be_hard(document: Mapping[str, Any]) -> bool:
    """The same at a glance, without a catalogue: True for some that are not hard, too."""
    answers = document.get('answers', {}).values()
    return any(
        value is True or value >= HARD for answer in answers for value in answer['values'].values() if _counts(value)
    )


def _counts(value: object) -> bool:
    return isinstance(value, int | float)


def worst_of(document: Mapping[str, Any]) -> int:
    """The worst severity in a stored document; 0 where none was told. One that cannot be read may have told the worst."""
    try:
        levels = (answer['values'].get(SEVERITY) for answer in document.get('answers', {}).values())
        return max((level for level in levels if level is not None), default=0)
    except UNREADABLE:
        return WORST
