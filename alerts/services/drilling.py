"""The daily fire drill: a made-up red entry goes the way of every entry, and must reach the worklist and a channel in time."""

import logging
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from alerts.drills import LINKS, deadline, first_broken, is_due, links_of
from alerts.models import Alert, AlertState, Drill, Outcome
from alerts.people.drill import drill_actor, drill_patient
from alerts.services.working import resolve
from clinic.faultpoints import point
from clinic.models import Clinic, User
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.services.entries import record_entry

log = logging.getLogger(__name__)

# Severe breathlessness: an emergency on the founding list, and in every rule set that deserves the name.
ANSWERS = {'DYSPNEA': {'severity': 3}}


class DrillRuns(Exception):
    """One drill at a time, and one daily drill a day."""


def sweep(*, now: datetime) -> int:
    """Begin the drills that are due today, see how those that run stand, and clear up. How many were begun or ended."""
    begun = start_due(now=now) if settings.DRILL_DAILY else 0
    ended = sum(_looked_at(pk, now=now) for pk in Drill.objects.filter(finished_at=None).values_list('pk', flat=True))
    _clear_up(now=now)
    return begun + ended


def start_due(*, now: datetime) -> int:
    """Begin today's drill in every clinic whose time has come; how many. One that cannot be begun does not stop the others."""
    begun = 0
    for clinic in Clinic.objects.prefetch_related('opening_hours').order_by('pk'):
        day = now.astimezone(clinic.zone).date()
        if is_due(clinic, now=now) and not Drill.objects.filter(clinic=clinic, day=day, asked_by=None).exists():
            try:
                start(clinic=clinic, now=now)
            except DrillRuns:
                continue  # another worker was faster, or somebody has just asked for one
            begun += 1
    return begun


def start(*, clinic: Clinic, now: datetime, asked_by: User | None = None) -> Drill:
    """Begin a drill; with `asked_by` one besides the daily one. Raises DrillRuns."""
    try:
        with transaction.atomic():
            drill = Drill.objects.create(
                clinic=clinic,
                day=now.astimezone(clinic.zone).date(),
                started_at=now,
                entry=uuid4(),
                limit_seconds=settings.DRILL_SECONDS,
                asked_by=asked_by,
            )
    except IntegrityError as problem:
        raise DrillRuns from problem
    point('drill.begun')
    _store(drill, now=now)
    return drill


def _store(drill: Drill, *, now: datetime) -> None:
    """Write the entry as a patient's phone does. What goes wrong is the first link's break; the sweep tries again until then."""
    assert drill.entry is not None
    try:
        with transaction.atomic():
            record_entry(
                patient=drill_patient(drill.clinic),
                by=drill_actor(),
                client_uuid=drill.entry,
                about_at=now,
                recorded_at=now,
                now=now,
                document=make_document(ANSWERS, current_catalogue('en'), measurements={}),
            )
            Drill.objects.filter(pk=drill.pk).update(stored_at=now)
    except Exception as error:  # noqa: BLE001  (whatever it is: the page names the link)
        log.error('drill %s could not store its entry: %s', drill.pk, type(error).__name__)


def _looked_at(pk: int, *, now: datetime) -> bool:
    """Write down which links have held, and end the drill when all have or its time is up; whether it ended."""
    with transaction.atomic():
        drills = Drill.objects.select_for_update(skip_locked=True, of=('self',)).select_related('clinic')
        drill = drills.filter(pk=pk, finished_at=None).first()
        if drill is None:
            return False
        if drill.stored_at is None and now <= deadline(drill):
            _store(drill, now=now)
            drill.refresh_from_db(fields=['stored_at'])
        times = links_of(drill)
        for link in LINKS:
            setattr(drill, f'{link}_at', times[link])
        drill.broken = first_broken(drill, times, now=now)
        drill.finished_at = now if drill.broken or all(times.values()) else None
        drill.save()
        point('drill.looked')
    return drill.finished_at is not None


def _clear_up(*, now: datetime) -> None:
    """Close the alerts of drills that are over, those among them that came after their time."""
    running = Drill.objects.filter(finished_at=None).values('clinic')
    left = Alert.objects.filter(is_drill=True).exclude(state=AlertState.RESOLVED).exclude(clinic__in=running)
    for alert in left:
        resolve(alert=alert, by=drill_actor(), now=now, outcome=Outcome.NO_ACTION)
