"""`/metrics` for Prometheus: what the database says now, in a few cheap queries with a time budget.

Nothing is counted in this process, so every web process answers the same and a restart loses nothing. No name, no health
data; a clinic is a number. Who may read it: docs/operations.md.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from alerts.models import (
    WAITING,
    Alert,
    AlertEvent,
    AlertEventKind,
    AlertState,
    Check,
    Drill,
    Evaluation,
    Heartbeat,
    Notification,
    NotificationStatus,
)
from clinic.access import Who, who_may

BUDGET = timedelta(seconds=2)  # for all queries of one scrape; Prometheus waits 10 s
DAY = timedelta(days=1)
Part = Callable[[datetime], Iterator[Metric]]


@who_may(Who.ANYONE)
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everybody without the token learns nothing about what is there."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(House(request.now))  # type: ignore[attr-defined]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """With METRICS_TOKEN whoever bears it. Without, nobody but a developer: behind a proxy every address is the proxy's own, so
    that "from this machine" would mean everybody."""
    token: str = settings.METRICS_TOKEN
    if not token:
        return bool(settings.DEBUG)
    kind, _space, given = request.headers.get('Authorization', '').partition(' ')
    return kind.lower() == 'bearer' and constant_time_compare(given.strip(), token)


@dataclass(frozen=True, eq=False)  # a registry keeps its collectors by identity
class House(Collector):
    """Asks part by part. A part that fails or for which no time is left says so (`vigil_metrics_ok`), the others go on."""

    now: datetime

    def describe(self) -> Iterable[Metric]:
        return []  # the registry asks nothing twice

    def collect(self) -> Iterator[Metric]:
        start = time.monotonic()
        well = _gauge('metrics_ok', 'Whether this part could be asked within the time budget', ['part'])
        for name, part in PARTS.items():
            left = BUDGET.total_seconds() - (time.monotonic() - start)
            found = _asked(part, self.now, left)
            well.add_metric([name], 0 if found is None else 1)
            yield from found or ()
        yield well
        yield _gauge('metrics_seconds', 'How long the questions to the database took', value=time.monotonic() - start)


def _asked(part: Part, now: datetime, left: float) -> list[Metric] | None:
    """None where the database did not answer in the time that is left."""
    if left <= 0:
        return None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, int(left * 1000)))])
            return list(part(now))
    except DatabaseError:
        return None


def _gauge(name: str, words: str, labels: Iterable[str] = (), *, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f'vigil_{name}', words, labels=None if value is not None else list(labels), value=value)


def _filled(gauge: GaugeMetricFamily, rows: Iterable[tuple[Any, ...]]) -> GaugeMetricFamily:
    """Each row is its labels and, last, the figure."""
    for *labels, figure in rows:
        gauge.add_metric([str(label) for label in labels], figure)
    return gauge


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0) if since else 0


# -- the parts ------------------------------------------------------------------------------------------------------------
def _unresolved() -> QuerySet[Alert]:
    return Alert.objects.filter(is_drill=False).exclude(state=AlertState.RESOLVED).order_by()


def alerts(now: datetime) -> Iterator[Metric]:
    rows = _unresolved().values_list('clinic', 'tier', 'state').annotate(n=Count('pk'))
    yield _filled(_gauge('alerts_open', 'Alerts that are not resolved', ['clinic', 'tier', 'state']), rows)
    waiting = _unresolved().filter(state__in=WAITING)
    late = waiting.filter(acknowledge_by__lt=now).values_list('clinic', 'tier').annotate(n=Count('pk'))
    yield _filled(_gauge('alerts_late', 'Alerts that nobody saw by the promised time', ['clinic', 'tier']), late)


def escalation(now: datetime) -> Iterator[Metric]:
    due = _unresolved().filter(due_at__lt=now).aggregate(n=Count('pk'), oldest=Min('due_at'))
    yield _gauge('escalations_due', 'Alerts whose next step is due and not taken', value=due['n'])
    late = _seconds(due['oldest'], now)
    yield _gauge('escalations_late_seconds', 'For how long the oldest of these steps is due', value=late)


def entries(now: datetime) -> Iterator[Metric]:
    owed = Evaluation.objects.filter(pending_since__isnull=False, patient__is_drill=False).order_by()
    rows = list(owed.values_list('patient__clinic').annotate(n=Count('pk'), oldest=Min('pending_since')))
    count, age = (
        _gauge('entries_unchecked', 'Entries that wait to be checked', ['clinic']),
        _gauge('oldest_unchecked_seconds', 'For how long the oldest of them waits; 0 when there is none'),
    )
    yield _filled(count, ((clinic, n) for clinic, n, _oldest in rows))
    oldest = min((oldest for _clinic, _n, oldest in rows if oldest), default=None)
    age.add_metric([], _seconds(oldest, now))
    yield age


def notifications(now: datetime) -> Iterator[Metric]:
    waiting = Notification.objects.filter(status=NotificationStatus.WAITING)
    due = waiting.aggregate(n=Count('pk'), late=Min('next_try_at'))
    yield _gauge('notifications_waiting', 'Messages that are not sent yet', value=due['n'])
    yield _gauge('notifications_late_seconds', 'For how long the oldest is due', value=_seconds(due['late'], now))
    failed = Notification.objects.filter(status=NotificationStatus.FAILED, created_at__gt=now - DAY).count()
    yield _gauge('notifications_failed_24h', 'Messages of the last 24 hours that failed for good', value=failed)


def watchers(now: datetime) -> Iterator[Metric]:
    beats = ((beat.name, _seconds(beat.at, now)) for beat in Heartbeat.objects.order_by('name'))
    yield _filled(_gauge('heartbeat_age_seconds', 'Since a sweep last ran to its end', ['sweep']), beats)
    checks = list(Check.objects.order_by('name'))
    well = ((check.name, int(check.ok)) for check in checks)
    yield _filled(_gauge('check_ok', 'Whether the auditor found this promise kept', ['check']), well)
    ages = ((check.name, _seconds(check.at, now)) for check in checks)
    yield _filled(_gauge('check_age_seconds', 'Since the auditor last looked', ['check']), ages)


def drills(now: datetime) -> Iterator[Metric]:
    newest = (
        Drill.objects.filter(clinic=OuterRef('clinic'), finished_at__isnull=False).order_by('-day').values('pk')[:1]
    )
    found = list(Drill.objects.filter(pk=Subquery(newest)).order_by('clinic'))
    well = ((drill.clinic_id, int(not drill.broken)) for drill in found)
    yield _filled(_gauge('drill_ok', 'Whether the last fire drill got through', ['clinic']), well)
    ages = ((drill.clinic_id, _seconds(drill.finished_at, now)) for drill in found)
    yield _filled(_gauge('drill_age_seconds', 'Since the last fire drill ended', ['clinic']), ages)


def answers(now: datetime) -> Iterator[Metric]:
    """Served by the partial index alert_event_waited."""
    day = AlertEvent.objects.filter(kind=AlertEventKind.ACKNOWLEDGED, waited__isnull=False, at__gt=now - DAY)
    rows = day.filter(alert__is_drill=False).order_by().values_list('alert__clinic', 'tier')
    counted = list(rows.annotate(n=Count('pk'), in_time=Count('pk', filter=Q(in_time=True)), longest=Max(F('waited'))))
    labels = ['clinic', 'tier']
    seen = _gauge('acknowledged_24h', 'Alerts that somebody acknowledged in the last 24 hours', labels)
    yield _filled(seen, ((clinic, tier, n) for clinic, tier, n, _in_time, _longest in counted))
    soon = _gauge('acknowledged_in_time_24h', 'Those of them that were acknowledged by the promised time', labels)
    yield _filled(soon, ((clinic, tier, in_time) for clinic, tier, _n, in_time, _longest in counted))
    slow = _gauge('acknowledged_longest_seconds_24h', 'The longest wait among them', labels)
    yield _filled(slow, ((clinic, tier, longest.total_seconds()) for clinic, tier, _n, _in_time, longest in counted))


PARTS: dict[str, Part] = {
    'alerts': alerts,
    'escalation': escalation,
    'entries': entries,
    'notifications': notifications,
    'watchers': watchers,
    'drills': drills,
    'answers': answers,
}
