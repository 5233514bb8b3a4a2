"""Named questions of the worklist. They touch unresolved rows only, so that it costs the same after years."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

from alerts.models import WAITING, Alert, AlertState, Line, TierChoice
from alerts.queries.cases import WorkRow, unresolved, work_row
from alerts.queries.rules.set_aside import each_rule, of_alerts
from alerts.words.back import back_words
from alerts.words.fired import fired_words
from clinic.models import CareTeam, Clinic, Membership, User
from diary.queries import where_many

ALL, MINE, UNOWNED, TEAM, REVIEW = 'all', 'mine', 'unowned', 'team', 'review'
WHOSE = (ALL, UNOWNED, MINE, TEAM, REVIEW)
TIERS = (TierChoice.EMERGENCY.value, TierChoice.URGENT.value, TierChoice.SAME_DAY.value)
PAGE = 100
MOST_STEPS = 100  # more than any ladder has

WAITS = Q(state__in=WAITING)
SNOOZED = Q(state=AlertState.SNOOZED)
IN_REVIEW = WAITS & Q(review_since__isnull=False)
LISTED = ~SNOOZED & ~IN_REVIEW
RED = Q(line=Line.RED)


@dataclass(frozen=True)
class Desk:
    """Whose list it is: a nurse's, in the clinic in which she works now, with the care teams that she is in (primary keys)."""

    clinic: Clinic
    user: User
    place: int
    teams: tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """Which rows she wants to see: a word of WHOSE, and one of TIERS or nothing for all of them."""

    whose: str = ALL
    tier: str = ''


@dataclass(frozen=True)
class Counts:
    """Unresolved alerts of a clinic by list, those that stand behind a red row included; `tiers` are those of the chosen list.

    `hidden` are snoozed; `red` are emergencies and urgent ones that nobody has in hand. `calls` names each of those and since when
    it waits: one that was not there is news, however long its entry lay unchecked. `late` grows by the clock alone; `version`
    changes with every step that anybody takes, the clock among them.
    """

    all: int
    mine: int
    unowned: int
    team: int
    review: int
    hidden: int
    red: int
    calls: tuple[str, ...]
    late: int
    version: str
    tiers: dict[str, int] = field(default_factory=dict)


def desk_of(membership: Membership) -> Desk:
    """One query."""
    teams = CareTeam.objects.filter(members=membership).values_list('pk', flat=True)
    return Desk(membership.clinic, membership.user, membership.pk, tuple(teams))


def chosen(desk: Desk, choice: Choice) -> QuerySet[Alert]:
    """The rows of a list, the worst first, then who waits longest. Raises KeyError for an unknown word.

    Red hides amber: where both lines of a patient are in the list, the red row alone is shown. Nothing is hidden by a row that the
    choice itself leaves out.
    """
    whose = _whose(desk)[choice.whose]
    rows = unresolved(desk.clinic).filter(whose).order_by('tier_rank', 'waiting_since', 'pk')
    if choice.tier:
        return rows.filter(tier_rank=TIERS.index(choice.tier))
    red = unresolved(desk.clinic).filter(whose & RED, patient=OuterRef('patient')).order_by()
    return rows.exclude(Q(line=Line.AMBER) & Exists(red))


def worklist(desk: Desk, choice: Choice, *, now: datetime, page: int = 1) -> list[WorkRow]:
    """One page of the list: ten queries at most, however many rows it has."""
    start = (page - 1) * PAGE
    alerts = list(chosen(desk, choice).select_related('patient', 'owner')[start : start + PAGE])
    if not alerts:
        return []
    where, words = where_many([alert.patient for alert in alerts], now), fired_words(alerts, desk.clinic)
    back, behind, aside = back_words(alerts), behind_red(alerts), of_alerts(alerts)
    return [
        replace(
            work_row(alert, where[alert.patient_id], user=desk.user, now=now, told=words.get(alert.pk, '')),
            back=back.get(alert.pk, ''),
            behind=behind.get(alert.pk),
            set_aside=each_rule(aside.get(alert.pk, ())),
        )
        for alert in alerts
    ]


def behind_red(alerts: Collection[Alert]) -> dict[int, Alert]:
    """The same-day alert of the same patient, by the red alert's primary key; snoozed ones stay hidden. One query, or none."""
    reds = {alert.patient_id: alert.pk for alert in alerts if alert.line == Line.RED}
    if not reds:
        return {}
    ambers = Alert.objects.filter(patient__in=reds, line=Line.AMBER).exclude(state=AlertState.RESOLVED).exclude(SNOOZED)
    return {reds[amber.patient_id]: amber for amber in ambers}


def counts(desk: Desk, choice: Choice, *, now: datetime) -> Counts:
    """One query."""
    lists = _whose(desk)
    tiers = {f'tier_{tier}': lists[choice.whose] & Q(tier_rank=rank) for rank, tier in enumerate(TIERS)}
    asked = lists | tiers | {'hidden': SNOOZED, 'red': RED & WAITS, 'late': LISTED & WAITS & Q(acknowledge_by__lt=now)}
    found = unresolved(desk.clinic).aggregate(
        **{name: Count('pk', filter=which) for name, which in asked.items()},
        names=ArrayAgg('public_id', filter=RED & WAITS, order_by='pk', default=[]),
        since=ArrayAgg('waiting_since', filter=RED & WAITS, order_by='pk', default=[]),
        steps=Sum('version'),
        rungs=Sum(F('round') * MOST_STEPS + F('step')),
        newest=Max('pk'),
        open=Count('pk'),
    )
    parts = (found.pop(name) or 0 for name in ('open', 'steps', 'newest', 'rungs'))
    version = '.'.join(map(str, (*parts, found['review'])))
    waits = zip(found.pop('names'), found.pop('since'), strict=True)
    calls = tuple(f'{name}@{since.timestamp()}' for name, since in waits)
    tiers_found = {tier: found.pop(f'tier_{tier}') for tier in TIERS}
    return Counts(**found, tiers=tiers_found, calls=calls, version=version)


@dataclass(frozen=True)
class Elsewhere:
    """Another clinic in which she is a nurse, and how many emergencies and urgent alerts nobody has in hand there."""

    place: Membership
    red: int


def red_elsewhere(places: Iterable[Membership]) -> tuple[Elsewhere, ...]:
    """Those of her other places where something red waits. One query; none for who works in one clinic."""
    nursed = [place for place in places if place.is_nurse]
    if not nursed:
        return ()
    open_there = Alert.objects.filter(clinic__in=[place.clinic_id for place in nursed], is_drill=False)
    waiting = open_there.exclude(state=AlertState.RESOLVED).filter(RED & WAITS)
    found = dict(waiting.values_list('clinic').annotate(n=Count('pk')))
    return tuple(Elsewhere(place, found[place.clinic_id]) for place in nursed if place.clinic_id in found)


def _whose(desk: Desk) -> dict[str, Q]:
    of_team = Q(patient__primary_nurse=desk.place)
    if desk.teams:
        of_team |= Q(patient__care_team__in=desk.teams)
    return {
        ALL: LISTED,
        MINE: LISTED & Q(owner=desk.user),
        UNOWNED: LISTED & WAITS,
        TEAM: LISTED & of_team,
        REVIEW: IN_REVIEW,
    }
