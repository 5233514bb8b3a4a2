"""Plays the whole story in the order of time: entries, evaluations, nurses, messages."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from tqdm import tqdm

from alerts import hints
from alerts.services.evaluation import evaluate_pending
from alerts.services.notifying import deliver_due
from clinic.models import Patient, User
from clinic.services.demo import DemoPeople, make_demo_people
from config.demo.cast import enrol, place_of, places
from config.demo.nurses import Nurses
from config.demo.rules import hand_in_a_draft
from config.demo.samples import sample_and_rate
from config.demo.shift import leave_behind
from config.demo.shifts import make_shifts
from diary.catalogue import current_catalogue
from diary.demo import story
from diary.demo.events import Event
from diary.demo.lives import Life
from diary.demo.writer import Writer
from diary.models import Entry


@dataclass(frozen=True)
class Played:
    """What the story came to."""

    patients: int
    entries: int
    evaluated: int


Script = list[tuple[Event, Writer]]
LONGEST = 60  # days: the named people's lives, however short the others' are


def play(*, patients: int, days: int, seed: int, until: datetime, quiet: bool = False) -> Played:
    """Make the named people and `patients` others, whose diaries go back `days` days, all or nothing.

    The same seed and `until` give the same story. Nothing is sent to workers or to mailboxes: what is owed is done here.
    """
    with translation.override(settings.LANGUAGE_CODE), hints.silent(), _no_mail(), transaction.atomic():
        began = until - timedelta(days=max(days, LONGEST))
        people = make_demo_people(began)
        make_shifts(people)
        script = sorted(_script(people, patients, days, seed, began, until), key=lambda each: each[0].at)
        nurses = Nurses(seed, working_at=_nurses(people))
        evaluated = 0
        for event, writer in tqdm(script, desc='Made-up people', unit='event', disable=quiet or None):
            evaluated += _play_one(event, writer, nurses)
        nurses.work_until(until)
        leave_behind(people, until=until)
        hand_in_a_draft(people, until=until)
        sample_and_rate(people, seed=seed, until=until)
        deliver_due(now=until, limit=len(script))
    return Played(patients + 3, sum(len(w.entries) for w in {id(w): w for _e, w in script}.values()), evaluated)


def is_played() -> bool:
    """Whether the story, or anybody's diary, is there already."""
    return Entry.objects.exists()


def _play_one(event: Event, writer: Writer, nurses: Nurses) -> int:
    nurses.work_until(event.at)
    revision = writer.write(event)
    evaluated = evaluate_pending(now=event.at)
    if revision is not None and nurses.look(writer.patient, now=event.at):
        deliver_due(now=event.at)
    return evaluated


def _script(
    people: DemoPeople, patients: int, days: int, seed: int, began: datetime, until: datetime
) -> Iterator[tuple[Event, Writer]]:
    catalogue = current_catalogue()
    named = ((people.ana, story.anas_life), (people.ben, story.bens_life), (people.olga, story.olgas_life))
    for patient, live in named:
        rng = random.Random(f'{seed}-{patient.name}')  # noqa: S311  (a story, no secret)
        writer = Writer(patient, nurse=_nurse_of(patient), diarist=_user_of(patient), catalogue=catalogue)
        yield from _events(live(rng, zone=patient.zone, until=until), writer)
    zones = {number: place_of(number, people).clinic.zone for number in range(patients)}
    for person, life in story.population(seed, count=patients, days=days, until=until, zone_of=zones):
        patient, nurse = enrol(person, place_of(person.number, people), now=began)
        writer = Writer(patient, nurse=nurse.user, diarist=_user_of(patient), catalogue=catalogue)
        yield from _events(life, writer)


def _events(life: Life, writer: Writer) -> Iterator[tuple[Event, Writer]]:
    return ((event, writer) for event in life.events())


def _user_of(patient: Patient) -> User:
    if patient.user is None:
        raise LookupError('a made-up patient without a sign-in')
    return patient.user


def _nurse_of(patient: Patient) -> User:
    if patient.primary_nurse is None:
        raise LookupError('a made-up patient without a nurse')
    return patient.primary_nurse.user


def _nurses(people: DemoPeople) -> dict[int, list[User]]:
    return {place.clinic.pk: [member.user for member in place.nurses] for place in places(people)}


@contextmanager
def _no_mail() -> Iterator[None]:
    """Messages of the past are marked as sent and go nowhere."""
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = 'django.core.mail.backends.dummy.EmailBackend'
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend
