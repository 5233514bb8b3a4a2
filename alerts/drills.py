"""How a fire drill stands: which links of its chain have held, and when one must be held today. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Min

from alerts.engine.hours import Hours
from alerts.models import Drill, Evaluation, Flag, Notification, NotificationStatus
from alerts.people.watch import hours_of
from alerts.queries.cases import unresolved
from clinic.models import Clinic

LINKS = ('stored', 'checked', 'listed', 'sent')
LOCAL_TIME = time(10)  # when the morning's rush is over; later where the clinic opens later
CLOCK_SLACK = timedelta(minutes=1)


@dataclass(frozen=True)
class DrillState:
    """`times` is when each link held, None while it has not. `broken` names the first that did not hold in time."""

    drill: Drill
    times: dict[str, datetime | None]
    broken: str
    is_over: bool

    @property
    def is_running(self) -> bool:
        return not self.is_over and not self.broken


def state_of(drill: Drill, *, now: datetime) -> DrillState:
    """As it is on record. One past its time that nobody finished is broken, too: the sweep that ends it may be what is."""
    times: dict[str, datetime | None] = {link: getattr(drill, f'{link}_at') for link in LINKS}
    if drill.finished_at is not None:
        return DrillState(drill, times, drill.broken, is_over=True)
    return DrillState(drill, times, first_broken(drill, times, now=now), is_over=False)


def first_broken(drill: Drill, times: dict[str, datetime | None], *, now: datetime) -> str:
    """The first link that did not hold in time; empty when all did, or there is time left."""
    end = deadline(drill)
    is_up = now > end or now < drill.started_at - CLOCK_SLACK  # a clock that was set back measures nothing
    return next((link for link in LINKS if _is_late(times[link], end, is_up=is_up)), '')


def _is_late(at: datetime | None, end: datetime, *, is_up: bool) -> bool:
    return is_up if at is None else at > end


def deadline(drill: Drill) -> datetime:
    return drill.started_at + timedelta(seconds=drill.limit_seconds)


def links_of(drill: Drill) -> dict[str, datetime | None]:
    """When each link held, as the tables say now. `listed` asks the worklist's own query."""
    times = {link: getattr(drill, f'{link}_at') for link in LINKS}
    assert drill.entry is not None
    rows = Evaluation.objects.filter(revision__entry__client_uuid=drill.entry, patient__clinic=drill.clinic_id)
    times['checked'] = times['checked'] or rows.aggregate(at=Min('first_evaluated_at'))['at']
    flag = (
        Flag.objects.filter(evaluation__in=rows, alert__isnull=False).order_by('alert__tier_rank', 'raised_at').first()
    )
    if flag is None or flag.alert_id is None:
        return times
    if times['listed'] or unresolved(drill.clinic, drills=True).filter(pk=flag.alert_id).exists():
        times['listed'] = times['listed'] or flag.raised_at
        sent = Notification.objects.filter(event__alert=flag.alert_id, status=NotificationStatus.SENT)
        sent = sent.filter(created_at__gte=drill.started_at)
        times['sent'] = times['sent'] or sent.aggregate(at=Min('sent_at'))['at']
    return times


def latest_drill(clinic: Clinic) -> Drill | None:
    return Drill.objects.filter(clinic=clinic).order_by('-started_at').first()


def is_due(clinic: Clinic, *, now: datetime) -> bool:
    """Whether it is time for today's drill: from 10:00 of the clinic on while it is open; from 10:00 on where it told no hours."""
    local = now.astimezone(clinic.zone)
    hours = hours_of(clinic)
    if not hours:
        return local.time() >= LOCAL_TIME
    return any(_within(span, local) for span in hours)


def _within(span: Hours, local: datetime) -> bool:
    begins = max(span.opens, LOCAL_TIME) if span.closes > LOCAL_TIME else span.opens
    return span.weekday == local.weekday() and begins <= local.time() < span.closes


def last_drills(clinic: Clinic, *, now: datetime, most: int = 14) -> Sequence[DrillState]:
    """The newest first."""
    drills = Drill.objects.filter(clinic=clinic).select_related('asked_by').order_by('-started_at')[:most]
    return [state_of(drill, now=now) for drill in drills]
