"""Signs of life: each sweep leaves one when it ran to its end, and anybody may ask whether one has stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from alerts.models import Check, Heartbeat

AUDIT = 'alerts.tasks.audit'
SOON = timedelta(seconds=60)
MISSED = 3  # so many of its turns a slow sweep may miss

_BEAT = """
    INSERT INTO alerts_heartbeat (name, at) VALUES (%(name)s, %(now)s)
    ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at
"""


@dataclass(frozen=True)
class Health:
    """`stopped` are the sweeps without a sign of life, by name; `red` the checks that are not well."""

    stopped: tuple[str, ...]
    red: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return not self.stopped and not self.red


def beat(name: str, *, now: datetime) -> None:
    """Leave a sign of life. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, {'name': name, 'now': now})


def sweeps() -> Mapping[str, timedelta]:
    """Every task of the beat schedule, and how old its last sign of life may be."""
    return {entry['task']: max(SOON, MISSED * entry['schedule']) for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def expect_all(*, now: datetime) -> None:
    """Give a sweep that has never run the time until its first turn: an hourly one is not late in its first minutes."""
    Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now) for name in sweeps()], ignore_conflicts=True)


def health(*, now: datetime) -> Health:
    """Two queries. Asks no auditor whether the auditor runs."""
    seen = dict(Heartbeat.objects.values_list('name', 'at'))
    red = Check.objects.filter(ok=False).order_by('name').values_list('name', flat=True)
    stopped = [name for name, age in sweeps().items() if not _fresh(seen.get(name), age, now=now)]
    # Before its first run the auditor has given nobody their time, and only its own silence counts.
    return Health(tuple(sorted(stopped)) if AUDIT in seen else (AUDIT,), tuple(red))


def _fresh(at: datetime | None, age: timedelta, *, now: datetime) -> bool:
    """A sign from the future is none: the clock was set back, and what it tells may be over."""
    return at is not None and now - age <= at <= now + SOON
