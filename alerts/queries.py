"""Named questions to the alerts. What nurses ask touches unresolved rows only, so that it costs the same after years."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.http import Http404

from alerts.fired import fired_words
from alerts.models import WAITING, Alert, AlertState, Evaluation, Flag
from clinic.access import Actor, patients_of
from clinic.models import Clinic, Membership, Patient, User
from diary.models import Entry
from diary.queries import Where, where_many

ALL, MINE, UNOWNED = 'all', 'mine', 'unowned'
WHOSE = (ALL, MINE, UNOWNED)
PAGE = 100
UNCHECKED = 'unchecked'


@dataclass(frozen=True)
class WorkRow:
    """One line of the worklist: the case, where its patient stands, how long it waits, what she told."""

    alert: Alert
    where: Where
    waited: timedelta
    is_late: bool
    is_mine: bool
    told: str = ''

    @property
    def is_open(self) -> bool:
        return self.alert.is_waiting


@dataclass(frozen=True)
class Counts:
    """Unresolved alerts of a clinic. `version` changes with every step that anybody takes."""

    all: int
    mine: int
    unowned: int
    version: str


def unresolved(clinic: Clinic, *, drills: bool = False) -> QuerySet[Alert]:
    """What needs somebody: the worst tier first, then who waits longest. Served by the partial index alert_worklist.

    With `drills` it is the fire drill's alerts that are asked for, by the same query; they are nobody's work.
    """
    found = Alert.objects.filter(clinic=clinic, is_drill=drills).exclude(state=AlertState.RESOLVED)
    return found.order_by('tier_rank', 'waiting_since')


def whose_alerts(clinic: Clinic, *, whose: str, user: User) -> QuerySet[Alert]:
    """All of them, those she owns, or those that nobody has in hand. Raises KeyError for an unknown word."""
    chosen = {ALL: Q(), MINE: Q(owner=user), UNOWNED: Q(state__in=WAITING)}[whose]
    return unresolved(clinic).filter(chosen).order_by('tier_rank', 'waiting_since', 'pk')


def worklist(clinic: Clinic, *, whose: str, user: User, now: datetime, page: int = 1) -> list[WorkRow]:
    """One page of the worklist: seven queries, however many rows it has."""
    start = (page - 1) * PAGE
    alerts = list(whose_alerts(clinic, whose=whose, user=user).select_related('patient', 'owner')[start : start + PAGE])
    if not alerts:
        return []
    where, words = where_many([alert.patient for alert in alerts], now), fired_words(alerts, clinic)
    return [
        work_row(alert, where[alert.patient_id], user=user, now=now, told=words.get(alert.pk, '')) for alert in alerts
    ]


def work_row(alert: Alert, where: Where, *, user: User, now: datetime, told: str = '') -> WorkRow:
    late = alert.is_waiting and now > alert.acknowledge_by
    return WorkRow(alert, where, max(now - alert.waiting_since, timedelta()), late, alert.owner_id == user.pk, told)


def counts(clinic: Clinic, *, user: User) -> Counts:
    found = unresolved(clinic).aggregate(
        all=Count('pk'),
        mine=Count('pk', filter=Q(owner=user)),
        unowned=Count('pk', filter=Q(state__in=WAITING)),
        steps=Sum('version'),
        newest=Max('pk'),
    )
    steps, newest = found.pop('steps'), found.pop('newest')
    return Counts(**found, version=f'{found["all"]}.{steps or 0}.{newest or 0}')


def late_count(clinic: Clinic, *, now: datetime) -> int:
    """How many open alerts nobody has seen in time. It grows by the clock alone, without a step of anybody."""
    return unresolved(clinic).filter(state__in=WAITING, acknowledge_by__lt=now).count()


def alert_for(actor: Actor, public_id: UUID) -> Alert:
    """An alert of a patient whom the actor may see; anything else is "not found"."""
    alerts = Alert.objects.filter(patient__in=patients_of(actor)).select_related('patient__clinic', 'owner', 'clinic')
    alert = alerts.filter(public_id=public_id).first()
    if alert is None:
        raise Http404
    return alert


def entry_for(actor: Actor, public_id: UUID) -> Entry:
    """An entry of a diary that the actor may see; anything else is "not found"."""
    entries = Entry.objects.filter(patient__in=patients_of(actor)).select_related('patient__clinic')
    entry = entries.filter(public_id=public_id).first()
    if entry is None:
        raise Http404
    return entry


def oldest_pending(clinic: Clinic) -> datetime | None:
    """Since when the oldest unchecked entry waits; None when everything is checked. Served by evaluation_pending."""
    pending = Evaluation.objects.filter(pending_since__isnull=False, patient__clinic=clinic, patient__is_drill=False)
    oldest: datetime | None = pending.aggregate(oldest=Min('pending_since'))['oldest']
    return oldest


def on_call(clinic: Clinic) -> list[Membership]:
    return list(clinic.memberships.filter(active=True, on_call=True).select_related('user').order_by('user__name'))


def current_evaluation(entry: Entry) -> Evaluation | None:
    """The ledger row of what counts now."""
    rows = Evaluation.objects.filter(revision__entry=entry, revision__number=entry.current_number)
    return rows.select_related('revision').order_by('-pk').first()


def tiers_of(entries: Collection[Entry]) -> dict[int, str]:
    """The tier of each entry's current revision by the entry's primary key, `unchecked` while it is owed. One query."""
    rows = Evaluation.objects.filter(revision__entry__in=entries, revision__number=F('revision__entry__current_number'))
    found = rows.order_by('pk').values_list('revision__entry', 'tier', 'pending_since', 'first_evaluated_at')
    known = {entry: tier if first else UNCHECKED for entry, tier, _pending, first in found}
    return {entry.pk: known.get(entry.pk, UNCHECKED) for entry in entries}


def flags_of(alert: Alert) -> list[Flag]:
    """Everything that ever fired into a case, withdrawn flags too, newest entry first; one query."""
    flags = alert.flags.select_related('evaluation__revision__entry', 'evaluation__rule_set')
    return list(flags.defer('evaluation__rule_set__content').order_by('-evaluation__revision__entry__about_at', 'pk'))


def others_of(alert: Alert) -> list[Alert]:
    """The patient's other unresolved alerts: who closes one should know of the other."""
    return list(unresolved(alert.clinic).filter(patient=alert.patient).exclude(pk=alert.pk))


def unanswered(patient: Patient) -> Alert | None:
    """The patient's most pressing case of which nobody has spoken with her yet."""
    waiting = Alert.objects.filter(patient=patient, state__in=[*WAITING, AlertState.ACKNOWLEDGED])
    return waiting.order_by('tier_rank').first()


def alerts_of(flags: Iterable[Flag]) -> list[Alert]:
    """The cases that some flags joined, the worst first."""
    return sorted({flag.alert for flag in flags if flag.alert is not None}, key=lambda alert: alert.tier_rank)
