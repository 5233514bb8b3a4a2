"""A timeline on which the scale of a symptom's severity was changed: what is compared with what, and what still counts.

Severities of two scales are never compared. For what lasts, an earlier severity counts only on the scale of the latest
answer; the marks of the days are made anew whenever that scale is another than it was for the entry before.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from alerts.engine.bits import Bits
from alerts.engine.catalogue import SEVERITY
from alerts.engine.facts import EntryFacts

Rows = Sequence[tuple[timedelta, EntryFacts]]
Days = list[dict[int, int]]
Lived = tuple[int, int, int, int]  # local day, bits, what the previous entry did not have, same-day findings
Relive = Callable[[Iterable[Lived], Days], None]


def answered_on(entry: EntryFacts) -> dict[str, int]:
    """By symptom, the scale of each severity that was answered."""
    return {symptom: entry.scales.get(symptom, 0) for symptom, answer in entry.answers.items() if SEVERITY in answer}


def not_comparable(entry: EntryFacts, previous: EntryFacts) -> set[str]:
    """Symptoms whose severity the two answered on different scales."""
    then = answered_on(previous)
    return {symptom for symptom, scale in answered_on(entry).items() if then.get(symptom, scale) != scale}


def latest_scales(rows: Rows) -> dict[str, dict[str, int]]:
    """By entry id, for each symptom the scale of its latest severity: the entry's own, or else the last one answered by
    any entry that is not later. Rows in the order of time, then id."""
    found: dict[str, dict[str, int]] = {}
    latest: dict[str, int] = {}
    for _, group in groupby(rows, key=itemgetter(0)):
        together = [entry for _, entry in group]
        for entry in together:
            latest = latest | answered_on(entry)
        found |= {entry.id: latest | answered_on(entry) for entry in together}
    return found


def is_mixed(entries: Iterable[EntryFacts]) -> bool:
    """Was some symptom's severity answered on more than one scale?"""
    known: dict[str, int] = {}
    return any(
        known.setdefault(symptom, scale) != scale for entry in entries for symptom, scale in answered_on(entry).items()
    )


class Scales:
    """Of one such timeline, asked along it by the compiled rules."""

    def __init__(self, rows: Rows, bits: Bits, lookback: timedelta, relive: Relive) -> None:
        self._bits, self._lookback, self._relive = bits, lookback, relive
        self._latest = latest_scales(rows)
        self._own = {entry.id: answered_on(entry) for _, entry in rows}
        self._apart = dict(_apart(rows, bits))
        self._marked: Mapping[str, int] = {}
        self._lived: deque[tuple[timedelta, str, Lived]] = deque()

    def turn(self, at: timedelta, entry_id: str, unseen: int, days: Days) -> int:
        """What the previous entry did not have, without what cannot be compared with it; `days` are marked for this entry."""
        while self._lived and at - self._lived[0][0] > self._lookback:
            self._lived.popleft()
        latest = self._latest[entry_id]
        if any(self._marked.get(symptom, scale) != scale for symptom, scale in latest.items()):
            for marks in days:
                marks.clear()
            self._relive([self._on(latest, name, lived) for _, name, lived in self._lived], days)
        self._marked = latest
        return unseen & ~self._apart.get(entry_id, 0)

    def keep(self, at: timedelta, entry_id: str, lived: Lived) -> None:
        self._lived.append((at, entry_id, lived))

    def _on(self, latest: Mapping[str, int], entry_id: str, lived: Lived) -> Lived:
        day, bits, unseen, found = lived
        others = [symptom for symptom, scale in self._own[entry_id].items() if latest[symptom] != scale]
        return day, bits & ~self._bits.levels(others), unseen, found


def _apart(rows: Rows, bits: Bits) -> Iterable[tuple[str, int]]:
    previous: EntryFacts | None = None
    for _, group in groupby(rows, key=itemgetter(0)):
        together = [entry for _, entry in group]
        for entry in together:
            if previous is not None and (others := not_comparable(entry, previous)):
                yield entry.id, bits.levels(others)
        previous = together[-1]
