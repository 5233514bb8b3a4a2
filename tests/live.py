"""Vigil's real processes on the test database: web, streams, worker and beat, and a broker of their own that a test may break.

The processes are those that `make run` starts (config/embedded/programs.py). The test looks at the same database, so what
it asserts is what was committed.
"""

import os
import re
import signal
import socket
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from clinic.models import User
from config.embedded import paths, programs
from config.embedded.broker import broker_program
from config.embedded.processes import Child, Program, start
from tests import cast

SECRET = 'only-for-tests-' + 'x' * 50
NOBODY = {'Cookie': 'sessionid=nobody'}


def eventually(truth: Callable[[], object], *, within: float = 30, what: str = 'it') -> None:
    """Wait until `truth()` holds. The limit is generous: it tells "never" from "slow", it is no speed test."""
    until = time.monotonic() + within
    while not truth():
        if time.monotonic() > until:
            raise AssertionError(f'{what} did not happen within {within} s')
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """The running processes by name. `url` is the web server's address."""

    place: Path
    port: int
    env: dict[str, str]
    stream_port: int = 0
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self.port}'

    @property
    def stream_url(self) -> str:
        return f'http://127.0.0.1:{self.stream_port}/worklist/stream/'

    def start(self, name: str) -> Child:
        child = start(self._program(name))
        self.children[name] = child
        if name == 'web':
            eventually(self._answers, within=90, what='the web server')
        if name == 'streams':
            eventually(self._streams_answer, within=90, what='the streams')
        if name == 'broker':
            eventually((self.place / 'broker.sock').exists, what='the broker')
        if name == 'worker':
            eventually(lambda: 'ready.' in self.log('worker'), within=90, what='the worker')
        return child

    def stop(self, name: str) -> None:
        self.children.pop(name).stop()

    def kill(self, name: str) -> None:
        """kill -9, the whole group: what a crash or the kernel's memory killer does."""
        self.children.pop(name).kill()

    def freeze(self, name: str) -> None:
        os.kill(self.children[name].pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.kill(self.children[name].pid, signal.SIGCONT)

    def log(self, name: str) -> str:
        path = self.place / f'{name}.log'
        return path.read_text(errors='replace') if path.exists() else ''

    def close(self) -> None:
        for name in ('web', 'streams', 'beat', 'worker', 'broker'):
            if name in self.children:
                child = self.children.pop(name)
                if child.alive():
                    os.kill(child.pid, signal.SIGCONT)  # a frozen process cannot end
                child.stop()

    def _program(self, name: str) -> Program:
        if name == 'web':
            return programs.web(self.env, logs=self.place, port=self.port)
        if name == 'streams':
            return programs.streams(self.env, logs=self.place, port=self.stream_port)
        if name == 'broker':
            return self._broker()
        return getattr(programs, name)(self.env, logs=self.place)

    def _broker(self) -> Program:
        before = os.environ.get('DATA_DIR')
        os.environ['DATA_DIR'] = str(self.place)
        try:
            program = broker_program(self.place, log=self.place / 'broker.log', environment={}, throw_away=True)
        finally:
            os.environ.pop('DATA_DIR') if before is None else os.environ.update(DATA_DIR=before)
        argv = [str(self.place / 'broker.sock') if part.endswith('broker.sock') else part for part in program.argv]
        return Program(name='broker', argv=argv, env=program.env, cwd=self.place, log=program.log)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f'{self.url}/health/ready', timeout=2) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    def _streams_answer(self) -> bool:
        """It says 403 to a visitor once the database is listened to, 503 before."""
        try:
            urllib.request.urlopen(urllib.request.Request(self.stream_url, headers=NOBODY), timeout=2)
        except HTTPError as answer:
            with answer:
                return answer.code == 403
        except (URLError, OSError):
            return False
        return True


@contextmanager
def stack(*names: str, **env: str) -> Iterator[Stack]:
    """Start the named processes (always a broker first). Everything ends with the block."""
    with tempfile.TemporaryDirectory(prefix='vigil-live-', dir='/tmp') as folder:
        place, port, stream_port = Path(folder), free_port(), free_port()
        ours = _environment(place, port, stream_port if 'streams' in names else 0)
        running = Stack(place, port, ours | env, stream_port)
        try:
            for name in ('broker', *names):
                running.start(name)
            yield running
        finally:
            running.close()


def _environment(place: Path, port: int, stream_port: int) -> dict[str, str]:
    url = os.environ.get('DATABASE_URL') or paths.database_url()
    parts = conninfo_to_dict(url) | {'dbname': connection.settings_dict['NAME']}
    return os.environ | {
        'DATABASE_URL': make_conninfo(**parts),
        'REDIS_URL': f'unix://{place}/broker.sock?db=0',
        'SECRET_KEY': SECRET,
        'DEBUG': 'true',
        'SECURE_COOKIES': 'false',
        'BASE_URL': f'http://127.0.0.1:{port}',
        'STREAM_URL': f'http://127.0.0.1:{stream_port}/worklist/stream/' if stream_port else '',
        'EMAIL_URL': f'filemail:///{place}/mail',
        'DRILL_DAILY': 'false',  # a test that wants a drill asks for one
        'PYTHONUNBUFFERED': '1',
    }


def session_cookie(person: cast.Person) -> dict[str, str]:
    """A signed-in session for the real web server, as Playwright wants a cookie (without its address).

    The hash is made with the web server's secret, which is not this process's.
    """
    user = cast.user_of(person)
    before, settings.SECRET_KEY = settings.SECRET_KEY, SECRET
    try:
        session = SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), cast.BACKEND
        session[HASH_SESSION_KEY] = User.objects.get(pk=user.pk).get_session_auth_hash()
        session.create()
    finally:
        settings.SECRET_KEY = before
    return {'name': settings.SESSION_COOKIE_NAME, 'value': str(session.session_key)}


class Phone:
    """A signed-in browser without JavaScript that posts as a form does; for tests that need many posts."""

    def __init__(self, stack: Stack, person: cast.Person) -> None:
        self.url = stack.url
        self.cookies: CookieJar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        cookie = session_cookie(person)
        self.opener.addheaders = [('Cookie', f'{cookie["name"]}={cookie["value"]}')]
        self.cookie = cookie
        self.hidden: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.url + path, headers=headers))

    def open_form(self, path: str = '/entry/new/') -> None:
        """Read a form's hidden fields, the CSRF token among them."""
        status, page = self.get(path)
        assert status == 200, page[:500]
        self.hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))

    def post(self, path: str, fields: dict[str, str], *, client_uuid: str | None = None) -> tuple[int, str]:
        """Send the form that was opened with these fields; a new client UUID each time unless one is given."""
        data = self.hidden | {'client_uuid': client_uuid or str(uuid.uuid4())} | fields
        request = urllib.request.Request(self.url + path, urlencode(data).encode())
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        csrf = '; '.join(f'{one.name}={one.value}' for one in self.cookies)
        request.add_header('Cookie', f'{self.cookie["name"]}={self.cookie["value"]}' + (f'; {csrf}' if csrf else ''))
        try:
            with self.opener.open(request, timeout=40) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as answer:
            return answer.code, answer.read().decode()
