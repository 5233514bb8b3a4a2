"""Ana lets Ben help, and takes it back: invitation, first run, an entry in her name, the nurse who sees who wrote, the end."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinic.models import Caregiver, Consent
from tests import cast
from tests.journeys.conftest import Stage
from tests.live import eventually

pytestmark = pytest.mark.timeout(240)


def invitations(stage: Stage) -> set[str]:
    """The links of all e-mails that went out, without their host. The servers' folder holds those of the other stories as well."""
    folder = stage.live.place / 'mail'
    letters = ''.join(path.read_text() for path in folder.glob('*'))
    return set(re.findall(r'/invitation/[\w=\n-]+?/', letters.replace('=\n', '')))


def joins(page: Page, stage: Stage, link: str) -> None:
    stage.go(page, link)
    for label in ('Choose a password', 'The same password again'):
        page.get_by_label(label).fill(cast.PASSWORD)
    page.locator('main button').first.click()


def kept_pages(page: Page) -> list[str]:
    return [name for name in page.evaluate('caches.keys()') if name.startswith('vigil-pages')]


@pytest.mark.parametrize('javascript', [True, False], ids=['with JavaScript', 'without JavaScript'])
def test_ana_lets_ben_help_and_takes_it_back(stage: Stage, javascript: bool) -> None:
    hers = stage.window(stage.ana, 'phone', java_script_enabled=javascript)
    earlier = invitations(stage)
    stage.go(hers, '/me/')
    hers.get_by_role('link', name='People who help me').click()
    hers.get_by_role('link', name='Invite somebody').click()
    hers.get_by_label('Name', exact=True).fill('Ben Roth')
    hers.get_by_label('E-mail address').fill('ben@example.com')
    hers.get_by_label('Write in the diary').check()
    hers.get_by_role('button', name='Send the invitation').click()
    expect(hers.locator('main')).to_contain_text('ben@example.com')

    his = stage.window(None, 'phone', java_script_enabled=javascript)
    eventually(lambda: invitations(stage) - earlier, what='the e-mail')
    (link,) = invitations(stage) - earlier
    joins(his, stage, link)
    expect(his.get_by_role('heading', level=1)).to_have_text('Before you help Ana')
    expect(his.locator('main')).to_contain_text('Nobody watches at night')
    his.get_by_role('button', name='Yes, I have read this and agree').click()
    expect(his.locator('body')).to_contain_text('You are writing for Ana Morales')
    his.get_by_role('button', name=re.compile('Nothing new')).click()
    expect(his.locator('main')).to_contain_text('Saved')
    assert Consent.objects.get(by__email='ben@example.com').role == 'caregiver'

    nurse = stage.window(stage.rosa, 'desk')
    stage.go(nurse, f'/patients/{stage.ana.public_id}/')
    expect(nurse.locator('main')).to_contain_text('Written by Ben Roth for Ana')

    stage.go(his, '/today/')
    if javascript:
        eventually(lambda: bool(kept_pages(his)), what='the pages that his phone keeps')
    stage.go(hers, '/me/helpers/')
    expect(hers.locator('main')).to_contain_text('Last wrote on')
    hers.get_by_role('button', name=re.compile('End now.*Ben Roth')).click()
    expect(hers.locator('main')).to_contain_text('Ben Roth cannot see your diary any more')

    answer = his.goto(stage.live.url + '/today/')
    assert answer is not None
    assert answer.status == 404
    if javascript:
        eventually(lambda: not kept_pages(his), what='his phone to forget the pages')
    assert not Caregiver.objects.filter(user__email='ben@example.com', ends_at=None).exists()
    his.context.close()  # says what it still has to say
    stage.complaints[:] = [said for said in stage.complaints if '404' not in said]
