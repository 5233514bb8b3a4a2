"""The figures, counted in the database. Only sums and medians come out of it, never the cases themselves.

Everywhere: no fire drills, and no case of which nothing stands any more because what was written was corrected.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import ExtractIsoWeekDay, TruncTime, TruncWeek

from alerts.figures.measures import Times
from alerts.figures.span import Span
from alerts.models import WAITING, Alert, AlertEvent, AlertEventKind, AlertState, Flag, Mark, Outcome, TierChoice
from clinic.models import CareTeam, Clinic, OpeningHours
from diary.models import Entry

Waits = Mapping[tuple[Any, ...], Times]
TIERS = (TierChoice.EMERGENCY, TierChoice.URGENT, TierChoice.SAME_DAY)  # those that make an alert
IDLE = (Outcome.NO_ACTION, Outcome.NOT_REACHED)
AGES = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=3), timedelta(days=7))


@dataclass(frozen=True)
class Scope:
    """Whose alerts, and of which days. `teams` empty: the whole clinic; None among them: patients without a team."""

    clinic: Clinic
    span: Span
    teams: frozenset[int | None] = frozenset()

    def of_patient(self, path: str) -> Q:
        """The patients, where `path` leads to one ('alert__patient')."""
        ours = Q(**{f'{path}__clinic': self.clinic, f'{path}__is_drill': False})
        if not self.teams:
            return ours
        named = Q(**{f'{path}__care_team__in': self.teams - {None}})
        return ours & (named | Q(**{f'{path}__care_team': None}) if None in self.teams else named)

    def within(self, field: str) -> Q:
        return Q(**{f'{field}__gte': self.span.since, f'{field}__lt': self.span.until})

    def week(self, field: str) -> TruncWeek:
        """The Monday of an instant, by the clinic's calendar."""
        return TruncWeek(field, output_field=DateField(), tzinfo=self.span.zone)


@dataclass(frozen=True)
class Tally:
    """What was counted for one week, care team and tier; entries have no tier."""

    week: date
    team: int | None
    tier: str
    counts: Counter[str]


class Percentile(Aggregate):
    """percentile_cont: the value that `fraction` of the rows do not exceed, between two rows where need be."""

    function = 'PERCENTILE_CONT'
    template = '%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)'
    output_field = DurationField()


def teams_of(clinic: Clinic) -> list[CareTeam]:
    return list(clinic.care_teams.all())


# -- counts, which can be added up ----------------------------------------------------------------------------------------
def tallies(scope: Scope) -> list[Tally]:
    """Every count by week, team and tier: six queries."""
    counted = (_entries(scope), _flags(scope), _opened(scope), _acknowledged(scope), _overdue(scope), _resolved(scope))
    return [_tally(row) for rows in counted for row in rows]


def total(
    rows: Iterable[Tally], *, week: date | None = None, tiers: Sequence[str] = (), **where: int | None
) -> Counter[str]:
    """The sum of the rows of a week, of some tiers, of a `team` (None: without one); of all where nothing is said."""
    found: Counter[str] = Counter()
    for row in rows:
        fits = (week is None or row.week == week) and (not tiers or row.tier in tiers)
        if fits and ('team' not in where or row.team == where['team']):
            found.update(row.counts)
    return found


def _tally(row: dict[str, Any]) -> Tally:
    return Tally(row.pop('week'), row.pop('team'), row.pop('case_tier', ''), Counter(row))


def _entries(scope: Scope) -> list[dict[str, Any]]:
    entries = Entry.objects.filter(scope.of_patient('patient'), scope.within('about_at'))
    return _grouped(entries, scope, 'about_at', 'patient', {'entries': Count('pk')})


def _flags(scope: Scope) -> list[dict[str, Any]]:
    """Flags that reach a nurse and still stand, by the time that their entries are about."""
    entry = 'evaluation__revision__entry'
    flags = Flag.objects.filter(scope.of_patient('patient'), withdrawn_at=None, tier__in=TIERS)
    counts = {'flags': Count('pk'), 'flagged_entries': Count(entry, distinct=True)}
    return _grouped(flags.filter(scope.within(f'{entry}__about_at')), scope, f'{entry}__about_at', 'patient', counts)


def _opened(scope: Scope) -> list[dict[str, Any]]:
    rows = _cases(scope).filter(scope.within('opened_at'))
    return _grouped(rows, scope, 'opened_at', 'patient', {'opened': Count('pk')}, tier=True)


def _acknowledged(scope: Scope) -> list[dict[str, Any]]:
    counts = {'acknowledged': Count('pk'), 'in_time': Count('pk', filter=Q(in_time=True))}
    return _grouped(acknowledgements(scope), scope, 'at', 'alert__patient', counts, tier=True)


def _overdue(scope: Scope) -> list[dict[str, Any]]:
    """Nobody has come yet, and the promised time is over: a promise not kept, although there is no step to show for it."""
    rows = _cases(scope).filter(scope.within('acknowledge_by'), state__in=WAITING)
    return _grouped(rows, scope, 'acknowledge_by', 'patient', {'overdue': Count('pk')}, tier=True)


