"""A harsh stage: warnings are errors (pyproject.toml), and a template that names an unknown variable fails its test."""

import copy
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client, override_settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Page
from psycopg.errors import DeadlockDetected
from pytest_django import DjangoDbBlocker

from alerts.models import RuleSet
from clinic.models import Caregiver, Clinic, Membership, Patient, User
from tests import browser, cast

# Timing never fails a test: machines are slow for many reasons.
hypothesis_settings.register_profile('vigil', deadline=None)
hypothesis_settings.load_profile('vigil')


class UnknownVariable(Exception):
    """A template of ours uses a variable that its view does not give."""


class RaisingString(str):
    """Django asks `string_if_invalid % variable` when a variable is unknown. Libraries' own templates may stay sloppy."""

    def __mod__(self, variable: object) -> str:
        context = sys._getframe(1).f_locals['context']
        origin = context.render_context.template.origin.name
        if origin and Path(origin).is_relative_to(django_settings.BASE_DIR) and 'site-packages' not in origin:
            raise UnknownVariable(f'{{{{ {variable} }}}} in {Path(origin).relative_to(django_settings.BASE_DIR)}')
        return ''


@pytest.fixture(scope='session', autouse=True)
def settings_of_every_test(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No https, plain static files, a cheap password hash."""
    plain = {'staticfiles': {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}}
    # In the settings, not on the engine: Django builds its engines anew whenever a test changes DEBUG.
    templates = copy.deepcopy(django_settings.TEMPLATES)
    templates[0]['OPTIONS']['string_if_invalid'] = RaisingString('%s')
    with override_settings(
        TEMPLATES=templates,
        SECURE_SSL_REDIRECT=False,
        STATIC_ROOT=str(tmp_path_factory.mktemp('static')),
        STORAGES=django_settings.STORAGES | plain,
        PASSWORD_HASHERS=['django.contrib.auth.hashers.MD5PasswordHasher'],
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
    ):
        yield


@pytest.fixture(scope='session', autouse=True)
def emptied_again_after_a_deadlock() -> Iterator[None]:
    """Emptying all tables beside running sweeps can deadlock with one of them; PostgreSQL then ends one, and we try again."""
    empty = DatabaseOperations.execute_sql_flush

    def again(self: DatabaseOperations, statements: list[str]) -> None:
        for _ in range(9):
            try:
                return empty(self, statements)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return empty(self, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, 'execute_sql_flush', again)
        yield


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A page that was read in Spanish leaves its language behind in this thread; the next test is not to hear of it."""
    with translation.override('en'):
        yield


@pytest.fixture
def now() -> Iterator[datetime]:
    """Monday 16 November 2026, 9:00 in New York. Whoever asks for it stops the clock there."""
    with time_machine.travel(cast.NOW, tick=False):
        yield cast.NOW


@pytest.fixture
def client_of() -> Callable[[cast.Person], Client]:
    return cast.client_of


@pytest.fixture
def visitor() -> Client:
    """A browser in which nobody is signed in."""
    return Client()


@pytest.fixture
def riverside(db: None) -> Clinic:
    return cast.make_clinic('Riverside Cancer Center')


@pytest.fixture
def lakeside(db: None) -> Clinic:
    return cast.make_clinic(
        'Lakeside Clinic',
        time_zone='Europe/London',
        phone_day='+442079460100',
        phone_night='+442079460199',
        emergency_number='999',
        temperature_unit='C',
    )


@pytest.fixture
def rosa(riverside: Clinic) -> Membership:
    """Ana's primary nurse, on call."""
    return cast.make_member(riverside, 'Rosa Diaz', on_call=True)


@pytest.fixture
def tom(riverside: Clinic) -> Membership:
    """The second nurse of Riverside."""
    return cast.make_member(riverside, 'Tom Weber')


@pytest.fixture
def grace(riverside: Clinic) -> Membership:
    """The admin of Riverside; no nurse."""
    return cast.make_member(riverside, 'Grace Kim', is_admin=True)


@pytest.fixture
def ana(riverside: Clinic, rosa: Membership) -> Patient:
    return cast.make_patient(
        riverside,
        'Ana Morales',
        record_number='R-1001',
        primary_nurse=rosa,
        phone='+12125550142',
        email='ana@example.com',
    )


@pytest.fixture
def ben(riverside: Clinic) -> Patient:
    return cast.make_patient(
        riverside, 'Ben Katz', record_number='R-1002', phone='+12125550143', email='ben@example.com'
    )


@pytest.fixture
def luis(ana: Patient) -> Caregiver:
    """Ana's husband, who may write in her diary."""
    return cast.make_caregiver(ana, 'Luis Morales', relationship='husband')


@pytest.fixture
def carmen(ana: Patient) -> Caregiver:
    """Ana's sister, who only reads her diary."""
    return cast.make_caregiver(ana, 'Carmen Vega', relationship='sister', can_write=False)


@pytest.fixture
def sam(lakeside: Clinic) -> Membership:
    """A nurse of another clinic: the stranger."""
    return cast.make_member(lakeside, 'Sam Patel')


@pytest.fixture
def olga(lakeside: Clinic) -> Patient:
    """A patient of another clinic."""
    return cast.make_patient(lakeside, 'Olga Novak', record_number='L-2001', email='olga@example.com')


@pytest.fixture
def superuser(db: None) -> User:
    """Whoever runs the server; belongs to no clinic."""
    return User.objects.create_superuser('root@example.com', cast.PASSWORD, name='Root')


@pytest.fixture(scope='module')
def chromium() -> Iterator[Browser]:
    """For the tests of one file: as long as it runs, Playwright's event loop runs in this thread, and others want their own."""
    with browser.browser() as running:
        yield running


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of. A test that breaks something on purpose clears it."""
    return []


@pytest.fixture
def window_of(live_server: Any, chromium: Browser, complaints: list[str]) -> Iterator[browser.WindowOf]:
    """A browser profile in which somebody of the cast is signed in; whatever the browser complains of fails the test."""
    windows: list[BrowserContext] = []

    def show(person: cast.Person, size: dict[str, int] = browser.DESK, **options: Any) -> BrowserContext:
        window = browser.context(chromium, size, **options)
        windows.append(window)
        session = cast.client_of(person).cookies['sessionid'].value
        window.add_cookies([{'name': 'sessionid', 'value': session, 'url': live_server.url}])
        browser.listen(window, complaints)
        return window

    yield show
    for window in windows:
        browser.leave(window)
    assert complaints == []


@pytest.fixture
def opened(live_server: Any, window_of: browser.WindowOf) -> browser.Opened:
    """A page as somebody of the cast sees it."""

    def show(person: cast.Person, path: str, size: dict[str, int] = browser.DESK, **options: Any) -> Page:
        page = window_of(person, size, **options).new_page()
        page.goto(live_server.url + path)
        return page

    return show


@pytest.fixture(scope='session')
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The clinical content is in the test database from the start; a test that empties it asks for `content`."""
    with django_db_blocker.unblock():
        call_command('load_content', verbosity=0, stdout=StringIO())
    yield
    with django_db_blocker.unblock():
        _end_other_sessions()


def _end_other_sessions() -> None:
    """Threads of the live server keep their sessions for the next request; the test database cannot be dropped under them."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
            ' WHERE datname = current_database() AND pid <> pg_backend_pid()'
        )


@pytest.fixture
def content(db: None) -> RuleSet:
    """The default rules, published. Loads everything again where a test with real transactions has emptied the tables."""
    if not RuleSet.objects.exists():
        call_command('load_content', verbosity=0, stdout=StringIO())
    return RuleSet.objects.get(clinic=None, status='published')
