"""Listens to what the diary announces. Both receivers run inside the transaction that stores what they are told of."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from alerts.services import ledger
from clinic.models import Patient
from diary.models import Revision
from diary.signals import entry_recorded, treatment_changed


@receiver(entry_recorded)
def owe_an_evaluation(sender: Any, *, revision: Revision, now: datetime, **kwargs: Any) -> None:
    ledger.hint(ledger.open_ledger(revision=revision, now=now))


@receiver(treatment_changed)
def owe_them_again(sender: Any, *, patient: Patient, since: datetime, now: datetime, **kwargs: Any) -> None:
    # An evaluation under way has read her history already. Wait until it has closed its rows, so that they are owed again.
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    ledger.owe_again(patient=patient, since=since, now=now)
