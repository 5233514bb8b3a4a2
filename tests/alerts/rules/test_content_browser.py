"""What the rules look for, in a real browser: on a small phone, on paper, searched, and clean for axe."""

import pytest
from playwright.sync_api import expect

from clinic.models import Membership, Patient
from tests.axe import violations_by_day_and_night
from tests.browser import DESK, PHONE, Opened, fits, sheets

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]
SMALL = {'width': 320, 'height': 640}


def test_axe_finds_nothing_and_a_small_phone_never_scrolls_sideways(
    opened: Opened, ana: Patient, rosa: Membership
) -> None:
    found = []
    for size in (SMALL, DESK):
        for person, path in ((ana, '/what-we-look-for/'), (rosa, '/clinic/content/'), (rosa, '/clinic/content/A01/')):
            page = opened(person, path, size=size)
            found += [f'{path}: {one}' for one in violations_by_day_and_night(page)]
            assert fits(page), f'{path} is wider than {size["width"]} px'
    assert found == []


def test_a_patients_targets_are_large(opened: Opened, ana: Patient) -> None:
    page = opened(ana, '/what-we-look-for/', size=PHONE)
    heights = page.locator('.look a').evaluate_all('all => all.map((one) => one.getBoundingClientRect().height)')
    assert heights
    assert min(heights) >= 48


def test_the_patients_page_prints_on_one_or_two_sheets(opened: Opened, ana: Patient) -> None:
    page = opened(ana, '/what-we-look-for/')
    assert sheets(page) <= 2


def test_on_paper_a_rule_shows_all_that_stands_on_its_page(opened: Opened, rosa: Membership) -> None:
    page = opened(rosa, '/clinic/content/A01/')
    page.emulate_media(media='print')
    expect(page.get_by_text('Substitute: the founding list was lost')).to_be_visible()
    expect(page.locator('.s-nav')).to_be_hidden()


def test_rules_are_found_by_their_words_their_document_and_their_name(opened: Opened, rosa: Membership) -> None:
    page = opened(rosa, '/clinic/content/')
    rules = page.locator('.plain-rule:visible')
    expect(rules).to_have_count(56)
    for words, title in (
        ('palpitations', 'Heart palpitations or chest pain'),
        ('idsa', 'Fever with low white cells possible'),
        ('E14', 'Signs of adrenal crisis'),
    ):
        page.get_by_label('Search the rules').fill(words)
        expect(rules.get_by_role('link', name=title, exact=True)).to_have_count(1)
        assert rules.count() < 12
    page.get_by_label('Search the rules').fill('xylophone')
    expect(rules).to_have_count(0)
    expect(page.get_by_text('Nothing found. Try another word.')).to_be_visible()
