"""One-key commands on the worklist: they act on the patient in focus or on nobody."""

from playwright.sync_api import Page

from tests.design.conftest import DESK, Open

WATCH = """document.querySelectorAll('[data-key]').forEach((each) => each.addEventListener('click', () => {
  document.title = each.dataset.key + ' on ' + (each.closest('[data-row]')?.id || 'the open alert');
}))"""


def worklist(show: Open) -> Page:
    page = show('page=worklist', viewport=DESK)
    page.evaluate(WATCH)
    page.evaluate("document.title = 'nothing'")
    return page


def test_j_and_k_walk_from_the_open_alert(show: Open) -> None:
    page = worklist(show)
    page.keyboard.press('j')
    assert page.evaluate('document.activeElement.id') == 'row-3'
    page.keyboard.press('k')
    page.keyboard.press('k')
    assert page.evaluate('document.activeElement.id') == 'row-1'


def test_a_acts_on_the_row_in_focus(show: Open) -> None:
    page = worklist(show)
    page.focus('#row-3')
    page.keyboard.press('a')
    assert page.title() == 'a on alert-3'


def test_r_on_another_row_does_not_resolve_the_open_alert(show: Open) -> None:
    page = worklist(show)
    page.focus('#row-3')
    page.keyboard.press('r')
    assert page.title() == 'nothing'
    page.focus('#row-2')
    page.keyboard.press('r')
    assert page.title() == 'r on the open alert'


def test_typing_and_the_switch_turn_them_off(show: Open) -> None:
    page = worklist(show)
    page.focus('#row-3')
    page.keyboard.press('/')
    page.keyboard.type('aj')
    assert page.input_value('[data-key="/"]') == 'aj'
    page.uncheck('[data-keys-switch]')
    page.focus('#row-3')
    page.keyboard.press('a')
    assert page.title() == 'nothing'
