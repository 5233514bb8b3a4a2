"""What the levels of an older wording of a symptom are worth on the scale of now. Pure: the standard library only.

A symptom's versions are grouped by scales: within one, levels can be compared (as they are, or by a map that the person gave who
changed the words); across two, they cannot (docs/decisions/0032).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

Levels = tuple[int, ...]
SAME: Levels = (0, 1, 2, 3, 4)


class Wording(NamedTuple):
    """A version as far as its scale goes. `level_map` leads from the levels of the version before: {"0": 0, "1": 2, …}; None
    where each stayed what it was, and for the first version of a scale."""

    number: int
    scale: int
    level_map: Mapping[str, int] | None
    since: datetime


class Reading(NamedTuple):
    """How an answer to one version is read: `levels[n]` is what its level n is worth on the newest wording of the same scale, None
    for just n. `is_current` says whether that scale is the one of now."""

    scale: int
    is_current: bool
    levels: Levels | None


@dataclass(frozen=True)
class Scales:
    """`readings` has, by symptom and version, only symptoms whose scale was ever changed; `begun` when each of their scales
    began."""

    readings: Mapping[str, Mapping[int, Reading]] = field(default_factory=dict)
    begun: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)

    def read(self, answers: dict[str, Mapping[str, Any]], stored: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
        """Put the levels of now into `answers` (symptom -> values), by the versions that `stored` names.

        Returns the scale of every answered severity that stands on an older scale, by symptom: it keeps its level, and cannot be
        compared with one of another scale. KeyError for a version that is not known.
        """
        apart = {}
        for code in self.readings.keys() & answers.keys():
            values, reading = answers[code], self.readings[code][stored[code]['version']]
            if 'severity' not in values:
                continue
            if reading.levels is not None:
                answers[code] = {**values, 'severity': reading.levels[values['severity']]}
            if not reading.is_current:
                apart[code] = reading.scale
        return apart


def scales_of(wordings: Mapping[str, Sequence[Wording]]) -> Scales:
    """From the versions of each symptom, in the order of their numbers."""
    readings = {code: _readings(versions) for code, versions in wordings.items() if _ever_changed(versions)}
    return Scales(readings, {code: _begun(wordings[code]) for code in readings})


def checked(levels: Sequence[int]) -> Levels:
    """The new level of each old one from 0 to 4. Raises ValueError, in words, for what no change of words can mean."""
    if len(levels) != len(SAME) or any(level not in SAME for level in levels):
        raise ValueError('each old level needs a new one from 0 to 4')
    if levels[0] != 0 or 0 in levels[1:]:
        raise ValueError('none stays none, and what was felt stays felt')
    if list(levels) != sorted(levels):
        raise ValueError('a worse level cannot become a milder one than the level below it')
    return tuple(levels)


def as_map(levels: Levels) -> dict[str, int] | None:
    """As it is stored; None where each level stays what it was."""
    return None if levels == SAME else {str(old): new for old, new in enumerate(levels)}


def levels_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the levels say something else: a word or a note of theirs differs in a language that both wordings have.

    Both are a version's `words`. What had no levels before has nothing to compare.
    """
    return any(
        before[language].get(key) and before[language][key] != after[language].get(key)
        for language in before.keys() & after.keys()
        for key in ('levels', 'level_notes')
    )


def _ever_changed(versions: Sequence[Wording]) -> bool:
    return any(each.level_map for each in versions) or len({each.scale for each in versions}) > 1


def _readings(versions: Sequence[Wording]) -> dict[int, Reading]:
    current, levels = versions[-1].scale, SAME
    found, later = {}, versions[-1]
    for version in reversed(versions):
        if version.scale != later.scale:
            levels = SAME
        elif later.level_map and later is not version:
            levels = tuple(levels[later.level_map[str(old)]] for old in SAME)
        found[version.number] = Reading(version.scale, version.scale == current, None if levels == SAME else levels)
        later = version
    return found


def _begun(versions: Sequence[Wording]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for version in versions:
        found.setdefault(version.scale, version.since)
    return found
