"""When a patient wants to be reminded: her own choice."""

from datetime import datetime, time

from django.db import transaction

from clinic.models import Patient
from diary.due import next_look, next_time
from diary.models import Reminder
from diary.queries_due import diary_of


def choose(*, patient: Patient, is_on: bool, at: time, now: datetime) -> Reminder:
    """Turn reminders on or off, at a time by the clock on her wall."""
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        next_at = next_time(at, patient.zone, after=now) if is_on else None
        chosen = {'is_on': is_on, 'at': at, 'next_at': next_at, 'changed_at': now}
        reminder, _ = Reminder.objects.update_or_create(patient=patient, defaults=chosen)
    return reminder


def look_this_evening(*, patient: Patient, now: datetime) -> None:
    """After a hard entry: the reminder that looks at the hour she chose looks in the evening, too (diary/due.py says when)."""
    for reminder in Reminder.objects.filter(patient=patient, is_on=True):
        next_at = next_look(diary_of(patient, now=now), reminder.at, after=now)
        Reminder.objects.filter(pk=reminder.pk, next_at__gt=next_at).update(next_at=next_at)


def replan(*, patient: Patient, now: datetime) -> None:
    """Her clock shows another hour now: she lives in another zone."""
    for reminder in Reminder.objects.filter(patient=patient, is_on=True):
        next_at = next_time(reminder.at, patient.zone, after=now)
        Reminder.objects.filter(pk=reminder.pk).update(next_at=next_at)
