"""What a replay reads: the entries of some patients as they count now, in the order of time, and what the rules ask beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from django.db import connection

from alerts.engine import ContextSpan, Dose, EntryFacts, PatientFacts
from alerts.engine.lookback import CLOCK_CHANGES
from alerts.facts import History, facts_of
from clinic.instants import read_instants_fast
from clinic.models import Patient
from diary.catalogue import current_scales
from diary.queries import Circumstances, circumstances_of_many
from diary.scales import Scales

# A plain row, no model: it is read a million times. The document comes as text, and is decoded a patient at a time.
ENTRIES = """
    SELECT e.patient_id, e.id, e.about_at, e.day, r.id, r.received_at, r.document
    FROM diary_entry e JOIN diary_revision r ON r.entry_id = e.id AND r.number = e.current_number
    WHERE e.patient_id = ANY(%(patients)s) AND e.about_at >= %(since)s AND e.day <= %(until)s
    ORDER BY e.patient_id, e.about_at, e.id
"""
_COUNTS = """
    SELECT e.patient_id, count(*), count(*) FILTER (WHERE e.day >= %(first)s)
    FROM diary_entry e JOIN clinic_patient p ON p.id = e.patient_id
    WHERE p.clinic_id = %(clinic)s AND NOT p.is_drill AND e.about_at >= %(since)s AND e.day <= %(until)s
    GROUP BY e.patient_id ORDER BY e.patient_id
"""


@dataclass(frozen=True)
class Window:
    """The days that are replayed, and how far before them the rules look."""

    first: date
    last: date
    lookback: timedelta

    @property
    def since(self) -> datetime:
        """From here on everything is read, whatever the patient's zone."""
        return datetime.combine(self.first, time(), UTC) - CLOCK_CHANGES - self.lookback


class Row(NamedTuple):
    """An entry of the days that are replayed. `key` is the engine's id of it. A tuple: there are a million."""

    key: str
    day: date
    revision: int
    received_at: datetime
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Diary:
    """One patient: everything that the rules may ask, and the `rows` that are wanted, both in the order of time."""

    patient: int
    history: History
    rows: tuple[Row, ...]


def entries_by_patient(clinic: int, window: Window) -> list[tuple[int, int, int]]:
    """(patient, entries that will be read, entries of the days themselves) of everybody who has some; no fire drills."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {'clinic': clinic, 'since': window.since, 'first': window.first, 'until': window.last})
        return [row for row in cursor.fetchall() if row[2]]


def diaries(patients: Sequence[int], window: Window) -> Iterator[Diary]:
    """One patient after the other, so that only one is decoded at a time. Four queries."""
    zones = dict(Patient.objects.filter(pk__in=patients).values_list('pk', 'time_zone'))
    known, scales = circumstances_of_many(patients), current_scales()
    for patient, found in groupby(_rows(patients, window), key=itemgetter(0)):
        yield _diary(patient, _facts(zones[patient], known[patient]), known[patient], found, window.first, scales)


def _rows(patients: Sequence[int], window: Window) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        read_instants_fast(cursor)
        cursor.execute(ENTRIES, {'patients': list(patients), 'since': window.since, 'until': window.last})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _facts(zone: str, known: Circumstances) -> PatientFacts:
    return PatientFacts(
        ZoneInfo(zone),
        tuple(Dose(therapy, given_at) for therapy, given_at in known.doses),
        tuple(ContextSpan(code, start, end) for code, start, end in known.contexts),
    )


def _diary(
    patient: int,
    facts: PatientFacts,
    known: Circumstances,
    found: Iterator[tuple[Any, ...]],
    first: date,
    scales: Scales,
) -> Diary:
    entries: list[EntryFacts] = []
    rows: list[Row] = []
    unread: set[str] = set()
    for _, entry, about_at, day, revision, received_at, text in found:
        key = f'{entry:020d}'
        document = orjson.loads(text)
        try:
            entries.append(facts_of(key, about_at, document, scales))
        except (KeyError, TypeError, ValueError, AttributeError):
            unread.add(key)
        if day >= first:
            rows.append(Row(key, day, revision, received_at, document))
    history = History(facts, tuple(entries), {}, known.usual, frozenset(unread))
    return Diary(patient, history, tuple(rows))
