"""From submit to flags committed, beside a task that only commits one row; both through the real web server, broker and worker."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from alerts.models import Evaluation
from bench.browser import Browser
from bench.models import Row
from bench.people import clinic_with_patients, fields, session_of
from bench.stack import processes
from tests import cast

ROUNDS = 150
WARM_UP = 15


def run() -> dict[str, Any]:
    """Alternate the two, one at a time, in the same run. Milliseconds; the ratio is what carries over."""
    _, patients = clinic_with_patients(ROUNDS + WARM_UP, name='Latency')
    ours, bare = [], []
    with (
        processes('web', 'worker', 'beat') as house,
        processes('web', 'worker', settings='bench.settings_bare') as plain,
    ):
        for number, patient in enumerate(patients):
            session = session_of(cast.user_of(patient))
            browser = Browser(house.port, session)
            browser.open_form('/entry/new/')
            ours.append(_ours(browser, patient.pk))
            browser = Browser(plain.port, session)
            browser.open_form('/bare/')
            bare.append(_bare(browser, number))
    return {
        'rounds': ROUNDS,
        'vigil_ms': _figures(ours[WARM_UP:]),
        'bare_ms': _figures(bare[WARM_UP:]),
        'median_ratio': round(statistics.median(ours[WARM_UP:]) / statistics.median(bare[WARM_UP:]), 2),
        'p95_ratio': round(_p95(ours[WARM_UP:]) / _p95(bare[WARM_UP:]), 2),
    }


def _ours(browser: Browser, patient: int) -> float:
    start = time.perf_counter()
    assert browser.post('/entry/new/', fields('diary')) in (302, 303)
    newest = Evaluation.objects.filter(patient=patient).order_by('-pk')
    return _until(lambda: newest.values_list('evaluated_at', flat=True).first() is not None, start)


def _bare(browser: Browser, number: int) -> float:
    start = time.perf_counter()
    assert browser.post('/bare/task/', fields('bare') | {'number': str(number)}) in (302, 303)
    return _until(lambda: Row.objects.filter(number=number).exists(), start)


def _until(truth: Callable[[], bool], start: float) -> float:
    while not truth():
        assert time.perf_counter() - start < 60, f'never committed: {_owed()}'
        time.sleep(0.0005)
    return 1000 * (time.perf_counter() - start)


def _owed() -> list[tuple[int, str]]:
    """How often each owed row was tried, and the kind of its last error."""
    return list(Evaluation.objects.filter(pending_since__isnull=False).values_list('attempts', 'error')[:5])


def _figures(times: list[float]) -> dict[str, float]:
    return {'median': round(statistics.median(times), 1), 'p95': round(_p95(times), 1)}


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def prepare() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Row)
