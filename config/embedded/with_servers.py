"""Run a command on a throw-away database and broker: `python -m config.embedded.with_servers -- pytest -x`.

Sets DATABASE_URL and REDIS_URL before the command starts, since pytest-django reads the settings first of all. The
database runs without fsync, since it is gone afterwards; `--durable` keeps it on, for benchmarks. Servers that are
already named by those variables are used instead.
"""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from config.embedded.addresses import addresses, check_given_servers, own_broker, own_database
from config.embedded.broker import start_broker
from config.embedded.console import CannotStart, complain, say
from config.embedded.places import lock
from config.embedded.postgres import start_postgres
from config.embedded.processes import tie

PLACE = Path('/tmp')  # noqa: S108  (short: a socket's path has 107 bytes)
PREFIX = 'vigil-test-'


@contextmanager
def servers(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """Throw-away servers, and the environment that leads to them."""
    with ExitStack() as stack:
        check_given_servers()
        if own_database() or own_broker():
            stack.enter_context(_throw_away_place())
        logs = Path(os.environ.get('DATA_DIR') or PLACE)
        if own_database():
            how = 'with fsync' if durable else 'without fsync: it need not outlive it'
            say(f'A throw-away PostgreSQL is started for this run ({how}).')
            stack.callback(start_postgres(log=logs / 'database.log', environment={}, throw_away=not durable).stop)
        if own_broker():
            stack.callback(start_broker(log=logs / 'broker.log', environment={}, throw_away=not durable).stop)
        yield addresses()


def main(command: list[str], *, durable: bool = False) -> int:
    """The command's own exit status; 1 when the servers could not start, 130 and 143 after a signal."""
    leave_on_signals()
    try:
        with servers(durable=durable) as environment:
            return run(command, environment)
    except CannotStart as problem:
        complain(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130


def leave_on_signals() -> None:
    """Let SIGTERM and SIGHUP unwind us, so that the servers are stopped and their place is cleared."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)


def run(command: list[str], environment: dict[str, str]) -> int:
    """In the foreground of the same terminal, so that Ctrl-C reaches it as well; it gets time to tidy up."""
    tied = tie(signal.SIGTERM)
    process = subprocess.Popen(command, env=os.environ | environment, preexec_fn=tied)  # noqa: S603
    try:
        return process.wait()
    except BaseException as leaving:
        if isinstance(leaving, SystemExit):
            process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


@contextmanager
def _throw_away_place() -> Iterator[None]:
    """A short-lived DATA_DIR of our own. What killed runs left behind goes first."""
    _clear_up()
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACE))
    place.chmod(0o711)  # root's database account passes through
    held = lock(place / 'lock', busy='These tests already run')
    before = os.environ.get('DATA_DIR')
    os.environ['DATA_DIR'] = str(place)
    try:
        yield
    finally:
        os.environ.pop('DATA_DIR') if before is None else os.environ.update(DATA_DIR=before)
        held.close()
        shutil.rmtree(place, ignore_errors=True)


def _clear_up() -> None:
    for place in PLACE.glob(f'{PREFIX}*'):
        try:
            found = place.lstat()
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < 60:
                continue
            with (place / 'lock').open('a') as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(place, ignore_errors=True)
        except OSError:
            continue  # in use, or gone in the meantime


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description='Run a command on throw-away servers.')
    parser.add_argument('--durable', action='store_true', help='keep fsync on, for benchmarks')
    parser.add_argument('command', nargs='+', help='after two dashes: -- pytest -x')
    chosen = parser.parse_args()
    sys.exit(main(chosen.command, durable=chosen.durable))
