"""The worklist's streams, on the real process: who hears, who does not, and that they cost the diaries nothing."""

import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from alerts.models import RuleSet
from clinic.models import Clinic, Membership, Patient, User
from tests import cast
from tests.alerts.conftest import open_alert
from tests.faults.test_nothing_is_lost import FEVER
from tests.live import Phone, Stack, eventually, session_cookie, stack
from tests.streams import Listener, Listeners, listening

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def clinic(transactional_db: None, content: RuleSet) -> Clinic:
    return cast.make_clinic('Riverside Cancer Center')


@pytest.fixture
def rosa(clinic: Clinic) -> Membership:
    return cast.make_member(clinic, 'Rosa Diaz', on_call=True)


@pytest.fixture
def ana(clinic: Clinic) -> Patient:
    return cast.make_patient(clinic, 'Ana Morales', temperature_unit='C')


@pytest.fixture
def sam(clinic: Clinic) -> Membership:
    return cast.make_member(cast.make_clinic('Lakeside Clinic'), 'Sam Patel')


def listener(person: cast.Person) -> Listener:
    return Listener(session_cookie(person)['value'])


def all_open(crowd: Listeners) -> None:
    eventually(lambda: crowd.open_now() == len(crowd.people), within=60, what='opening every stream')


def backends(name: str = '') -> set[int]:
    """Who is connected to the database beside this test: all, or those of one application."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            ' AND datname = current_database() AND pid <> pg_backend_pid()'
            " AND (%(name)s = '' OR application_name = %(name)s)",
            {'name': name},
        )
        return {pid for (pid,) in cursor.fetchall()}


def connections(name: str) -> int:
    return len(backends(name))


def answer_to(live: Stack, **headers: str) -> int:
    request = urllib.request.Request(live.stream_url, headers={name.title(): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except HTTPError as answer:
        with answer:
            return answer.code


def test_her_clinics_change_is_heard_and_a_strangers_is_not(ana: Patient, rosa: Membership, sam: Membership) -> None:
    hers, strangers = listener(rosa), listener(sam)
    with stack('streams') as live, listening(live.stream_url, [hers, strangers]) as crowd:
        all_open(crowd)
        alert = open_alert(ana)
        eventually(lambda: hers.heard, what='hearing of the alert')
        told = len(hers.heard)
        type(alert).objects.filter(pk=alert.pk).update(version=2)  # whatever writes is heard
        eventually(lambda: len(hers.heard) > told, what='hearing of the step')
    assert strangers.heard == []
    assert strangers.opened == 1


def test_nobody_but_a_nurse_comes_in(ana: Patient, rosa: Membership) -> None:
    grace = cast.make_member(rosa.clinic, 'Grace Kim', is_admin=True)
    nobody = Listener('nobody')
    people = [nobody, listener(ana), listener(grace)]
    with stack('streams') as live:
        with listening(live.stream_url, people) as crowd:
            eventually(lambda: all(each.status for each in people), what='an answer')
            open_alert(ana)
            assert crowd.open_now() == 0
        assert {each.status for each in people} == {403}
        cookie = f'sessionid={session_cookie(rosa)["value"]}'
        assert answer_to(live, cookie=cookie, origin='https://evil.example') == 403
        assert answer_to(live) == 403
        assert answer_to(live, cookie=cookie, origin=live.url) == 200, live.log('streams')


def test_the_stream_of_a_nurse_who_may_no_longer_see_the_list_ends(rosa: Membership, ana: Patient) -> None:
    names = ('Left Clinic', 'Gone Vigil', 'Out Signed', 'Other Password')
    members = [cast.make_member(rosa.clinic, name) for name in names]
    theirs, hers = [listener(member) for member in members], listener(rosa)
    with stack('streams') as live, listening(live.stream_url, [*theirs, hers]) as crowd:
        all_open(crowd)
        left, gone, _, other = members
        Membership.objects.filter(pk=left.pk).update(active=False)
        User.objects.filter(pk=gone.user.pk).update(is_active=False)
        Session.objects.filter(pk=theirs[2].session).delete()
        User.objects.filter(pk=other.user.pk).update(password='another')
        eventually(lambda: all(each.status == 403 for each in theirs), within=60, what='ending their streams')
        open_alert(ana)
        eventually(lambda: hers.heard, what='hearing of the alert')
    assert [each.heard for each in theirs] == [[], [], [], []]
    assert hers.opened == 1


def test_a_stream_keeps_no_session_alive(rosa: Membership, ana: Patient) -> None:
    hers = listener(rosa)
    before = Session.objects.get(pk=hers.session).expire_date
    with stack('web', 'streams') as live, listening(live.stream_url, [hers]) as crowd:
        all_open(crowd)
        phone = Phone(live, rosa)
        expires = Session.objects.get(pk=phone.cookie['value']).expire_date
        # What a list that is left open asks for by itself. Who opens the page comes by, and stays signed in for longer.
        assert phone.get('/worklist/rows/', **{'HX-Request': 'true'})[0] == 200
    assert Session.objects.get(pk=hers.session).expire_date == before
    assert Session.objects.get(pk=phone.cookie['value']).expire_date == expires


def test_streams_end_while_the_database_cannot_be_heard_and_come_back(rosa: Membership, ana: Patient) -> None:
    hers = listener(rosa)
    with stack('streams') as live, listening(live.stream_url, [hers]) as crowd:
        all_open(crowd)
        with connection.cursor() as cursor:
            # Those of this test's own database: beside it other tests have streams on the same server.
            cursor.execute('SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid', [list(backends('vigil streams'))])
        eventually(lambda: hers.opened == 2 and hers.is_open, within=60, what='opening her stream again')
        open_alert(ana)
        eventually(lambda: hers.heard, what='hearing of the alert')


def test_200_streams_come_back_at_once_and_every_diary_post_succeeds(rosa: Membership, clinic: Clinic) -> None:
    """The stream process dies; its 200 browsers come back within a moment while patients write."""
    patients = [cast.make_patient(clinic, f'Patient{number} Miller', temperature_unit='C') for number in range(6)]
    nurses = [listener(rosa) for _ in range(200)]
    others = backends()
    with stack('web', 'streams') as live, listening(live.stream_url, nurses, again=0.1) as crowd:
        all_open(crowd)
        assert connections('vigil streams') == 1
        phones = [Phone(live, patient) for patient in patients]
        with ThreadPoolExecutor(len(phones)) as pool:
            posting = [pool.submit(write, phone, 8) for phone in phones]
            live.kill('streams')
            eventually(lambda: crowd.open_now() == 0, what='the end of every stream')
            live.start('streams')
            used = []
            eventually(lambda: used.append(connections('vigil streams')) or crowd.open_now() == 200, within=90)
            saved = [status for each in posting for status in each.result()]
        assert saved == [200] * 48
        assert max(used) <= 2  # one listens, one asks for all of them
        live.stop('web')
        # One listens; who asked for each of the 200 has closed its own again.
        eventually(
            lambda: len(backends() - others) == connections('vigil streams') == 1, what='one connection for all streams'
        )
        open_alert(patients[0], tier='same_day')
        eventually(lambda: all(each.heard for each in nurses), within=60, what='telling all of them')


def write(phone: Phone, times: int) -> list[int]:
    phone.open_form()
    return [phone.post('/entry/new/', FEVER, client_uuid=str(uuid.uuid4()))[0] for _ in range(times)]
