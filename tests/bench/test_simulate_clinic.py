"""The simulation in small: a few patients, two nurses, a few days, and far more crashes than a month would bring."""

import pytest

from bench.simulate_clinic import broken_promises
from bench.simulation.run import Setting, play

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db(transaction=True)]
SMALL = Setting(patients=14, nurses=2, days=5, seed=3, killed=0.15, often=8)


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
