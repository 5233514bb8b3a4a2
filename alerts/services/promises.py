"""What the auditor judges: a function for each promise. It reads live rows by a partial index, so it costs the same after years."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from alerts.drills import latest_drill, state_of
from alerts.models import (
    WAITING,
    Alert,
    AlertEvent,
    AlertState,
    Evaluation,
    Flag,
    Line,
    Notification,
    NotificationStatus,
)
from alerts.people.reminders import KEY as REMINDER
from alerts.people.roster import plan_of
from alerts.services import watching
from alerts.services.setting_aside import MOST_ATTEMPTS
from alerts.unread import RULE
from clinic.models import Clinic, Membership, Patient

EVALUATED_WITHIN = timedelta(minutes=2)
ESCALATED_WITHIN = timedelta(seconds=60)
TAKEN_WITHIN = timedelta(seconds=60)  # a sender takes a message that is due
DELIVERED_WITHIN = timedelta(minutes=10)  # with all the tries of its first ways
FAILURES_COUNT = timedelta(hours=24)


@dataclass(frozen=True)
class Verdict:
    """Whether a promise is kept. `detail` says more in numbers, class names and instants; never anything about anybody."""

    ok: bool
    detail: dict[str, Any] = field(default_factory=dict)


class OfAll(Protocol):
    def __call__(self, *, now: datetime) -> Verdict: ...


OfAClinic = Callable[..., Verdict]


def _none_of(**counts: int) -> Verdict:
    found = {name: count for name, count in counts.items() if count}
    return Verdict(not found, found)


def evaluation(*, now: datetime) -> Verdict:
    """Every entry is checked within two minutes; what was set aside is told to a nurse instead (`set_aside`)."""
    owed = Evaluation.objects.filter(pending_since__lt=now - EVALUATED_WITHIN, attempts__lt=MOST_ATTEMPTS)
    found = owed.aggregate(late=Count('pk'), oldest=Min('pending_since'))
    oldest = {'oldest': found['oldest'].isoformat()} if found['oldest'] else {}
    return Verdict(not found['late'], {'late': found['late']} | oldest if found['late'] else {})


def set_aside(*, now: datetime) -> Verdict:
    """Of every entry that could not be checked a nurse was told."""
    told = Flag.objects.filter(evaluation=OuterRef('pk'), rule=RULE, withdrawn_at=None)
    current = Evaluation.objects.filter(revision__number=F('revision__entry__current_number'))
    rows = current.filter(pending_since__isnull=False, attempts__gte=MOST_ATTEMPTS, failed_at__lt=now - TAKEN_WITHIN)
    return _none_of(untold=rows.exclude(Exists(told)).count())


def escalation(*, now: datetime) -> Verdict:
    """No alert's clock is behind, and no red alert is without one."""
    behind = Alert.objects.filter(due_at__lt=now - ESCALATED_WITHIN).count()
    red = Alert.objects.filter(line=Line.RED, due_at=None).exclude(state=AlertState.RESOLVED).count()
    return _none_of(behind=behind, without_clock=red)


def delivery(*, now: datetime) -> Verdict:
    """Messages are taken at once, arrive soon, and none was given up within a day without another way having worked."""
    ours = Notification.objects.exclude(key__startswith=REMINDER)  # a patient's own reminder calls nobody out
    waiting = ours.filter(status=NotificationStatus.WAITING)
    found = waiting.aggregate(
        not_taken=Count('pk', filter=Q(next_try_at__lt=now - TAKEN_WITHIN)),
        not_delivered=Count('pk', filter=Q(created_at__lt=now - DELIVERED_WITHIN)),
    )
    failed = ours.filter(status=NotificationStatus.FAILED, created_at__gt=now - FAILURES_COUNT)
    lost = failed.exclude(event__alert__is_drill=True)  # the drill has a check of its own
    return _none_of(**found, failed=lost.exclude(Exists(_heard())).count())


def _heard() -> Any:
    """The same news reached the same person by another way, or still may, or nobody needs it any more."""
    same = Q(recipient=OuterRef('recipient')) | Q(recipient=None, address=OuterRef('address'))
    return Notification.objects.filter(same, key=OuterRef('key')).exclude(status=NotificationStatus.FAILED)


def sweeps(*, now: datetime) -> Verdict:
    """Every sweep has run; the auditor's own is judged by whoever asks (`watching.health`)."""
    stopped = [name for name in watching.health(now=now).stopped if name != watching.AUDIT]
    return Verdict(not stopped, {'stopped': stopped} if stopped else {})


def on_call(clinic: Clinic, *, now: datetime) -> Verdict:
    """Somebody is on call now and for the next 24 hours."""
    gaps = [
        {'from': gap.starts_at.isoformat(), 'until': gap.ends_at.isoformat()}
        for gap in plan_of(clinic, now=now).gaps_soon
    ]
    return Verdict(not gaps, {'gaps': gaps} if gaps else {})


def reached(clinic: Clinic, *, now: datetime) -> Verdict:
    """No red alert waits of which everybody's message failed, or for which nobody stood on the ladder, since it began to wait; and
    none whose ladder or plan could not be read."""
    waits = Alert.objects.filter(clinic=clinic, is_drill=False, line=Line.RED, state__in=WAITING)
    told = Notification.objects.filter(event__alert=OuterRef('pk'), event__at__gte=OuterRef('waiting_since'))
    heard = told.filter(status__in=[NotificationStatus.SENT, NotificationStatus.WAITING])
    since = AlertEvent.objects.filter(alert=OuterRef('pk'), at__gte=OuterRef('waiting_since'))
    hollow = since.filter(detail__reached=0)
    failed = told.filter(status=NotificationStatus.FAILED)
    return _none_of(
        nobody=waits.exclude(Exists(heard)).filter(Exists(failed) | Exists(hollow)).count(),
        fallback=waits.filter(Exists(since.filter(detail__fallback=True))).count(),
    )


def members(clinic: Clinic, *, now: datetime) -> Verdict:
    """A clinic that has patients has a nurse who can open the worklist."""
    return Verdict(not clinics_without_nurse().filter(pk=clinic.pk).exists())


def clinics_without_nurse() -> QuerySet[Clinic]:
    """Those with patients whose worklist nobody can open."""
    patients = Patient.objects.filter(clinic=OuterRef('pk'), is_drill=False)
    nurses = Membership.objects.filter(clinic=OuterRef('pk'), active=True, is_nurse=True, user__is_active=True)
    return Clinic.objects.filter(Exists(patients)).exclude(Exists(nurses))


def drill(clinic: Clinic, *, now: datetime) -> Verdict:
    """The latest fire drill reached the worklist and a channel in time."""
    latest = latest_drill(clinic)
    broken = state_of(latest, now=now).broken if latest else ''
    return Verdict(not broken, {'broken': broken} if broken else {})


OF_ALL: Mapping[str, OfAll] = MappingProxyType(
    {
        'evaluation': evaluation,
        'set_aside': set_aside,
        'escalation': escalation,
        'delivery': delivery,
        'sweeps': sweeps,
    }
)
OF_A_CLINIC: Mapping[str, OfAClinic] = MappingProxyType(
    {'members': members, 'on_call': on_call, 'reached': reached, 'drill': drill}
)
