"""The worklist with 20,000 open alerts, over 100,000 and over 1,000,000 stored entries: it must not grow with history."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from alerts.models import Alert, RuleSet
from alerts.queries import cases as queries
from alerts.queries import worklist as queries_worklist
from alerts.queries.worklist import Choice, desk_of
from bench.people import clinic_with_patients
from clinic.models import Clinic, User

OPEN_ALERTS = 20_000
SIZES = (100_000, 1_000_000)
TIMES = 25

PATIENTS = """
INSERT INTO clinic_patient (public_id, clinic_id, record_number, name, email, phone, time_zone, language, temperature_unit,
                            weight_unit, is_synthetic, is_drill, created_at)
SELECT gen_random_uuid(), %(clinic)s, 'W' || n, 'Patient ' || n, '', '', 'America/New_York', 'en', 'F', 'lb', true, false, now()
FROM generate_series(1, %(alerts)s) n"""
ENTRIES = """
INSERT INTO diary_entry (public_id, client_uuid, patient_id, about_at, day, is_late, current_number)
SELECT gen_random_uuid(), gen_random_uuid(), p.id, now() - make_interval(hours => n), current_date - n / 24, false, 1
FROM (SELECT id FROM clinic_patient WHERE clinic_id = %(clinic)s AND user_id IS NULL) p, generate_series(%(since)s, %(until)s) n"""
REVISIONS = """
INSERT INTO diary_revision (entry_id, number, document, nothing_new, recorded_at, received_at, recorded_by_id)
SELECT e.id, 1, '{"answers": {"FATIGUE": {"version": 1, "values": {"severity": 1}}}, "measurements": {}}', false,
       e.about_at, e.about_at, %(user)s
FROM diary_entry e LEFT JOIN diary_revision r ON r.entry_id = e.id WHERE r.id IS NULL"""
LEDGER = """
INSERT INTO alerts_evaluation (revision_id, rule_set_id, patient_id, first_evaluated_at, evaluated_at, runs, tier, attempts, error,
                               left_out)
SELECT r.id, %(rules)s, e.patient_id, r.received_at, r.received_at, 1, 'monitor', 0, '', 0
FROM diary_revision r JOIN diary_entry e ON e.id = r.entry_id LEFT JOIN alerts_evaluation v ON v.revision_id = r.id
WHERE v.id IS NULL"""
ALERTS = """
INSERT INTO alerts_alert (public_id, clinic_id, patient_id, line, tier, tier_rank, state, opened_at, waiting_since, acknowledge_by,
                          last_flag_at, summary, entry_count, outcome, mark, policy, step, round, due_at, is_drill, version,
                          owner_id, acknowledged_at, resolved_at)
SELECT gen_random_uuid(), %(clinic)s, p.id, {line}, {tier}, {rank}, {state}, at, at, at + interval '1 hour', at, 'Made up', 1,
       {outcome}, '', '{{}}', 0, 0, {due}, false, 1, {owner}, {worked}, {ended}
FROM (SELECT id, row_number() OVER () AS n, now() - make_interval(mins => (row_number() OVER ())::int) AS at
      FROM clinic_patient WHERE clinic_id = %(clinic)s AND user_id IS NULL) p"""


def run() -> dict[str, Any]:
    """Seconds are medians of one page's queries, counts included, in this process; the ratio is what carries over."""
    clinic, _ = clinic_with_patients(1, name='Worklist')
    nurse = clinic.memberships.get(is_nurse=True).user
    _execute(PATIENTS, clinic, nurse, alerts=OPEN_ALERTS)
    _alerts(clinic, nurse)
    figures: dict[str, Any] = {'open_alerts': Alert.objects.filter(clinic=clinic, state='open').count()}
    since = 1
    for size in SIZES:
        until = size // OPEN_ALERTS
        _history(clinic, nurse, since=since, until=until)
        since = until + 1
        figures[f'ms_at_{size}'] = _page_ms(clinic, nurse)
    figures['ratio'] = round(figures[f'ms_at_{SIZES[1]}'] / figures[f'ms_at_{SIZES[0]}'], 2)
    return figures


def _history(clinic: Clinic, nurse: User, *, since: int, until: int) -> None:
    _execute(ENTRIES, clinic, nurse, since=since, until=until)
    _execute(REVISIONS, clinic, nurse)
    _execute(LEDGER, clinic, nurse, rules=RuleSet.objects.get(clinic=None, status='published').pk)
    # Closed cases grow with history too: two for every patient and step.
    for _ in range(2):
        _execute(_alert_sql(open_=False), clinic, nurse)
    with connection.cursor() as cursor:
        cursor.execute('ANALYZE')


def _alerts(clinic: Clinic, nurse: User) -> None:
    _execute(_alert_sql(open_=True), clinic, nurse)


def _alert_sql(*, open_: bool) -> str:
    if open_:
        chosen = {
            'line': "CASE WHEN mod(n, 10) < 3 THEN 'red' ELSE 'amber' END",
            'tier': "CASE WHEN mod(n, 10) = 0 THEN 'emergency' WHEN mod(n, 10) < 3 THEN 'urgent' ELSE 'same_day' END",
            'rank': 'CASE WHEN mod(n, 10) = 0 THEN 0 WHEN mod(n, 10) < 3 THEN 1 ELSE 2 END',
        }
        rest = {
            'state': "'open'",
            'outcome': "''",
            'due': "at + interval '1 hour'",
            'owner': 'NULL',
            'worked': 'NULL::timestamptz',
            'ended': 'NULL::timestamptz',
        }
    else:
        chosen = {'line': "'red'", 'tier': "'urgent'", 'rank': '1'}
        rest = {'state': "'resolved'", 'outcome': "'self_care'", 'due': 'NULL::timestamptz'}
        rest |= {'owner': '%(user)s', 'worked': 'at', 'ended': 'at'}
    return ALERTS.format(**chosen, **rest)


def _execute(sql: str, clinic: Clinic, user: User, **values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {'clinic': clinic.pk, 'user': user.pk} | values)


def _page_ms(clinic: Clinic, nurse: User) -> float:
    desk, choice = desk_of(clinic.memberships.get(user=nurse)), Choice()

    def page() -> None:
        rows = queries_worklist.worklist(desk, choice, now=timezone.now())
        assert len(rows) == queries_worklist.PAGE
        queries_worklist.counts(desk, choice, now=timezone.now())
        queries.oldest_pending(clinic)

    page()
    return round(statistics.median(_ms(page) for _ in range(TIMES)), 2)


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)
