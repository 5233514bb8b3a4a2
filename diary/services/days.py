"""Counting the days of a diary again when its patient lives in another time zone."""

from datetime import UTC, datetime

from django.db import transaction

from clinic.models import Patient
from diary.models import Entry, Revision
from diary.signals import treatment_changed

FROM_THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def recount_days(*, patient: Patient, now: datetime) -> int:
    """Make each entry's day and lateness those of the patient's zone of now, and have what depends on days judged again.

    A diary has one calendar: days that were counted in two zones could not be compared. How many entries changed.
    """
    with transaction.atomic():
        # An evaluation under way counts days by the old zone; whoever begins after this counts by the new one.
        patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        first = Revision.objects.filter(entry__patient=patient, number=1).select_related('entry')
        changed = [revision.entry for revision in first.defer('document') if _recounted(revision, patient)]
        Entry.objects.bulk_update(changed, ['day', 'is_late'], batch_size=500)
        treatment_changed.send(sender=Patient, patient=patient, since=FROM_THE_BEGINNING, now=now)
    return len(changed)


def _recounted(revision: Revision, patient: Patient) -> bool:
    """Whether the entry of this first revision is of another day now, or is late or not late now."""
    entry, before = revision.entry, (revision.entry.day, revision.entry.is_late)
    entry.day = entry.about_at.astimezone(patient.zone).date()
    entry.is_late = entry.day < revision.received_at.astimezone(patient.zone).date()
    return (entry.day, entry.is_late) != before
