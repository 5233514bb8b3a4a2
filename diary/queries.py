"""Named questions to the diary."""

from datetime import datetime

from django.db.models import F, QuerySet

from clinic.models import Patient
from diary.models import Baseline, Context, Dose, Revision


def current_revisions(
    patient: Patient, *, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Revision]:
    """The revisions that count now, of entries about `since` to `until` (both included), in the order of time."""
    revisions = Revision.objects.filter(entry__patient=patient, number=F('entry__current_number'))
    if since is not None:
        revisions = revisions.filter(entry__about_at__gte=since)
    if until is not None:
        revisions = revisions.filter(entry__about_at__lte=until)
    return revisions.select_related('entry').order_by('entry__about_at', 'entry_id')


def doses_of(patient: Patient) -> QuerySet[Dose]:
    """Every dose that a patient was given, in the order of time, with its course and therapy."""
    return Dose.objects.filter(course__patient=patient).select_related('course__therapy').order_by('given_at')


def contexts_of(patient: Patient) -> QuerySet[Context]:
    return Context.objects.filter(patient=patient).order_by('from_at')


def baselines_of(patient: Patient) -> QuerySet[Baseline]:
    """Every usual value ever recorded, oldest first; the one that counts is the latest measured by then, else the first."""
    return Baseline.objects.filter(patient=patient).order_by('kind', 'measured_at')
