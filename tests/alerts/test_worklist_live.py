"""The worklist in a real browser: it hears of changes, falls back to asking, turns late by itself, counts and calls red."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from alerts.services import working
from clinic.models import Clinic, Membership, Patient
from tests import browser, cast
from tests.alerts.conftest import open_alert
from tests.browser import Opened
from tests.live import Stack, session_cookie, stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content'), pytest.mark.timeout(240)]
Shown = Callable[[Stack, cast.Person], Page]
LIVE = '[data-live-status][data-hears]'
# A browser says on its console that nobody listens at a port; no page can keep it from that.
UNREACHABLE = re.compile(r'net::ERR_|status of 503')
NEVER_ASK = """() => {
  document.querySelector('[data-live-status]').dataset.everyWithStream = 100000;
  document.dispatchEvent(new CustomEvent('vigil:hears', { detail: true }));
}"""


@pytest.fixture
def shown(chromium: Browser) -> Iterator[Shown]:
    """A worklist of the real processes; a complaint of the browser fails the test, but for a port at which nobody listens."""
    complaints: list[str] = []
    windows = []

    def show(live: Stack, person: cast.Person) -> Page:
        window = browser.context(chromium, browser.DESK)
        windows.append(window)
        browser.listen(window, complaints)
        window.add_cookies([session_cookie(person) | {'url': live.url}])  # type: ignore[list-item]
        page = window.new_page()
        page.goto(f'{live.url}/worklist/')
        return page

    yield show
    for window in windows:
        browser.leave(window)
    assert [said for said in complaints if not UNREACHABLE.search(said)] == []


def test_a_row_comes_by_the_stream_alone(shown: Shown, ana: Patient, rosa: Membership) -> None:
    with stack('web', 'streams') as live:
        page = shown(live, rosa)
        expect(page.locator(LIVE)).to_contain_text('Live', timeout=60_000)
        page.wait_for_load_state('networkidle')
        page.evaluate(NEVER_ASK)
        open_alert(ana, tier='same_day', at=timezone.now())
        expect(page.locator('.work-row')).to_have_count(1, timeout=60_000)
        page.close()


def test_without_the_stream_the_page_asks_and_hears_again_when_it_is_back(
    shown: Shown, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    with stack('web', 'streams') as live:
        page = shown(live, rosa)
        page.wait_for_selector(LIVE, timeout=60_000)
        live.kill('streams')
        expect(page.locator(LIVE)).to_have_count(0, timeout=60_000)
        open_alert(ana, tier='same_day', at=timezone.now())
        expect(page.locator('.work-row')).to_have_count(1, timeout=60_000)
        live.start('streams')
        page.wait_for_selector(LIVE, timeout=60_000)
        page.evaluate(NEVER_ASK)
        open_alert(ben, tier='same_day', at=timezone.now())
        expect(page.locator('.work-row')).to_have_count(2, timeout=60_000)
        page.close()


def test_a_row_turns_late_at_its_second_without_the_server(opened: Opened, ana: Patient, rosa: Membership) -> None:
    open_alert(ana, at=timezone.now(), minutes=60)
    page = opened(rosa, '/account/login/')
    page.clock.install()
    page.goto(page.url.replace('/account/login/', '/worklist/'))
    row = page.locator('.work-row')
    page.clock.fast_forward('55:00')
    expect(row.locator('.if-late').first).to_be_hidden()
    expect(row).to_contain_text('by ')
    page.clock.fast_forward('05:05')
    expect(row.locator('.work-wait')).to_contain_text('late')
    expect(row.locator('.work-owner .if-late')).to_be_visible()
    expect(row.locator('.work-owner .if-in-time')).to_be_hidden()


def test_x_chooses_and_what_is_chosen_survives_the_refresh(
    opened: Opened,
    ana: Patient,
    ben: Patient,
    rosa: Membership,
) -> None:
    alert = open_alert(ana, tier='same_day', at=timezone.now())
    page = opened(rosa, '/worklist/')
    expect(page.locator('#take-many')).to_be_disabled()
    page.keyboard.press('j')
    page.keyboard.press('x')
    open_alert(ben, tier='emergency', at=timezone.now())
    expect(page.locator('.work-row')).to_have_count(2, timeout=60_000)
    expect(page.locator(f'#take-{alert.public_id}')).to_be_checked()
    page.click('#take-many:has-text("Acknowledge 1")')
    expect(page.locator('#said')).to_contain_text('1 alert is yours.', timeout=60_000)
    expect(page.locator(f'#alert-{alert.public_id} .work-owner')).to_contain_text('you')


def test_x_on_a_red_row_chooses_nothing(opened: Opened, ana: Patient, ben: Patient, rosa: Membership) -> None:
    open_alert(ana, at=timezone.now())
    open_alert(ben, tier='same_day', at=timezone.now())
    page = opened(rosa, '/worklist/')
    page.keyboard.press('j')
    page.keyboard.press('x')
    expect(page.locator('.work-box :checked')).to_have_count(0)


def test_a_row_that_changed_meanwhile_is_no_longer_chosen(opened: Opened, ana: Patient, rosa: Membership) -> None:
    alert = open_alert(ana, tier='same_day', at=timezone.now())
    page = opened(rosa, '/worklist/')
    page.check(f'#take-{alert.public_id}')
    type(alert).objects.filter(pk=alert.pk).update(version=2, summary='Something new')
    expect(page.locator('.work-what')).to_contain_text('Something new', timeout=60_000)
    expect(page.locator(f'#take-{alert.public_id}')).not_to_be_checked()
    expect(page.locator('#take-many')).to_be_disabled()


def test_the_title_counts_red_and_it_sounds_for_whoever_asked(
    opened: Opened,
    riverside: Clinic,
    ana: Patient,
    ben: Patient,
    rosa: Membership,
) -> None:
    page = opened(rosa, '/worklist/?tier=same_day')  # a filter keeps nothing quiet
    sound = page.locator('[data-sound]')
    expect(sound).to_have_attribute('aria-pressed', 'false')
    open_alert(ana, at=timezone.now() - timedelta(minutes=2))
    expect(page).to_have_title(re.compile(r'^\(1\) Worklist'), timeout=60_000)
    assert sounded(page) is None
    sound.click()
    expect(sound).to_contain_text('on')
    assert sounded(page) == '1'  # so that she knows it
    open_alert(ben, tier='emergency', at=timezone.now())
    expect(page).to_have_title(re.compile(r'^\(2\) Worklist'), timeout=60_000)
    assert sounded(page) == '2'
    late = cast.make_patient(riverside, 'Dana Reyes')
    alert = open_alert(late, at=timezone.now() - timedelta(minutes=30))  # its entry was checked late
    expect(page).to_have_title(re.compile(r'^\(3\) Worklist'), timeout=60_000)
    assert sounded(page) == '3'
    working.acknowledge(alert=alert, by=rosa.user, now=timezone.now())
    expect(page).to_have_title(re.compile(r'^\(2\) Worklist'), timeout=60_000)
    assert sounded(page) == '3'
    amber = cast.make_patient(riverside, 'Cara Lind')
    open_alert(amber, tier='same_day', at=timezone.now())
    expect(page.locator('.work-row')).to_have_count(1, timeout=60_000)
    assert sounded(page) == '3'
    page.reload()
    expect(sound).to_have_attribute('aria-pressed', 'true')
    sound.click()
    page.reload()
    expect(sound).to_have_attribute('aria-pressed', 'false')


def sounded(page: Page) -> Any:
    return page.locator('[data-sound]').get_attribute('data-sounded')
