"""Alerts for the cast."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from alerts.engine.escalation import default_ladder
from alerts.engine.tiers import Tier
from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState, Line
from alerts.services.evaluation import evaluate_pending
from clinic.models import Patient
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.models import Entry
from diary.services.entries import record_entry
from tests import cast
from tests.cast import NOW

RANKS = {'emergency': 0, 'urgent': 1, 'same_day': 2}


def open_alert(
    patient: Patient, *, tier: str = 'urgent', at: datetime = NOW, minutes: int = 60, **fields: object
) -> Alert:
    """An open alert with its first event, as flagging leaves it, without an entry behind it. Its clock stands at its promise."""
    due_at = None if fields.get('state') == AlertState.RESOLVED else at + timedelta(minutes=minutes)
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
        **{
            'summary': 'Signs of infection: fever or shaking chills',
            'policy': default_ladder(Tier.from_word(tier)).to_json(),
            'due_at': due_at,
            **fields,
        },
    )
    AlertEvent.objects.create(alert=alert, kind=AlertEventKind.OPENED, at=at, state=alert.state, tier=tier)
    return alert


@pytest.fixture
def anas_alert(ana: Patient) -> Alert:
    """Ana's fever: urgent, open since 9:00."""
    return open_alert(ana)


def told_us(
    patient: Patient, answers: dict[str, dict[str, Any]], *, at: datetime = NOW, check: bool = True, **measured: float
) -> Entry:
    """An entry that the patient wrote at `at`, evaluated a second later unless `check` says otherwise."""
    revision = record_entry(
        patient=patient,
        by=cast.user_of(patient),
        client_uuid=uuid4(),
        about_at=at,
        recorded_at=at,
        now=at,
        document=make_document(answers, current_catalogue('en'), measurements=measured),
        nothing_new=not answers,
    ).revision
    if check:
        evaluate_pending(now=at + timedelta(seconds=1))
    return revision.entry


def alert_of(entry: Entry, tier: str = 'urgent') -> Alert:
    return Alert.objects.get(patient=entry.patient, tier=tier)


FEVER: dict[str, dict[str, Any]] = {'FEVER': {'celsius': 38.6, 'severity': 2}}
BREATHLESS: dict[str, dict[str, Any]] = {'DYSPNEA': {'severity': 3}}
TIRED: dict[str, dict[str, Any]] = {'FATIGUE': {'severity': 2}}
SICK: dict[str, dict[str, Any]] = {'NAUSEA': {'severity': 1}}
