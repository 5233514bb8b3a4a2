"""Who has looked at a patient's data, by her own days."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import BigIntegerField, Func, QuerySet
from django.utils.translation import gettext as _

from clinic.audit_words import told
from clinic.models import AuditAct, AuditEvent, Caregiver, Membership, Patient, User

DAYS = 30
# The index is by patient and stretch of time in one number (migration 0006): a row names every patient of a list.
_STRETCH, _STRETCHES = 30 * 24 * 3600, 10_000
OLDER = """
    SELECT EXISTS (
        SELECT FROM generate_series(
            %(last)s, (SELECT floor(extract(epoch FROM at) / %(stretch)s)::bigint FROM clinic_auditevent ORDER BY id LIMIT 1), -1
        ) AS place
        CROSS JOIN LATERAL (
            SELECT FROM clinic_auditevent
            WHERE clinic_audit_stretches(patients, at) @> ARRAY[%(patient)s * %(stretches)s + place] AND at < %(before)s LIMIT 1
        ) AS found
    )
"""


class Stretches(Func):
    """What the index holds of an event: patients and stretch in one number each."""

    function = 'clinic_audit_stretches'
    output_field = ArrayField(BigIntegerField())


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
    by_day: dict[date, dict[int, list[AuditEvent]]] = defaultdict(lambda: defaultdict(list))
    for event in events_of(patient, begins=begins, ends=ends):
        by_day[event.at.astimezone(patient.zone).date()][event.actor_id].append(event)
    roles = _roles(patient)
    days = tuple(
        Day(day, tuple(_look(events, roles.get(who, _('no longer at your clinic'))) for who, events in people.items()))
        for day, people in by_day.items()
    )
    older = first - timedelta(days=1) if _looked_before(patient, begins) else None
    began = _began(patient)
    return Looks(first, until, days, older, began if began is not None and began > first else None)


def events_of(patient: Patient, *, begins: datetime, ends: datetime) -> QuerySet[AuditEvent]:
    """The newest first. What it costs grows with the events of these days, not with the patient's years."""
    places = range(_place(begins), _place(ends) + 1)
    hers = AuditEvent.objects.alias(stretches=Stretches('patients', 'at'))
    found = hers.filter(stretches__overlap=[patient.pk * _STRETCHES + place for place in places])
    return found.filter(at__gte=begins, at__lt=ends).defer('patients').select_related('actor').order_by('-at', '-pk')


def _looked_before(patient: Patient, moment: datetime) -> bool:
    """Whether anybody had looked before; asked stretch by stretch, backwards, and over with the first that has a look."""
    with connection.cursor() as cursor:
        cursor.execute(OLDER, older_of(patient, moment))
        (found,) = cursor.fetchone() or (False,)
    return bool(found)


def older_of(patient: Patient, moment: datetime) -> dict[str, int | datetime]:
    """What the statement is asked with."""
    numbers = {'last': _place(moment), 'stretch': _STRETCH, 'stretches': _STRETCHES}
    return {**numbers, 'patient': patient.pk, 'before': moment}


def _place(moment: datetime) -> int:
    return int(moment.timestamp() // _STRETCH)


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
