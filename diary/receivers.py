"""Listens to what the clinic's records announce, inside the transaction that it tells of."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from clinic.models import Patient
from clinic.signals import time_zone_changed
from diary.felt import may_be_hard
from diary.models import Revision
from diary.services import reminders
from diary.services.days import recount_days
from diary.signals import entry_recorded


@receiver(time_zone_changed)
def count_the_days_again(sender: Any, *, patient: Patient, now: datetime, **kwargs: Any) -> None:
    recount_days(patient=patient, now=now)
    reminders.replan(patient=patient, now=now)


@receiver(entry_recorded)
def ask_again_in_the_evening(sender: Any, *, revision: Revision, now: datetime, **kwargs: Any) -> None:
    if may_be_hard(revision.document):
        reminders.look_this_evening(patient=revision.entry.patient, now=now)
