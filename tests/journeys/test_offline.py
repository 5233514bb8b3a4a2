"""The diary without a network, in a real browser against the real servers: kept, told, sent later, under the right name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from clinic.models import Patient
from diary.models import Entry, EntryPhoto, Revision
from tests import cast
from tests.axe import violations
from tests.diary.pictured import jpeg
from tests.journeys.conftest import Stage
from tests.live import eventually

pytestmark = pytest.mark.timeout(280)
READ = """async ([store, key]) => {
  const open = indexedDB.open('vigil', 1);
  const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const within = database.transaction(store).objectStore(store);
  const asked = key ? within.get(key) : within.getAll();
  const found = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  database.close();
  return JSON.parse(JSON.stringify(found ?? null));
}"""
PAGES = 'caches.keys().then((names) => names.filter((name) => name.startsWith("vigil-pages")))'


@pytest.fixture(autouse=True)
def failed_requests_are_no_fault(stage: Stage) -> Iterator[None]:
    """The browser complains of every request that has no network: that is what these tests are about."""
    yield
    stage.complaints[:] = [said for said in stage.complaints if not said.startswith('Failed to load resource')]


def kept_of(page: Page) -> dict[str, Any]:
    return page.evaluate(READ, ['who', 'now']) or {}


def settle(page: Page, stage: Stage) -> None:
    """Open the diary once, and wait until the phone has kept what it needs."""
    stage.go(page, '/today/')
    expect(page.locator('[data-unsent-bar]')).to_be_attached()
    eventually(lambda: kept_of(page).get('kept'), what='keeping')


def write(page: Page, symptom: str, *, level: int = 1, **numbers: str) -> None:
    page.goto(page.url.split('/', 3)[0] + '//' + page.url.split('/', 3)[2] + '/entry/new/')
    page.get_by_role('checkbox', name=re.compile(f'^{symptom}')).check()
    code = page.get_by_role('checkbox', name=re.compile(f'^{symptom}')).get_attribute('name').removesuffix('.on')
    answer = page.locator(f'[name="{code}.severity"][value="{level}"]')
    on(page, answer)
    answer.check()
    for name, value in numbers.items():
        on(page, page.locator(f'[name="{code}.{name}"]'))
        page.locator(f'[name="{code}.{name}"]').fill(value)
    on(page, page.get_by_role('button', name='Save'))


def on(page: Page, to: Locator) -> None:
    """Go on until it is in sight. A step may go on by itself meanwhile, so a button that goes away is no fault."""

    def there() -> bool:
        with suppress(PlaywrightError):
            if not to.is_visible():
                page.locator('[data-steps-next]').click(timeout=1_000)
        return to.is_visible()

    eventually(there, within=60, what='that step')


def save(page: Page) -> None:
    page.get_by_role('button', name='Save').click()


def unsent(page: Page) -> None:
    page.wait_for_url('**/unsent/#*')
    expect(page.get_by_role('heading', level=1, name='Kept on this phone, not sent yet')).to_be_visible()


def all_sent(page: Page) -> None:
    """The phone has looked, and keeps nothing more: it never says so before."""
    expect(page.get_by_text('Everything you wrote is sent.')).to_be_visible()
    expect(page.get_by_role('heading', level=1, name='What this phone keeps')).to_be_visible()


def answers() -> list[dict[str, Any]]:
    """What is stored, by the time it is about."""
    revisions = Revision.objects.order_by('entry__about_at')
    return [
        {code: said['values'].get('severity') for code, said in each.document['answers'].items()} for each in revisions
    ]


def test_what_is_written_without_a_network_is_told_survives_a_restart_and_sends_itself(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text('No connection.')).to_be_visible()
    stage_url = stage.live.url + '/treatment/'
    page.goto(stage_url)
    expect(page.get_by_text('That page needs a connection.')).to_be_visible()
    write(page, 'Fever', level=2, celsius='38.6')
    save(page)
    unsent(page)
    assert violations(page) == []
    expect(page.locator('.unsent-item')).to_contain_text('38.6 °C')
    expect(page.locator('[data-advice]').get_by_role('link').first).to_have_attribute('href', re.compile('^tel:'))
    # The phone is switched off and on again.
    again = page.context.new_page()
    page.close()
    again.goto(f'{stage.live.url}/')
    expect(again.get_by_text('Not sent yet: 1 entry')).to_be_visible()
    expect(again.locator('button[name="say"]')).to_have_count(0)  # nobody taps "nothing new" over a fever
    (kept,) = again.evaluate(READ, ['unsent', ''])
    assert 'FEVER' not in str(kept)
    assert not Entry.objects.exists()
    expect(again.get_by_text('No connection. You see this page as it was')).to_be_visible()
    again.context.set_offline(False)
    eventually(Entry.objects.exists, what='sending')
    expect(again.get_by_text('What you wrote is sent now')).to_be_visible()
    expect(again.get_by_text('Open it again to see what is new.')).to_be_visible()
    expect(again.get_by_text('No connection.')).to_be_hidden()
    again.get_by_role('link', name='See our advice').click()
    again.wait_for_url('**/advice/')
    expect(again.get_by_role('heading', level=1)).to_have_text('Phone your team now')
    expect(again.get_by_text('What you wrote is sent now')).to_be_hidden()
    assert answers() == [{'FEVER': 2}]


def lose_answers(context: BrowserContext) -> list[bool]:
    """While the list that comes back is not empty, the server gets what is sent, and the phone never hears of it."""
    losing = [True]

    def lose(route: Route) -> None:
        if route.request.method != 'POST' or not losing:
            route.continue_()
            return
        with suppress(PlaywrightError):  # no server there at all
            route.fetch()
        route.abort('connectionreset')

    context.route('**/entry/new/', lose)
    return losing


@contextmanager
def without_a_server(stage: Stage) -> Iterator[None]:
    stage.live.stop('web')
    try:
        yield
    finally:
        stage.live.start('web')


def test_two_phones_a_dead_server_and_a_lost_answer_make_one_diary(stage: Stage) -> None:
    ana, luis = stage.window(stage.ana, 'phone'), stage.window(stage.luis, 'phone')
    for page in (ana, luis):
        settle(page, stage)
    losing = lose_answers(ana.context)
    write(ana, 'Cough')
    save(ana)
    unsent(ana)
    with without_a_server(stage):
        write(luis, 'Fever', level=2)
        save(luis)
        unsent(luis)
        ana.goto(f'{stage.live.url}/today/')
        expect(ana.get_by_text('Not sent yet: 1 entry')).to_be_visible()
    losing.clear()
    for page in (luis, ana):
        page.goto(f'{stage.live.url}/unsent/')
        all_sent(page)
    assert answers() == [{'COUGH': 1}, {'FEVER': 2}]
    assert [each.recorded_by for each in Revision.objects.order_by('entry__about_at')] == [
        cast.user_of(stage.ana),
        cast.user_of(stage.luis),
    ]


def sign_in(page: Page, person: Patient | Any) -> None:
    page.locator('[name="login"]').fill(cast.user_of(person).email)
    page.locator('[name="password"]').fill(cast.PASSWORD)
    page.locator('main').get_by_role('button', name='Sign in').click()
    page.wait_for_url(lambda url: '/account/login/' not in url)


def test_after_a_session_ended_only_its_writer_sends_it_and_nobody_else_can_read_it(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    page.context.set_offline(True)
    write(page, 'Cough')
    save(page)
    unsent(page)
    Session.objects.all().delete()
    page.context.set_offline(False)
    page.get_by_role('button', name='Try to send now').click()
    page.get_by_role('link', name='Sign in').click()
    expect(page.get_by_text('This phone keeps 1 entry that is not sent yet.')).to_be_visible()
    assert page.evaluate(PAGES) == []
    assert page.evaluate(READ, ['keys', '']) == []
    sign_in(page, stage.luis)
    settle(page, stage)
    expect(page.get_by_text('Not sent yet')).to_be_hidden()
    stage.go(page, '/unsent/')
    all_sent(page)
    assert not Entry.objects.exists()
    assert [name.split()[1] for name in page.evaluate(PAGES)] == [str(cast.user_of(stage.luis).pk)]
    stage.go(page, '/me/')
    page.get_by_role('button', name='Sign out').click()
    sign_in(page, stage.ana)
    eventually(Entry.objects.exists, what='sending')
    assert Revision.objects.get().recorded_by == cast.user_of(stage.ana)


def test_signing_out_with_something_unsent_warns_and_leaves_nothing_to_read(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    page.context.route(
        '**/entry/new/', lambda route: route.abort() if route.request.method == 'POST' else route.continue_()
    )
    write(page, 'Cough')
    save(page)
    unsent(page)
    stage.go(page, '/me/')
    page.get_by_role('button', name='Sign out').click()
    dialog = page.get_by_role('dialog')
    expect(dialog.get_by_text('1 entry is not sent yet.')).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role('button', name='Stay signed in').click()
    expect(dialog).to_be_hidden()
    page.get_by_role('button', name='Sign out').click()
    dialog.get_by_role('button', name='Sign out all the same').click()
    page.wait_for_url('**/account/login/**')
    expect(page.get_by_text('This phone keeps 1 entry that is not sent yet.')).to_be_visible()
    assert (page.evaluate(PAGES), page.evaluate(READ, ['keys', '']), kept_of(page)) == ([], [], {})
    page.context.set_offline(True)
    with pytest.raises(Exception, match='ERR_'):
        page.goto(f'{stage.live.url}/today/')


def test_what_must_be_put_right_is_kept_opened_and_mended_with_its_time_and_photos(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    page.context.set_offline(True)
    write(page, 'Skin rash')
    page.locator('[name="RASH.photo"][multiple]').set_input_files(
        [{'name': 'a.jpg', 'mimeType': 'image/jpeg', 'buffer': jpeg()}]
    )
    weight = page.locator('[name="m.weight"]')
    on(page, weight)
    weight.fill('7')
    save(page)
    unsent(page)
    written = timezone.now()
    page.context.set_offline(False)
    expect(page.get_by_text('Something in it has to be put right.')).to_be_visible()
    page.get_by_role('button', name='Open it').click()
    page.wait_for_url('**/entry/new/')
    expect(page.get_by_role('heading', name='Not saved yet')).to_be_visible()
    assert violations(page) == []
    on(page, weight)
    weight.fill('70')
    on(page, page.get_by_role('button', name='Save'))
    save(page)
    page.wait_for_url('**/advice/')
    assert EntryPhoto.objects.count() == 1
    assert abs(Entry.objects.get().about_at - written) < timedelta(minutes=5)
    assert page.evaluate(READ, ['unsent', '']) == []


# The storage of Today's page opens only when `letGo` is called: what comes before that comes before it can keep anything.
SLOW_STORAGE = """
if (location.pathname === '/today/') {
  const open = IDBFactory.prototype.open;
  const gone = new Promise((done) => { window.letGo = done; });
  IDBFactory.prototype.open = function (...asked) {
    const answer = {};
    gone.then(() => {
      const real = open.apply(this, asked);
      for (const name of ['onupgradeneeded', 'onerror', 'onsuccess']) {
        real[name] = (event) => { answer.result = real.result; answer.error = real.error; answer[name]?.(event); };
      }
    });
    return answer;
  };
}
"""


def tap_while_the_storage_sleeps(stage: Stage, *, offline: bool) -> Page:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    page.context.set_offline(offline)
    page.add_init_script(SLOW_STORAGE)
    page.goto(f'{stage.live.url}/today/')
    tap = page.get_by_role('button', name='Nothing new today')
    tap.click()
    expect(page.locator('form[data-offline][aria-busy]')).to_be_visible()
    tap.click()  # nothing seems to happen, so she taps again
    return page


def test_a_tap_before_the_phone_can_keep_it_is_held_and_kept_once(stage: Stage) -> None:
    page = tap_while_the_storage_sleeps(stage, offline=True)
    page.wait_for_timeout(6000)  # longer than it waits where there is a connection
    page.evaluate('letGo()')
    unsent(page)
    expect(page.locator('.unsent-item')).to_have_count(1)
    page.context.set_offline(False)
    all_sent(page)
    assert Revision.objects.get().nothing_new


def test_a_tap_that_the_phone_can_never_keep_is_sent_by_the_browser(stage: Stage) -> None:
    page = tap_while_the_storage_sleeps(stage, offline=False)
    page.wait_for_url('**/advice/')
    assert Revision.objects.get().nothing_new


def test_one_tap_without_a_network_is_sent_by_the_worker_alone(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    page.context.set_offline(True)
    stage_today = f'{stage.live.url}/today/'
    page.goto(stage_today)
    page.get_by_role('button', name='Nothing new today').click()
    unsent(page)
    expect(page.locator('.unsent-item')).to_contain_text('Nothing new today')
    page.goto('about:blank')
    page.context.set_offline(False)
    (worker,) = page.context.service_workers
    # Background Sync may be at it already; then this call leaves it to that one.
    eventually(lambda: worker.evaluate('sendDue({ soon: true })') == '' and Revision.objects.exists(), what='sending')
    assert Revision.objects.get().nothing_new
