"""From the diary's rows to the engine's facts. The one place where stored answers become what rules read."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerts.engine import ContextSpan, Dose, EntryFacts, PatientFacts
from clinic.models import Patient
from diary import queries
from diary.catalogue import current_scales
from diary.models import Revision
from diary.scales import Scales


@dataclass(frozen=True)
class History:
    """A patient's facts over a window: `entries` in the order of time, by the entry's id as text; `revisions` by the same id.

    `unread` are the entries (same ids) whose documents cannot be read: they are in `revisions`, but no rule sees them.
    """

    patient: PatientFacts
    entries: tuple[EntryFacts, ...]
    revisions: dict[str, Revision]
    usual: tuple[tuple[str, datetime, Decimal], ...]
    unread: frozenset[str] = frozenset()

    def patient_at(self, at: datetime) -> PatientFacts:
        """The patient with the usual values that counted at `at`: the latest measured by then, else the first ever."""
        counted: dict[str, Decimal] = {}
        for kind, measured_at, value in self.usual:
            if measured_at <= at or kind not in counted:
                counted[kind] = value
        return PatientFacts(self.patient.time_zone, self.patient.doses, self.patient.contexts, counted)

    def without(self, keys: Container[str]) -> 'History':
        """The same, with some entries that cannot be read left out of what the rules see."""
        kept = tuple(entry for entry in self.entries if entry.id not in keys)
        out = self.unread | {entry.id for entry in self.entries if entry.id in keys}
        return replace(self, entries=kept, unread=out)


def history_of(patient: Patient, *, since: datetime, until: datetime | None, scales: Scales | None = None) -> History:
    """Everything the engine may ask of the patient's entries from `since` to `until`, in two queries; a third where `scales`, of
    the catalogue of now, is not given."""
    revisions = list(queries.current_revisions(patient, since=since, until=until))
    known = queries.circumstances_of(patient)
    facts = PatientFacts(
        patient.zone,
        tuple(Dose(therapy, given_at) for therapy, given_at in known.doses),
        tuple(ContextSpan(code, start, end) for code, start, end in known.contexts),
    )
    entries, unread = _read(revisions, scales or current_scales())
    return History(facts, entries, {key(revision): revision for revision in revisions}, known.usual, unread)


def _read(revisions: Iterable[Revision], scales: Scales) -> tuple[tuple[EntryFacts, ...], frozenset[str]]:
    """The entries that are documents at all, and the ids of those that are not: one of these must not hide the others."""
    found, unread = [], set()
    for revision in revisions:
        try:
            found.append(entry_facts(revision, scales))
        except (KeyError, TypeError, ValueError, AttributeError):
            unread.add(key(revision))
    return tuple(found), frozenset(unread)


def key(revision: Revision) -> str:
    """The engine's id of an entry; zero-padded, because ids order entries of the same instant as text."""
    return f'{revision.entry_id:020d}'


def entry_facts(revision: Revision, scales: Scales) -> EntryFacts:
    return facts_of(key(revision), revision.entry.about_at, revision.document, scales)


def facts_of(entry: str, at: datetime, document: Mapping[str, Any], scales: Scales) -> EntryFacts:
    """The facts of one stored document, without a model: a replay makes a million. Raises as MISFITS where it is none.

    Levels are those of now; what stands on an older scale that cannot be compared keeps its level, and says so in `scales`.
    """
    stored = document.get('answers', {})
    answers = {code: answer['values'] for code, answer in stored.items()}
    measurements = {code: measured['value'] for code, measured in document.get('measurements', {}).items()}
    if not scales.readings:  # no scale was ever changed: the usual case costs nothing
        return EntryFacts(entry, at, answers, measurements)
    return EntryFacts(entry, at, answers, measurements, scales.read(answers, stored))
