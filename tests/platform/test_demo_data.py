"""`manage.py demo_data`: one story, told twice the same, evaluated like real life, all of it marked as made up."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from alerts.models import Alert, AlertState, Evaluation, Notification, NotificationStatus
from clinic.models import Clinic, Patient, User
from config.demo.play import Played, play
from diary.models import Dose, Entry, Revision
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]


def told(patients: int = 9, days: int = 16, seed: int = 1) -> Played:
    return play(patients=patients, days=days, seed=seed, until=NOW, quiet=True)


def snapshot() -> list[Any]:
    """What was told, without the numbers that the database gives."""
    revisions = Revision.objects.order_by('entry__patient__record_number', 'entry__about_at', 'number')
    doses = Dose.objects.order_by('course__patient__record_number', 'given_at')
    alerts = Alert.objects.order_by('patient__record_number', 'opened_at', 'line')
    return [
        list(revisions.values_list('entry__patient__name', 'entry__about_at', 'received_at', 'document')),
        list(doses.values_list('course__patient__name', 'given_at', 'cycle__number')),
        list(
            alerts.values_list('patient__name', 'tier', 'state', 'outcome', 'opened_at', 'resolved_at', 'owner__name')
        ),
    ]


def test_the_same_seed_and_time_make_the_same_data() -> None:
    stories = []
    for _ in range(2):
        with transaction.atomic():
            told(patients=3, days=14)
            stories.append(snapshot())
            transaction.set_rollback(True)
    assert stories[0] == stories[1]
    assert all(stories[0])


@pytest.fixture
def story(db: None) -> Played:
    return told()


def test_the_whole_story(story: Played) -> None:
    """One telling, looked at from all sides: it takes seconds to tell."""
    everything_is_evaluated_as_it_came()
    every_tier_occurs()
    a_believable_few_are_open()
    ana_is_calm_and_has_not_written_today()
    the_outbox_is_empty_and_no_mail_left()
    everybody_is_made_up_and_no_password_opens_them()
    assert story.entries == Entry.objects.count() > 100


def everything_is_evaluated_as_it_came() -> None:
    assert not Evaluation.objects.filter(pending_since__isnull=False).exists()
    assert Evaluation.objects.count() == Revision.objects.count()
    assert not Evaluation.objects.exclude(first_evaluated_at=F('revision__received_at')).exists()


def every_tier_occurs() -> None:
    tiers = Counter(Evaluation.objects.values_list('tier', flat=True))
    assert set(tiers) == {'emergency', 'urgent', 'same_day', 'monitor', 'none'}
    assert tiers['none'] > tiers['same_day'] > tiers['emergency']


def a_believable_few_are_open() -> None:
    riverside = Clinic.objects.get(name='Riverside Cancer Center')
    alerts = Alert.objects.filter(clinic=riverside)
    waiting = alerts.exclude(state=AlertState.RESOLVED)
    assert 3 <= waiting.count() <= 20
    assert alerts.filter(state=AlertState.RESOLVED).exists()
    assert not waiting.filter(line='red', opened_at__lt=NOW - timedelta(days=1)).exists()
    assert not alerts.filter(resolved_at__gt=NOW).exists()


def ana_is_calm_and_has_not_written_today() -> None:
    ana = Patient.objects.get(name='Ana Morales')
    assert not Alert.objects.filter(patient=ana).exclude(state=AlertState.RESOLVED).exists()
    assert not Entry.objects.filter(patient=ana, day=NOW.astimezone(ana.zone).date()).exists()
    assert Entry.objects.filter(patient=ana).exists()


def the_outbox_is_empty_and_no_mail_left() -> None:
    assert not Notification.objects.filter(status=NotificationStatus.WAITING).exists()
    assert mail.outbox == []


def everybody_is_made_up_and_no_password_opens_them() -> None:
    assert not Patient.objects.filter(is_synthetic=False).exists()
    strangers = User.objects.filter(email__startswith='synthetic-')
    assert strangers.count() == 9
    assert not any(user.has_usable_password() for user in strangers)


def test_the_command_says_that_all_of_it_is_synthetic() -> None:
    out = StringIO()
    call_command('demo_data', patients=0, days=7, verbosity=0, stdout=out)
    assert 'synthetic' in out.getvalue()


def test_a_second_run_is_refused_or_does_nothing() -> None:
    told(patients=0, days=7)
    before = snapshot()
    call_command('demo_data', if_empty=True, stdout=StringIO())
    assert snapshot() == before
    with pytest.raises(CommandError, match='diary entries already'):
        call_command('demo_data', stdout=StringIO())


@pytest.mark.parametrize('wrong', [{'patients': -1}, {'days': 3}, {'now': NOW.replace(tzinfo=None)}])
def test_what_cannot_be_told_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command('demo_data', stdout=StringIO(), **wrong)
    assert not Patient.objects.exists()
