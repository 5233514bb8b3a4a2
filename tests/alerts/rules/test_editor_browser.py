"""The editor in a real browser, by keyboard alone: the form changes its shape, and the focus is where one goes on."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from alerts.models import RuleSet
from alerts.services.rules.drafting import begin
from clinic.models import Clinic, Membership
from tests import browser
from tests.axe import violations
from tests.browser import Opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content'), pytest.mark.timeout(280)]


@pytest.fixture
def draft(riverside: Clinic, grace: Membership) -> RuleSet:
    return begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=timezone.now())


@pytest.fixture
def opened(opened: Opened, grace: Membership, draft: RuleSet) -> Opened:
    """The editor of a rule as Grace sees it."""

    def show(rule: str, size: dict[str, int] = browser.DESK, **options: Any) -> Page:
        return opened(grace, reverse('alerts:rule_edit', args=[draft.pk, rule]), size, **options)

    return show


def focused(page: Page) -> str:
    return str(page.evaluate('document.activeElement.id || document.activeElement.value || ""'))


def tab_to(page: Page, wanted: str, *, most: int = 90) -> None:
    """Press Tab until the field with that id, or the button with that value, has the focus."""
    for _ in range(most):
        if focused(page) == wanted:
            return
        page.keyboard.press('Tab')
    raise AssertionError(f'{wanted} is not reached by Tab')


def flaws(page: Page) -> list[str]:
    page.evaluate('scrollTo(0, 0)')  # what lies under the frame's bars is no target
    return violations(page)


def test_a_condition_is_added_chosen_moved_and_saved_by_keyboard_alone(opened: Opened, draft: RuleSet) -> None:
    page = opened('R04')
    assert flaws(page) == []
    tab_to(page, 'c-add')
    page.keyboard.press('Enter')
    assert flaws(page) == []
    tab_to(page, 'add::symptom')
    page.keyboard.press('Enter')
    expect(page.locator('#c-3-symptom')).to_be_focused()
    expect(page.locator('#re-said')).to_have_text('Added: How one symptom is.')
    page.keyboard.type('Fever')
    expect(page.locator('#c-3-test option[value="gte:1"]')).to_have_count(1)
    tab_to(page, 'c-3-test')
    page.keyboard.type('mild')
    expect(page.locator('.re-reading')).to_contain_text('fever or feeling hot: mild or worse')
    tab_to(page, 'c-3-row-menu')
    page.keyboard.press('Enter')
    tab_to(page, 'c-3-up')
    page.keyboard.press('Enter')
    expect(page.locator('#c-2-up')).to_be_focused()
    expect(page.locator('#re-said')).to_have_text('Moved: now condition 3 of 4.')
    page.keyboard.press('Escape')
    assert focused(page) == 'c-2-row-menu'
    tab_to(page, 'save')
    page.keyboard.press('Enter')
    page.wait_for_url('**' + reverse('alerts:rule_set', args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['when']['any'][2] == {'symptom': 'FEVER', 'gte': 1}


def test_what_is_wrong_is_told_first_and_leads_to_its_field(opened: Opened) -> None:
    page = opened('T05', color_scheme='dark')
    page.locator('#c-1-0-n').fill('99')
    tab_to(page, 'save')
    page.keyboard.press('Enter')
    expect(page.locator('#re-summary')).to_be_focused()
    assert flaws(page) == []
    page.keyboard.press('Tab')
    page.keyboard.press('Enter')
    assert page.evaluate('location.hash') == '#c-1-0-n'
    page.locator('#c-1-0-n').fill('38.5')
    expect(page.locator('#re-summary')).to_have_count(0)
    expect(page.locator('.re-reading')).to_contain_text('38.5 °C or more')


def test_the_sentences_to_cite_stay_open_where_one_is_missing(opened: Opened, draft: RuleSet) -> None:
    page = opened('R05')
    page.goto(page.url.split('/rule/')[0] + '/new/')
    expect(page.locator('#re-sources')).to_be_visible()
    tab_to(page, 'h-title')
    page.locator('.re-save [value="save"]').click()
    expect(page.locator('#re-summary')).to_be_focused()
    expect(page.locator('#re-sources')).to_be_visible()


def test_what_one_is_typing_is_not_overwritten_by_an_older_answer(opened: Opened) -> None:
    page = opened('R05')
    page.locator('#h-title').fill('')
    page.locator('#h-title').press_sequentially('Confused, our own words for it', delay=60)
    expect(page.locator('#h-title')).to_have_value('Confused, our own words for it')


def test_going_to_a_button_does_not_press_it(opened: Opened, draft: RuleSet) -> None:
    page = opened('R05')
    page.locator('#h-title').fill('Confused')
    with page.expect_response(lambda answer: answer.request.method == 'POST') as looked:
        page.locator('[name="do"][value="save"]:visible').focus()
    assert 'do=look' in (looked.value.request.post_data or '')
    draft.refresh_from_db()
    assert draft.edits == 0


def test_it_works_on_a_phone_and_without_scripts(opened: Opened, draft: RuleSet) -> None:
    page = opened('R05', browser.PHONE, java_script_enabled=False)
    assert page.locator('body').bounding_box()['width'] <= 390  # type: ignore[index]
    page.get_by_role('button', name='Or something else').click()
    expect(page.locator('#c-1-symptom')).to_be_focused()
    page.locator('#c-1-symptom').select_option('FEVER')
    page.get_by_role('button', name='Show what it says now').click()
    page.locator('#c-1-test').select_option('gte:2')
    page.get_by_role('button', name='Save the rule').click()
    page.wait_for_url('**' + reverse('alerts:rule_set', args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.content['rules']['R05']['when']['any'][1] == {'symptom': 'FEVER', 'gte': 2}


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_on_a_phone(opened: Opened, scheme: str) -> None:
    page = opened('E04', browser.PHONE, color_scheme=scheme)
    assert flaws(page) == []
    assert page.evaluate('document.documentElement.scrollWidth') <= 390
