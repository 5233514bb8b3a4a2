"""From the diary's rows to the engine's facts. The one place where stored answers become what rules read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.engine import ContextSpan, Dose, EntryFacts, PatientFacts
from clinic.models import Patient
from diary import queries
from diary.models import Baseline, Revision


@dataclass(frozen=True)
class History:
    """A patient's facts over a window: `entries` in the order of time, by the entry's id as text; `revisions` by the same id."""

    patient: PatientFacts
    entries: tuple[EntryFacts, ...]
    revisions: dict[str, Revision]
    baselines: tuple[Baseline, ...]

    def patient_at(self, at: datetime) -> PatientFacts:
        """The patient with the usual values that counted at `at`: the latest measured by then, else the first ever."""
        usual: dict[str, float] = {}
        for baseline in self.baselines:
            if baseline.measured_at <= at or baseline.kind not in usual:
                usual[baseline.kind] = float(baseline.value)
        return PatientFacts(self.patient.time_zone, self.patient.doses, self.patient.contexts, usual)


def history_of(patient: Patient, *, since: datetime, until: datetime | None) -> History:
    """Everything the engine may ask of the patient's entries from `since` to `until`, in four queries."""
    revisions = list(queries.current_revisions(patient, since=since, until=until))
    facts = PatientFacts(
        patient.zone,
        tuple(Dose(dose.course.therapy.code, dose.given_at) for dose in queries.doses_of(patient)),
        tuple(ContextSpan(context.code, context.from_at, context.until_at) for context in queries.contexts_of(patient)),
    )
    return History(
        facts,
        tuple(entry_facts(revision) for revision in revisions),
        {key(revision): revision for revision in revisions},
        _by_time(queries.baselines_of(patient)),
    )


def key(revision: Revision) -> str:
    """The engine's id of an entry; zero-padded, because ids order entries of the same instant as text."""
    return f'{revision.entry_id:020d}'


def entry_facts(revision: Revision) -> EntryFacts:
    document = revision.document
    return EntryFacts(
        key(revision),
        revision.entry.about_at,
        {code: answer['values'] for code, answer in document.get('answers', {}).items()},
        {code: measured['value'] for code, measured in document.get('measurements', {}).items()},
    )


def _by_time(baselines: Iterable[Baseline]) -> tuple[Baseline, ...]:
    ordered: Sequence[Baseline] = sorted(baselines, key=lambda baseline: baseline.measured_at)
    return tuple(ordered)
