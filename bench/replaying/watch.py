"""Memory and processor time of a process and all below it, from /proc."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

EVERY = 0.1
TICKS = os.sysconf('SC_CLK_TCK')


@dataclass
class Seen:
    """`largest` is the most that one process ever had (RSS), `together` the most of all at once, shared pages counted once (PSS).
    Both in MB. `cpu` is seconds of all of them."""

    largest: int = 0
    together: int = 0
    cpu: float = 0
    _began: float = field(default=0, repr=False)


@contextmanager
def watched(pid: int) -> Iterator[Seen]:
    seen, stop = Seen(), threading.Event()

    def look() -> None:
        while not stop.wait(EVERY):
            _look(pid, seen)

    began = _cpu(pid)
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        _look(pid, seen)
        seen.cpu = _cpu(pid) - began


def _look(pid: int, seen: Seen) -> None:
    seen.together = max(seen.together, sum(_kb(each, 'smaps_rollup', 'Pss') for each in _family(pid)) // 1024)
    seen.largest = max(seen.largest, *(_kb(each, 'status', 'VmHWM') // 1024 for each in _family(pid)))


def _family(pid: int) -> list[int]:
    try:
        below = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in below for each in _family(int(child)))]


def _kb(pid: int, file: str, name: str) -> int:
    try:
        lines = Path(f'/proc/{pid}/{file}').read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f'{name}:')), 0)


def _cpu(pid: int) -> float:
    ticks = 0
    for each in _family(pid):
        try:
            fields = Path(f'/proc/{each}/stat').read_text().rpartition(')')[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS
