"""The page of a member's own ways: order, adding, testing, taking away, and what the browser reports about a device."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from alerts.models import ContactWay, Notification
from alerts.services import notifying
from alerts.services.ways import MOST_WAYS
from alerts.words.devices import device_name
from clinic.models import Membership
from config.embedded.push_key import new_push_key
from tests.cast import NOW, client_of
from tests.catchers import HOST, Caught, Device, web_server

pytestmark = pytest.mark.django_db
NUMBER = '+12125550142'


@pytest.fixture
def web(settings: Any) -> Iterator[Caught]:
    with web_server() as caught:
        settings.SMS_URL = f'json://{HOST}:{caught.port}/sms/{{number}}'
        settings.OTHER_SERVICES = ['json']
        settings.PUSH_SERVICES = [caught.origin]
        settings.VAPID_PRIVATE_KEY = new_push_key()
        yield caught


@pytest.fixture
def hers(rosa: Membership, web: Caught) -> Client:
    cache.clear()
    return client_of(rosa)


def way(person: Membership, channel: str = 'sms', address: str = NUMBER, **fields: Any) -> ContactWay:
    return ContactWay.objects.create(
        **{'user': person.user, 'channel': channel, 'address': address, 'added_at': NOW, **fields}
    )


def page(client: Client) -> str:
    answer = client.get('/me/ways/')
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, path: str, **fields: Any) -> str:
    answer = client.post(f'/me/ways/{path}/', fields, follow=True)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def order(person: Membership) -> list[str]:
    return list(
        ContactWay.objects.filter(user=person.user).order_by('position', 'pk').values_list('address', flat=True)
    )


def test_e_mail_is_always_there_and_last(hers: Client, rosa: Membership) -> None:
    way(rosa)
    text = page(hers)
    assert text.rindex('Text message<') < text.rindex('rosa@example.com')
    assert text.count('Take away') == 1
    assert 'Always the last way' in text


def test_a_number_is_added_and_never_shown_whole(hers: Client, rosa: Membership) -> None:
    text = post(hers, 'number', **{'number-number': '(212) 555-0142'})
    assert order(rosa) == [NUMBER]
    assert 'ends in 42' in text
    assert '5550142' not in text
    assert '555-0142' not in text


def test_what_is_no_number_is_refused_with_words_that_help(hers: Client, rosa: Membership) -> None:
    answer = hers.post('/me/ways/number/', {'number-number': '12'})
    assert answer.status_code == 422
    assert 'Type the whole number' in answer.content.decode()
    assert order(rosa) == []


def test_without_a_text_message_service_no_number_is_taken(hers: Client, rosa: Membership, settings: Any) -> None:
    settings.SMS_URL = ''
    assert 'Text messages are not set up' in page(hers)
    assert hers.post('/me/ways/number/', {'number-number': NUMBER}).status_code == 302
    assert not ContactWay.objects.exists()


def test_the_order_is_hers_and_is_followed(hers: Client, rosa: Membership) -> None:
    ways = [way(rosa, address=f'+1212555014{digit}', position=digit) for digit in range(3)]
    post(hers, 'move', way=ways[2].pk, to='up')
    post(hers, 'move', way=ways[0].pk, to='down')
    post(hers, 'move', way=ways[1].pk, to='down')
    assert order(rosa) == [ways[2].address, ways[0].address, ways[1].address]
    notifying.tell(key='x', people=[rosa.user], path='/', now=NOW)
    assert Notification.objects.get().way == ways[2]


@pytest.mark.parametrize('act', ['move', 'remove', 'test'])
def test_nobody_touches_somebody_elses_way(hers: Client, tom: Membership, act: str, web: Caught) -> None:
    toms = way(tom)
    assert hers.post(f'/me/ways/{act}/', {'way': toms.pk, 'to': 'up'}).status_code == 404
    toms.refresh_from_db()
    assert (toms.removed_at, web.posts) == (None, [])


def test_a_way_that_is_taken_away_is_forgotten_but_what_was_sent_by_it_is_not(hers: Client, rosa: Membership) -> None:
    mine = way(rosa)
    notifying.tell(key='x', people=[rosa.user], path='/', now=NOW)
    assert notifying.deliver_due(now=NOW) == 1
    text = post(hers, 'remove', way=mine.pk)
    assert 'ends in 42' not in text
    assert NUMBER not in order(rosa)
    assert Notification.objects.get().status == 'sent'
    post(hers, 'number', **{'number-number': NUMBER})
    assert order(rosa).count(NUMBER) == 1


def test_a_test_is_really_sent(hers: Client, rosa: Membership, web: Caught) -> None:
    text = post(hers, 'test', way=way(rosa).pk)
    assert web.paths == ['/sms/12125550142']
    assert 'test' in json.loads(web.posts[0][2])['title']
    assert 'The test was taken' in text


def test_a_test_of_the_e_mail_address(hers: Client) -> None:
    assert 'The test was taken' in post(hers, 'test', way='')
    assert mail.outbox[0].to == ['rosa@example.com']


def test_a_test_that_is_refused_says_so_and_marks_the_way(hers: Client, rosa: Membership, web: Caught) -> None:
    mine = way(rosa)
    web.answers = [404]
    text = post(hers, 'test', way=mine.pk)
    assert 'nobody can be reached there' in text
    assert 'HTTP 404' in text
    assert 'were refused' in text
    mine.refresh_from_db()
    assert mine.broken_at is not None


def test_a_test_that_gets_through_mends_the_way(hers: Client, rosa: Membership) -> None:
    mine = way(rosa, broken_at=NOW)
    post(hers, 'test', way=mine.pk)
    mine.refresh_from_db()
    assert mine.broken_at is None


def test_a_test_that_may_pass_later_leaves_the_way_alone(hers: Client, rosa: Membership, web: Caught) -> None:
    mine = way(rosa)
    web.answers = [503]
    assert 'did not get through' in post(hers, 'test', way=mine.pk)
    mine.refresh_from_db()
    assert mine.broken_at is None


def test_tests_cannot_be_sent_in_a_row(hers: Client, rosa: Membership, web: Caught) -> None:
    mine = way(rosa)
    post(hers, 'test', way=mine.pk)
    assert 'Wait ten seconds' in post(hers, 'test', way=mine.pk)
    assert len(web.posts) == 1


def test_a_service_inside_the_house_is_refused(hers: Client, rosa: Membership, settings: Any) -> None:
    settings.OTHER_SERVICES = ['tgram']
    answer = hers.post('/me/ways/service/', {'service-name': 'x', 'service-address': f'json://{HOST}/'})
    assert answer.status_code == 422
    assert order(rosa) == []


def test_a_service_is_added_under_her_name_for_it(hers: Client, rosa: Membership, web: Caught) -> None:
    address = f'json://{HOST}:{web.port}/secret-token'
    text = post(hers, 'service', **{'service-name': 'my bot', 'service-address': address})
    assert order(rosa) == [address]
    assert 'my bot' in text
    assert 'secret-token' not in text


def test_a_device_is_added_once_however_often_the_page_is_opened(hers: Client, rosa: Membership, web: Caught) -> None:
    subscription = Device(web).subscription
    for _ in range(3):
        assert hers.post('/me/ways/device/', {'subscription': subscription}).status_code == 204
    assert order(rosa) == [subscription]


def test_a_device_whose_subscription_changed_keeps_its_place(hers: Client, rosa: Membership, web: Caught) -> None:
    old, new = Device(web, 'old'), Device(web, 'new')
    way(rosa, 'push', old.subscription, position=0, broken_at=NOW)
    way(rosa, position=1)
    endpoint = json.loads(old.subscription)['endpoint']
    hers.post('/me/ways/device/', {'subscription': new.subscription, 'instead_of': endpoint})
    assert order(rosa) == [new.subscription, NUMBER]
    assert not ContactWay.objects.exclude(broken_at=None).exists()


def test_a_device_that_lost_its_subscription_is_marked_and_passed_over(
    hers: Client, rosa: Membership, web: Caught
) -> None:
    device = Device(web)
    mine = way(rosa, 'push', device.subscription)
    hers.post('/me/ways/device/lost/', {'endpoint': json.loads(device.subscription)['endpoint']})
    assert 'Notices no longer get through' in page(hers)
    notifying.tell(key='x', people=[rosa.user], path='/', now=NOW)
    assert Notification.objects.get().channel == 'email'
    mine.refresh_from_db()
    assert mine.broken_at is not None


def test_nobody_loses_somebody_elses_device(hers: Client, tom: Membership, web: Caught) -> None:
    device = Device(web)
    toms = way(tom, 'push', device.subscription)
    hers.post('/me/ways/device/lost/', {'endpoint': json.loads(device.subscription)['endpoint']})
    toms.refresh_from_db()
    assert toms.broken_at is None


def test_a_subscription_at_a_host_of_ones_own_choice_is_refused(hers: Client, rosa: Membership, web: Caught) -> None:
    subscription = json.dumps(json.loads(Device(web).subscription) | {'endpoint': 'http://10.0.0.1/admin'})
    assert hers.post('/me/ways/device/', {'subscription': subscription}).status_code == 422
    assert order(rosa) == []


def test_nobody_has_more_ways_than_are_looked_after(hers: Client, rosa: Membership) -> None:
    for digit in range(MOST_WAYS):
        way(rosa, address=f'+1212555014{digit}', position=digit)
    assert 'Take one away first' in post(hers, 'number', **{'number-number': '+12125550177'})
    assert len(order(rosa)) == MOST_WAYS


def test_the_service_worker_stands_at_the_root_and_asks_nobody_to_sign_in(visitor: Client) -> None:
    answer = visitor.get('/push-worker.js')
    assert (answer.status_code, answer['Content-Type']) == (200, 'text/javascript')
    assert "worker-src 'self'" in answer['Content-Security-Policy']
    assert b'showNotification' in answer.content


def test_me_leads_there(hers: Client) -> None:
    assert 'href="/me/ways/"' in hers.get('/me/').content.decode()


@pytest.mark.parametrize(
    ('agent', 'name'),
    [
        ('Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36', 'Chrome · Android'),
        ('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605', 'Safari · Mac'),
        ('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/141.0 Safari/537 Edg/141.0', 'Edge · Windows'),
        ('curl/8', ''),
    ],
)
def test_a_device_has_a_name_that_she_knows_it_by(agent: str, name: str) -> None:
    assert device_name(agent) == name