def _resolved(scope: Scope) -> list[dict[str, Any]]:
    contact = AlertEvent.objects.filter(alert=OuterRef('pk'), kind=AlertEventKind.CONTACTED, detail__reached=True)
    rows = _cases(scope).filter(scope.within('resolved_at'), state=AlertState.RESOLVED)
    counts = {
        'resolved': Count('pk'),
        'acted_on': Count('pk', filter=Q(reached=True) | ~Q(outcome__in=IDLE)),
        'marked': Count('pk', filter=~Q(mark='')),
        'noise': Count('pk', filter=Q(mark=Mark.NOISE)),
    }
    return _grouped(rows.annotate(reached=Exists(contact)), scope, 'resolved_at', 'patient', counts, tier=True)


def _grouped(
    rows: QuerySet[Any], scope: Scope, at: str, patient: str, counts: Mapping[str, Count], *, tier: bool = False
) -> list[dict[str, Any]]:
    keys = {'week': scope.week(at), 'team': F(f'{patient}__care_team')} | ({'case_tier': F('tier')} if tier else {})
    return list(rows.order_by().values(**keys).annotate(**counts))


# -- times, which cannot --------------------------------------------------------------------------------------------------
def waits(scope: Scope, *by: str) -> Waits:
    """How long alerts waited until somebody acknowledged them, by 'tier', 'line', 'week' or 'team', or several; one query."""
    return _times(acknowledgements(scope), by, week=scope.week('at'), path='alert__')


def waits_in_hours(scope: Scope) -> Waits:
    """The same by line, for those that began to wait while the clinic was open: nights do not blur the comparison."""
    began = ExpressionWrapper(F('at') - F('waited'), output_field=AlertEvent._meta.get_field('at'))
    zone = scope.span.zone
    weekday, time = ExtractIsoWeekDay('began', tzinfo=zone), TruncTime('began', tzinfo=zone)
    rows = acknowledgements(scope).annotate(began=began).annotate(weekday=weekday - 1, time=time)
    hours = OpeningHours.objects.filter(
        clinic=scope.clinic, weekday=OuterRef('weekday'), opens__lte=OuterRef('time'), closes__gt=OuterRef('time')
    )
    return _times(rows.filter(Exists(hours)), ('line',), path='alert__')


def times_to_resolve(scope: Scope, *by: str) -> Waits:
    """How long cases were open until they were resolved; one that was opened again counts by its last outcome. One query."""
    return _times(resolutions(scope), by, week=scope.week('at'), path='alert__')


def acknowledgements(scope: Scope) -> QuerySet[AlertEvent]:
    """Each time that somebody came; an alert that came back and was taken again counts again."""
    return _events(scope, AlertEventKind.ACKNOWLEDGED)


def resolutions(scope: Scope) -> QuerySet[AlertEvent]:
    standing = Q(alert__state=AlertState.RESOLVED, at=F('alert__resolved_at'))
    return _events(scope, AlertEventKind.RESOLVED).filter(standing)


def _times(rows: QuerySet[Any], by: Sequence[str], *, path: str, week: Any = None) -> Waits:
    ways = {'tier': F('tier'), 'line': F(f'{path}line'), 'team': F(f'{path}patient__care_team'), 'week': week}
    keys = {f'by_{name}': ways[name] for name in by}
    grouped = (
        rows.order_by()
        .values(**keys)
        .annotate(n=Count('pk'), median=Percentile('waited', fraction=0.5), p90=Percentile('waited', fraction=0.9))
    )
    return {tuple(row[key] for key in keys): Times(row['n'], row['median'], row['p90']) for row in grouped}


def _events(scope: Scope, kind: AlertEventKind) -> QuerySet[AlertEvent]:
    """Served by the partial index alert_event_waited."""
    ours = scope.of_patient('alert__patient') & Q(alert__is_drill=False) & scope.within('at')
    rows = AlertEvent.objects.filter(ours, kind=kind, waited__isnull=False)
    return rows.filter(Exists(Flag.objects.filter(alert=OuterRef('alert'), withdrawn_at=None)))


# -- what stands now ------------------------------------------------------------------------------------------------------
def open_by_age(scope: Scope) -> Mapping[str, list[int]]:
    """Unresolved alerts of this moment by tier, each a count for every age: up to AGES[0], up to AGES[1], …, and older."""
    edges = [scope.span.now - age for age in AGES]
    younger = {f'upto{n}': Count('pk', filter=Q(opened_at__gt=edge)) for n, edge in enumerate(edges)}
    rows: QuerySet[Any, Any] = _cases(scope).exclude(state=AlertState.RESOLVED).order_by().values('tier')
    found = rows.annotate(everything=Count('pk'), **younger)
    return {row['tier']: _differences([*(row[name] for name in younger), row['everything']]) for row in found}


def waiting_by_line(scope: Scope) -> Mapping[str, int]:
    """Alerts of this moment that nobody has in hand."""
    rows = _cases(scope).filter(state__in=WAITING).order_by().values('line')
    return {row['line']: row['n'] for row in rows.annotate(n=Count('pk'))}


def left_out(scope: Scope) -> int:
    """How many cases of these days are in no figure because everything in them was corrected."""
    return _all_cases(scope).filter(scope.within('opened_at')).filter(~_stands()).count()


def _differences(running: Sequence[int]) -> list[int]:
    return [after - before for before, after in zip([0, *running], running, strict=False)]


def _all_cases(scope: Scope) -> QuerySet[Alert]:
    return Alert.objects.filter(scope.of_patient('patient'), clinic=scope.clinic, is_drill=False)


def _cases(scope: Scope) -> QuerySet[Alert]:
    return _all_cases(scope).filter(_stands())


def _stands() -> Exists:
    return Exists(Flag.objects.filter(alert=OuterRef('pk'), withdrawn_at=None))
