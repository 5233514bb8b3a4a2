"""The worklist: the worst first, then who waits longest; it refreshes itself, and shows no other clinic's patients."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert
from alerts.queries import cases as queries
from alerts.queries import worklist as queries_worklist
from alerts.queries.worklist import Choice, desk_of
from alerts.services import working
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import FEVER, TIRED, open_alert, told_us
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
MINUTE = timedelta(minutes=1)


def listed(nurse: Membership, **given: str) -> str:
    response = client_of(nurse).get('/worklist/', given)
    assert response.status_code == 200
    return response.content.decode()


def order(nurse: Membership, whose: str = 'all', tier: str = '') -> list[str]:
    rows = queries_worklist.worklist(desk_of(nurse), Choice(whose, tier), now=NOW)
    return [f'{row.alert.patient.first_name} {row.alert.tier}' for row in rows]


def counted(nurse: Membership, whose: str = 'all') -> queries_worklist.Counts:
    return queries_worklist.counts(desk_of(nurse), Choice(whose), now=NOW)


def test_the_worst_comes_first_then_who_waits_longest(
    riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    cara = cast.make_patient(riverside, 'Cara Lind')
    open_alert(ana, tier='urgent', at=NOW - 10 * MINUTE)
    open_alert(ben, tier='urgent', at=NOW - 40 * MINUTE)
    open_alert(cara, tier='emergency', at=NOW - MINUTE)
    open_alert(ana, tier='same_day', at=NOW - 300 * MINUTE)
    assert order(rosa) == ['Cara emergency', 'Ben urgent', 'Ana urgent']


def test_mine_and_nobodys(ana: Patient, ben: Patient, rosa: Membership, tom: Membership) -> None:
    working.acknowledge(alert=open_alert(ana), by=rosa.user, now=NOW)
    open_alert(ben)
    assert (order(rosa, 'mine'), order(rosa, 'unowned')) == (['Ana urgent'], ['Ben urgent'])
    assert order(tom, 'mine') == []
    found = counted(rosa)
    assert (found.all, found.mine, found.unowned) == (2, 1, 1)


def test_what_came_back_stays_hers_and_is_nobodys_until_she_takes_it(ana: Patient, rosa: Membership) -> None:
    alert = working.acknowledge(alert=open_alert(ana), by=rosa.user, now=NOW)
    Alert.objects.filter(pk=alert.pk).update(state='reopened')
    assert order(rosa, 'mine') == order(rosa, 'unowned') == ['Ana urgent']
    assert 'something new; was with Rosa Diaz' in listed(rosa)


def test_a_row_tells_who_where_in_treatment_what_since_when_and_whose(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER, at=NOW - 41 * MINUTE)
    text = listed(rosa)
    for words in ('Ana Morales', '0:41', 'Urgent', 'fever moderate, 101.5 °F (38.6 °C)', 'nobody yet', 'by 9:19'):
        assert words in text


def test_a_broken_promise_stands_out(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER, at=NOW - 61 * MINUTE)
    text = listed(rosa)
    assert 'data-version="1" data-late' in text
    assert 'late since 8:59' in text


def test_resolved_alerts_and_other_clinics_are_not_there(
    ana: Patient, olga: Patient, rosa: Membership, sam: Membership
) -> None:
    working.resolve(alert=open_alert(ana), by=rosa.user, now=NOW, outcome='no_action')
    open_alert(olga)
    assert 'Olga' not in listed(rosa)
    assert 'No open alerts' in listed(rosa)
    assert 'Last checked 09:00:00.' in listed(rosa)
    assert 'Olga Novak' in listed(sam)


@pytest.mark.parametrize(
    ('whose', 'words'), [('mine', 'You have no open alerts'), ('unowned', 'Somebody has every alert')]
)
def test_an_empty_list_tells_why(rosa: Membership, whose: str, words: str) -> None:
    assert words in listed(rosa, whose=whose)


def test_the_oldest_unchecked_entry_is_in_sight(ana: Patient, olga: Patient, rosa: Membership) -> None:
    assert 'Every entry is checked' in listed(rosa)
    told_us(olga, FEVER, at=NOW - 50 * MINUTE, check=False)
    assert 'Every entry is checked' in listed(rosa)
    told_us(ana, FEVER, at=NOW - 3 * MINUTE, check=False)
    text = listed(rosa)
    assert 'Oldest unchecked' in text
    assert 'data-waited="180">0:03</time>' in text
    assert queries.oldest_pending(ana.clinic) == NOW - 3 * MINUTE


def key_in(text: str) -> str:
    return text.split('name="key" value="')[1].split('"')[0]


def test_nothing_is_sent_while_nothing_changed(ana: Patient, rosa: Membership, tom: Membership) -> None:
    open_alert(ana)
    client = client_of(rosa)
    key = key_in(listed(rosa))
    response = client.get('/worklist/rows/', {'key': key, 'whose': 'all', 'page': '1'})
    assert (response.status_code, response.content) == (204, b'')
    assert response['X-Checked-At'] == '09:00:00'


@pytest.mark.parametrize('step', ['acknowledge', 'note', 'resolve', 'a new alert', 'an entry to check'])
def test_every_step_of_anybody_is_sent(
    ana: Patient, ben: Patient, rosa: Membership, tom: Membership, step: str
) -> None:
    alert = open_alert(ana)
    key = key_in(listed(rosa))
    {
        'acknowledge': lambda: working.acknowledge(alert=alert, by=tom.user, now=NOW),
        'note': lambda: working.add_note(alert=alert, by=tom.user, now=NOW, note='x'),
        'resolve': lambda: working.resolve(alert=alert, by=tom.user, now=NOW, outcome='no_action'),
        'a new alert': lambda: open_alert(ben),
        'an entry to check': lambda: told_us(ben, FEVER, check=False),
    }[step]()
    response = client_of(rosa).get('/worklist/rows/', {'key': key, 'whose': 'all', 'page': '1'})
    assert response.status_code == 200
    assert key_in(response.content.decode()) != key


def test_an_alert_that_becomes_late_is_sent_though_nobody_took_a_step(ana: Patient, rosa: Membership) -> None:
    open_alert(ana, minutes=5)
    key = key_in(listed(rosa))
    with time_machine.travel(NOW + 6 * MINUTE, tick=False):
        response = client_of(rosa).get('/worklist/rows/', {'key': key, 'whose': 'all', 'page': '1'})
    assert 'data-late' in response.content.decode()


@pytest.mark.parametrize('page', ['0', '-1', '1.5', '²', '9' * 5000, ''])
def test_a_page_that_is_none_is_not_found(rosa: Membership, page: str) -> None:
    assert client_of(rosa).get('/worklist/rows/', {'page': page}).status_code == 404


def test_another_clinics_step_is_not_sent(olga: Patient, ana: Patient, rosa: Membership, sam: Membership) -> None:
    open_alert(ana)
    key = key_in(listed(rosa))
    open_alert(olga)
    assert client_of(rosa).get('/worklist/rows/', {'key': key}).status_code == 204


def take(nurse: Membership, alert: Alert, *, htmx: bool, **given: Any) -> Any:
    posted = {'version': alert.version, 'back': 'worklist', 'whose': 'all', 'page': '1', 'selected': ''} | given
    headers = {'HX-Request': 'true'} if htmx else {}
    return client_of(nurse).post(f'/alerts/{alert.public_id}/acknowledge/', posted, headers=headers)


def test_acknowledging_in_the_list_gives_the_list_back(ana: Patient, rosa: Membership) -> None:
    alert = open_alert(ana)
    response = take(rosa, alert, htmx=True)
    text = response.content.decode()
    assert response.status_code == 200
    assert 'Ana Morales is yours.' in text
    assert 'data-mine' in text
    assert '<html' not in text
    alert.refresh_from_db()
    assert alert.owner == rosa.user


def test_without_javascript_acknowledging_leads_back_to_the_list(ana: Patient, rosa: Membership) -> None:
    client = client_of(rosa)
    given = {'version': 1, 'back': 'worklist'}
    response = client.post(f'/alerts/{open_alert(ana).public_id}/acknowledge/', given, follow=True)
    assert response.redirect_chain == [('/worklist/', 302)]
    assert 'Ana Morales is yours.' in response.content.decode()


def test_the_second_nurse_reads_who_was_faster_and_when(ana: Patient, rosa: Membership, tom: Membership) -> None:
    alert = open_alert(ana)
    working.acknowledge(alert=alert, by=rosa.user, now=NOW - 2 * MINUTE)
    text = take(tom, alert, htmx=True).content.decode()
    assert 'Rosa Diaz was faster and has done this at 8:58.' in text
    alert.refresh_from_db()
    assert alert.owner == rosa.user


def test_nobody_acknowledges_news_she_has_not_seen(ana: Patient, rosa: Membership) -> None:
    alert = open_alert(ana)
    Alert.objects.filter(pk=alert.pk).update(version=2)
    assert 'Something changed while you were looking.' in take(rosa, alert, htmx=True).content.decode()
    alert.refresh_from_db()
    assert alert.owner is None


@pytest.mark.parametrize('given', [{'whose': 'theirs'}, {'page': '0'}, {'page': 'x'}, {'page': '99999999'}])
def test_an_address_that_means_nothing_is_no_page(rosa: Membership, given: dict[str, str]) -> None:
    assert client_of(rosa).get('/worklist/', given).status_code == 404
    assert client_of(rosa).get('/worklist/rows/', given).status_code == 404


def test_a_long_list_comes_in_pages(riverside: Clinic, rosa: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_worklist, 'PAGE', 2)
    monkeypatch.setattr('alerts.views.worklist.PAGE', 2)
    for number in range(3):
        open_alert(cast.make_patient(riverside, f'P{number} Lind', user=False), at=NOW - number * MINUTE)
    assert '&amp;page=2' in listed(rosa)
    second = listed(rosa, page='2')
    assert ('P0 Lind' in second, 'P2 Lind' in second, 'page=3' in second) == (True, False, False)


def queries_of(nurse: Membership, path: str) -> int:
    client = client_of(nurse)
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_cost_does_not_grow_with_the_rows(riverside: Clinic, ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER)
    few = queries_of(rosa, '/worklist/')
    for number in range(6):
        patient = cast.make_patient(riverside, f'P{number} Lind', email=f'p{number}@example.com')
        told_us(patient, FEVER | TIRED, at=NOW - number * MINUTE)
    assert queries_of(rosa, '/worklist/') == few


CLOSED, OPEN = 3_000, 3


@pytest.fixture
def years_of_closed_cases(ana: Patient, ben: Patient, rosa: Membership) -> None:
    """Three open cases among thousands of closed ones, and a planner that knows about them."""
    told_us(ana, FEVER)
    closed = Alert.objects.get(line='red')
    working.resolve(alert=closed, by=rosa.user, outcome='self_care', now=NOW)
    told_us(ben, FEVER)
    names = [field.column for field in Alert._meta.concrete_fields if field.column not in ('id', 'public_id')]
    columns = ', '.join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO alerts_alert (public_id, {columns}) SELECT gen_random_uuid(), {columns}'
            ' FROM alerts_alert, generate_series(1, %s) WHERE id = %s',
            [CLOSED, closed.pk],
        )
        cursor.execute('ANALYZE alerts_alert')


def alerts_read(rows: QuerySet[Alert]) -> int:
    """How many rows of the alerts' table PostgreSQL touched, those that a filter threw away included."""

    def read(node: dict[str, Any]) -> float:
        here = sum(
            node.get(name, 0) for name in ('Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Index Recheck')
        )
        own = here * node['Actual Loops'] if node.get('Relation Name') == 'alerts_alert' else 0
        return own + sum(map(read, node.get('Plans', ())))

    found = json.loads(rows.explain(format='json', analyze=True))
    return round(read(found[0]['Plan']))


