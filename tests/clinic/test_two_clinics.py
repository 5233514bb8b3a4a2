"""A nurse of two clinics works in one at a time, goes over by one step, and is told what waits in the other."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.services import working
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import open_alert
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
GO = '/me/clinic/'


@pytest.fixture
def at_lakeside(rosa: Membership, lakeside: Clinic) -> Membership:
    """Rosa of Riverside, who works at Lakeside, too."""
    return Membership.objects.create(user=rosa.user, clinic=lakeside, is_nurse=True)


def go_to(client: Client, clinic: Clinic, **more: str) -> Any:
    return client.post(GO, {'clinic': str(clinic.pk), **more})


def text(client: Client, path: str, **more: Any) -> str:
    return client.get(path, **more).content.decode()


def test_she_sees_one_at_a_time_and_goes_over(
    rosa: Membership, at_lakeside: Membership, ana: Patient, olga: Patient, riverside: Clinic, lakeside: Clinic
) -> None:
    client, hers, theirs = client_of(rosa), f'/patients/{ana.public_id}/', f'/patients/{olga.public_id}/'
    assert (client.get(hers).status_code, client.get(theirs).status_code) == (200, 404)
    assert 'Work at Lakeside Clinic' in text(client, '/worklist/')
    answer = client.post(GO, {'clinic': str(lakeside.pk)}, follow=True)
    assert 'You work at Lakeside Clinic now.' in answer.content.decode()
    assert (client.get(hers).status_code, client.get(theirs).status_code) == (404, 200)
    go_to(client, riverside)
    assert client.get(hers).status_code == 200


def test_whoever_works_in_one_is_asked_nothing_and_goes_nowhere_else(
    rosa: Membership, ana: Patient, lakeside: Clinic
) -> None:
    client = client_of(rosa)
    assert 'Work at' not in text(client, '/worklist/')
    assert 'Work at' not in text(client, '/alerts/no/such/page/')
    for chosen in (str(lakeside.pk), '', 'x', '9' * 30):
        assert client.post(GO, {'clinic': chosen}).status_code == 404
    assert client_of(ana).post(GO, {'clinic': str(lakeside.pk)}).status_code == 404


def test_a_place_that_she_left_is_no_choice(rosa: Membership, at_lakeside: Membership, lakeside: Clinic) -> None:
    client = client_of(rosa)
    go_to(client, lakeside)
    Membership.objects.filter(pk=at_lakeside.pk).update(active=False)
    page = client.get('/worklist/')
    assert (page.status_code, page.context['clinic']) == (200, rosa.clinic)
    assert go_to(client, lakeside).status_code == 404


def test_a_message_of_the_other_clinic_is_one_step_from_its_alert(
    rosa: Membership, at_lakeside: Membership, olga: Patient, lakeside: Clinic
) -> None:
    client, path = client_of(rosa), f'/alerts/{open_alert(olga).public_id}/'
    lost = client.get(path)
    assert lost.status_code == 404
    assert f'name="next" value="{path}"' in lost.content.decode()
    assert 'Olga' not in lost.content.decode()
    answer = go_to(client, lakeside, next=path)
    assert answer['Location'] == path
    assert client.get(path).status_code == 200


def test_who_has_her_own_diary_open_gets_back_to_work(rosa: Membership, ana: Patient, luis: Any) -> None:
    luis.user = rosa.user
    luis.save()
    client, path = client_of(rosa), f'/alerts/{open_alert(ana).public_id}/'
    client.post('/me/diary/', {'diary': str(ana.public_id)})
    assert 'Work at Riverside Cancer Center' in text(client, path)
    assert go_to(client, rosa.clinic, next=path)['Location'] == path
    assert client.get(path).status_code == 200


@pytest.mark.parametrize('elsewhere', ['https://example.com/', '//example.com/', 'javascript:alert(1)', ''])
def test_it_leads_nowhere_but_to_a_page_of_ours(
    rosa: Membership, at_lakeside: Membership, lakeside: Clinic, elsewhere: str
) -> None:
    assert go_to(client_of(rosa), lakeside, next=elsewhere)['Location'] == '/'


def test_what_a_window_of_the_clinic_before_sends_is_refused(
    rosa: Membership, at_lakeside: Membership, ana: Patient, olga: Patient, riverside: Clinic, lakeside: Clinic
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_of(rosa).cookies
    page = client.get('/patients/enrol/')
    old = page.context['csrf_token']
    assert client.post(GO, {'clinic': str(lakeside.pk), 'csrfmiddlewaretoken': str(old)}).status_code == 302
    sent = {'name': 'Eva Lind', 'csrfmiddlewaretoken': str(old)}
    assert client.post('/patients/enrol/', sent).status_code == 403
    assert not Patient.objects.filter(name='Eva Lind').exists()


def test_a_part_of_a_page_of_the_clinic_before_shows_nothing_of_this_one(
    rosa: Membership, at_lakeside: Membership, olga: Patient, riverside: Clinic, lakeside: Clinic
) -> None:
    open_alert(olga)
    client = client_of(rosa)
    assert f'"X-Vigil-Clinic": "{riverside.pk}"' in text(client, '/worklist/')
    go_to(client, lakeside)
    old = {'hx-request': 'true', 'x-vigil-clinic': str(riverside.pk)}
    answer = client.get('/worklist/rows/', headers=old)
    assert (answer['HX-Refresh'], answer.content) == ('true', b'')
    assert 'Olga' in text(client, '/worklist/rows/', headers=old | {'x-vigil-clinic': str(lakeside.pk)})


# -- what waits in the other ---------------------------------------------------------------------------------------------
def test_her_list_says_what_waits_in_the_other(
    rosa: Membership, at_lakeside: Membership, sam: Membership, olga: Patient
) -> None:
    client = client_of(rosa)
    first = client.get('/worklist/')
    assert 'waits at Lakeside Clinic' not in first.content.decode()
    key = first.context['key']
    assert client.get('/worklist/rows/', {'key': key}).status_code == 204
    alert = open_alert(olga, tier='emergency')
    rows = client.get('/worklist/rows/', {'key': key})
    assert '1 emergency or urgent alert waits at Lakeside Clinic.' in rows.content.decode()
    assert 'Olga' not in rows.content.decode()
    assert 'waits at' not in text(client_of(sam), '/worklist/')
    working.acknowledge(alert=alert, by=sam.user, now=NOW)
    assert 'waits at Lakeside Clinic' not in text(client, '/worklist/')


@pytest.mark.parametrize('of', ['same_day', 'a drill', 'an admin'])
def test_what_is_not_hers_or_not_pressing_is_not_told(
    rosa: Membership, at_lakeside: Membership, olga: Patient, of: str
) -> None:
    if of == 'an admin':
        Membership.objects.filter(pk=at_lakeside.pk).update(is_nurse=False, is_admin=True)
    open_alert(olga, tier='same_day' if of == 'same_day' else 'urgent', is_drill=of == 'a drill')
    assert 'at Lakeside Clinic.' not in text(client_of(rosa), '/worklist/')


def test_it_costs_nothing_where_she_works_in_one(rosa: Membership, lakeside: Clinic) -> None:
    def asked() -> int:
        cache.clear()
        client = client_of(rosa)
        client.get('/worklist/')
        with CaptureQueriesContext(connection) as queries:
            client.get('/worklist/')
        return len(queries)

    alone = asked()
    Membership.objects.create(user=rosa.user, clinic=lakeside, is_nurse=True)
    assert asked() == alone + 1
