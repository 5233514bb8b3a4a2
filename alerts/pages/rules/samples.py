"""One sampled entry as a nurse is shown it who must not know what the rules said: no tier, no advice, no name, nothing later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.models import EntrySample
from alerts.words.answers import StaffUnits, quantity, staff_units, told
from alerts.words.times import moment_words
from clinic.models import Patient
from diary.catalogue import CatalogueView, current_catalogue
from diary.models import Context, Dose, Revision
from diary.queries import Where, baselines_of, contexts_of, current_revisions, doses_of, where_now

BEFORE = timedelta(days=7)
MOST_EARLIER = 10


@dataclass(frozen=True)
class Answer:
    """What was told of one symptom or measurement; `said` is empty for a plain yes."""

    name: str
    said: str


@dataclass(frozen=True)
class Said:
    """One entry: when it was about, in the patient's own days, and what it told. No `answers`: nothing new."""

    at: datetime
    when: str
    answers: Sequence[Answer]


@dataclass(frozen=True)
class Blind:
    """The page. `here` is the drawn revision as it was written, `earlier` the patient's entries of the week before, newest first.

    Treatment, contexts and usual values are those of the entry's time; `dose_days` are the days since the last dose.
    """

    sample: EntrySample
    here: Said
    earlier: Sequence[Said]
    where: Where
    dose: Dose | None
    dose_days: int | None
    contexts: Sequence[Context]
    usual: Sequence[Answer]
    age: int | None


def blind(sample: EntrySample, *, now: datetime) -> Blind:
    """A constant number of queries. `sample` comes with its patient, clinic, revision and entry."""
    patient, at = sample.patient, sample.revision.entry.about_at
    catalogue, units = current_catalogue(), staff_units(sample.clinic)
    since = [
        r for r in current_revisions(patient, since=at - BEFORE, until=at) if r.entry_id != sample.revision.entry_id
    ]
    dose = doses_of(patient).filter(given_at__lte=at).last()
    return Blind(
        sample=sample,
        here=_said(sample.revision, patient, catalogue, units, now=now),
        earlier=[_said(each, patient, catalogue, units, now=now) for each in since[::-1][:MOST_EARLIER]],
        where=where_now(patient, at),
        dose=dose,
        dose_days=(_day(at, patient) - _day(dose.given_at, patient)).days if dose else None,
        contexts=[each for each in contexts_of(patient).filter(from_at__lte=at) if _holds(each, at)],
        usual=_usual(patient, at, catalogue, units),
        age=_age(patient, _day(at, patient)),
    )


def _said(revision: Revision, patient: Patient, catalogue: CatalogueView, units: StaffUnits, *, now: datetime) -> Said:
    answers = [Answer(one.name, one.said) for one in told(revision.document, catalogue, units)]
    at = revision.entry.about_at
    return Said(at, moment_words(at, now=now, zone=patient.zone), answers)


def _holds(context: Context, at: datetime) -> bool:
    return context.until_at is None or context.until_at >= at


def _usual(patient: Patient, at: datetime, catalogue: CatalogueView, units: StaffUnits) -> list[Answer]:
    """The usual values that counted then: measured by then, the latest of each kind."""
    latest = {one.kind: one for one in baselines_of(patient).filter(measured_at__lte=at)}
    fields = {name: field for spec in catalogue.symptoms.values() for name, field in spec.fields.items()}
    fields |= {code: spec.field for code, spec in catalogue.measurements.items()}
    return [
        Answer(one.get_kind_display(), quantity(fields[kind], float(one.value), units))
        for kind, one in latest.items()
        if kind in fields
    ]


def _day(at: datetime, patient: Patient) -> date:
    return at.astimezone(patient.zone).date()


def _age(patient: Patient, day: date) -> int | None:
    born = patient.birth_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) if born else None
