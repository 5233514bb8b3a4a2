"""One thing on a screen: whatever way Ana walks through the steps, what she told is what is sent."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.design.conftest import DESK, PHONE, Open


def heading(page: Page) -> str:
    return page.locator('[data-current]').locator('legend, h1').first.inner_text()


def forward(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.click('[data-steps-next]')


def tell_fever(page: Page) -> None:
    page.check('input[value=FEVER]')
    forward(page)
    page.fill('#FEVER-temperature', '39.1')


def test_a_phone_shows_one_step_for_each_symptom_chosen(show: Open) -> None:
    page = show('page=entry', viewport=PHONE)
    count = page.locator('[data-steps-count]')
    expect(count).to_have_text('1 of 3')
    page.check('input[value=FEVER]')
    expect(count).to_have_text('1 of 4')
    forward(page)
    assert heading(page) == 'What is your temperature?'
    assert page.evaluate('document.activeElement.innerText') == 'What is your temperature?'


def test_enter_goes_on_and_never_sends_half_a_day(show: Open) -> None:
    page = show('page=entry', viewport=PHONE)
    tell_fever(page)
    page.press('#FEVER-temperature', 'Enter')
    assert heading(page) == 'How bad is the tiredness?'
    assert 'page=entry' in page.url


def test_the_way_back_and_a_turned_phone_keep_what_was_typed(show: Open) -> None:
    page = show('page=entry', viewport=PHONE)
    tell_fever(page)
    forward(page)
    page.set_viewport_size(DESK)
    expect(page.locator('form[data-steps]')).not_to_have_attribute('data-stepping', '')
    page.set_viewport_size(PHONE)
    page.go_back()
    assert heading(page) == 'What is your temperature?'
    forward(page, 2)
    page.fill('#e-note', 'hello')
    page.click('[data-steps-submit]')
    page.wait_for_url('**page=advice**')
    sent = parse_qs(urlsplit(page.url).query)
    assert (sent['FEVER-temperature'], sent['note'], sent['e-s']) == (['39.1'], ['hello'], ['FEVER', 'FATIGUE'])


def test_back_from_a_step_reached_by_a_link_stays_on_the_page(show: Open) -> None:
    page = show('page=entry', viewport=PHONE)
    page.evaluate("document.querySelector('.skip').href = '#e-note'")
    page.focus('.skip')
    page.keyboard.press('Enter')
    assert heading(page) == 'Anything else?'
    page.fill('#e-note', 'kept')
    page.click('[data-steps-back]')
    assert heading(page) == 'How bad is the tiredness?'
    page.click('[data-steps-back]')
    assert heading(page) == 'What bothers you?'
    assert page.input_value('#e-note') == 'kept'


def test_without_scripts_it_is_one_page_that_opens_by_itself(show: Open) -> None:
    page = show('page=entry', viewport=PHONE, java_script_enabled=False)
    expect(page.locator('[data-steps-submit]')).to_be_visible()
    expect(page.locator('[data-steps-next]')).to_be_hidden()
    expect(page.locator('#FEVER-temperature')).to_be_hidden()
    page.check('input[value=FEVER]')
    expect(page.locator('#FEVER-temperature')).to_be_visible()


def test_a_search_never_hides_what_is_chosen(show: Open) -> None:
    page = show('page=entry', viewport=PHONE)
    page.fill('[data-filter]', 'ITCH')
    chips = page.locator('.chip:visible')
    assert [text.split('\n')[0] for text in chips.all_inner_texts()] == ['Tiredness', 'Itching']
