"""Two devices, partitions, lost and doubled messages, wrong clocks, a wiped store: what was acknowledged is there, once."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from alerts.models import RuleSet
from clinic.models import Caregiver, Patient
from tests.journeys.offline_model import TwoDevices

pytestmark = pytest.mark.timeout(600)


@pytest.mark.django_db
def test_whatever_happens_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    ana: Patient, luis: Caregiver, content: RuleSet
) -> None:
    TwoDevices.stage = (ana, luis)
    run_state_machine_as_test(
        TwoDevices,
        settings=settings(
            max_examples=20,
            stateful_step_count=15,
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
