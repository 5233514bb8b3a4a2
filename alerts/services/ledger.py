"""The ledger's own acts: owing an evaluation, owing it again, and telling workers to look."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from alerts import hints
from alerts.models import Evaluation
from clinic.models import Patient
from diary.models import Revision

# One statement: it runs in every request that stores an entry.
_OPEN_LEDGER = """
    INSERT INTO alerts_evaluation
        (revision_id, patient_id, rule_set_id, pending_since, runs, tier, attempts, error, left_out)
    VALUES (%(revision)s, %(patient)s, (
        SELECT id FROM alerts_ruleset
        WHERE status = 'published' AND (clinic_id = %(clinic)s OR clinic_id IS NULL) ORDER BY clinic_id NULLS LAST LIMIT 1
    ), %(now)s, 0, '', 0, '', 0)
    RETURNING id
"""


def open_ledger(*, revision: Revision, now: datetime) -> int:
    """Owe an evaluation of a revision under the rules of now; the id of the ledger row. Called in the transaction that stores it.

    Without published rules the entry is stored all the same, and owed until there are some.
    """
    patient = revision.entry.patient
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN_LEDGER,
            {'revision': revision.pk, 'patient': patient.pk, 'clinic': patient.clinic_id, 'now': now},
        )
        row = cursor.fetchone()
    assert row is not None  # RETURNING of an INSERT
    return int(row[0])


def owe_again(*, patient: Patient, since: datetime, now: datetime) -> int:
    """Owe a new run of every current revision about `since` or later: a dose, context, usual value or time zone changed."""
    touched = Evaluation.objects.filter(
        patient=patient,
        revision__entry__about_at__gte=since,
        revision__number=F('revision__entry__current_number'),
        pending_since=None,
    )
    return touched.update(pending_since=now, attempts=0)


def hint(evaluation_id: int) -> None:
    """Ask a worker to look now, once this transaction is committed. If the message is lost, the sweep finds the row."""
    transaction.on_commit(lambda: hints.send('alerts.tasks.evaluate', evaluation_id))
