"""How long a patient waits from pressing Save to reading the advice, with the broker well, frozen and gone."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from alerts.services.evaluation import evaluate_pending
from bench.browser import Browser
from bench.people import clinic_with_patients, fields, session_of
from bench.stack import processes
from tests import cast
from tests.live import Stack

TIMES = 40


def run() -> dict[str, Any]:
    """Milliseconds of the post and the advice page together, one patient after the other (aim: within 2,000 each)."""
    _, patients = clinic_with_patients(3, name='Broker')
    figures = {}
    with processes('web') as stack:
        states: tuple[tuple[str, Callable[[], object]], ...] = (
            ('well', lambda: None),
            ('frozen', lambda: stack.freeze('broker')),
            ('gone', lambda: stack.kill('broker')),
        )
        for (state, bring_about), patient in zip(states, patients, strict=True):
            bring_about()
            figures[state] = _figures(_waits(stack, Browser(stack.port, session_of(cast.user_of(patient)))))
    evaluate_pending(now=timezone.now(), limit=TIMES * 10)
    return {'times': TIMES, **figures}


def _waits(stack: Stack, browser: Browser) -> list[float]:
    browser.open_form('/entry/new/')
    return [_wait(browser) for _ in range(TIMES)]


def _wait(browser: Browser) -> float:
    start = time.perf_counter()
    browser.read(browser.post_and_follow('/entry/new/', fields('diary')))
    return 1000 * (time.perf_counter() - start)


def _figures(waits: list[float]) -> dict[str, float]:
    return {'median_ms': round(statistics.median(waits), 1), 'longest_ms': round(max(waits), 1)}
