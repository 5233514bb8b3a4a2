"""One clock per alert. While it waits its ladder climbs; in hand it comes back when forgotten; the sweep (sweeping.py) moves it."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.urls import reverse

from alerts import hints
from alerts.engine.escalation import (
    LEAST_PAUSE,
    Climb,
    Clock,
    Ladder,
    Place,
    Rung,
    Who,
    call_due,
    climb,
    comes_back,
    default_ladder,
    is_over,
    next_due,
    starts,
)
from alerts.engine.lifecycle import acknowledge_by
from alerts.engine.tiers import Tier
from alerts.models import Alert, AlertEvent, AlertState, Line
from alerts.people.ladders import ladder_of
from alerts.people.staffing import Reached, Staff, all_nurses, everybody
from alerts.services import notifying

IN_HAND = (AlertState.ACKNOWLEDGED, AlertState.CONTACTED)
WITHIN = {Tier.EMERGENCY: 5, Tier.URGENT: 60, Tier.SAME_DAY: 240}  # minutes, where an alert comes back
log = logging.getLogger(__name__)
SWEEP = 'alerts.tasks.sweep_due'


@dataclass(frozen=True)
class Call:
    """Whom one moment of a ladder tells. `place` is where the ladder stood before it. `is_fallback`: the clinic's own ladder, plan
    or hours could not be read."""

    place: Place
    climb: Climb
    reached: tuple[Reached, ...] = field(default=())
    is_fallback: bool = False

    @property
    def detail(self) -> dict[str, Any]:
        """For the event: the first rung and round (both from 0), who was told by rung and by name, how many, and the rungs on
        which nobody stood. Empty where no rung was due."""
        if self.climb == Climb(self.climb.next):
            return {}
        people, numbers = everybody(self.reached)
        return {
            'step': self.place.step,
            'round': self.place.round,
            'who': [rung.who.value for rung in self.climb.taken],
            'names': [person.name for person in people] + numbers,
            'reached': len(people) + len(numbers),
            'nobody': [rung.who.value for rung in self.climb.hollow],
        } | ({'fallback': True} if self.is_fallback else {})


NOBODY_YET = Call(Place(), Climb(Place()))


def arm(*, alert: Alert, event: AlertEvent, now: datetime) -> None:
    """Start the ladder of a waiting alert from its foot: freeze it, take the rungs that wait for nothing (telling people of
    `event`), set `due_at`. Changes `alert`, which the caller saves. `waiting_since` and `acknowledge_by` are the caller's, too."""
    tell(alert=alert, event=event, call=ready(alert=alert, now=now), now=now)


def put_back(*, alert: Alert, since: datetime, acknowledge_by: datetime) -> None:
    """Whatever brings an alert back to the list: it waits `since` then with a promise of its own, and nothing that a nurse agreed
    upon or put off before counts any more. Changes `alert`; its state and its ladder (`ready`, `arm`) are the caller's."""
    alert.waiting_since, alert.acknowledge_by = since, acknowledge_by
    alert.call_back_at = alert.snoozed_until = alert.review_since = None


def ready(*, alert: Alert, now: datetime, staff: Staff | None = None, ladder: Ladder | None = None) -> Call:
    """The first half of `arm`, for an alert that is not stored yet; what is left is to `tell`. `ladder` where it keeps its own.

    Where the clinic's ladder, plan or hours cannot be read, every nurse is told at once, and the event says so (`fallback`).
    """
    if not alert.is_waiting:
        raise ValueError(f'an alert that is {alert.state} waits for nobody')
    if staff is not None:
        return _ready(alert, ladder, staff, now=now)
    try:
        return _ready(alert, ladder, Staff(alert.clinic, now=now), now=now)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever is wrong with a plan must keep no alert from opening; it is on record)
        log.error('the ladder of clinic %s could not be used: %s', alert.clinic_id, type(error).__name__)
        return _fallback(alert, now=now)


def _fallback(alert: Alert, *, now: datetime) -> Call:
    """Every nurse at once, and the ladder that Vigil comes with, by the wall clock: what the clinic set cannot be read."""
    ladder, found = default_ladder(Tier.from_word(alert.tier)), all_nurses(alert.patient)
    everyone = (Rung(0, Who.TEAM),)
    taken = Climb(Place(), taken=everyone) if found else Climb(Place(), hollow=everyone)
    alert.policy, alert.review_since, alert.step, alert.round = ladder.to_json(), None, 0, 0
    due = starts(ladder, at=now, acknowledge_by=alert.acknowledge_by, clock=Clock((), UTC))
    alert.due_at = max(due, now + timedelta(minutes=LEAST_PAUSE))
    return Call(Place(), taken, (found,), is_fallback=True)


