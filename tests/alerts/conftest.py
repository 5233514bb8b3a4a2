"""Alerts for the cast."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alerts.models import Alert, AlertEvent, AlertEventKind, Line
from clinic.models import Patient
from tests.cast import NOW

MakeAlert = Callable[..., Alert]
RANKS = {'emergency': 0, 'urgent': 1, 'same_day': 2}


def open_alert(
    patient: Patient, *, tier: str = 'urgent', at: datetime = NOW, minutes: int = 60, **fields: object
) -> Alert:
    """An open alert with its first event, as flagging leaves it, without an entry behind it."""
    line = Line.AMBER if tier == 'same_day' else Line.RED
    alert = Alert.objects.create(
        clinic=patient.clinic,
        patient=patient,
        line=line,
        tier=tier,
        tier_rank=RANKS[tier],
        opened_at=at,
        waiting_since=at,
        acknowledge_by=at + timedelta(minutes=minutes),
        last_flag_at=at,
        **{'summary': 'Signs of infection: fever or shaking chills', **fields},
    )
    AlertEvent.objects.create(alert=alert, kind=AlertEventKind.OPENED, at=at, state=alert.state, tier=tier)
    return alert


@pytest.fixture
def anas_alert(ana: Patient) -> Alert:
    """Ana's fever: urgent, open since 9:00."""
    return open_alert(ana)
