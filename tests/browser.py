"""A real browser for journeys and screenshots: the system's Chromium, driven by Playwright."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

# What the fixtures `window_of` and `opened` are: somebody of the cast's own profile, and a page of it.
WindowOf = Callable[..., BrowserContext]
Opened = Callable[..., Page]

PHONE = {'width': 390, 'height': 844}
DESK = {'width': 1440, 'height': 900}
NAMES = ('chromium', 'chromium-browser', 'google-chrome')
FLAGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
]


def chromium() -> str:
    """Where the browser is: CHROMIUM, else the first of the usual names. `make test` installs it or says how."""
    found = os.environ.get('CHROMIUM') or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError('There is no Chromium: type `make test`, which installs it or says how.')
    return found


# How long an expectation waits: it tells "never" from "slow" on a busy machine.
expect.set_options(timeout=20_000)

_running: list[Browser] = []


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser of this process: Playwright refuses a second event loop in one thread, so who comes later shares the first."""
    if _running:
        yield _running[0]
        return
    # Playwright runs an event loop in this thread; Django's ORM would refuse to work beside it.
    os.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] = 'true'
    with sync_playwright() as playwright:
        _running.append(playwright.chromium.launch(executable_path=chromium(), args=FLAGS))
        yield _running[0]
        _running.pop().close()


def context(running: Browser, size: dict[str, int], **options: Any) -> BrowserContext:
    """A fresh browser profile of that size."""
    return running.new_context(viewport=size, **({'locale': 'en-US'} | options))  # type: ignore[arg-type]


def listen(window: BrowserContext, complaints: list[str]) -> None:
    """Keep what the console of any of its pages warns of, and every error of their scripts."""
    window.on('console', lambda said: complaints.append(said.text) if said.type in ('error', 'warning') else None)
    window.on('weberror', lambda error: complaints.append(str(error.error)))


def leave(window: BrowserContext) -> None:
    """Close a window. One that is just going over to another page Chromium would never close (playwright issue 42366)."""
    for page in window.pages:
        with suppress(PlaywrightError):
            page.goto('about:blank')
    window.close()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'))


def sheets(page: Page) -> int:
    """How many A4 sheets the page takes, printed on one side."""
    page.emulate_media(media='print')
    margin = dict.fromkeys(('top', 'bottom', 'left', 'right'), '12mm')
    return len(re.findall(rb'/Type\s*/Page\b', page.pdf(format='A4', margin=margin)))  # type: ignore[arg-type]
