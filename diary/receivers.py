"""Listens to what the clinic's records announce, inside the transaction that it tells of."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from clinic.models import Patient
from clinic.signals import time_zone_changed
from diary.services import reminders
from diary.services.days import recount_days


@receiver(time_zone_changed)
def count_the_days_again(sender: Any, *, patient: Patient, now: datetime, **kwargs: Any) -> None:
    recount_days(patient=patient, now=now)
    reminders.replan(patient=patient, now=now)
