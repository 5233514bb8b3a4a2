"""`make run` with everything: web, beat and worker above the servers."""

import json
import os
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.platform.conftest import Run, all_gone, free_port, wait_until

Up = Callable[..., Run]
NAMES = {'database', 'broker', 'worker', 'beat', 'streams', 'web'}


def leaders(place: Path) -> dict[str, int]:
    return {each['name']: each['pid'] for each in json.loads((place / 'processes.json').read_text())['leaders']}


def begin(up: Up) -> Run:
    """Everything is up, without made-up people, and answers."""
    port = free_port()
    run = up(PORT=str(port), DEMO_MODE='false', BASE_URL=f'http://localhost:{port}')
    run.wait_for('Vigil is at')
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/health/ready', timeout=30) as answer:
        assert answer.status == 200
    return run


def test_a_worker_comes_back_a_killed_run_leaves_nothing_and_ctrl_c_stops_the_next(up: Up, place: Path) -> None:
    """One test for one life: each start of everything takes many seconds."""
    first = begin(up)
    killed = leaders(place)['worker']
    os.kill(killed, signal.SIGKILL)
    first.wait_for('The worker was ended by signal 9')
    first.wait_for('The worker runs again.')
    assert leaders(place)['worker'] != killed
    family = first.family()
    assert set(leaders(place)) == NAMES
    assert set(leaders(place).values()) < family
    first.ends(signal.SIGKILL)
    wait_until(lambda: all_gone(family))

    second = begin(up)
    family = second.family()
    assert second.ends(signal.SIGINT) == 0
    assert all_gone(family)
    assert 'did not stop when asked' not in second.text()
    assert not (place / 'processes.json').exists()
    assert 'database system is shut down' in (place / 'logs' / 'database.log').read_text()
