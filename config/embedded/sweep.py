"""What an earlier run left behind: found by its mark and its start time, so that nobody else's process is touched."""

import json
import os
import signal
import time
from pathlib import Path

from config.embedded.processes import TOKEN, Child


def remember(file: Path, token: str, children: list[Child]) -> None:
    """Write down who runs now. Replaced whole, so that a reader never sees half a list."""
    leaders = [{'name': c.program.name, 'pid': c.pid, 'started': started_at(c.pid)} for c in children]
    fresh = file.with_suffix('.new')
    fresh.write_text(json.dumps({'token': token, 'leaders': leaders}))
    fresh.replace(file)


def sweep(file: Path) -> int:
    """End what is left of the run that wrote this file. Returns how many processes that were."""
    try:
        noted = json.loads(file.read_text())
        leaders = [each for each in noted['leaders'] if started_at(each['pid']) == each['started'] is not None]
        token = str(noted['token'])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0  # nothing to go by: then nothing is ours
    # A database that is killed has to recover; asked with SIGINT it closes its files and goes.
    databases = {each['pid'] for each in leaders if each['name'] == 'database'}
    others = ({each['pid'] for each in leaders} | marked(token)) - databases
    _send(others, signal.SIGKILL)
    _send(databases, signal.SIGINT)
    _wait(databases, seconds=30)
    _send(databases, signal.SIGQUIT)
    _wait(databases | others, seconds=10)
    file.unlink(missing_ok=True)
    return len(databases | others)


def marked(token: str) -> set[int]:
    """The processes whose environment carries this run's mark, in whatever session they are."""
    mark = f'{TOKEN}={token}'.encode()
    found = set()
    for entry in Path('/proc').glob('[0-9]*/environ'):
        try:
            carries = mark in entry.read_bytes().split(b'\0')
        except OSError:
            continue  # it is gone, or not ours to look at
        if carries and int(entry.parent.name) != os.getpid():
            found.add(int(entry.parent.name))
    return found


def started_at(pid: int) -> int | None:
    """When the kernel started this process, in its own ticks; None when there is none, or only its corpse."""
    try:
        state, *rest = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    except OSError:
        return None
    return None if state == 'Z' else int(rest[18])


def _send(pids: set[int], sig: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            continue


def _wait(pids: set[int], *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(started_at(pid) is not None for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
