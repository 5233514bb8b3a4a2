"""A real browser against the real processes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import DjangoDbBlocker

from alerts.models import RuleSet
from clinic.models import Caregiver, Clinic, Membership, Patient
from diary.models import Agent, Dose, Route, ScheduleKind, Therapy
from diary.services.treatment import enter_course
from tests import cast
from tests.browser import DESK, PHONE, context, leave, listen
from tests.live import Stack, session_cookie, stack

# The real web server knows no cheap password hash.
HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher']
SIZES = {'phone': PHONE, 'desk': DESK}


@pytest.fixture(scope='module')
def live(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stack]:
    """Started once a file: the processes hold nothing of a story, so the tables can be emptied under them between two.

    They must not outlive it, nor may what their sweeps write after the last story: other tests ask what happens without any.
    """
    with stack('web', 'worker', 'beat') as running:
        yield running
    with django_db_blocker.unblock():
        call_command('flush', interactive=False, verbosity=0)
        connection.close()


@dataclass
class Stage:
    """The people of the story, and windows in which they are signed in."""

    live: Stack
    chromium: Browser
    clinic: Clinic
    ana: Patient
    luis: Caregiver
    rosa: Membership
    tom: Membership
    grace: Membership
    complaints: list[str] = field(default_factory=list)
    windows: list[BrowserContext] = field(default_factory=list)

    def window(self, person: cast.Person | None, size: str, **options: Any) -> Page:
        """A fresh browser profile; whatever its console complains of fails the test."""
        window = context(self.chromium, SIZES[size], **options)
        listen(window, self.complaints)
        if person is not None:
            window.add_cookies([session_cookie(person) | {'url': self.live.url}])  # type: ignore[list-item]
        window.set_default_timeout(20_000)
        page = window.new_page()
        self.windows.append(window)
        return page

    def go(self, page: Page, path: str) -> None:
        answer = page.goto(self.live.url + path)
        assert answer is not None
        assert answer.ok, f'{path}: {answer.status}'

    def close(self) -> None:
        for window in self.windows:
            leave(window)


@pytest.fixture
def stage(transactional_db: None, content: RuleSet, chromium: Browser, live: Stack, settings: Any) -> Iterator[Stage]:
    """Riverside with Ana on her third cycle, dosed two days ago; web, worker and beat are running."""
    settings.PASSWORD_HASHERS = HASHERS
    clinic = cast.make_clinic('Riverside Cancer Center')
    rosa = cast.make_member(clinic, 'Rosa Diaz', on_call=True)
    ana = cast.make_patient(
        clinic, 'Ana Morales', primary_nurse=rosa, phone='+12125550142', temperature_unit='C', record_number='R-1001'
    )
    treat(ana, rosa)
    people = {
        'ana': ana,
        'luis': cast.make_caregiver(ana, 'Luis Morales', relationship='husband'),
        'rosa': rosa,
        'tom': cast.make_member(clinic, 'Tom Weber'),
        'grace': cast.make_member(clinic, 'Grace Kim', is_admin=True),
    }
    set_up = Stage(live, chromium, clinic, **people)  # type: ignore[arg-type]
    yield set_up
    set_up.close()
    assert set_up.complaints == []


def treat(patient: Patient, nurse: Membership) -> None:
    """Pembrolizumab every 21 days, cycle 3 begun two days ago with its dose."""
    now = timezone.now()
    today = now.astimezone(patient.zone).date()
    course = enter_course(
        patient=patient,
        therapy=Therapy.objects.get(code='checkpoint_inhibitor'),
        agent=Agent.objects.get(name='pembrolizumab'),
        route=Route.INTRAVENOUS,
        schedule=ScheduleKind.CYCLES,
        cycle_days=21,
        dose_days=[1],
        cycles=6,
        starts_on=today - timedelta(days=44),
        by=nurse.user,
        now=now,
    )
    for number in (1, 2, 3):
        cycle = course.cycles.get(number=number)
        given = now - timedelta(days=2 + 21 * (3 - number))
        Dose.objects.create(course=course, cycle=cycle, given_at=given, recorded_by=nurse.user, recorded_at=now)


Axe = Callable[[Page], None]
