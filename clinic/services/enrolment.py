"""A nurse enrols a patient: the record and the invitation are one step."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import CareTeam, Clinic, Membership, Patient, User
from clinic.services.invitations import Invited, invite_patient, withdraw_patients_own
from clinic.signals import time_zone_changed

RECORD_NUMBER_ONCE = 'patient_record_number_once_per_clinic'


class RecordNumberTaken(ValueError):
    """This clinic already has a patient with this record number."""


class Details(TypedDict):
    """What a nurse writes down about a patient; units are those in which she reads and types."""

    name: str
    record_number: str
    birth_date: date | None
    email: str
    phone: str
    time_zone: str
    language: str
    temperature_unit: str
    weight_unit: str
    primary_nurse: Membership | None
    care_team: CareTeam | None


@dataclass(frozen=True)
class Enrolled:
    """The new patient, and her invitation when there is an address to send it to."""

    patient: Patient
    invited: Invited | None


def enrol_patient(*, clinic: Clinic, by: User, now: datetime, details: Details) -> Enrolled:
    """Make a patient and invite her. Raises RecordNumberTaken, and ValidationError for details that cannot be."""
    patient = Patient(clinic=clinic, **details)
    patient.full_clean(validate_constraints=False)
    with transaction.atomic():
        _save(patient)
        invited = invite_patient(patient=patient, by=by, now=now) if patient.email else None
    return Enrolled(patient, invited)


def change_patient(*, patient: Patient, details: Details, now: datetime) -> Patient:
    """Write down new details. The clinic and the sign-in stay. Raises as `enrol_patient` does.

    With another e-mail address the links sent to the old one stop working: it may have been a stranger's. With another time zone
    the days of her diary are counted again.
    """
    with transaction.atomic():
        kept = Patient.objects.select_for_update(of=('self',)).select_related('clinic').get(pk=patient.pk)
        zone = kept.time_zone
        if kept.email.lower() != details['email'].lower():
            withdraw_patients_own(patient=kept, now=now)
        for field, value in details.items():
            setattr(kept, field, value)
        kept.full_clean(validate_constraints=False)
        _save(kept)
        if kept.time_zone != zone:
            time_zone_changed.send(sender=Patient, patient=kept, now=now)
    return kept


def _save(patient: Patient) -> None:
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError as problem:
        if RECORD_NUMBER_ONCE not in str(problem):
            raise
        raise RecordNumberTaken(_('This clinic already has a patient with this record number.')) from problem
