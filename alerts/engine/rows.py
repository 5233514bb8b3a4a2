"""Facts laid out for the compiled rules: one list of values per entry, with a fixed place for every field."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple

from alerts.engine.catalogue import Catalogue, Kind
from alerts.engine.errors import FactError
from alerts.engine.facts import EntryFacts, instant
from alerts.engine.numbers import Exact, exact

Cell = bool | Exact | str | None


class Slot(NamedTuple):
    """Where a field stands in the list, and from which value it alone makes its symptom reported."""

    place: int
    reported_from: Exact | None
    is_severity: bool


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
                slot = Slot(len(self._blank), field.reported_from, field.kind is Kind.SEVERITY)
                self.fields[code][name] = slot
                self._blank.append(_UNANSWERED[field.kind])
        for name in catalogue.measurements:
            self.measures[name] = len(self._blank)
            self._blank.append(None)

    def row(self, entry: EntryFacts, zone: tzinfo) -> Row:
        """FactError for what the catalogue does not know or a value that cannot be compared."""
        cells = self._blank.copy()
        severities: dict[str, int] = {}
        reported: set[str] = set()
        try:
            for symptom, answer in entry.answers.items():
                slots = self.fields[symptom]
                for name, value in answer.items():
                    place, reported_from, is_severity = slots[name]
                    cell = exact(value) if isinstance(value, float) else value
                    cells[place] = cell
                    if reported_from is not None and cell >= reported_from:  # type: ignore[operator]
                        reported.add(symptom)
                        if is_severity:
                            severities[symptom] = cell  # type: ignore[assignment]
            for name, number in entry.measurements.items():
                cells[self.measures[name]] = exact(number) if isinstance(number, float) else number
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise FactError(f'entry {entry.id}', f'does not fit the catalogue: {problem}') from problem
        top = max(severities.values()) if severities else 0
        at = entry.at
        return Row(
            instant(at, f'entry {entry.id}'), entry.id, local_day(at, zone), cells, severities, top, reported, entry
        )


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
