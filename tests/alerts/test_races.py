"""What is told while an evaluation is under way is never missed by it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from alerts.facts import history_of
from alerts.models import Evaluation
from alerts.services import evaluation
from clinic.models import Membership, Patient
from diary.models import Context
from diary.signals import treatment_changed
from tests.alerts.conftest import told_us
from tests.cast import NOW

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db(transaction=True)]
SOON = NOW + timedelta(minutes=1)


def test_steroids_told_while_the_entry_is_being_evaluated_are_not_missed(
    ana: Patient, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evaluation has read her history already when the nurse's note comes: the note waits, then owes the entry again."""
    told_us(ana, {'CHILLS': {'severity': 1}}, check=False)
    has_read, noted = threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        history = history_of(*args, **kwargs)
        has_read.set()
        noted.wait(1)  # as it should be, the note waits for us instead, and this ends by itself
        return history

    def note() -> None:
        has_read.wait(20)
        try:
            with transaction.atomic():
                since = NOW - timedelta(days=1)
                Context.objects.create(
                    patient=ana, code='on_steroids', from_at=since, recorded_by=rosa.user, recorded_at=SOON
                )
                treatment_changed.send(sender=Context, patient=ana, since=since, now=SOON)
            noted.set()
        finally:
            connection.close()

    monkeypatch.setattr('alerts.services.evaluation.history_of', slow)
    nurse = threading.Thread(target=note)
    nurse.start()
    evaluation.evaluate_pending(now=NOW)
    nurse.join()
    evaluation.evaluate_pending(now=SOON)
    assert 'T06' in set(Evaluation.objects.get().flags.values_list('rule', flat=True))
