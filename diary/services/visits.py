"""Visits that are arranged: a nurse enters one, or takes it back. The patient sees it; nothing is sent to anybody."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient, User
from diary.answers import clean_text
from diary.models import PlannedVisit, WithdrawnReason
from diary.services.treatment import WITHDRAWN, TreatmentRefused, mark_withdrawn

FARTHEST = timedelta(days=366)


def plan_visit(*, patient: Patient, on: date, at: time | None, what: str, by: User, now: datetime) -> PlannedVisit:
    """From today on, in the patient's calendar. Raises TreatmentRefused for a day that is over, too far off, or entered twice."""
    today = now.astimezone(patient.zone).date()
    if on < today:
        raise TreatmentRefused(_('This day is over. Choose today or a later day.'), field='on')
    if on - today > FARTHEST:
        raise TreatmentRefused(_('This is more than a year away. Please check the year.'), field='on')
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        if patient.visits.filter(on=on, at=at).exists():
            raise TreatmentRefused(_('This visit is entered already.'), field='on')
        return PlannedVisit.objects.create(
            patient=patient, on=on, at=at, what=clean_text(what), entered_by=by, entered_at=now
        )


def take_back_visit(*, visit: PlannedVisit, by: User, now: datetime) -> PlannedVisit:
    """It will not be, or was a mistake; it stays on record. Raises TreatmentRefused when it was taken back before."""
    with transaction.atomic():
        visit = PlannedVisit.on_record.select_for_update(of=('self',)).get(pk=visit.pk)
        mark_withdrawn(visit, by=by, reason=WithdrawnReason.NEVER_WAS, now=now)
        visit.save(update_fields=WITHDRAWN)
    return visit
