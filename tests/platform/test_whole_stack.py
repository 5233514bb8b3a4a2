"""`make run` with everything: web, beat and worker above the servers."""

import json
import os
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.platform.conftest import Run, all_gone, free_port, wait_until

Up = Callable[..., Run]
NAMES = {'database', 'broker', 'worker', 'beat', 'web'}


def leaders(place: Path) -> dict[str, int]:
    return {each['name']: each['pid'] for each in json.loads((place / 'processes.json').read_text())['leaders']}


@pytest.fixture
def vigil(up: Up) -> Run:
    """Everything is up, without made-up people, and answers."""
    port = free_port()
    run = up(PORT=str(port), DEMO_MODE='false', BASE_URL=f'http://localhost:{port}')
    run.wait_for('Vigil is at')
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/health/live', timeout=30) as answer:
        assert answer.status == 200
    return run


def test_ctrl_c_stops_everything_in_order(vigil: Run, place: Path) -> None:
    family = vigil.family()
    assert set(leaders(place)) == NAMES
    assert set(leaders(place).values()) < family
    assert vigil.ends(signal.SIGINT) == 0
    assert all_gone(family)
    assert 'was ended' not in vigil.text()
    assert not (place / 'processes.json').exists()
    assert 'database system is shut down' in (place / 'logs' / 'database.log').read_text()


def test_a_killed_worker_comes_back_and_a_killed_supervisor_takes_all_along(vigil: Run, place: Path) -> None:
    first = leaders(place)['worker']
    os.kill(first, signal.SIGKILL)
    vigil.wait_for('The worker was ended by signal 9')
    vigil.wait_for('The worker runs again.')
    assert leaders(place)['worker'] != first
    family = vigil.family()
    vigil.ends(signal.SIGKILL)
    wait_until(lambda: all_gone(family))
