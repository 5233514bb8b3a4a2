"""Where the embedded servers keep their data and sockets, and the addresses that follow from it.

Nothing here creates a file, and nothing here knows Django: settings, supervisor and tests all derive the same
places from `DATA_DIR` (default `var/` beside `manage.py`).
"""

import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

REPO = Path(__file__).resolve().parents[2]
DATABASE_NAME = 'vigil'
DATABASE_USER = 'vigil'


class Account(NamedTuple):
    """A user and its main group, by number."""

    uid: int
    gid: int


# PostgreSQL refuses to run as root; `nobody` has these numbers on every Linux that has the name.
NOBODY = Account(65534, 65534)
# sockaddr_un holds 107 bytes; the longest name below the run directory is `pg/.s.PGSQL.5432`.
LONGEST_RUN_DIR = 85
# Where root's servers live when `nobody` cannot enter DATA_DIR: the system's place first, it survives a reboot.
SHARED_HOMES = (Path('/var/lib'), Path('/var/tmp'))  # noqa: S108


def data_dir() -> Path:
    """What the person asked for: `DATA_DIR`, else `var/` in the clone. Absolute."""
    asked = os.environ.get('DATA_DIR', '').strip()
    return Path(os.path.abspath(REPO / (asked or 'var')))


def servers_dir() -> Path:
    """Where the database lives: `data_dir()`, unless it has none yet and root's server account cannot enter there."""
    wanted = data_dir()
    if os.geteuid() != 0 or (wanted / 'postgres').exists() or can_enter(wanted, NOBODY):
        return wanted
    home = next(place for place in SHARED_HOMES if os.access(place, os.W_OK) or place == SHARED_HOMES[-1])
    return home / 'vigil' / _mark(wanted)


def run_dir() -> Path:
    """Where the sockets are. A socket's path must be short: below a deep `DATA_DIR` it is a private place in /tmp."""
    beside = servers_dir() / 'run'
    if len(os.fsencode(beside)) <= LONGEST_RUN_DIR:
        return beside
    return Path('/tmp') / f'vigil-{os.geteuid()}-{_mark(data_dir())}'  # noqa: S108


def database_socket_dir() -> Path:
    """The directory that holds PostgreSQL's socket; it belongs to the server's account."""
    return run_dir() / 'pg'


def broker_socket() -> Path:
    return run_dir() / 'broker.sock'


def database_url() -> str:
    """The embedded database's address, as libpq and django-environ read it."""
    host = quote(str(database_socket_dir()), safe='/')
    return f'postgresql:///{DATABASE_NAME}?host={host}&user={DATABASE_USER}'


def redis_url() -> str:
    """The embedded broker's address, as redis-py reads it."""
    return f'unix://{quote(str(broker_socket()), safe="/")}?db=0'


def broker_url(url: str) -> str:
    """The same server as kombu writes it: `unix:///p?db=1` becomes `redis+socket:///p?virtual_host=1`."""
    return _respell(url, scheme=('unix', 'redis+socket'), database=('db', 'virtual_host'))


def redis_py_url(url: str) -> str:
    """The same server as redis-py writes it: the way back from `broker_url`."""
    return _respell(url, scheme=('redis+socket', 'unix'), database=('virtual_host', 'db'))


def _respell(url: str, *, scheme: tuple[str, str], database: tuple[str, str]) -> str:
    parts = urlsplit(url)
    if parts.scheme != scheme[0]:
        return url
    query = [(database[1] if name == database[0] else name, value) for name, value in parse_qsl(parts.query)]
    return f'{scheme[1]}://{parts.path}?{urlencode(query)}'


def can_enter(place: Path, account: Account) -> bool:
    """Whether this account may walk down to this place, as far as the place exists today."""
    return all(_is_open_to(account, part.stat()) for part in (place, *place.parents) if part.exists())


def _is_open_to(account: Account, directory: os.stat_result) -> bool:
    if directory.st_uid == account.uid:
        return bool(directory.st_mode & stat.S_IXUSR)
    if directory.st_gid == account.gid:
        return bool(directory.st_mode & stat.S_IXGRP)
    return bool(directory.st_mode & stat.S_IXOTH)


def _mark(place: Path) -> str:
    """A short name that tells one DATA_DIR from another."""
    return hashlib.sha256(os.fsencode(place)).hexdigest()[:12]
