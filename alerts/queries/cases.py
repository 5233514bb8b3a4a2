"""Named questions to the alerts. What nurses ask touches unresolved rows only, so that it costs the same after years."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Min, QuerySet
from django.http import Http404

from alerts.models import WAITING, Alert, AlertState, Evaluation, Flag, Line, SilentFlag
from clinic.access import Actor, patients_of
from clinic.models import Clinic, Patient, User
from diary.models import Entry
from diary.queries import Where

UNCHECKED = 'unchecked'


@dataclass(frozen=True)
class WorkRow:
    """One line of the worklist: the case, where its patient stands, how long it waits, what she told.

    `back` says why a reopened one is here again; `behind` is the same patient's same-day alert, which the red row stands for.
    `set_aside` are emergency rules that would have fired, had the clinic not set them aside: each once.
    """

    alert: Alert
    where: Where
    waited: timedelta
    is_late: bool
    is_mine: bool
    told: str = ''
    back: str = ''
    behind: Alert | None = None
    set_aside: tuple[SilentFlag, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.alert.is_waiting

    @property
    def can_be_taken(self) -> bool:
        """Together with others: nobody takes what asks for somebody now without having read it."""
        return self.is_open and self.alert.line == Line.AMBER


def unresolved(clinic: Clinic, *, drills: bool = False) -> QuerySet[Alert]:
    """What needs somebody: the worst tier first, then who waits longest. Served by the partial index alert_worklist.

    With `drills` it is the fire drill's alerts that are asked for, by the same query; they are nobody's work.
    """
    found = Alert.objects.filter(clinic=clinic, is_drill=drills).exclude(state=AlertState.RESOLVED)
    return found.order_by('tier_rank', 'waiting_since')


def work_row(alert: Alert, where: Where, *, user: User, now: datetime, told: str = '') -> WorkRow:
    late = alert.is_waiting and now > alert.acknowledge_by
    return WorkRow(alert, where, max(now - alert.waiting_since, timedelta()), late, alert.owner_id == user.pk, told)


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
