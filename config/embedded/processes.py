"""Child processes that cannot outlive us: each in its own session, each told by the kernel when we die."""

import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from config.embedded.paths import Account

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
# Every process below us carries this in its environment, so that the next start can tell ours from others.
TOKEN = 'VIGIL_RUN'  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to start one process and how to end it. `patience` is in seconds; then it is killed."""

    name: str
    argv: list[str]
    env: dict[str, str]
    cwd: Path
    log: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL
    death_signal: signal.Signals = signal.SIGKILL
    patience: float = 15


@dataclass
class Child:
    """One running process. `started` is the kernel's start time, which no later process of the same number shares."""

    program: Program
    process: subprocess.Popen[bytes] = field(repr=False)
    since: float

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, *, hurry: Callable[[], bool] = lambda: False) -> bool:
        """Ask, wait while there is patience and no hurry, then end it. False when asking was not enough."""
        if self.alive():
            self.process.send_signal(self.program.stop_signal)
        polite = self._gone_within(self.program.patience, hurry)
        if not polite:
            self.process.send_signal(self.program.last_signal)
            self._gone_within(5, lambda: False)
        self.kill()
        return polite

    def _gone_within(self, seconds: float, hurry: Callable[[], bool]) -> bool:
        until = time.monotonic() + seconds
        while self.alive():
            if hurry() or time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def kill(self) -> None:
        """End the whole group now: helpers that a dead leader left behind as well."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def start(program: Program, *, tty: bool = False) -> Child:
    """Start it. Output goes to its log file; with `tty` to our own terminal. Raises OSError."""
    log = None if tty or program.log is None else _open_log(program.log)
    try:
        process = subprocess.Popen(  # noqa: S603
            program.argv,
            env=program.env,
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            # Safe: this program has one thread. Runs after the change of account, which would undo it.
            preexec_fn=tie(program.death_signal),
            **as_account(program.account),
        )
    finally:
        if log:
            log.close()
    return Child(program=program, process=process, since=time.monotonic())


def as_account(account: Account | None) -> dict[str, Any]:
    """The arguments that make subprocess change to this account, and to no other group."""
    return {'user': account.uid, 'group': account.gid, 'extra_groups': []} if account else {}


def tie_to_parent(death_signal: signal.Signals) -> None:
    """Have the kernel send us this signal when the process that started us dies (Linux; elsewhere nothing)."""
    if sys.platform == 'linux':
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def tie(death_signal: signal.Signals) -> Callable[[], None]:
    """For subprocess's `preexec_fn`: the new process gets this signal when we die."""
    return functools.partial(_tie_to, os.getpid(), death_signal)


def _tie_to(parent: int, death_signal: signal.Signals) -> None:
    tie_to_parent(death_signal)
    if os.getppid() != parent:  # it died between the fork and the line above
        os._exit(1)


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > 10_000_000:
        path.replace(path.with_suffix('.old.log'))
    return path.open('ab', buffering=0)
