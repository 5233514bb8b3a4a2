"""Listens: to what the diary announces, inside the transaction that stores it, and to the sweeps' ends, for their signs of life."""

from datetime import datetime
from typing import Any

from celery.signals import task_success
from django.dispatch import receiver
from django.utils import timezone

from alerts.pages.told_cases import cases_since
from alerts.queries.rules.readers import readers_of
from alerts.services import ledger, silences, watching
from clinic.models import Patient
from diary.models import Revision
from diary.signals import cases_asked, entry_recorded, pauses_changed, symptom_retiring, treatment_changed
from diary.summary import ToldCase


@receiver(entry_recorded)
def owe_an_evaluation(sender: Any, *, revision: Revision, now: datetime, **kwargs: Any) -> None:
    ledger.hint(ledger.open_ledger(revision=revision, now=now))


@receiver(treatment_changed)
def owe_them_again(sender: Any, *, patient: Patient, since: datetime, now: datetime, **kwargs: Any) -> None:
    # An evaluation under way has read her history already. Wait until it has closed its rows, so that they are owed again.
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    ledger.owe_again(patient=patient, since=since, now=now)


@receiver(pauses_changed)
def look_for_silence_again(sender: Any, *, patient: Patient, now: datetime, **kwargs: Any) -> None:
    silences.sweep_clinic(patient.clinic, now=now, only=patient)


@receiver(symptom_retiring)
def name_the_rules(sender: Any, *, code: str, **kwargs: Any) -> list[str]:
    return readers_of(code)


@receiver(cases_asked)
def tell_the_cases(sender: Any, *, patient: Patient, since: datetime, **kwargs: Any) -> list[ToldCase]:
    return cases_since(patient, since)


@task_success.connect
def leave_a_sign_of_life(sender: Any = None, result: Any = None, **kwargs: Any) -> None:
    """Every sweep that ran to its end, whatever it is: none can be added to the schedule and forget to say that it lives.

    One that gave way to another (None) says nothing: the other one may hang.
    """
    if sender.name in watching.sweeps() and result is not None:
        watching.beat(sender.name, now=timezone.now())
