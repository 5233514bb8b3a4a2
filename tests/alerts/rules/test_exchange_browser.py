"""Files of rules and symptoms in a real browser: what they change, on a phone too, and clean for axe."""

import copy
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from alerts.models import RuleSet
from alerts.plain_yaml import read_yaml, write_yaml
from alerts.services.rules.catalogue_text import catalogue_text, current_versions
from clinic.models import Membership
from diary.models import SymptomVersion
from tests.alerts.rules.test_exchange import IMPORT, add_change_remove
from tests.axe import violations
from tests.browser import DESK, PHONE, Opened, fits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]
BOTH = pytest.mark.parametrize(('size', 'scheme'), [(PHONE, 'dark'), (DESK, 'light')], ids=['phone', 'desk'])


def is_clean(page: Page) -> bool:
    assert violations(page) == []
    return fits(page)


def paste(page: Page, text: str) -> None:
    page.get_by_label('Or its text, pasted').fill(text)
    page.get_by_role('button', name='See what it changes').click()


@BOTH
def test_rules_are_pasted_seen_and_kept(
    opened: Opened, grace: Membership, content: RuleSet, size: dict[str, int], scheme: str
) -> None:
    rules = copy.deepcopy(content.content)
    add_change_remove(rules)
    page = opened(grace, IMPORT, size=size, color_scheme=scheme)
    assert is_clean(page)
    paste(page, write_yaml(rules))
    expect(page.get_by_role('heading', name='What the file changes')).to_be_visible()
    assert is_clean(page)
    page.get_by_label('Name').fill('From the vendor')
    page.get_by_label('Why').fill('They sent it.')
    page.get_by_role('button', name='Make a draft of it').click()
    expect(page.get_by_text('The rules of the file are a draft now')).to_be_visible()
    assert RuleSet.objects.get(status='draft').content['rules'].keys() == rules['rules'].keys()


@BOTH
def test_other_levels_ask_what_the_old_ones_mean(
    opened: Opened, grace: Membership, size: dict[str, int], scheme: str
) -> None:
    data: Any = read_yaml(catalogue_text(current_versions()))
    data['symptoms']['FATIGUE']['words']['en']['levels'] = ['None', 'A little', 'Some', 'A lot', 'All there is']
    page = opened(grace, '/clinic/catalogue/import/', size=size, color_scheme=scheme)
    paste(page, write_yaml(data))
    expect(page.get_by_role('heading', name='The levels of “Tiredness” change')).to_be_visible()
    assert is_clean(page)
    page.get_by_label('Some old levels are other levels now').check()
    page.get_by_label('Old level 4').select_option('3: A lot')
    page.get_by_role('button', name='Publish these words').click()
    expect(page.get_by_text('Done: 1 symptom changed')).to_be_visible()
    assert SymptomVersion.objects.get(symptom__code='FATIGUE', number=2).level_map['4'] == 3
