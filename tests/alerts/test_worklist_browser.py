"""The worklist in a real browser: it follows what others do, and nothing moves under the nurse's hand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from alerts.services import working
from clinic.models import Clinic, Membership, Patient
from tests import browser
from tests.alerts.conftest import FEVER, TIRED, alert_of, open_alert, told_us
from tests.axe import violations, violations_by_day_and_night
from tests.browser import Opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]


def test_a_new_alert_comes_by_itself_and_the_focus_stays(
    opened: Opened, riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    alert = open_alert(ana, at=timezone.now() - timedelta(minutes=10))
    page = opened(rosa, '/worklist/')
    page.focus(f'#row-{alert.public_id}')
    open_alert(ben, tier='emergency', at=timezone.now())
    expect(page.locator('.work-row')).to_have_count(2, timeout=30_000)
    assert page.evaluate('document.activeElement.id') == f'row-{alert.public_id}'
    expect(page.locator('[data-live-news]')).to_have_text('New on the list: 1')


def test_a_colleagues_step_shows_without_a_reload(
    opened: Opened, ana: Patient, rosa: Membership, tom: Membership
) -> None:
    alert = open_alert(ana, at=timezone.now())
    page = opened(rosa, '/worklist/')
    working.acknowledge(alert=alert, by=tom.user, now=timezone.now())
    expect(page.locator('.work-owner')).to_contain_text('Tom Weber', timeout=30_000)


def test_a_key_acknowledges_and_the_list_says_so(opened: Opened, ana: Patient, rosa: Membership) -> None:
    open_alert(ana, at=timezone.now())
    page = opened(rosa, '/worklist/')
    page.keyboard.press('j')
    page.keyboard.press('a')
    expect(page.locator('#said')).to_contain_text('Ana Morales is yours.', timeout=30_000)
    expect(page.locator('.work-owner')).to_contain_text('you')
    assert page.url.endswith('/worklist/')


@pytest.mark.parametrize('fault', ['no network', 'a server in trouble'])
def test_a_step_that_gets_no_answer_is_not_silent(
    opened: Opened, complaints: list[str], ana: Patient, rosa: Membership, fault: str
) -> None:
    open_alert(ana, at=timezone.now())
    page = opened(rosa, '/worklist/')
    page.route('**/acknowledge/', lambda route: route.abort() if fault == 'no network' else route.fulfill(status=502))
    page.get_by_role('button', name='Acknowledge').click()
    expect(page.locator('#said')).to_contain_text('Vigil did not answer.', timeout=30_000)
    expect(page.locator('.work-owner')).to_contain_text('nobody yet')
    assert violations(page) == []
    page.unroute('**/acknowledge/')
    page.get_by_role('button', name='Acknowledge').click()
    expect(page.locator('#said')).to_have_text('Ana Morales is yours.', timeout=30_000)
    complaints.clear()  # the browser has told of what failed


def test_the_chosen_alert_opens_beside_the_list_and_follows_what_happens(
    opened: Opened, ana: Patient, rosa: Membership, tom: Membership
) -> None:
    alert = alert_of(told_us(ana, FEVER, at=timezone.now()))
    page = opened(rosa, '/worklist/')
    page.click('.row-link')
    expect(page.locator('#preview')).to_contain_text('Nobody has it yet', timeout=30_000)
    working.acknowledge(alert=alert, by=tom.user, now=timezone.now())
    expect(page.locator('#preview')).to_contain_text('Tom Weber has it', timeout=30_000)


def test_words_typed_for_one_patient_wait_for_her_there(
    opened: Opened, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    open_alert(ana, at=timezone.now())
    open_alert(ben, at=timezone.now())
    page = opened(rosa, '/worklist/')
    words = page.locator('#preview #note textarea')
    page.click('.row-link:has-text("Ana")')
    page.click('#preview #note summary')
    words.fill('Phone her again at five.')
    page.click('.row-link:has-text("Ben")')
    expect(page.locator('#preview h2').first).to_have_text(ben.name, timeout=30_000)
    expect(words).to_have_value('')
    page.click('.row-link:has-text("Ana")')
    expect(words).to_have_value('Phone her again at five.', timeout=30_000)
    expect(words).to_be_visible()


def test_c_goes_to_the_first_question_and_never_shuts_what_is_open(
    opened: Opened, ana: Patient, rosa: Membership
) -> None:
    alert = working.acknowledge(alert=open_alert(ana, at=timezone.now()), by=rosa.user, now=timezone.now())
    page = opened(rosa, f'/alerts/{alert.public_id}/')
    for _ in range(2):
        page.keyboard.press('c')
        expect(page.get_by_role('radio', name='I spoke')).to_be_focused()
    page.goto(f'{page.url}#resolve')
    expect(page.get_by_role('radio', name='self-care')).to_be_focused()
    expect(page.get_by_role('heading', level=1)).to_be_in_viewport()


def test_on_a_phone_and_without_javascript_a_row_is_a_link(opened: Opened, ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, FEVER, at=timezone.now()))
    for options in ({'size': browser.PHONE}, {'size': browser.DESK, 'java_script_enabled': False}):
        page = opened(rosa, '/worklist/', **options)
        page.click('.row-link')
        page.wait_for_url(f'**/alerts/{alert.public_id}/')


def test_the_patients_receipt_follows_without_a_reload(opened: Opened, ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER, at=timezone.now() - timedelta(minutes=1))
    page = opened(ana, f'/entry/{entry.public_id}/advice/', browser.PHONE)
    working.acknowledge(alert=alert_of(entry), by=rosa.user, now=timezone.now())
    expect(page.locator('#receipt')).to_contain_text('Seen by your team', timeout=30_000)


@pytest.mark.parametrize('size', [browser.PHONE, browser.DESK])
def test_nothing_stands_in_the_way_of_anybody(
    opened: Opened, ana: Patient, rosa: Membership, tom: Membership, size: dict[str, int]
) -> None:
    entry = told_us(ana, FEVER | TIRED, at=timezone.now())
    alert = working.acknowledge(alert=alert_of(entry), by=rosa.user, now=timezone.now())
    pages = [
        (ana, f'/entry/{entry.public_id}/advice/'),
        (rosa, f'/worklist/?selected={alert.public_id}'),
        (rosa, f'/alerts/{alert.public_id}/'),
        (tom, f'/alerts/{alert.public_id}/'),
    ]
    for person, path in pages:
        page = opened(person, path, size)
        page.eval_on_selector_all('details', 'all => all.forEach((each) => { each.open = true; })')
        assert violations_by_day_and_night(page) == []
        assert browser.fits(page)


def test_a_message_of_another_clinic_leads_on_by_a_page_that_axe_likes(
    opened: Opened, complaints: list[str], rosa: Membership, lakeside: Clinic, olga: Patient
) -> None:
    Membership.objects.create(user=rosa.user, clinic=lakeside, is_nurse=True)
    alert = open_alert(olga, at=timezone.now())
    page = opened(rosa, f'/alerts/{alert.public_id}/', browser.PHONE)
    expect(page.get_by_role('heading', level=1)).to_have_text('We cannot find this page')
    assert violations(page) == []
    page.get_by_role('button', name='Work at Lakeside Clinic').click()
    expect(page.locator('main')).to_contain_text('Olga Novak')
    assert page.url.endswith(f'/alerts/{alert.public_id}/')
    complaints.clear()  # the browser has told of the 404
