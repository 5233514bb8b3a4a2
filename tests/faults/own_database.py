"""A PostgreSQL of one test's own, which it may stop and start: the other tests' server must not be touched."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg

from config.embedded import paths
from config.embedded.postgres import start_postgres
from config.embedded.processes import Child
from tests import cast
from tests.live import SECRET, Phone, session_cookie

MAKE_PEOPLE = 'from tests.faults.own_database import make_people; make_people()'


@dataclass
class OwnDatabase:
    """`url` stays the same over restarts."""

    place: Path
    url: str
    child: Child

    def restart(self) -> None:
        """Ends every session, then comes back, as at an update of the server."""
        self.child.stop()
        self.child = _start(self.place)

    def rows(self, sql: str) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()


@contextmanager
def own_database() -> Iterator[OwnDatabase]:
    """Made, migrated, with the clinical content."""
    with tempfile.TemporaryDirectory(prefix='vigil-own-', dir='/tmp') as folder:
        place = Path(folder)
        place.chmod(0o711)  # root's database account passes through
        with data_dir(place):
            url = paths.database_url()
        database = OwnDatabase(place, url, _start(place))
        try:
            run(['manage.py', 'prepare'], url)
            yield database
        finally:
            database.child.stop()


def _start(place: Path) -> Child:
    with data_dir(place):
        return start_postgres(log=place / 'database.log', environment={}, throw_away=True)


@contextmanager
def data_dir(place: Path) -> Iterator[None]:
    before = os.environ.get('DATA_DIR')
    os.environ['DATA_DIR'] = str(place)
    try:
        yield
    finally:
        os.environ.pop('DATA_DIR') if before is None else os.environ.update(DATA_DIR=before)


def run(argv: list[str], url: str) -> str:
    """One of our programs on that database; what it printed."""
    ours = {'DATABASE_URL': url, 'SECRET_KEY': SECRET, 'DEBUG': 'true', 'DEMO_MODE': 'false', 'LOG_LEVEL': 'ERROR'}
    done = subprocess.run(
        [sys.executable, *argv], env=os.environ | ours, cwd=paths.REPO, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class GuestPhone(Phone):
    """The patient's phone, signed in by a session that `people` made."""

    def __init__(self, url: str, cookie: dict[str, str]) -> None:
        self.url, self.cookie, self.hidden = url, cookie, {}
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))


def people(database: OwnDatabase) -> dict[str, str]:
    """A clinic with a nurse on call and a patient; the patient's session cookie."""
    return json.loads(run(['manage.py', 'shell', '--verbosity', '0', '-c', MAKE_PEOPLE], database.url).splitlines()[-1])  # type: ignore[no-any-return]


def make_people() -> None:
    """In a process of its own, whose Django uses that database; prints the patient's session."""
    clinic = cast.make_clinic('Riverside Cancer Center')
    cast.make_member(clinic, 'Rosa Diaz', on_call=True)
    patient = cast.make_patient(clinic, 'Ana Morales', temperature_unit='C')
    sys.stdout.write(json.dumps(session_cookie(patient)) + '\n')
