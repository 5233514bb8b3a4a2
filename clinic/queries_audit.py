"""Who has looked at a patient's data, by her own days."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from clinic.audit_words import told
from clinic.models import AuditAct, AuditEvent, Caregiver, Membership, Patient, User

DAYS = 30


@dataclass(frozen=True)
class Look:
    """One person on one day: what was opened, what was written, on which lists she stood; `last` is the latest time of these."""

    who: User
    role: str
    opened: tuple[str, ...]
    wrote: int
    listed: tuple[str, ...]
    last: datetime


@dataclass(frozen=True)
class Day:
    day: date
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Looks:
    """The days from `first` to `last`, the newest first; `older` is where the next stretch ends, or None.

    `began` is the first day of the record itself, where it lies in these days or after them: of earlier ones it knows nothing.
    """

    first: date
    last: date
    days: tuple[Day, ...]
    older: date | None
    began: date | None


def looks_at(patient: Patient, *, until: date) -> Looks:
    """Everybody but the patient herself, in the 30 days that end with `until`. Five queries."""
    first = until - timedelta(days=DAYS - 1)
    begins, ends = (datetime.combine(day, time.min, patient.zone) for day in (first, until + timedelta(days=1)))
    hers = AuditEvent.objects.filter(patients__contains=[patient.pk]).defer('patients')
    by_day: dict[date, dict[int, list[AuditEvent]]] = defaultdict(lambda: defaultdict(list))
    for event in hers.filter(at__gte=begins, at__lt=ends).select_related('actor').order_by('-at', '-pk'):
        by_day[event.at.astimezone(patient.zone).date()][event.actor_id].append(event)
    roles = _roles(patient)
    days = tuple(
        Day(day, tuple(_look(events, roles.get(who, _('no longer at your clinic'))) for who, events in people.items()))
        for day, people in by_day.items()
    )
    older = first - timedelta(days=1) if hers.filter(at__lt=begins).exists() else None
    began = _began(patient)
    return Looks(first, until, days, older, began if began is not None and began > first else None)


def _began(patient: Patient) -> date | None:
    """When this server began to write accesses down: an older one has days of which nothing is known."""
    made = MigrationRecorder.Migration.objects.filter(app='clinic', name='0003_audit')
    applied = made.values_list('applied', flat=True).first()
    return applied.astimezone(patient.zone).date() if applied else None


def _look(events: list[AuditEvent], role: str) -> Look:
    """Newest first, and so are the words."""
    pages = {act: [event.page for event in events if event.act == act] for act in AuditAct.values}
    return Look(
        events[0].actor,
        role,
        tuple(told(pages[AuditAct.OPENED])),
        len(pages[AuditAct.WROTE]),
        tuple(told(pages[AuditAct.LISTED])),
        events[0].at,
    )


def _roles(patient: Patient) -> dict[int, str]:
    """What each person is to the patient, by the user's primary key."""
    found = {
        place.user_id: _('nurse') if place.is_nurse else _('admin')
        for place in Membership.objects.filter(clinic=patient.clinic)
    }
    helpers = Caregiver.objects.filter(patient=patient)
    return found | {helper.user_id: helper.relationship or _('keeps the diary with you') for helper in helpers}
