"""What the database itself refuses, tried by going around every service."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from alerts.models import Alert, AlertEvent
from clinic.models import Patient
from tests.alerts.conftest import open_alert
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    'statement',
    [
        "UPDATE alerts_alertevent SET note = 'nothing happened'",
        "UPDATE alerts_alertevent SET at = at - interval '1 hour'",
        'DELETE FROM alerts_alertevent',
    ],
)
def test_history_cannot_be_rewritten_in_sql(anas_alert: Alert, statement: str) -> None:
    with pytest.raises(IntegrityError, match='append-only'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AlertEvent.objects.get().note == ''


def test_history_cannot_be_rewritten_through_the_orm(anas_alert: Alert) -> None:
    event = AlertEvent.objects.get()
    event.note = 'changed'
    for act in (event.save, event.delete, AlertEvent.objects.all().delete):
        with pytest.raises(IntegrityError, match='append-only'), transaction.atomic():
            act()


def test_a_patient_has_one_unresolved_alert_per_line(anas_alert: Alert, ana: Patient) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        open_alert(ana, tier='emergency')
    open_alert(ana, tier='same_day')
    change(
        anas_alert,
        state='resolved',
        owner=ana.user,
        acknowledged_at=NOW,
        resolved_at=NOW,
        outcome='no_action',
        due_at=None,
    )
    open_alert(ana, tier='emergency')


def change(alert: Alert, **fields: Any) -> None:
    with transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(**fields)


@pytest.mark.parametrize(
    'fields',
    [
        {'state': 'resolved', 'resolved_at': NOW},
        {'state': 'resolved', 'outcome': 'no_action'},
        {'outcome': 'no_action'},
        {'tier': 'same_day'},
        {'line': 'amber'},
        {'state': 'acknowledged'},
        {'state': 'contacted', 'acknowledged_at': NOW},
    ],
)
def test_a_row_that_makes_no_sense_is_refused(anas_alert: Alert, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        change(anas_alert, **fields)


def test_an_alert_with_history_cannot_be_deleted(anas_alert: Alert) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM alerts_alert')
    assert Alert.objects.filter(opened_at__gt=NOW - timedelta(days=1)).exists()
