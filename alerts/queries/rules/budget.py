"""What each rule costs and what comes of it, counted in the database: sums and medians come out of it, never the flags.

Everywhere: flags that still stand, no fire drills, by the clinic's own days. A flag counts by the time at which it was raised
(there is an index of standing flags by that time), an entry by the time that it is about; the two differ by the minutes of a
check, or where somebody fills in a past day.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, DateField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncWeek

from alerts.figures.measures import Times
from alerts.figures.span import Span
from alerts.models import WAITING, AlertEvent, AlertEventKind, AlertState, Flag, Mark, Outcome
from alerts.queries.figures import TIERS
from clinic.models import Clinic
from diary.models import Entry

ARRIVALS = (AlertEventKind.OPENED, AlertEventKind.JOINED, AlertEventKind.RAISED, AlertEventKind.REOPENED)


@dataclass(frozen=True)
class Cost:
    """One rule in some days. `flags` are all that stand, `calls` those of them that reach a nurse.

    Of the cases (alerts) that its flags joined: `cases` in all, `judged` closed with an outcome that says whether something was to
    do, `acted` of these with something done, `open` not closed yet, `unreached` closed because nobody could be reached.
    `marked` by a nurse as useful or noise, `noise` of these. `answers`: from the flag until somebody acknowledged its alert;
    `waiting` flags still wait for that.
    """

    flags: int = 0
    calls: int = 0
    cases: int = 0
    judged: int = 0
    acted: int = 0
    open: int = 0
    unreached: int = 0
    marked: int = 0
    noise: int = 0
    answers: Times = field(default_factory=Times)
    waiting: int = 0


def costs(clinic: Clinic, span: Span) -> Mapping[str, Cost]:
    """By rule id, whichever version of the rules raised the flags: two statements. A rule without a flag is not in it."""
    answers = _answers(clinic, span)
    return {
        row.pop('rule'): Cost(**row, **answers.get(rule, {}))
        for row in counted_flags(clinic, span)
        for rule in [row['rule']]
    }


def standing(clinic: Clinic, span: Span) -> QuerySet[Flag]:
    """Served by the partial index flag_standing_by_time."""
    ours = Q(patient__clinic=clinic, patient__is_drill=False)
    return Flag.objects.filter(ours, withdrawn_at__isnull=True, raised_at__gte=span.since, raised_at__lt=span.until)


def counted_flags(clinic: Clinic, span: Span) -> QuerySet[Any, Any]:
    closed = Q(alert__state=AlertState.RESOLVED)
    told, marked = closed & ~Q(alert__outcome=Outcome.NOT_REACHED), ~Q(alert__mark='')
    which = {
        'cases': Q(alert__isnull=False),
        'judged': told,
        'acted': told & ~Q(alert__outcome=Outcome.NO_ACTION),
        'open': Q(alert__isnull=False) & ~closed,
        'unreached': Q(alert__outcome=Outcome.NOT_REACHED),
        'marked': Q(alert__isnull=False) & marked,
        'noise': Q(alert__mark=Mark.NOISE),
    }
    cases = {name: Count('alert', distinct=True, filter=condition) for name, condition in which.items()}
    rows = standing(clinic, span).order_by().values('rule')
    return rows.annotate(flags=Count('pk'), calls=Count('pk', filter=Q(tier__in=TIERS)), **cases)


def waiting_flags(clinic: Clinic, span: Span) -> QuerySet[Any, Any]:
    """Flags that put their alert on the list, or found it there, with `taken`: when somebody acknowledged it next.

    One that joined a case which somebody had in hand waited for nobody: it is in no median.
    """
    steps = AlertEvent.objects.filter(alert=OuterRef('alert'))
    arrived = steps.filter(at=OuterRef('raised_at'), kind__in=ARRIVALS, state__in=WAITING)
    taken = steps.filter(kind=AlertEventKind.ACKNOWLEDGED, at__gte=OuterRef('raised_at')).order_by('at').values('at')
    rows = standing(clinic, span).filter(Exists(arrived), alert__isnull=False)
    return rows.annotate(taken=Subquery(taken[:1]))


# Materialized: PostgreSQL would otherwise look for each flag's acknowledgement once for every aggregate.
_ANSWERS = """
    WITH flags AS MATERIALIZED ({flags})
    SELECT rule, count(taken), percentile_cont(0.5) WITHIN GROUP (ORDER BY taken - raised_at),
           percentile_cont(0.9) WITHIN GROUP (ORDER BY taken - raised_at), count(*) FILTER (WHERE taken IS NULL)
    FROM flags GROUP BY rule
"""


def _answers(clinic: Clinic, span: Span) -> dict[str, dict[str, Any]]:
    flags = waiting_flags(clinic, span).order_by().values('rule', 'raised_at', 'taken')
    sql, given = flags.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS.format(flags=sql), given)
        rows = cursor.fetchall()
    return {rule: {'answers': Times(n, median, p90), 'waiting': waiting} for rule, n, median, p90, waiting in rows}


# -- entries, and weeks ---------------------------------------------------------------------------------------------------
def entries_in(clinic: Clinic, span: Span) -> int:
    return _entries(clinic, span).count()


def entries_by_week(clinic: Clinic, span: Span) -> Counter[date]:
    """By the Monday of each week."""
    return Counter({row['week']: row['n'] for row in weekly_entries(clinic, span)})


def weekly_entries(clinic: Clinic, span: Span) -> QuerySet[Any, Any]:
    return _entries(clinic, span).order_by().values(week=_week('about_at', span)).annotate(n=Count('pk'))


def flags_by_week(clinic: Clinic, span: Span) -> Mapping[str, Counter[date]]:
    """By rule, then by the Monday of each week: one statement."""
    found: dict[str, Counter[date]] = {}
    for row in weekly_flags(clinic, span):
        found.setdefault(row['rule'], Counter())[row['week']] = row['n']
    return found


def weekly_flags(clinic: Clinic, span: Span) -> QuerySet[Any, Any]:
    return standing(clinic, span).order_by().values('rule', week=_week('raised_at', span)).annotate(n=Count('pk'))


def alerts_in(clinic: Clinic, span: Span) -> int:
    """How many cases all flags of these days came to."""
    found: int = standing(clinic, span).aggregate(n=Count('alert', distinct=True))['n']
    return found


def last_called(clinic: Clinic, span: Span, rules: Collection[str]) -> dict[str, dict[str, Any]]:
    """Title and tier of the newest flag of each of these rules."""
    rows = standing(clinic, span).filter(rule__in=rules).order_by('rule', '-raised_at', '-pk').distinct('rule')
    return {rule: {'title': title, 'tier': tier} for rule, title, tier in rows.values_list('rule', 'title', 'tier')}


def _entries(clinic: Clinic, span: Span) -> QuerySet[Entry]:
    ours = Q(patient__clinic=clinic, patient__is_drill=False)
    return Entry.objects.filter(ours, about_at__gte=span.since, about_at__lt=span.until)


def _week(at: str, span: Span) -> TruncWeek:
    return TruncWeek(at, output_field=DateField(), tzinfo=span.zone)