def _ready(alert: Alert, ladder: Ladder | None, staff: Staff, *, now: datetime) -> Call:
    ladder = ladder or ladder_of(alert.clinic, Tier.from_word(alert.tier))
    alert.policy, alert.review_since, alert.step, alert.round = ladder.to_json(), None, 0, 0
    alert.due_at = starts(ladder, at=now, acknowledge_by=alert.acknowledge_by, clock=staff.clock)
    if alert.due_at > now or ladder.rungs[0].wait:
        return NOBODY_YET
    return step(alert=alert, ladder=ladder, staff=staff, opening=True)


def step(*, alert: Alert, ladder: Ladder, staff: Staff, opening: bool = False) -> Call:
    """Take what is due of a waiting alert's ladder, and set when the next rung is. Changes `alert`; nobody is told yet."""
    place, found = Place(alert.step, alert.round), dict[int, Reached]()

    def reach(rung: Rung) -> int:
        found[id(rung)] = staff.who(rung, alert.patient)
        return len(found[id(rung)])

    taken = climb(ladder, place, is_open=staff.clock.counts_as_open(ladder, staff.now), reach=reach)
    alert.step, alert.round = taken.next.step, taken.next.round
    alert.due_at = next_due(
        ladder,
        taken.next,
        at=staff.now,
        acknowledge_by=alert.acknowledge_by,
        clock=staff.clock,
        opening=opening,
    )
    return Call(place, taken, tuple(found[id(rung)] for rung in taken.taken))


def tell(*, alert: Alert, event: AlertEvent, call: Call, now: datetime) -> None:
    """Tell the people of a call about `event`. That nobody at all was there goes on record, for the auditor to find."""
    people, numbers = everybody(call.reached)
    path = reverse('alerts:alert', args=[alert.public_id])
    if people or numbers:
        notifying.tell(key=f'event:{event.pk}', people=people, numbers=numbers, path=path, event=event, now=now)
    elif call.detail and 'reached' not in event.detail:
        record(alert=alert, call=call, now=now)
    if alert.due_at is not None and alert.due_at <= now:
        transaction.on_commit(lambda: hints.send(SWEEP))


def record(*, alert: Alert, call: Call, now: datetime) -> AlertEvent:
    return AlertEvent.objects.create(
        alert=alert, kind='escalated', at=now, state=alert.state, tier=alert.tier, detail=call.detail
    )


def hasten(*, alert: Alert, deadline: datetime, now: datetime) -> None:
    """A further entry joined an alert that waits: the next rung is taken by the promise of that entry, too, also where the whole
    ladder was climbed before it came. The review list comes no sooner. Changes `alert`."""
    over = is_over(Ladder.from_json(alert.policy), Place(alert.step, alert.round))
    if alert.is_waiting and alert.due_at is not None and (alert.line == Line.RED or not over):
        alert.due_at = min(alert.due_at, max(now, deadline))


def hold(*, alert: Alert, now: datetime) -> None:
    """Set the clock of an alert that a person has in hand, has snoozed or has resolved. Changes `alert`, which the caller saves.

    Raises ValueError for one that waits for somebody: that needs a ladder (`arm`).
    """
    if alert.is_waiting:
        raise ValueError('an alert that waits needs its ladder')
    alert.review_since = None
    if alert.state in IN_HAND:
        alert.due_at = _comes_back(alert, now=now)
    else:
        alert.due_at = wakes_at(alert=alert, now=now) if alert.state == AlertState.SNOOZED else None


def wakes_at(*, alert: Alert, now: datetime) -> datetime:
    """When a snoozed alert is back on the list: when its time is over, or when a call is due that was agreed upon."""
    assert alert.snoozed_until is not None  # the database refuses it
    ladder, clock = Ladder.from_json(alert.policy), Staff(alert.clinic, now=now).clock
    return min(
        call_due(ladder, at=now, call_back_at=alert.call_back_at, clock=clock) or alert.snoozed_until,
        alert.snoozed_until,
    )


def is_call_due(alert: Alert, *, now: datetime) -> bool:
    return alert.call_back_at is not None and alert.call_back_at <= now


def _comes_back(alert: Alert, *, now: datetime) -> datetime:
    return comes_back(
        Ladder.from_json(alert.policy),
        at=now,
        contacted=alert.state == AlertState.CONTACTED,
        call_back_at=alert.call_back_at,
        clock=Staff(alert.clinic, now=now).clock,
    )


def promise_again(*, alert: Alert, staff: Staff, now: datetime) -> None:
    """An alert that comes back without news waits anew, with as long a promise as it had, at most the tier's. Changes `alert`."""
    tier = Tier.from_word(alert.tier)
    usual = acknowledge_by(tier, now, WITHIN[tier], staff.clock.hours, staff.clock.zone)
    before = alert.acknowledge_by - alert.waiting_since
    short = tier is not Tier.SAME_DAY and timedelta() < before < usual - now
    put_back(alert=alert, since=now, acknowledge_by=now + before if short else usual)
