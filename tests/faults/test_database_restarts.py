"""The database is restarted while patients write: who was told "saved" is stored and checked, once."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.error import URLError

import pytest

from tests.faults.own_database import GuestPhone, own_database, people
from tests.live import eventually, stack

pytestmark = [pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
FEVER = {'FEVER.on': 'on', 'FEVER.severity': '2', 'FEVER.celsius': '38.6', 'FEVER.celsius.unit': 'C'}
PENDING = 'SELECT count(*) FROM alerts_evaluation WHERE pending_since IS NOT NULL'
DOUBLED = 'SELECT 1 FROM alerts_flag WHERE withdrawn_at IS NULL GROUP BY evaluation_id, rule HAVING count(*) > 1'
POSTS = 40


def send_until_saved(phone: GuestPhone) -> uuid.UUID:
    """As a patient does: she sends it again, the same entry, until the page says that it is saved."""
    client_uuid = uuid.uuid4()
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            status, page = phone.post('/entry/new/', FEVER, client_uuid=str(client_uuid))
        except (URLError, HTTPException, OSError):
            status, page = 0, ''
        if status == 200 and 'class="advice" data-tier="urgent"' in page:
            return client_uuid
        time.sleep(0.2)
    raise AssertionError(f'not saved within two minutes: {status} {page[:500]}')


def test_a_database_that_restarts_while_posts_go_on_loses_and_doubles_nothing() -> None:
    with own_database() as database:
        cookie = people(database)
        with stack('web', 'worker', 'beat', DATABASE_URL=database.url) as live:
            phone = GuestPhone(live.url, cookie)
            phone.open_form()
            with ThreadPoolExecutor(1) as pool:
                posting = pool.submit(lambda: [send_until_saved(phone) for _ in range(POSTS)])
                restarts = 0
                while not posting.done():
                    time.sleep(1)
                    database.restart()
                    restarts += 1
            saved = posting.result()
            eventually(lambda: database.rows(PENDING) == [(0,)], within=90, what='checking every entry')
            eventually(lambda: live_is_well(phone), within=90, what='health')
        assert restarts > 1
        stored = {row[0] for row in database.rows('SELECT client_uuid FROM diary_entry')}
        assert stored == set(saved)
        assert len(saved) == POSTS
        assert database.rows('SELECT count(*), sum(runs) > 0 FROM alerts_evaluation') == [(POSTS, True)]
        assert database.rows(DOUBLED) == []
        assert database.rows("SELECT count(*) FROM alerts_alert WHERE line = 'red'") == [(1,)]


def live_is_well(phone: GuestPhone) -> bool:
    return phone.get('/health/work') == (200, 'well\n')
