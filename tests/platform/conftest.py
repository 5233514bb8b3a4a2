"""Real servers and real processes: each test has its own short place in /tmp and leaves no process behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.embedded.paths import REPO
from config.embedded.sweep import started_at

PATIENCE = 200.0


@dataclass
class Run:
    """One `manage.py up`, with what it has printed so far."""

    process: subprocess.Popen[bytes]
    output: Path
    seen: set[int] = field(default_factory=set)

    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str) -> str:
        """Until these words are printed; fails at once when the run ends without them."""
        wait_until(lambda: words in self.text() or self.process.poll() is not None)
        assert words in self.text(), self.text()
        return self.text()

    def family(self) -> set[int]:
        """The process numbers of the run and everything below it."""
        self.seen = descendants(self.process.pid)
        return self.seen

    def ends(self, sig: signal.Signals) -> int:
        self.process.send_signal(sig)
        return self.process.wait(PATIENCE)


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, 'this did not happen in time'
        time.sleep(0.05)


def descendants(pid: int) -> set[int]:
    below = {pid}
    parents = {int(p.name): parent_of(int(p.name)) for p in Path('/proc').glob('[0-9]*')}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    return below


def parent_of(pid: int) -> int | None:
    try:
        return int(Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[1])
    except OSError:
        return None


def all_gone(pids: set[int]) -> bool:
    return all(started_at(pid) is None for pid in pids)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


def environment(place: Path, **more: str) -> dict[str, str]:
    """As on a bare machine: nobody else's servers, no settings of the test run."""
    ours = ('DATABASE_URL', 'REDIS_URL', 'DJANGO_SETTINGS_MODULE', 'DEMO_MODE', 'BASE_URL', 'SECRET_KEY')
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {'DATA_DIR': str(place), 'PORT': str(free_port())} | more


@pytest.fixture
def place() -> Iterator[Path]:
    """A DATA_DIR that does not exist yet, short enough for sockets, below a folder that anybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix='vt-', dir='/tmp'))
    folder.chmod(0o711)
    yield folder / 'd'
    shutil.rmtree(folder)


@pytest.fixture
def up(place: Path) -> Iterator[Callable[..., Run]]:
    """Start `manage.py up` with these arguments and variables; whatever still runs afterwards is ended."""
    runs: list[Run] = []

    def begin(*arguments: str, **variables: str) -> Run:
        output = place.parent / f'output-{len(runs)}'
        with output.open('wb') as handle:
            process = subprocess.Popen(
                [sys.executable, 'manage.py', 'up', *arguments],
                cwd=REPO,
                env=environment(place, **variables),
                stdout=handle,
                stderr=subprocess.STDOUT,
            )
        runs.append(Run(process, output))
        return runs[-1]

    yield begin
    for run in runs:
        left = descendants(run.process.pid) | run.seen
        if run.process.poll() is None:
            run.ends(signal.SIGTERM)
        wait_until(lambda left=left: all_gone(left))
