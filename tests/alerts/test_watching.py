"""Who watches the watchers: signs of life, the auditor's verdicts, /health/work and the banner, the outside monitor."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from alerts.models import Alert, Check, Drill, Evaluation, Heartbeat, Notification
from alerts.services import auditing, deadman, promises, watching
from alerts.services.auditing import audit
from alerts.services.setting_aside import MOST_ATTEMPTS
from alerts.tasks import sweep_drills, sweep_due, sweep_notifications, sweep_pending
from alerts.words.watch import GRAVEST, WORDS, banner_words, check_words
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import FEVER, told_us
from tests.cast import NOW

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


def all_beat(now: datetime) -> None:
    for name in watching.sweeps():
        watching.beat(name, now=now)


@pytest.fixture
def well(now: datetime, rosa: Membership) -> datetime:
    """Every sweep has just run, and the auditor found nothing."""
    all_beat(NOW)
    assert audit(now=NOW), dict(Check.objects.filter(ok=False).values_list('name', 'detail'))
    return NOW


def verdict(name: str) -> Check:
    return Check.objects.get(name=name)


@pytest.mark.django_db(transaction=True)  # a task begins by looking at its connection
def test_a_sweep_that_ran_to_its_end_leaves_a_sign_of_life(rosa: Membership) -> None:
    for task in (sweep_pending, sweep_due, sweep_notifications, sweep_drills):
        assert task.apply().successful()
        assert Heartbeat.objects.filter(name=task.name).exists(), task.name


@pytest.mark.django_db(transaction=True)  # a task begins by looking at its connection
def test_a_sweep_that_fails_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**kwargs: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr('alerts.services.evaluation.evaluate_pending', fail)
    assert sweep_pending.apply().failed()
    assert not Heartbeat.objects.exists()


def test_every_task_of_the_schedule_is_watched(settings: Any) -> None:
    scheduled = {entry['task'] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert set(watching.sweeps()) == scheduled
    assert watching.AUDIT in scheduled


def test_zero_beats_for_a_minute_turn_health_red(well: datetime, visitor: Client) -> None:
    assert watching.health(now=well + MINUTE).is_well
    late = watching.health(now=well + MINUTE + timedelta(seconds=1))
    assert watching.AUDIT in late.stopped
    assert 'alerts.tasks.sweep_pending' in late.stopped


def test_one_stopped_sweep_is_named_though_the_auditor_runs(well: datetime) -> None:
    later = well + 2 * MINUTE
    all_beat(later)
    watching.beat('alerts.tasks.sweep_due', now=well)
    assert watching.health(now=later).stopped == ('alerts.tasks.sweep_due',)
    assert not audit(now=later)
    assert verdict('sweeps').detail == {'stopped': ['alerts.tasks.sweep_due']}


def test_before_the_first_audit_nothing_is_called_well() -> None:
    assert watching.health(now=NOW).stopped == (watching.AUDIT,)


def test_a_sign_of_life_from_the_future_is_none(well: datetime) -> None:
    """The clock was set back an hour and then everything stopped."""
    assert watching.AUDIT in watching.health(now=well - timedelta(hours=1)).stopped


def test_health_work_says_it_in_plain_lines_and_names_nobody(well: datetime, ana: Patient, visitor: Client) -> None:
    answer = visitor.get('/health/work')
    assert (answer.status_code, answer.content) == (200, b'well\n')
    Check.objects.filter(name='delivery').update(ok=False)
    Heartbeat.objects.filter(name='alerts.tasks.sweep_due').update(at=well - 5 * MINUTE)
    answer = visitor.get('/health/work')
    assert answer.status_code == 503
    assert answer.content.decode().splitlines() == ['stopped alerts.tasks.sweep_due', 'red delivery']


def test_health_work_names_no_clinic(well: datetime, riverside: Clinic, sam: Membership, visitor: Client) -> None:
    audit(now=NOW)
    Check.objects.filter(name__startswith='on_call:').update(ok=False)
    assert Check.objects.filter(ok=False).count() == 2
    assert visitor.get('/health/work').content == b'red on_call\n'


def test_an_entry_unchecked_for_two_minutes_is_red_and_its_since_stays(well: datetime, ana: Patient) -> None:
    told_us(ana, FEVER, at=NOW, check=False)
    audit(now=NOW + 2 * MINUTE)
    assert verdict('evaluation').ok
    for minutes in (3, 5):
        all_beat(NOW + minutes * MINUTE)
        audit(now=NOW + minutes * MINUTE)
    found = verdict('evaluation')
    assert (found.ok, found.since, found.at) == (False, NOW + 3 * MINUTE, NOW + 5 * MINUTE)
    assert found.detail['late'] == 1


def test_an_entry_that_was_set_aside_is_red_only_while_no_nurse_was_told(well: datetime, ana: Patient) -> None:
    entry = told_us(ana, FEVER, at=NOW, check=False)
    Evaluation.objects.filter(revision__entry=entry).update(attempts=MOST_ATTEMPTS, failed_at=NOW)
    assert not promises.set_aside(now=NOW + 5 * MINUTE).ok
    assert promises.evaluation(now=NOW + 5 * MINUTE).ok


def test_an_alert_whose_clock_is_behind_is_red(well: datetime, ana: Patient) -> None:
    told_us(ana, FEVER, at=NOW)
    Alert.objects.update(due_at=NOW)
    assert promises.escalation(now=NOW + MINUTE).ok
    assert promises.escalation(now=NOW + MINUTE + timedelta(seconds=1)).detail == {'behind': Alert.objects.count()}


def test_messages_that_nobody_takes_that_do_not_arrive_or_were_given_up_are_red(well: datetime, ana: Patient) -> None:
    told_us(ana, FEVER, at=NOW)
    assert Notification.objects.filter(status='waiting').exists()
    n = Notification.objects.count()
    assert promises.delivery(now=NOW + 2 * MINUTE).detail == {'not_taken': n}
    Notification.objects.update(next_try_at=NOW + 20 * MINUTE)
    assert promises.delivery(now=NOW + 11 * MINUTE).detail == {'not_delivered': n}
    Notification.objects.update(status='failed')
    assert promises.delivery(now=NOW + 11 * MINUTE).detail == {'failed': n}
    assert promises.delivery(now=NOW + timedelta(hours=25)).ok


def test_an_alert_that_reached_nobody_is_red(well: datetime, riverside: Clinic, ana: Patient) -> None:
    told_us(ana, FEVER, at=NOW)
    assert promises.reached(riverside, now=NOW).ok
    Notification.objects.update(status='failed')
    assert promises.reached(riverside, now=NOW).detail == {'nobody': 1}


def test_a_clinic_with_patients_and_no_nurse_is_red(well: datetime, riverside: Clinic, ana: Patient) -> None:
    assert promises.members(riverside, now=NOW).ok
    riverside.memberships.update(active=False)
    assert not promises.members(riverside, now=NOW).ok
    assert not promises.on_call(riverside, now=NOW).ok


def test_a_check_that_fails_is_a_red_check_and_the_others_are_judged(
    well: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, now: datetime) -> promises.Verdict:
        raise RuntimeError('Ana Morales')

    monkeypatch.setattr(promises, 'OF_ALL', {'escalation': fail, 'delivery': promises.delivery})
    assert not audit(now=NOW)
    assert verdict('escalation').detail == {'error': 'RuntimeError'}
    assert verdict('delivery').ok


def test_a_check_that_runs_out_of_its_time_is_red(well: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*, now: datetime) -> promises.Verdict:
        with connection.cursor() as cursor:
            cursor.execute('SELECT pg_sleep(30)')
        return promises.Verdict(True)

    monkeypatch.setattr(auditing, 'ONE_CHECK_MS', 50)
    monkeypatch.setattr(promises, 'OF_ALL', {'escalation': slow, 'delivery': promises.delivery})
    assert not audit(now=NOW)
    assert verdict('escalation').detail == {'error': 'out of time'}
    assert verdict('delivery').ok


def test_when_the_time_of_all_is_spent_the_rest_is_red(well: datetime) -> None:
    assert not audit(now=NOW, seconds=-1)
    assert not Check.objects.filter(ok=True).exists()


def test_a_check_that_is_not_made_any_more_is_not_remembered(well: datetime, riverside: Clinic) -> None:
    Check.objects.create(name='gone', ok=False, since=NOW, at=NOW)
    assert audit(now=NOW)
    assert not Check.objects.filter(name='gone').exists()


def test_every_check_has_words(well: datetime, riverside: Clinic) -> None:
    assert set(WORDS) == set(promises.OF_ALL) | set(promises.OF_A_CLINIC)
    details: list[dict[str, Any]] = [
        {'late': 2, 'oldest': NOW.isoformat()},
        {'stopped': ['alerts.tasks.sweep_due']},
        {'error': 'out of time'},
        {'error': 'RuntimeError'},
        {'gaps': [{'from': NOW.isoformat(), 'until': NOW.isoformat()}]},
        {'broken': 'sent'},
        *(
            {name: 1}
            for name in ('untold', 'behind', 'without_clock', 'not_taken', 'not_delivered', 'failed', 'nobody')
        ),
    ]
    for detail in details:
        check = Check(name='evaluation', ok=False, since=NOW, at=NOW, detail=detail)
        assert check_words(check, now=NOW, zone=riverside.zone).more


# -- the page and the banner ---------------------------------------------------------------------------------------------


def test_the_page_says_that_all_is_well(well: datetime, rosa: Membership, client_of: Callable[..., Client]) -> None:
    page = client_of(rosa).get('/clinic/watch/').content.decode()
    assert 'All is well.' in page
    assert 'data-state="broken"' not in page
    assert 'Run a drill now' not in page, 'a nurse looks, an admin acts'


def test_the_page_and_the_banner_name_what_is_not_kept(
    well: datetime, rosa: Membership, riverside: Clinic, client_of: Callable[..., Client]
) -> None:
    Check.objects.filter(name='escalation').update(ok=False, detail={'behind': 3})
    page = client_of(rosa).get('/clinic/watch/').content.decode()
    assert '3 alerts are behind' in page
    assert 'Not all is well with Vigil' in page


def test_of_several_the_banner_gives_the_advice_of_the_gravest(well: datetime, riverside: Clinic) -> None:
    red = ('delivery', f'drill:{riverside.pk}', f'on_call:{riverside.pk}', f'reached:{riverside.pk}')
    banner = banner_words(watching.Health((), red), riverside)
    assert banner is not None
    assert banner.todo == WORDS['reached'][1]
    assert set(GRAVEST) == set(WORDS)


def test_before_the_first_drill_the_page_calls_it_neither_kept_nor_broken(
    well: datetime, riverside: Clinic, rosa: Membership, client_of: Callable[..., Client]
) -> None:
    page = client_of(rosa).get('/clinic/watch/').content.decode()
    assert 'No fire drill yet' in page
    assert 'The last fire drill arrived in time' not in page
    assert page.count('class="watch-check" data-state="none"') == 1
    Drill.objects.create(clinic=riverside, day=NOW.date(), started_at=NOW, limit_seconds=120)
    assert 'The last fire drill arrived in time' in client_of(rosa).get('/clinic/watch/').content.decode()


def test_another_clinics_trouble_is_not_told_here(
    well: datetime, rosa: Membership, sam: Membership, client_of: Callable[..., Client]
) -> None:
    audit(now=NOW)
    Check.objects.filter(name=f'on_call:{sam.clinic_id}').update(ok=False)
    assert 'id="health"' in (page := client_of(rosa).get('/worklist/').content.decode())
    assert 'Not all is well' not in page
    assert 'Not all is well' in client_of(sam).get('/worklist/').content.decode()


def test_a_screen_that_is_left_open_hears_that_the_checks_have_stopped(
    well: datetime, rosa: Membership, client_of: Callable[..., Client], settings: Any
) -> None:
    settings.SUPPORT_CONTACT = 'Hospital IT, 555 0123'
    browser = client_of(rosa)
    assert 'message' not in browser.get('/clinic/watch/banner/').content.decode()
    Heartbeat.objects.update(at=well - 2 * MINUTE)
    banner = browser.get('/clinic/watch/banner/').content.decode()
    assert 'own work has stopped' in banner
    assert 'Hospital IT, 555 0123' in banner


# -- the outside monitor -------------------------------------------------------------------------------------------------


class Monitor(HTTPServer):
    """An outside monitor on this machine; `answers` is the status that it gives."""

    def __init__(self, answers: int = 200) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)
                self.send_response(answers)
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        super().__init__(('127.0.0.1', 0), Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self.server_port}/ping/vigil'

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def test_the_outside_monitor_hears_at_most_once_a_minute_and_only_while_all_is_well(
    well: datetime, settings: Any
) -> None:
    monitor = Monitor()
    settings.DEADMAN_URL = monitor.url
    for seconds in (0, 15, 30, 45, 61):
        all_beat(NOW + timedelta(seconds=seconds))
        audit(now=NOW + timedelta(seconds=seconds))
    assert monitor.heard == ['/ping/vigil'] * 2
    later = NOW + 5 * MINUTE
    all_beat(later)
    watching.beat('alerts.tasks.sweep_due', now=NOW)
    audit(now=later)
    assert len(monitor.heard) == 2, 'silence is the alarm'
    monitor.stop()


def in_the_way(name: str, detail: dict[str, Any], *, now: datetime = NOW) -> list[str]:
    Check.objects.update(ok=True)
    assert Check.objects.filter(name=name).update(ok=False, detail=detail)
    return deadman.in_the_way(now=now)


def test_ordinary_trouble_does_not_silence_us(well: datetime, riverside: Clinic, settings: Any) -> None:
    """Else nobody would notice when, on the same night, everything stops."""
    for name in ('members', 'on_call', 'reached'):
        assert in_the_way(f'{name}:{riverside.pk}', {}) == []
    assert in_the_way('delivery', {'failed': 1, 'not_delivered': 1}) == []
    Drill.objects.create(
        clinic=riverside, day=NOW.date(), started_at=NOW, limit_seconds=120, finished_at=NOW, broken='sent'
    )
    broken = {'broken': 'sent'}
    assert in_the_way(f'drill:{riverside.pk}', broken, now=NOW + MINUTE) == [f'drill:{riverside.pk}']
    all_beat(tomorrow := NOW + timedelta(days=1))
    assert in_the_way(f'drill:{riverside.pk}', broken, now=tomorrow) == []


@pytest.mark.parametrize(
    ('name', 'detail'),
    [
        ('evaluation', {'late': 1}),
        ('set_aside', {'untold': 1}),
        ('escalation', {'behind': 1}),
        ('delivery', {'not_taken': 1}),
        ('delivery', {'error': 'out of time'}),
        ('sweeps', {'stopped': ['alerts.tasks.sweep_due']}),
    ],
)
def test_machinery_that_does_not_work_silences_us(well: datetime, name: str, detail: dict[str, Any]) -> None:
    assert in_the_way(name, detail) == [name]


def test_a_check_that_cannot_be_judged_silences_us(well: datetime, riverside: Clinic) -> None:
    name = f'on_call:{riverside.pk}'
    assert in_the_way(name, {'error': 'RuntimeError'}) == [name]


def test_a_clinic_without_cover_is_red_and_the_monitor_hears_us(
    well: datetime, riverside: Clinic, ana: Patient, settings: Any
) -> None:
    monitor = Monitor()
    settings.DEADMAN_URL = monitor.url
    riverside.memberships.update(active=False)
    assert not audit(now=NOW)
    assert monitor.heard == ['/ping/vigil']
    monitor.stop()


def test_a_monitor_that_fails_harms_nothing(well: datetime, settings: Any) -> None:
    monitor = Monitor(answers=500)
    settings.DEADMAN_URL = monitor.url
    assert audit(now=NOW)
    monitor.stop()
    settings.DEADMAN_URL = 'http://127.0.0.1:9/nobody'
    all_beat(NOW + 2 * MINUTE)
    assert audit(now=NOW + 2 * MINUTE)
