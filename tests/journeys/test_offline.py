"""The diary without a network, in a real browser against the real servers: kept, told, sent later, under the right name."""

import re

import pytest
from playwright.sync_api import Page, expect

from diary.models import Entry, Revision
from tests.journeys.conftest import Stage
from tests.journeys.test_main_job import step
from tests.live import eventually

pytestmark = pytest.mark.timeout(280)
KEPT = """async () => {
  const open = indexedDB.open('vigil', 1);
  const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  if (!database.objectStoreNames.contains('who')) { database.close(); return false; }
  const asked = database.transaction('who').objectStore('who').get('now');
  const who = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  database.close();
  return Boolean(who && who.kept);
}"""


def settle(page: Page, stage: Stage) -> None:
    """Open the diary once, and wait until the phone has kept what it needs."""
    stage.go(page, '/today/')
    eventually(lambda: page.evaluate(KEPT), what='keeping')


def offline(page: Page, *, is_off: bool = True) -> None:
    page.context.set_offline(is_off)


def write_a_fever(page: Page, *, degrees: str = '38.6') -> None:
    page.locator('main a[href="/entry/new/"]').first.click()
    page.get_by_role('checkbox', name=re.compile('^Fever')).check()
    step(page)
    page.locator('[name="FEVER.severity"][value="2"]').check()
    page.locator('[name="FEVER.celsius"]').fill(degrees)
    while step(page):
        pass
    page.get_by_role('button', name='Save').click()


def test_an_entry_written_without_a_network_is_told_and_sends_itself(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    settle(page, stage)
    offline(page)
    page.reload()
    expect(page.get_by_text('No connection.')).to_be_visible()
    write_a_fever(page)
    page.wait_for_url('**/unsent/#*')
    expect(page.get_by_role('heading', level=1)).to_have_text('Kept on this phone, not sent yet')
    expect(page.locator('.unsent-item')).to_contain_text('38.6')
    assert Entry.objects.count() == 0
    page.get_by_role('link', name='Today', exact=True).click()
    expect(page.get_by_text('Not sent yet: 1 entry')).to_be_visible()
    offline(page, is_off=False)
    eventually(lambda: Entry.objects.count() == 1, what='sending')
    expect(page.get_by_text('What you wrote is sent now')).to_be_visible()
    assert Revision.objects.get().document['answers']['FEVER']['values']['celsius'] == 38.6
