"""The auditor: looks every few seconds whether the promises are kept, within a time budget, and says so on record."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from alerts.models import Check
from alerts.services import promises, watching
from alerts.services.deadman import in_the_way, ping
from clinic.faultpoints import point
from clinic.models import Clinic

log = logging.getLogger(__name__)

ONE_CHECK_MS = 2000
ALL_SECONDS = 10.0
OUT_OF_TIME = 'out of time'
Judge = Callable[[], promises.Verdict]

# `since` stays as long as the verdict does.
_WRITE = """
    INSERT INTO alerts_check AS c (name, ok, since, at, detail) VALUES (%(name)s, %(ok)s, %(now)s, %(now)s, %(detail)s)
    ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at, detail = EXCLUDED.detail, ok = EXCLUDED.ok,
        since = CASE WHEN c.ok = EXCLUDED.ok THEN c.since ELSE EXCLUDED.since END
"""


@dataclass
class Budget:
    """What is left of the time for all checks together."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    @property
    def is_spent(self) -> bool:
        return time.monotonic() - self.began > self.seconds


def audit(*, now: datetime, seconds: float = ALL_SECONDS) -> bool:
    """Judge every promise and write down what was found; True when all is well. The outside monitor hears us meanwhile."""
    watching.expect_all(now=now)
    budget, judged = Budget(seconds), []
    for name, judge in _all(now=now):
        _write(name, _judged(name, judge, budget), now=now)
        judged.append(name)
        point('audit.judged')
    Check.objects.exclude(name__in=judged).delete()
    if not in_the_way(now=now):
        ping(now=now)
    return watching.health(now=now).is_well


def _all(*, now: datetime) -> Iterator[tuple[str, Judge]]:
    """Every check by name; one of a clinic is called “name:clinic's number”."""
    for name, of_all in promises.OF_ALL.items():
        yield name, partial(of_all, now=now)
    for clinic in Clinic.objects.order_by('pk'):
        for name, of_one in promises.OF_A_CLINIC.items():
            yield f'{name}:{clinic.pk}', partial(of_one, clinic, now=now)


def _judged(name: str, judge: Judge, budget: Budget) -> promises.Verdict:
    """A check that fails or takes too long is a red check: not knowing is not well."""
    if budget.is_spent:
        return promises.Verdict(False, {'error': OUT_OF_TIME})
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'SET LOCAL statement_timeout = {ONE_CHECK_MS:d}')
            return judge()
    except Exception as error:  # noqa: BLE001  (of one check; the others are judged all the same)
        log.error('check %s could not be judged: %s', name, type(error).__name__)
        return promises.Verdict(False, {'error': _kind(error)})


def _kind(error: Exception) -> str:
    return OUT_OF_TIME if 'statement timeout' in str(error) else type(error).__name__


def _write(name: str, verdict: promises.Verdict, *, now: datetime) -> None:
    words: dict[str, Any] = {'name': name, 'ok': verdict.ok, 'now': now, 'detail': json.dumps(verdict.detail)}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, words)
