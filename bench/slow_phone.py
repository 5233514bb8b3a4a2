"""The diary on a slow phone: how long and how many taps until a day is told, and how heavy the first page is.

The real web server, worker and beat; Chromium as a phone of 390 × 844 with touch, its processor slowed down four times, its line at
400 ms round trip and 400 kbit/s both ways (the browser's own emulation, the one that Lighthouse uses; it does not slow the TCP
handshake). What is counted as a tap: each touch of the screen, and each key of the phone's keyboard; scrolling is none.
"""

import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from bench.people import clinic_with_patients, session_of
from bench.stack import processes
from clinic.models import Patient
from tests import cast
from tests.browser import PHONE, browser, context
from tests.live import Stack

SLOWER = 4
LINE = {'offline': False, 'latency': 400, 'downloadThroughput': 50_000, 'uploadThroughput': 50_000}  # bytes/s
ROUNDS = int(os.environ.get('SLOW_PHONE_ROUNDS', '3'))
THOUGHT = 2.0  # seconds that a person looks before each tap: our assumption, told apart from what was measured
USABLE = """() => Math.max(
    performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
    performance.getEntriesByName('first-contentful-paint')[0].startTime)"""
ADVICE = '#advice-title'


@dataclass
class Thumb:
    """A person's thumb on that phone: it counts what it does."""

    page: Page
    taps: int = 0

    def tap(self, selector: str) -> None:
        self.page.locator(selector).locator('visible=true').first.tap()
        self.taps += 1

    def type(self, selector: str, text: str) -> None:
        """One tap into the field, and one for each key."""
        self.tap(selector)
        self.page.locator(selector).press_sequentially(text)
        self.taps += len(text)


@dataclass
class Line:
    """What went over the line of a page: requests that the cache did not answer, and their bytes with headers."""

    requests: int = 0
    bytes: int = 0
    cached: set[str] = field(default_factory=set)

    def listen(self, session: CDPSession) -> None:
        session.on('Network.requestServedFromCache', lambda said: self.cached.add(said['requestId']))
        session.on('Network.loadingFinished', self._finished)

    def _finished(self, said: dict[str, Any]) -> None:
        if said['requestId'] not in self.cached and said['encodedDataLength']:
            self.requests += 1
            self.bytes += int(said['encodedDataLength'])


def run() -> dict[str, Any]:
    """Seconds are medians of `ROUNDS` fresh phones; bytes and taps are the same each time."""
    with processes('web', 'worker', 'beat') as house, browser() as running:
        return {
            'first_page': _visits(running, house),
            'nothing_new': _told(running, house, nothing_new, days=0),
            'three_symptoms': _told(running, house, three_symptoms, days=0),
            'fever_and_two_more': _told(running, house, fever_and_two_more, days=0),
            'as_last_time_with_one_change': _told(running, house, one_change, days=6),
        }


# -- the first page ----------------------------------------------------------------------------------------------------------


def _visits(running: Browser, house: Stack) -> dict[str, Any]:
    """The page of today on a phone that was never here, and again on the same phone."""
    cold, warm = [], []
    for patient in clinic_with_patients(ROUNDS, days=6, name=_name())[1]:
        with _phone(running, house, patient) as page:
            cold.append(_visit(page, house))
            page.goto('about:blank')
            warm.append(_visit(page, house))
    return {'cold': _figures(cold), 'warm': _figures(warm)}


def _visit(page: Page, house: Stack) -> dict[str, float]:
    line = Line()
    session = _slow(page)
    line.listen(session)
    page.goto(f'{house.url}/today/', wait_until='networkidle')
    found = {'usable_s': page.evaluate(USABLE) / 1000, 'requests': line.requests, 'kilobytes': line.bytes / 1000}
    session.detach()
    return found


# -- telling a day -----------------------------------------------------------------------------------------------------------


def _told(running: Browser, house: Stack, tell: Callable[[Thumb], None], *, days: int) -> dict[str, Any]:
    """From opening the page of today, nothing kept from before, to reading the advice. `days`: how many were told before."""
    rounds = []
    for patient in clinic_with_patients(ROUNDS, days=days, name=_name())[1]:
        with _phone(running, house, patient) as page:
            _slow(page)
            thumb, start = Thumb(page), time.perf_counter()
            page.goto(f'{house.url}/today/', wait_until='commit')
            tell(thumb)
            page.locator(ADVICE).wait_for()
            rounds.append({'seconds': time.perf_counter() - start, 'taps': thumb.taps})
    found = _figures(rounds)
    return found | {'seconds_with_thought': round(found['seconds'] + THOUGHT * found['taps'], 1)}


def nothing_new(thumb: Thumb) -> None:
    thumb.tap('button[name=say][value=nothing]')


def three_symptoms(thumb: Thumb) -> None:
    _tell(thumb, ('FATIGUE', 'NAUSEA', 'HEADACHE'))


def fever_and_two_more(thumb: Thumb) -> None:
    _tell(thumb, ('FEVER', 'NAUSEA', 'HEADACHE'), measured={'FEVER': '101.5'})


def one_change(thumb: Thumb) -> None:
    """As last time, but the first line is worse."""
    thumb.tap('main a[href="/entry/new/"]')
    thumb.tap('details[data-told] > summary')
    thumb.tap('details[data-told][open] label:has(> input[value="2"])')
    thumb.tap('[data-steps-submit]')


def _tell(thumb: Thumb, codes: tuple[str, ...], *, measured: dict[str, str] | None = None) -> None:
    """Each of them mild. A step with one question leads on by itself, one with several wants a tap on Next."""
    current = thumb.page.locator('[data-current] input[name$=".severity"]').first
    thumb.tap('main a[href="/entry/new/"]')
    for code in codes:
        thumb.tap(f'label:has(> input[name="{code}.on"])')
    thumb.tap('[data-steps-next]')
    for _ in codes:
        name = current.get_attribute('name') or ''
        alone = thumb.page.locator('[data-current] :is(fieldset, textarea)').count() == 1
        thumb.tap(f'label:has(> input[name="{name}"][value="1"])')
        if degrees := (measured or {}).get(name.partition('.')[0]):
            thumb.type('[data-current] input[name$=".celsius"]', degrees)
        if alone:  # the next question comes by itself
            thumb.page.locator(f'[data-current] [name="{name}"]').first.wait_for(state='detached')
        else:
            thumb.tap('[data-steps-next]')
    thumb.tap('[data-steps-submit]')


# -- the phone ---------------------------------------------------------------------------------------------------------------


@contextmanager
def _phone(running: Browser, house: Stack, patient: Patient) -> Iterator[Page]:
    phone = context(running, PHONE, has_touch=True, is_mobile=True, device_scale_factor=2, service_workers='block')
    key = session_of(cast.user_of(patient))
    phone.add_cookies([{'name': 'sessionid', 'value': key, 'url': house.url}])
    phone.set_default_timeout(30_000)
    yield phone.new_page()
    phone.close()


def _slow(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send('Network.enable')
    session.send('Network.emulateNetworkConditions', LINE)
    session.send('Emulation.setCPUThrottlingRate', {'rate': SLOWER})
    return session


def _figures(rounds: list[dict[str, float]]) -> dict[str, Any]:
    return {name: round(statistics.median(each[name] for each in rounds), 2) for name in rounds[0]}


def _name() -> str:
    return f'Phones {uuid.uuid4().hex[:6]}'
