"""Every page of the style guide: no accessibility finding, no sideways scrolling, on a phone and a desk, light and dark."""

import pytest
from playwright.sync_api import Page

from tests.axe import violations, violations_by_day_and_night
from tests.design.conftest import DESK, PHONE, Open

PAGES = ['page=components', 'frame=staff', 'page=today', 'page=entry', 'page=advice&tier=unchecked', 'page=worklist']
TIERS = ['emergency', 'urgent', 'same_day', 'monitor']


def sideways(page: Page) -> bool:
    return bool(page.evaluate('document.documentElement.scrollWidth > innerWidth'))


@pytest.mark.parametrize('query', PAGES + [f'page=advice&tier={tier}' for tier in TIERS])
def test_a_page_on_a_phone_can_be_used_by_everybody(show: Open, query: str) -> None:
    page = show(query, viewport=PHONE, reduced_motion='reduce')
    assert violations_by_day_and_night(page) == []
    assert not sideways(page)


@pytest.mark.parametrize('query', PAGES)
def test_a_page_on_a_desk_can_be_used_by_everybody(show: Open, query: str) -> None:
    page = show(query, viewport=DESK, reduced_motion='reduce')
    assert violations(page) == []
    assert not sideways(page)


def test_the_search_for_findings_finds_one(show: Open) -> None:
    page = show('page=today', viewport=PHONE)
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert [finding.split(':')[0] for finding in violations(page)] == ['label']


@pytest.mark.parametrize('query', PAGES)
def test_a_small_phone_or_text_twice_as_large_needs_no_sideways_scrolling(show: Open, query: str) -> None:
    small = show(query, viewport={'width': 320, 'height': 640})
    assert not sideways(small)
    large = show(query, viewport=PHONE)
    large.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not sideways(large)
