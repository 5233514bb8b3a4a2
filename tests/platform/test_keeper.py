"""Children that are kept running, on real processes that do nothing but sleep."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import keeper as keeping
from config.embedded.console import CannotStart
from config.embedded.keeper import Keeper, Kept
from config.embedded.processes import Child, Program, start
from config.embedded.sweep import started_at
from tests.platform.conftest import wait_until

SLEEP = 'import time; time.sleep(600)'
DEAF = f'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("deaf", flush=True); {SLEEP}'
Sleeper = Callable[..., Kept]


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    monkeypatch.setattr(keeping, 'FIRST_PAUSE', 0.05)
    keeper = Keeper(changed=lambda children: None)
    yield keeper
    keeper.hurry = True
    keeper.stop()


@pytest.fixture
def sleeper(tmp_path: Path) -> Sleeper:
    def make(name: str = 'worker', code: str = SLEEP, *, patience: float = 15, vital: bool = False) -> Kept:
        program = Program(
            name=name,
            argv=[sys.executable, '-c', code],
            env=dict(os.environ),
            cwd=tmp_path,
            log=tmp_path / f'{name}.log',
            patience=patience,
        )
        return Kept(name, lambda: start(program), vital=vital, pause=0.05)

    return make


def end(child: Child) -> None:
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: not child.alive())


def test_a_process_that_dies_is_reported_and_started_again(
    keeper: Keeper, sleeper: Sleeper, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = sleeper()
    first = keeper.add(kept)
    end(first)
    keeper.look()
    assert 'The worker was ended by signal 9' in capsys.readouterr().err
    wait_until(lambda: keeper.look() is None and kept.child is not None)
    assert kept.child is not None
    assert kept.child.pid != first.pid
    assert kept.child.alive()


def test_each_quick_death_makes_the_pause_longer_up_to_a_limit(
    keeper: Keeper, sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, 'LONGEST_PAUSE', 0.15)
    kept = sleeper(code='raise SystemExit(3)')
    pauses = []
    keeper.add(kept)
    for _ in range(3):
        wait_until(lambda: keeper.look() is None and kept.child is None)
        pauses.append(kept.pause)
        wait_until(lambda: keeper.look() is None and kept.child is not None)
    assert pauses == [0.1, 0.15, 0.15]


def test_a_long_life_makes_the_pause_short_again(keeper: Keeper, sleeper: Sleeper) -> None:
    kept = sleeper()
    child = keeper.add(kept)
    kept.pause = 20
    child.since = time.monotonic() - keeping.GOOD_LIFE - 1
    end(child)
    keeper.look()
    assert kept.pause == keeping.FIRST_PAUSE


def test_the_death_of_a_vital_process_ends_the_run(keeper: Keeper, sleeper: Sleeper) -> None:
    end(keeper.add(sleeper('database', vital=True)))
    with pytest.raises(CannotStart, match='The database was ended by signal 9'):
        keeper.look()


def test_stopping_takes_the_newest_first(keeper: Keeper, sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    stop = Child.stop

    def noting(child: Child, **options: Callable[[], bool]) -> bool:
        order.append(child.program.name)
        return stop(child, **options)

    monkeypatch.setattr(Child, 'stop', noting)
    for name in ('database', 'broker', 'worker', 'beat', 'web'):
        keeper.add(sleeper(name))
    keeper.stop()
    assert order == ['web', 'beat', 'worker', 'broker', 'database']


def test_a_process_that_does_not_listen_is_ended(
    keeper: Keeper, sleeper: Sleeper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = keeper.add(sleeper(code=DEAF, patience=0.2))
    wait_until(lambda: 'deaf' in (tmp_path / 'worker.log').read_text())
    keeper.stop()
    assert not child.alive()
    assert capsys.readouterr().err == 'worker did not stop when asked and was ended.\n'


def test_in_a_hurry_nobody_is_waited_for(keeper: Keeper, sleeper: Sleeper, tmp_path: Path) -> None:
    child = keeper.add(sleeper(code=DEAF, patience=3600))
    wait_until(lambda: 'deaf' in (tmp_path / 'worker.log').read_text())
    keeper.hurry = True
    keeper.stop()
    assert not child.alive()


def test_what_a_stopped_process_left_in_its_session_goes_too(keeper: Keeper, sleeper: Sleeper, tmp_path: Path) -> None:
    parent = (
        f'import subprocess, sys; print(subprocess.Popen([sys.executable, "-c", {SLEEP!r}]).pid, flush=True); {SLEEP}'
    )
    keeper.add(sleeper(code=parent))
    log = tmp_path / 'worker.log'
    wait_until(lambda: log.read_text().endswith('\n'))
    grandchild = int(log.read_text())
    keeper.stop()
    wait_until(lambda: started_at(grandchild) is None)
