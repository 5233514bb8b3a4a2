"""The walk of `make screenshots`."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command
from playwright.sync_api import Browser, Page

from tests.browser import DESK, PHONE, browser, context
from tests.live import Stack, eventually, stack

SIZES = {'phone': PHONE, 'desk': DESK}


def tour(folder: Path) -> Iterator[str]:
    """Make the pictures, one after the other; yields their file names."""
    for command in ('migrate', 'createcachetable', 'load_content', 'demo_data'):
        call_command(command, verbosity=0)
    with stack('web', 'worker', 'beat', DEMO_MODE='true', DEMO_MODE_ASKED='true') as live, browser() as running:
        eventually(lambda: is_well(live), within=120, what='the first look at itself')
        for size, pixels in SIZES.items():
            for role in (visitor, patient, nurse, admin):
                page = context(running, pixels).new_page()
                for name in role(page, live, size):
                    file = f'{name}-{size}.png'
                    page.screenshot(path=str(folder / file))
                    yield file
                page.context.close()
        yield from dark(running, live, folder)


def is_well(live: Stack) -> bool:
    try:
        with urllib.request.urlopen(f'{live.url}/health/work') as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


def become(page: Page, live: Stack, name: str) -> None:
    page.goto(f'{live.url}/demo/')
    page.get_by_role('button', name=re.compile(name)).first.click()
    page.wait_for_load_state('networkidle')


def visitor(page: Page, live: Stack, size: str) -> Iterator[str]:
    page.goto(f'{live.url}/demo/')
    yield 'demo-choose'


def patient(page: Page, live: Stack, size: str) -> Iterator[str]:
    become(page, live, 'Ana')
    page.goto(f'{live.url}/today/')
    yield 'patient-today'
    page.goto(f'{live.url}/entry/new/')
    yield 'patient-entry'
    page.goto(f'{live.url}/diary/')
    yield 'patient-diary'
    fever(page, live)
    yield 'patient-advice'
    page.goto(f'{live.url}/diary/charts/')
    yield 'patient-charts'
    page.goto(f'{live.url}/treatment/')
    yield 'patient-treatment'
    page.goto(f'{live.url}/help/')
    yield 'patient-help'


def fever(page: Page, live: Stack) -> None:
    """Ana logs a fever; the form is the same with and without steps. Once she has told of it, she is asked again of herself."""
    page.goto(f'{live.url}/entry/new/')
    chip = page.locator('[name="FEVER.on"][type="checkbox"]')
    if chip.count():
        chip.check()
    onward = page.locator('[data-steps-next]')
    if onward.is_visible():
        onward.click()
    page.locator('[name="FEVER.severity"][value="2"]').check()
    page.locator('[name="FEVER.celsius"]').fill('101.5')
    while onward.is_visible():
        onward.click()
    page.get_by_role('button', name='Save').click()
    page.wait_for_load_state('networkidle')
    page.wait_for_timeout(1500)


def nurse(page: Page, live: Stack, size: str) -> Iterator[str]:
    become(page, live, 'Rosa')
    page.goto(f'{live.url}/worklist/')
    yield 'nurse-worklist'
    row = page.locator('.work-row', has_text='Ana Morales').locator('a.row-link').first
    page.goto(f'{live.url}{row.get_attribute("href")}')
    yield 'nurse-alert'
    page.goto(f'{live.url}/patients/')
    yield 'nurse-patients'


def admin(page: Page, live: Stack, size: str) -> Iterator[str]:
    become(page, live, 'Grace')
    page.goto(f'{live.url}/clinic/')
    yield 'admin-overview'
    page.goto(f'{live.url}/admin/')
    yield 'admin-tables'
    page.goto(f'{live.url}/clinic/rules/')
    yield 'admin-rules'
    yield from editor(page, live)


def editor(page: Page, live: Stack) -> Iterator[str]:
    """A draft of today, and one of its rules as sentences."""
    page.goto(f'{live.url}/clinic/rules/begin/')
    page.locator('[name="title"]').fill('Loose stools, once more')
    page.locator('[name="why"]').fill('Two people phoned late.')
    page.locator('main form button.button').first.click()
    page.wait_for_load_state('networkidle')
    page.goto(f'{page.url}rule/R04/')
    page.wait_for_load_state('networkidle')
    yield 'admin-editor'


def dark(running: Browser, live: Stack, folder: Path) -> Iterator[str]:
    page = context(running, PHONE, color_scheme='dark').new_page()
    become(page, live, 'Ana')
    page.goto(f'{live.url}/today/')
    page.screenshot(path=str(folder / 'patient-today-dark-phone.png'))
    yield 'patient-today-dark-phone.png'
    page.context.close()
