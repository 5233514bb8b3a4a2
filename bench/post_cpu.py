"""Processor time of the web server per diary post, beside a bare Django view that stores the same rows."""

import os
import statistics
from pathlib import Path
from typing import Any

from django.utils import timezone

from alerts.services.evaluation import evaluate_pending
from bench.browser import Browser
from bench.people import clinic_with_patients, fields, session_of
from bench.stack import processes
from tests import cast
from tests.live import Stack

BLOCKS = 10
POSTS = 30  # per block and kind
TICK_MS = 1000 / os.sysconf('SC_CLK_TCK')


def run() -> dict[str, Any]:
    """Blocks of posts of either kind in turn; user and system time of all gunicorn processes, from the kernel's books."""
    _, patients = clinic_with_patients(BLOCKS, name='CPU')
    ours, bare, page = [], [], []
    with processes('web') as house, processes('web', settings='bench.settings_bare') as plain:
        for number, patient in enumerate([*patients[:1], *patients]):
            session = session_of(cast.user_of(patient))
            browser = Browser(house.port, session)
            page_cost = _gets(house, browser)
            cost = _posts(house, browser, '/entry/new/', 'diary')
            bare_cost = _posts(plain, Browser(plain.port, session), '/bare/', 'bare')
            if number:  # the first round warms up
                ours.append(cost)
                bare.append(bare_cost)
                page.append(page_cost)
    evaluate_pending(now=timezone.now(), limit=BLOCKS * POSTS * 2)  # nothing is left for the next benchmark's worker
    return {
        'posts': BLOCKS * POSTS,
        'vigil_cpu_ms': round(statistics.mean(ours), 2),
        'bare_cpu_ms': round(statistics.mean(bare), 2),
        'ratio': round(statistics.mean(ours) / statistics.mean(bare), 2),
        'today_page_cpu_ms': round(statistics.mean(page), 2),
    }


def _posts(stack: Stack, browser: Browser, path: str, kind: str) -> float:
    browser.open_form(path)
    data = fields(kind)
    before = _cpu(stack)
    for _ in range(POSTS):
        assert browser.post(path, data) in (302, 303)
    return (_cpu(stack) - before) / POSTS


def _gets(stack: Stack, browser: Browser) -> float:
    before = _cpu(stack)
    for _ in range(5):
        browser.open_form('/today/')
    return (_cpu(stack) - before) / 5


def _cpu(stack: Stack) -> float:
    """Milliseconds that the web server's process group has used so far."""
    leader = stack.children['web'].pid
    return TICK_MS * sum(_ticks(stat) for stat in _stats() if int(stat[2]) == leader)


def _stats() -> list[list[str]]:
    found = []
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            found.append(path.read_text().rpartition(')')[2].split())
        except OSError:
            continue
    return found


def _ticks(stat: list[str]) -> int:
    return int(stat[11]) + int(stat[12])
