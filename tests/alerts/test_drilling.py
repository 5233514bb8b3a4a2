"""The daily fire drill: the very same way as every entry, in time, and in nobody's list."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from alerts.drills import is_due, state_of
from alerts.models import Alert, AlertEvent, Drill, Evaluation, Notification
from alerts.people.drill import drill_actor, drill_mailbox, drill_patient
from alerts.queries.cases import oldest_pending, unresolved
from alerts.services import drilling, promises
from alerts.services.drilling import DrillRuns
from alerts.services.evaluation import evaluate_pending
from alerts.services.notifying import deliver_due
from clinic.access import patients_of
from clinic.models import Clinic, Membership, OpeningHours, Patient, User
from diary.models import Entry
from tests.cast import NOW, make_clinic

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db]
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
TEN = NOW + timedelta(hours=1)  # Monday, 10:00 in New York


@pytest.fixture(autouse=True)
def mailbox(settings: Any) -> str:
    settings.DRILL_ADDRESS = 'drills@example.com'
    settings.DRILL_DAILY = True
    return 'drills@example.com'


@pytest.fixture
def drill(riverside: Clinic, rosa: Membership) -> Drill:
    """Begun at 10:00; nobody has worked on it yet."""
    return drilling.start(clinic=riverside, now=TEN)


def afresh(drill: Drill) -> Drill:
    return Drill.objects.get(pk=drill.pk)


def test_a_drill_goes_the_whole_way_and_ends_well(drill: Drill, mailbox: str) -> None:
    evaluate_pending(now=TEN + SECOND)
    alert = Alert.objects.get(is_drill=True, line='red')
    assert alert.tier == 'emergency'
    deliver_due(now=TEN + 2 * SECOND)
    drilling.sweep(now=TEN + 5 * SECOND)
    ended = afresh(drill)
    assert (ended.broken, ended.finished_at) == ('', TEN + 5 * SECOND)
    assert (ended.stored_at, ended.checked_at, ended.listed_at) == (TEN, TEN + SECOND, TEN + SECOND)
    assert ended.sent_at is not None
    assert [message.to for message in mail.outbox] == [[mailbox]]
    assert 'fire drill' in mail.outbox[0].subject
    assert 'Nothing needs doing' in mail.outbox[0].subject


def test_nobody_on_call_hears_of_a_drill(drill: Drill, rosa: Membership) -> None:
    evaluate_pending(now=TEN + SECOND)
    assert set(Notification.objects.values_list('recipient__email', flat=True)) == {'drills@example.com'}


def test_the_drill_closes_its_own_alert_in_the_name_of_somebody_who_cannot_sign_in(drill: Drill) -> None:
    evaluate_pending(now=TEN + SECOND)
    deliver_due(now=TEN + 2 * SECOND)
    drilling.sweep(now=TEN + 5 * SECOND)
    assert set(Alert.objects.values_list('state', flat=True)) == {'resolved'}
    actor = AlertEvent.objects.get(kind='resolved', alert__line='red').actor
    assert actor == drill_actor()
    assert (actor.email, actor.is_active, actor.has_usable_password()) == ('', False, False)
    assert not drill_mailbox().has_usable_password()


@pytest.mark.parametrize(
    ('work', 'link'),
    [
        ((), 'checked'),
        ((lambda: evaluate_pending(now=TEN + SECOND),), 'sent'),
        ((lambda: evaluate_pending(now=TEN + SECOND), lambda: Alert.objects.update(is_drill=False)), 'listed'),
        ((lambda: evaluate_pending(now=TEN + 3 * MINUTE),), 'checked'),
    ],
    ids=['nobody checks it', 'nobody sends it', 'it is not on the worklist', 'it is checked too late'],
)
def test_the_first_broken_link_is_named(drill: Drill, work: tuple[Callable[[], object], ...], link: str) -> None:
    for step in work:
        step()
    drilling.sweep(now=TEN + 2 * MINUTE + SECOND)
    assert afresh(drill).broken == link
    assert promises.drill(drill.clinic, now=TEN + 3 * MINUTE).detail == {'broken': link}


def test_a_drill_has_all_of_its_time(drill: Drill) -> None:
    drilling.sweep(now=TEN + 2 * MINUTE)
    assert afresh(drill).finished_at is None


def test_an_entry_that_cannot_be_stored_breaks_the_first_link(
    riverside: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(drilling, 'record_entry', fail)
    begun = drilling.start(clinic=riverside, now=TEN)
    drilling.sweep(now=TEN + MINUTE)
    drilling.sweep(now=TEN + 3 * MINUTE)
    assert afresh(begun).broken == 'stored'


def test_an_entry_that_a_crash_left_unstored_is_stored_by_the_sweep(drill: Drill) -> None:
    Evaluation.objects.all().delete()
    Entry.objects.get().revisions.all().delete()
    Entry.objects.all().delete()
    Drill.objects.update(stored_at=None)
    drilling.sweep(now=TEN + 5 * SECOND)
    assert Entry.objects.get().client_uuid == drill.entry


def test_a_drill_that_nobody_ends_is_broken_for_whoever_looks(drill: Drill) -> None:
    """The sweep that would end it may be what is broken."""
    assert state_of(afresh(drill), now=TEN + MINUTE).is_running
    late = state_of(afresh(drill), now=TEN + 3 * MINUTE)
    assert (late.broken, late.is_over) == ('checked', False)


def test_an_alert_that_comes_after_its_drill_is_cleared_up(drill: Drill) -> None:
    drilling.sweep(now=TEN + 3 * MINUTE)
    evaluate_pending(now=TEN + 4 * MINUTE)
    assert Alert.objects.filter(state='open').exists()
    drilling.sweep(now=TEN + 5 * MINUTE)
    assert not Alert.objects.exclude(state='resolved').exists()
    assert afresh(drill).broken == 'checked', 'late is late'


def test_a_drills_patient_and_alert_are_in_nobodys_list(
    drill: Drill, riverside: Clinic, rosa: Membership, grace: Membership, client_of: Callable[..., Client]
) -> None:
    assert oldest_pending(riverside) is None
    evaluate_pending(now=TEN + SECOND)
    alert = Alert.objects.get(line='red')
    patient = drill_patient(riverside)
    assert patient.is_drill
    assert not unresolved(riverside).exists()
    browser = client_of(rosa)
    for path in ('/worklist/', '/patients/?whose=all'):
        assert 'Fire drill' not in browser.get(path).content.decode(), path
    assert browser.get(f'/alerts/{alert.public_id}/').status_code == 404
    assert browser.get(f'/patients/{patient.public_id}/').status_code == 404
    for table in ('clinic/patient', 'alerts/alert', 'diary/entry'):
        assert '0 ' in client_of(grace).get(f'/admin/{table}/').content.decode().split('paginator')[1], table
    actor = browser.get('/worklist/').wsgi_request.actor  # type: ignore[attr-defined]
    assert not patients_of(actor).exists()


def test_once_a_day_and_one_at_a_time(riverside: Clinic, rosa: Membership, grace: Membership) -> None:
    assert drilling.start_due(now=TEN) == 1
    assert drilling.start_due(now=TEN + MINUTE) == 0
    with pytest.raises(DrillRuns):
        drilling.start(clinic=riverside, now=TEN + MINUTE, asked_by=grace.user)
    drilling.sweep(now=TEN + 3 * MINUTE)
    asked = drilling.start(clinic=riverside, now=TEN + 4 * MINUTE, asked_by=grace.user)
    assert asked.day == afresh(asked).day
    drilling.sweep(now=TEN + 8 * MINUTE)
    assert drilling.start_due(now=TEN + 9 * MINUTE) == 0
    assert drilling.start_due(now=TEN + timedelta(days=1)) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Drill.objects.create(
            clinic=riverside, day=TEN.date(), started_at=TEN, finished_at=TEN, limit_seconds=1, entry=None
        )


def test_a_drill_begins_in_the_morning_while_the_clinic_is_open(riverside: Clinic) -> None:
    assert not is_due(riverside, now=TEN - SECOND)
    assert is_due(riverside, now=TEN)
    assert is_due(riverside, now=TEN + timedelta(hours=7))
    assert not is_due(riverside, now=TEN + timedelta(hours=8)), 'closed at 18:00'
    assert not is_due(riverside, now=TEN - timedelta(days=1)), 'Sunday'


def test_where_the_clinic_opens_late_the_drill_waits_for_it(riverside: Clinic) -> None:
    OpeningHours.objects.filter(clinic=riverside).update(opens=time(13))
    riverside.refresh_from_db()
    assert not is_due(riverside, now=TEN)
    assert is_due(riverside, now=TEN + timedelta(hours=3))


def test_a_clinic_without_hours_has_its_drill_every_day_at_ten(db: None) -> None:
    clinic = make_clinic('Always', time_zone='Europe/London')
    clinic.opening_hours.all().delete()
    sunday = datetime(2026, 11, 15, 10, tzinfo=UTC)
    assert is_due(clinic, now=sunday)
    assert not is_due(clinic, now=sunday - SECOND)


def test_the_mailbox_is_the_senders_own_where_none_is_named_and_a_persons_where_she_named_hers(
    settings: Any, grace: Membership
) -> None:
    settings.DRILL_ADDRESS, settings.DEFAULT_FROM_EMAIL = '', 'Vigil <vigil@clinic.example>'
    assert drill_mailbox().email == 'vigil@clinic.example'
    settings.DRILL_ADDRESS = grace.user.email.upper()
    assert drill_mailbox() == grace.user


def test_an_admin_asks_for_a_drill_and_sees_its_links(
    riverside: Clinic, rosa: Membership, grace: Membership, client_of: Callable[..., Client], now: datetime
) -> None:
    browser = client_of(grace)
    assert 'Run a drill now' in browser.get('/clinic/watch/').content.decode()
    page = browser.post('/clinic/watch/drill/', follow=True).content.decode()
    assert 'The drill has begun' in page
    assert 'asked for by Grace Kim' in page
    again = browser.post('/clinic/watch/drill/', follow=True).content.decode()
    assert 'under way already' in again
    evaluate_pending(now=now + SECOND)
    deliver_due(now=now + 2 * SECOND)
    drilling.sweep(now=now + 4 * SECOND)
    page = browser.get('/clinic/watch/').content.decode()
    assert '>1 s<' in page
    assert Drill.objects.get().broken == ''


def test_a_broken_drill_is_red_on_the_page(drill: Drill, grace: Membership, client_of: Callable[..., Client]) -> None:
    drilling.sweep(now=TEN + 3 * MINUTE)
    page = client_of(grace).get('/clinic/watch/').content.decode()
    assert 'The entry was not checked: no worker did it.' in page
    assert 'not in time' in page


def test_the_drills_people_are_made_once(riverside: Clinic) -> None:
    assert drill_patient(riverside) == drill_patient(riverside)
    assert drill_actor() == drill_actor()
    assert Patient.objects.filter(is_drill=True).count() == 1
    assert User.objects.filter(email='').count() == 1
