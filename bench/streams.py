"""The worklist's streams: 200 nurses connected to the real process, what they cost while nothing happens, how soon all hear."""

import statistics
import time
from pathlib import Path
from typing import Any

from django.db import connection

from alerts.models import Alert
from bench.people import clinic_with_patients, session_of
from bench.stack import processes
from tests.live import Stack, eventually
from tests.streams import Listener, Listeners, listening

STREAMS = 200
IDLE_SECONDS = 60
ROUNDS = 20
TICKS = 100  # of the kernel's clock, a second


def run() -> dict[str, Any]:
    """`idle_cpu_percent` is of one core, heartbeats and asking again who may listen included; `heard_by_all_ms` from the commit to
    the last of the 200; connections are those of the database."""
    clinic, patients = clinic_with_patients(1, days=0, name='Streams')  # no entry, so no alert but ours
    session = session_of(clinic.memberships.get(is_nurse=True).user)
    alert = Alert.objects.create(
        clinic=clinic,
        patient=patients[0],
        line='amber',
        tier='same_day',
        tier_rank=2,
        summary='Made up',
        **dict.fromkeys(('opened_at', 'waiting_since', 'acknowledge_by', 'last_flag_at', 'due_at'), _now()),
    )
    with (
        processes('streams') as house,
        listening(house.stream_url, [Listener(session) for _ in range(STREAMS)]) as crowd,
    ):
        opened = _open(crowd)
        eventually(lambda: _connections() == 1, what='closing the connection that asked who they are')
        idle = _idle_percent(house)
        heard = [_heard_by_all_ms(crowd, alert) for _ in range(ROUNDS)]
        connections, memory = _connections(), _memory_mb(house)
    return {
        'streams': STREAMS,
        'opened_in_s': round(opened, 1),
        'idle_cpu_percent': idle,
        'heard_by_all_ms': {'median': round(statistics.median(heard)), 'longest': round(max(heard))},
        'database_connections': connections,
        'memory_mb': memory,
    }


def _now() -> Any:
    with connection.cursor() as cursor:
        cursor.execute('SELECT now()')
        return cursor.fetchone()[0]


def _open(crowd: Listeners) -> float:
    start = time.monotonic()
    eventually(lambda: crowd.open_now() == STREAMS, within=120, what='opening every stream')
    return time.monotonic() - start


def _idle_percent(house: Stack) -> float:
    time.sleep(2)
    before, start = _cpu_seconds(house), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return round(100 * (_cpu_seconds(house) - before) / (time.monotonic() - start), 2)


def _cpu_seconds(house: Stack) -> float:
    fields = Path(f'/proc/{house.children["streams"].pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory_mb(house: Stack) -> int:
    status = Path(f'/proc/{house.children["streams"].pid}/status').read_text()
    return int(status.split('VmRSS:')[1].split()[0]) // 1024


def _heard_by_all_ms(crowd: Listeners, alert: Alert) -> float:
    """From the moment at which the commit returned until the last browser has read the word."""
    before = [len(each.heard) for each in crowd.people]
    Alert.objects.filter(pk=alert.pk).update(version=alert.version)
    committed = time.monotonic()
    waiting = list(zip(crowd.people, before, strict=True))
    eventually(lambda: all(len(each.heard) > count for each, count in waiting), within=30, what='hearing of the change')
    time.sleep(0.3)
    return 1000 * (max(each.heard[-1] for each in crowd.people) - committed)


def _connections() -> int:
    """Those of the stream process: its name, or whichever client is not this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            ' AND datname = current_database() AND pid <> pg_backend_pid()'
        )
        return int(cursor.fetchone()[0])
