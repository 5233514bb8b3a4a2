"""A silent run provably notifies nobody, and is in nobody's way: with real transactions, in every table of the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from celery import Celery
from django.core import mail
from django.db import connection, connections

from alerts import hints
from alerts.models import Alert, AlertEvent, Evaluation, Flag, Notification, RuleSet, SilentCheck, SilentFlag
from alerts.services import finding
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules import trying
from alerts.services.rules.trying import look
from alerts.tasks import sweep_silent_runs
from clinic.models import Clinic, Patient
from tests.alerts.conftest import BREATHLESS, FEVER, SICK, TIRED, told_us
from tests.alerts.rules.silent_stage import any_tiredness_is_an_emergency, in_force, on_trial, rule, without_breath
from tests.cast import NOW

pytestmark = [pytest.mark.usefixtures('content', 'grace', 'rosa'), pytest.mark.django_db(transaction=True)]
LATER = NOW + timedelta(hours=1)
SILENT = {SilentCheck._meta.db_table, SilentFlag._meta.db_table}
TOLD = (Alert, AlertEvent, Flag, Evaluation, Notification)


def everything_is_an_emergency(rules: dict[str, Any]) -> None:
    told = {'reported_any': ['FEVER', 'DYSPNEA', 'FATIGUE', 'NAUSEA']}
    for name in rules:
        rules[name] = rule('emergency', 'Whatever she tells', told)


def every_table() -> dict[str, str]:
    """What stands in each table of the database, as a fingerprint; the silent runs' own are left out, their sequences too."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - SILENT
        return {table: _fingerprint(cursor, table) for table in tables}


def _fingerprint(cursor: Any, table: str) -> str:
    cursor.execute(f'SELECT count(*) || md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
    return str(cursor.fetchone()[0])


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every channel on which the database tells the nurses' screens of a change."""
    heard: list[str] = []
    with psycopg.connect(**connection.get_connection_params() | {'cursor_factory': None}, autocommit=True) as ear:
        ear.execute('LISTEN vigil_worklist')
        yield heard
        heard += [note.channel for note in ear.notifies(timeout=0.5)]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every message to a worker, and every hint of one."""
    found: list[str] = []
    monkeypatch.setattr(Celery, 'send_task', lambda self, name, *args, **kwargs: found.append(name))
    monkeypatch.setattr(hints, 'send', lambda name, *args: found.append(name))
    return found


def test_rules_that_call_everything_an_emergency_change_no_row_and_tell_nobody(
    riverside: Clinic, ana: Patient, ben: Patient, published: list[str]
) -> None:
    draft = on_trial(riverside, everything_is_an_emergency)
    for patient in (ana, ben):
        for hour, answers in enumerate((FEVER, TIRED, SICK, BREATHLESS)):
            told_us(patient, answers, at=NOW + timedelta(minutes=hour))
    assert all(model.objects.exists() for model in TOLD)  # there is something that could have changed
    before = every_table()
    published.clear()
    with listening() as heard:
        assert look(now=LATER) == 8
    assert SilentFlag.objects.filter(tier='emergency').count() == 8 * len(draft.content['rules'])
    assert {table for table, was in before.items() if every_table()[table] != was} == set()
    assert (published, heard, mail.outbox) == ([], [], [])


def test_the_ear_that_hears_nothing_of_silent_runs_hears_a_real_alert(
    riverside: Clinic, ana: Patient, published: list[str]
) -> None:
    before = every_table()
    with listening() as heard:
        told_us(ana, FEVER)
    assert heard
    assert published
    assert {model._meta.db_table for model in TOLD} <= {
        table for table, was in every_table().items() if before[table] != was
    }


def test_a_silent_flag_points_at_no_alert() -> None:
    related = {field.related_model for field in SilentFlag._meta.get_fields() if field.is_relation}
    assert not related & set(TOLD)


def test_two_sweeps_at_once_do_not_double(riverside: Clinic, ana: Patient, ben: Patient) -> None:
    on_trial(riverside, any_tiredness_is_an_emergency)
    in_force(riverside, without_breath, set_aside={'E01': 'We phone them ourselves.'})
    for minute in range(10):
        told_us(ana, TIRED | BREATHLESS, at=NOW + timedelta(minutes=minute))
    done, begin = [], threading.Barrier(3)

    def sweep() -> None:
        begin.wait(20)
        try:
            done.append(look(now=LATER))
        finally:
            connections.close_all()

    sweeps = [threading.Thread(target=sweep) for _ in range(3)]
    for each in sweeps:
        each.start()
    for each in sweeps:
        each.join()
    assert sum(done) == 20
    assert SilentCheck.objects.filter(error='', attempts=1).count() == 20
    assert (
        SilentFlag.objects.filter(rule='Z01').count()
        == SilentFlag.objects.filter(rule='E01', kind='set_aside').count()
        == 10
    )


def test_an_entry_is_evaluated_while_a_silent_look_at_it_is_held_up(
    riverside: Clinic, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look stands in the middle of its transaction, its rows written; nothing that the real rules need is locked."""
    on_trial(riverside, any_tiredness_is_an_emergency)
    told_us(ana, TIRED)
    stored, go_on = threading.Event(), threading.Event()
    store = trying._store

    def held_up(*args: Any) -> None:
        store(*args)
        stored.set()
        go_on.wait(60)

    def sweep() -> None:
        try:
            look(now=LATER)
        finally:
            connections.close_all()

    monkeypatch.setattr(trying, '_store', held_up)
    silent = threading.Thread(target=sweep)
    silent.start()
    try:
        assert stored.wait(30)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        Evaluation.objects.update(pending_since=LATER)
        entry = told_us(ana, BREATHLESS, at=LATER, check=False)
        assert evaluate_pending(now=LATER + timedelta(minutes=1)) == 2
        assert Alert.objects.filter(patient=entry.patient, tier='emergency').exists()
    finally:
        go_on.set()
        silent.join()
        connection.close()


def test_the_sweep_itself_fails_where_the_database_is_away_and_only_there(
    riverside: Clinic, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the engine raises, the sweep comes to its end and leaves its sign of life."""
    on_trial(riverside, any_tiredness_is_an_emergency)
    told_us(ana, TIRED)
    monkeypatch.setattr(finding, 'find', lambda *args: 1 / 0)
    assert sweep_silent_runs() == 0
    assert SilentCheck.objects.get().error == 'ZeroDivisionError'
    assert RuleSet.objects.get(clinic=riverside).on_trial