@pytest.mark.usefixtures('years_of_closed_cases')
def test_closed_cases_are_not_read_for_the_open_ones(riverside: Clinic) -> None:
    assert Alert.objects.filter(state='resolved').count() == CLOSED + 1
    assert alerts_read(queries.unresolved(riverside)) == OPEN


@pytest.mark.usefixtures('years_of_closed_cases')
@pytest.mark.parametrize('whose', queries_worklist.WHOSE)
@pytest.mark.parametrize('tier', ['', 'urgent'])
def test_no_list_reads_closed_cases(rosa: Membership, whose: str, tier: str) -> None:
    assert alerts_read(queries_worklist.chosen(desk_of(rosa), Choice(whose, tier))) <= 2 * OPEN


def test_the_chosen_alert_is_shown_beside_the_list(ana: Patient, olga: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER)
    alert, hidden = Alert.objects.get(tier='urgent'), open_alert(olga)
    assert 'id="answers"' in listed(rosa, selected=str(alert.public_id))
    for other in (str(hidden.public_id), 'nonsense'):
        text = listed(rosa, selected=other)
        assert 'id="answers"' not in text
        assert 'Olga' not in text


def test_only_nurses_come_in(ana: Patient, grace: Membership, visitor: Any) -> None:
    for path in ('/worklist/', '/worklist/rows/'):
        assert [client_of(person).get(path).status_code for person in (ana, grace)] == [404, 404]
        assert visitor.get(path).status_code == 302
