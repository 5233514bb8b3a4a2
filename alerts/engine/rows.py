"""Facts laid out for the compiled rules: one list of values per entry, with a fixed place for every field."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from operator import itemgetter
from typing import Any, NamedTuple

from alerts.engine.catalogue import Catalogue, Kind
from alerts.engine.errors import FactError
from alerts.engine.facts import EntryFacts, instant
from alerts.engine.numbers import Exact, exact

Cell = bool | Exact | str | None


# Where a field stands in the list, its kind, and from which number it alone makes its symptom reported.
# A plain tuple: it is taken apart for every answer, and a named one would take three times as long.
Slot = tuple[int, Kind, Exact | None]


class Row(NamedTuple):
    """`severities` holds those above none, `top` is the highest of them, `day` the local calendar day as an ordinal."""

    instant: int
    id: str
    day: int
    cells: list[Cell]
    severities: dict[str, int]
    top: int
    reported: set[str]
    entry: EntryFacts


class Layout:
    """The places of one catalogue's fields and measurements."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.fields: dict[str, dict[str, Slot]] = {}
        self.measures: dict[str, int] = {}
        self._blank: list[Cell] = []
        for code, symptom in catalogue.symptoms.items():
            self.fields[code] = {}
            for name, field in symptom.fields.items():
                self.fields[code][name] = (len(self._blank), field.kind, field.reported_from)
                self._blank.append(_UNANSWERED[field.kind])
        for name in catalogue.measurements:
            self.measures[name] = len(self._blank)
            self._blank.append(None)

    @property
    def size(self) -> int:
        return len(self._blank)

    def rows(self, entries: Iterable[EntryFacts], zone: tzinfo) -> list[Row]:
        """The entries laid out, in the order of time, then id. FactError for what the catalogue does not know, a value
        that cannot be compared, or two entries with one id."""
        rows = [self._row(entry, zone) for entry in entries]
        rows.sort(key=_BY_TIME)
        if len({row[1] for row in rows}) < len(rows):
            raise FactError('entries', 'an id is given twice')
        return rows

    def _row(self, entry: EntryFacts, zone: tzinfo) -> Row:
        try:
            day = entry.at.astimezone(zone).toordinal()
            return Row(instant(entry.at, 'entry'), entry.id, day, *self._answered(entry), entry)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise FactError(f'entry {entry.id}', f'does not fit the catalogue: {problem}') from problem

    def _answered(self, entry: EntryFacts) -> tuple[list[Cell], dict[str, int], int, set[str]]:
        # The innermost loop of every evaluation: written out, because a call for each answer would cost more than it.
        cells, top = self._blank.copy(), 0
        severities: dict[str, int] = {}
        reported: set[str] = set()
        answers: Mapping[str, Mapping[str, Any]] = entry.answers
        for symptom, answer in answers.items():
            slots = self.fields[symptom]
            for name, value in answer.items():
                place, kind, reported_from = slots[name]
                if kind is _SEVERITY:
                    if value >= 1:
                        severities[symptom] = value
                        reported.add(symptom)
                        if value > top:
                            top = value
                elif kind is _YES:
                    if value is True:
                        reported.add(symptom)
                    elif value is not False:
                        raise TypeError(f'{name} is neither true nor false')
                elif kind is not _TEXT:
                    if value.__class__ is float:
                        value = exact(value)
                    if reported_from is not None and value >= reported_from:
                        reported.add(symptom)
                cells[place] = value
        for name, measured in entry.measurements.items():
            cells[self.measures[name]] = exact(measured) if isinstance(measured, float) else measured
        return cells, severities, top, reported


_SEVERITY, _YES, _TEXT = Kind.SEVERITY, Kind.YES, Kind.TEXT
_BY_TIME = itemgetter(0, 1)
# A severity that was not answered meets no test of 1 or more, and counts as 0 when the next entry looks back at it.
_UNANSWERED: Mapping[Kind, Cell] = {
    Kind.SEVERITY: 0,
    Kind.YES: False,
    Kind.NUMBER: None,
    Kind.COUNT: None,
    Kind.TEXT: None,
}


def local_day(moment: datetime, zone: tzinfo) -> int:
    return moment.astimezone(zone).toordinal()
