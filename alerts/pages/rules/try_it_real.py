"""Real patients and their entries on the page that tries rules out: whom one may pick, without what was written in free words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from alerts.engine import EntryFacts
from alerts.engine.exchange import Case
from alerts.facts import entry_facts
from alerts.pages.rules.try_it import in_words, units_at
from alerts.services.rules.try_it import Subject, without_words
from clinic.models import Clinic, Patient
from clinic.queries import patient_list
from diary.catalogue import CatalogueView, UnknownSymptomError
from diary.models import Revision
from diary.queries import current_revisions

MOST_PATIENTS = 20
MOST_ENTRIES = 30


@dataclass(frozen=True)
class RealEntry:
    """An entry to pick; `words` leave out what was written freely."""

    public_id: str
    at: datetime
    words: str


def found_patients(patients: QuerySet[Patient], words: str, *, by_name: bool, now: datetime) -> list[Patient]:
    """By name or record number, or (for who may not read names) by record number alone; the first ones where nothing is typed."""
    if by_name:
        return list(patient_list(patients, mine=None, words=words, now=now)[:MOST_PATIENTS])
    return list(patients.filter(record_number__icontains=words.strip()).order_by('record_number')[:MOST_PATIENTS])


def entries_of(patient: Patient, catalogue: CatalogueView, clinic: Clinic) -> list[RealEntry]:
    """The latest entries, newest first."""
    latest = current_revisions(patient).order_by('-entry__about_at', '-entry_id')[:MOST_ENTRIES]
    return [
        RealEntry(str(each.entry.public_id), each.entry.about_at, _words(each, catalogue, clinic)) for each in latest
    ]


def _words(revision: Revision, catalogue: CatalogueView, clinic: Clinic) -> str:
    try:
        facts: EntryFacts = without_words(entry_facts(revision, catalogue.scales))
        return in_words(facts, catalogue, units_at(clinic))
    except (KeyError, TypeError, ValueError, AttributeError, UnknownSymptomError):
        return _('could not be read')


def revision_for(patient: Patient, entry: UUID) -> Revision:
    """What counts now of an entry of hers. Raises Http404."""
    found = current_revisions(patient).filter(entry__public_id=entry).select_related('entry__patient__clinic').first()
    if found is None:
        raise Http404
    return found


def as_case(subject: Subject) -> Case:
    """The facts without a name or a number of ours: entries are e1, e2 … in the order of time."""
    ordered = sorted(subject.entries, key=lambda each: (each.at, each.id))
    return Case(
        'from an entry',
        subject.patient,
        tuple(each._replace(id=f'e{n}') for n, each in enumerate(ordered, start=1)),
    )
