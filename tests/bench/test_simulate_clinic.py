"""The simulation in small: a few patients, two nurses, a few days, and far more crashes than a month would bring."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from alerts.services.sweeping import sweep_due
from bench.simulate_clinic import broken_promises
from bench.simulation import background
from bench.simulation.run import Setting, play
from clinic.models import Patient
from diary.models import Entry
from diary.services import entries

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db(transaction=True)]
SMALL = Setting(patients=14, nurses=2, days=5, seed=3, killed=0.3, often=8)
MINUTE = timedelta(minutes=1)
SHORT = replace(SMALL, patients=10, days=2)


def test_nothing_is_lost_or_doubled_and_red_is_on_schedule_whatever_dies() -> None:
    result = play(SMALL)
    assert broken_promises(result) == []
    broken, red = result.told['broken'], result.told['red']
    assert broken['killed_in_the_middle'] > 10
    assert broken['hints_lost'] > 0
    assert broken['sent_again_by_phones'] > 0
    assert red['waits'] > 0
    assert red['on_schedule_percent'] == 100
    assert result.told['simulated']


def stored_anew(patient: Patient, **fields: Any) -> tuple[Entry, bool]:
    """An entry that comes a second time is taken for another one."""
    return Entry.objects.create(patient=patient, **fields | {'client_uuid': uuid4()}), True


def test_without_the_sweep_of_what_is_owed_entries_stay_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(background.SWEEPS, 'alerts.tasks.sweep_pending', lambda now: 0)
    monkeypatch.setattr(background.Background, 'owe', lambda self, now: None)  # nobody would come to look, either
    assert play(SHORT).losses.entries_unchecked > 0


def test_a_ladder_that_climbs_two_minutes_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(background.SWEEPS, 'alerts.tasks.sweep_due', lambda now: sweep_due(now=now - 2 * MINUTE))
    assert play(SHORT).losses.red_off_schedule > 0


def test_without_the_phones_own_number_the_simulation_finds_entries_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, '_insert', stored_anew)
    found = play(SHORT).losses
    assert found.entries_doubled > 0
