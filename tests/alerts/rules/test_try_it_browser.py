"""Trying rules out in a real browser: by keyboard, on a phone, without JavaScript, and clean for axe."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from alerts.models import RuleSet
from alerts.services.rules.drafting import begin, change_rule
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import FEVER, told_us
from tests.alerts.rules.test_try_it import CASE
from tests.axe import violations_by_day_and_night
from tests.browser import DESK, PHONE, Opened, fits
from tests.cast import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]


@pytest.fixture
def draft(riverside: Clinic, grace: Membership, content: RuleSet) -> RuleSet:
    begun = begin(clinic=riverside, by=grace.user, title='Riverside', why='fewer calls', now=NOW)
    rule = begun.content['rules']['R02'] | {
        'when': {'any': [{'symptom': 'FEVER', 'field': 'celsius', 'gte': 39}, {'symptom': 'CHILLS', 'gte': 2}]}
    }
    return change_rule(draft=begun, rule='R02', after=rule, by=grace.user, seen=begun.edits, now=NOW)


def address(rule_set: RuleSet) -> str:
    return reverse('alerts:try_it', args=[rule_set.pk])


def paste(page: Page) -> None:
    page.get_by_label('One line of the exchange format').fill(json.dumps(CASE))
    page.get_by_role('button', name='Try this case').click()
    expect(page.get_by_role('heading', name='What these rules say')).to_be_visible()


@pytest.mark.parametrize('size', [PHONE, DESK], ids=['phone', 'desk'])
def test_axe_finds_nothing_before_and_after_and_the_page_never_scrolls_sideways(
    opened: Opened, grace: Membership, draft: RuleSet, ana: Patient, size: dict[str, int]
) -> None:
    told_us(ana, FEVER, check=False)
    page = opened(grace, address(draft), size=size)
    assert violations_by_day_and_night(page) == []
    paste(page)
    page.locator('#try-symptoms, .try-rest > summary').first.click()
    assert violations_by_day_and_night(page) == []
    page.get_by_label('Record number').fill(ana.record_number)
    page.get_by_role('button', name='Find', exact=True).click()
    page.get_by_role('button', name=ana.record_number).click()
    page.locator('.try-pick .num').first.click()
    expect(page.locator('.try-pick[aria-current]')).to_be_visible()
    assert violations_by_day_and_night(page) == []
    assert fits(page)


def test_enter_tries_and_the_focus_goes_to_the_answer(opened: Opened, grace: Membership, draft: RuleSet) -> None:
    page = opened(grace, address(draft))
    page.get_by_label('or date and time').last.press('Enter')
    expect(page.locator('.try-result')).to_be_focused()
    page.keyboard.press('Tab')
    expect(page.locator('.try-result :focus')).to_have_count(1)


def test_without_javascript_an_entry_is_written_and_tried(opened: Opened, grace: Membership, draft: RuleSet) -> None:
    page = opened(grace, address(draft), java_script_enabled=False)
    page.get_by_text('Whole body', exact=False).first.click()
    page.locator('[name="FEVER.on"]').check()
    page.locator('[name="FEVER.celsius"]').fill('102')
    page.get_by_role('button', name='Try it').last.click()
    expect(page.locator('#rule-R02')).to_contain_text('In force: would fire')
    expect(page.locator('#rule-R02 .try-tree').first).to_contain_text('39 °C or more – 38.89')
    assert '?' not in page.url
