"""Named questions about entries: what was said before, and what a new entry should ask."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max

from clinic.models import Patient
from diary.catalogue import CatalogueView, SymptomSpec
from diary.models import Baseline, Dose, Revision
from diary.queries import current_revisions

LOOKS_BACK = timedelta(hours=168)  # the rule language's “previous entry”
LAST_MEASURED = timedelta(days=365)


def previous_revision(patient: Patient, *, before: datetime) -> Revision | None:
    """What counts of the latest entry about `before` or earlier, at most 168 hours back."""
    return current_revisions(patient, since=before - LOOKS_BACK, until=before).last()


def days_since_dose(patient: Patient, therapies: Collection[str], *, at: datetime) -> dict[str, int]:
    """Per therapy class the patient's local days from its latest dose to `at`; classes without a dose are left out. One query."""
    doses = Dose.objects.filter(course__patient=patient, course__therapy__code__in=therapies, given_at__lte=at)
    latest = doses.values_list('course__therapy__code').annotate(Max('given_at')).order_by()
    today = at.astimezone(patient.zone).date()
    return {code: (today - given.astimezone(patient.zone).date()).days for code, given in latest}


def offered_to(patient: Patient, catalogue: CatalogueView, *, at: datetime) -> dict[str, SymptomSpec]:
    """What a patient is asked about at that time. One query where some symptom belongs to a treatment's first weeks."""
    limited = {spec.only_for.therapy for spec in catalogue.symptoms.values() if spec.only_for and not spec.retired}
    return catalogue.offered(days_since_dose(patient, limited, at=at) if limited else {})


def last_measured(patient: Patient, codes: Iterable[str], *, before: datetime) -> dict[str, Decimal]:
    """The latest value of each measurement, or the usual value where none was measured for a year; in the catalogue's units."""
    found: dict[str, Decimal] = {}
    revisions = current_revisions(patient, since=before - LAST_MEASURED, until=before).order_by('-entry__about_at')
    for code in codes:
        measured = revisions.filter(document__measurements__has_key=code)
        value = measured.values_list(f'document__measurements__{code}__value', flat=True).first()
        if value is not None:
            found[code] = Decimal(str(value))
        elif usual := Baseline.objects.filter(patient=patient, kind=code).order_by('measured_at').last():
            found[code] = usual.value
    return found


def days_with_entries(patient: Patient, *, since: date) -> set[date]:
    """The local days from `since` on that have an entry."""
    return set(patient.entries.filter(day__gte=since).values_list('day', flat=True))


def last_written_by(user: int, *, patient: int) -> datetime | None:
    """When a person (primary key) last wrote or corrected an entry of a patient's (primary key)."""
    hers = Revision.objects.filter(entry__patient=patient, recorded_by=user)
    found: datetime | None = hers.aggregate(last=Max('received_at'))['last']
    return found
