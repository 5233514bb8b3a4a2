"""A device signs up for notices, in a real browser with the real service worker.

The browser's own push service is a machine of its maker, which a test must not need: `pushManager` hands out a subscription at
a local one instead. What is pushed is really encrypted and caught there, then given to the real service worker, as a browser does.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from alerts.models import ContactWay
from alerts.services import notifying
from clinic.models import Membership
from config.embedded.push_key import new_push_key
from tests import browser
from tests.browser import WindowOf
from tests.cast import NOW
from tests.catchers import Caught, Device, web_server

pytestmark = pytest.mark.django_db(transaction=True)
Window = Callable[..., BrowserContext]

# Gives the subscription that localStorage holds, as the browser would; while there is none its push service is out of reach.
STUB = """
const given = () => JSON.parse(localStorage.getItem('stub') || 'null');
const made = (key) => {
  const raw = given();
  return raw && { ...raw, options: { applicationServerKey: key }, toJSON: () => raw, unsubscribe: async () => true };
};
let key = null;
PushManager.prototype.getSubscription = async () => (key ? made(key) : made(new Uint8Array([0])));
PushManager.prototype.subscribe = async (options) => {
  if (!given()) throw new DOMException('push service error', 'AbortError');
  key = options.applicationServerKey.buffer;
  return made(key);
};
Object.defineProperty(Notification, 'permission', { get: () => localStorage.getItem('permission') || 'default' });
Notification.requestPermission = async () => { localStorage.setItem('permission', 'granted'); return 'granted'; };
"""


@pytest.fixture
def push_service(settings: Any) -> Iterator[Caught]:
    cache.clear()
    with web_server() as caught:
        settings.PUSH_SERVICES, settings.VAPID_PRIVATE_KEY = [caught.origin], new_push_key()
        yield caught


@pytest.fixture
def window(live_server: Any, window_of: WindowOf, settings: Any) -> Window:
    settings.BASE_URL = live_server.url

    def show(person: Membership, size: dict[str, int] = browser.DESK, **options: Any) -> BrowserContext:
        context = window_of(person, size, base_url=live_server.url, **options)
        context.grant_permissions(['notifications'])
        context.add_init_script(STUB)
        return context

    return show


def sign_up(context: BrowserContext, device: Device | None) -> Page:
    page = context.new_page()
    page.goto('/me/ways/')
    page.evaluate('raw => localStorage.setItem("stub", raw)', device.subscription if device else 'null')
    page.get_by_role('button', name='Notify this device').click()
    return page


def test_a_device_signs_up_and_the_worker_shows_what_is_pushed(
    window: Window, rosa: Membership, push_service: Caught
) -> None:
    device, context = Device(push_service), window(rosa)
    page = sign_up(context, device)
    expect(page.locator('.way').first).to_contain_text('Notice on a device')
    expect(page.locator('[data-push-status]')).to_have_text('This device gets notices.')
    assert json.loads(ContactWay.objects.get().address) == json.loads(device.subscription)

    notifying.tell(key='x', people=[rosa.user], path='/worklist/', now=NOW)
    assert notifying.deliver_due(now=NOW) == 1
    (said,) = device.notices()
    give_to_worker(context, page, json.dumps(said))
    shown = page.evaluate(
        """async () => { const found = await (await navigator.serviceWorker.ready).getNotifications();
        return found.map((each) => [each.title, each.data.url]); }"""
    )
    assert shown == [['Vigil: something needs you now', page.url.replace('/me/ways/', '/worklist/')]]


def give_to_worker(context: BrowserContext, page: Page, data: str) -> None:
    """What the browser does when its push service delivers."""
    tools = context.new_cdp_session(page)
    found: list[str] = []
    tools.on(
        'ServiceWorker.workerRegistrationUpdated',
        lambda event: found.extend(each['registrationId'] for each in event['registrations']),
    )
    tools.send('ServiceWorker.enable')
    page.wait_for_function('navigator.serviceWorker.controller !== null')
    origin = page.evaluate('location.origin')
    tools.send('ServiceWorker.deliverPushMessage', {'origin': origin, 'registrationId': found[-1], 'data': data})
    page.wait_for_function('async () => (await (await navigator.serviceWorker.ready).getNotifications()).length > 0')


def test_a_notice_opens_pages_of_this_site_only(window: Window, rosa: Membership, push_service: Caught) -> None:
    context = window(rosa)
    page = sign_up(context, Device(push_service))
    expect(page.locator('.way')).to_have_count(2)
    (worker,) = context.service_workers
    assert worker.url.endswith('/push-worker.js')
    origin = page.evaluate('location.origin')
    for url in ('https://evil.example/alerts/1/', f'{origin}/alerts/1/', '//evil.example/alerts/1/'):
        assert worker.evaluate('url => target(url)', url) == f'{origin}/alerts/1/'


def test_a_subscription_that_died_is_noticed_on_any_page_and_mended_on_this_one(
    window: Window, rosa: Membership, push_service: Caught
) -> None:
    old, new = Device(push_service, 'old'), Device(push_service, 'new')
    context = window(rosa)
    page = sign_up(context, old)
    expect(page.locator('[data-push-status]')).to_have_text('This device gets notices.')
    page.evaluate(
        """() => { localStorage.setItem('stub', 'null');
        const known = JSON.parse(localStorage.getItem('vigil-push'));
        localStorage.setItem('vigil-push', JSON.stringify({ ...known, at: 0 })); }"""
    )
    with page.expect_response('**/me/ways/device/lost/') as told:
        page.goto('/me/')
    assert told.value.status == 204
    assert ContactWay.objects.get().broken_at is not None
    page.evaluate('raw => localStorage.setItem("stub", raw)', new.subscription)
    with page.expect_response('**/me/ways/device/'):
        page.goto('/me/ways/')
    page.reload()
    expect(page.locator('.way[data-broken]')).to_have_count(0)
    mended = ContactWay.objects.get()
    assert (json.loads(mended.address), mended.broken_at) == (json.loads(new.subscription), None)


def test_a_browser_that_cannot_sign_up_says_so(window: Window, rosa: Membership, push_service: Caught) -> None:
    page = sign_up(window(rosa), None)
    expect(page.locator('[data-push-status]')).to_contain_text('could not sign up')
    assert not ContactWay.objects.exists()


def test_without_javascript_the_order_is_changed_by_buttons(
    window: Window, rosa: Membership, push_service: Caught, settings: Any
) -> None:
    settings.SMS_URL = 'json://localhost/{number}'
    for position, digits in enumerate(('41', '42')):
        ContactWay.objects.create(
            user=rosa.user, channel='sms', address=f'+121255501{digits}', position=position, added_at=NOW
        )
    page = window(rosa, browser.PHONE, java_script_enabled=False).new_page()
    page.goto('/me/ways/')
    page.get_by_role('button', name='Try earlier').click()
    expect(page.locator('.way').first).to_contain_text('ends in 42')
    expect(page.get_by_text('This needs JavaScript')).to_be_visible()
