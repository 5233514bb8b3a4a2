"""What a silent run found, beside what the rules in force flagged in the same entries. Everything is counted in the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from alerts.models import RuleSet, SilentCheck, SilentKind
from alerts.queries.rules.set_aside import flags_set_aside
from alerts.queries.rules.trial import MOST_ATTEMPTS
from alerts.unread import RULE as UNREAD

DIFFERENT, ADDED, LOST, ALL = 'different', 'added', 'lost', 'all'
SHOW = (DIFFERENT, ADDED, LOST, ALL)

# One row for each rule that holds for one entry by the draft (d), by the rules in force (r), or by both.
_PAIRS = """
    WITH looked AS (
        SELECT c.revision_id, e.about_at, greatest(v.received_at, %(since)s) AS counted_at
        FROM alerts_silentcheck c JOIN diary_revision v ON v.id = c.revision_id
        JOIN diary_entry e ON e.id = v.entry_id AND e.current_number = v.number
        WHERE c.rule_set_id = %(rule_set)s AND c.kind = 'trial' AND c.error = ''
    ), d AS (
        SELECT f.revision_id, f.rule, f.tier, f.title FROM alerts_silentflag f
        WHERE f.rule_set_id = %(rule_set)s AND f.kind = 'trial'
    ), r AS (
        SELECT v.revision_id, f.rule, f.tier, f.title FROM alerts_flag f
        JOIN alerts_evaluation v ON v.id = f.evaluation_id JOIN looked ON looked.revision_id = v.revision_id
        WHERE f.withdrawn_at IS NULL AND f.rule <> %(unread)s
    ), pairs AS (
        SELECT revision_id, rule, d.tier AS draft_tier, r.tier AS real_tier, coalesce(d.title, r.title) AS title
        FROM d FULL JOIN r USING (revision_id, rule)
    )
"""
_BY_RULE = """
    SELECT rule, max(title), max(draft_tier), max(real_tier), count(*) FILTER (WHERE draft_tier = real_tier),
        count(*) FILTER (WHERE draft_tier <> real_tier), count(*) FILTER (WHERE real_tier IS NULL),
        count(*) FILTER (WHERE draft_tier IS NULL)
    FROM pairs JOIN looked USING (revision_id) GROUP BY rule
"""
_BY_DAY = """
    SELECT (counted_at AT TIME ZONE %(zone)s)::date AS day, count(DISTINCT revision_id),
        count(*) FILTER (WHERE draft_tier = ANY(%(tiers)s)), count(*) FILTER (WHERE real_tier = ANY(%(tiers)s))
    FROM looked LEFT JOIN pairs USING (revision_id) GROUP BY day ORDER BY day
"""
_ENTRIES = """, chosen AS (
        SELECT revision_id, about_at, rule, draft_tier, real_tier,
            (real_tier IS NULL) AS added, (draft_tier IS NULL) AS lost, (draft_tier IS DISTINCT FROM real_tier) AS different
        FROM pairs JOIN looked USING (revision_id) WHERE %(rule)s IN ('', rule)
    )
    SELECT revision_id, array_agg(rule ORDER BY rule) FILTER (WHERE added), array_agg(rule ORDER BY rule) FILTER (WHERE lost),
        array_agg(rule ORDER BY rule) FILTER (WHERE different AND NOT added AND NOT lost),
        array_agg(rule ORDER BY rule) FILTER (WHERE NOT different), array_agg(draft_tier), array_agg(real_tier)
    FROM chosen GROUP BY revision_id, about_at
    HAVING CASE %(show)s WHEN 'added' THEN bool_or(added) WHEN 'lost' THEN bool_or(lost)
        WHEN 'different' THEN bool_or(different) ELSE true END
    ORDER BY about_at DESC, revision_id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
ALERTING = ('emergency', 'urgent', 'same_day')


@dataclass(frozen=True)
class Looked:
    """Entries that count now: `entries` were looked at, `failed` could not be (tried three times), `retried` are tried again."""

    entries: int
    failed: int
    retried: int


@dataclass(frozen=True)
class RuleCount:
    """One rule over all entries. `moved`: both flag the entry, at different tiers. A tier is empty where that side never fired."""

    rule: str
    title: str
    draft_tier: str
    real_tier: str
    same: int
    moved: int
    added: int
    lost: int

    @property
    def draft(self) -> int:
        return self.same + self.moved + self.added

    @property
    def real(self) -> int:
        return self.same + self.moved + self.lost

    @property
    def tier(self) -> str:
        return self.draft_tier or self.real_tier


@dataclass(frozen=True)
class DayCount:
    """One local day of the clinic: entries looked at, and flags that make an alert."""

    day: date
    entries: int
    draft: int
    real: int


@dataclass(frozen=True)
class Pair:
    """One entry's current revision (primary key) and the ids of its rules by side; tiers of all that fired, without order."""

    revision: int
    added: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    draft_tiers: tuple[str, ...] = field(default=())
    real_tiers: tuple[str, ...] = field(default=())


def looked(rule_set: RuleSet) -> Looked:
    checks = SilentCheck.objects.filter(
        rule_set=rule_set, kind=SilentKind.TRIAL, revision__number=F('revision__entry__current_number')
    )
    given_up = ~Q(error='') & Q(attempts__gte=MOST_ATTEMPTS)
    found = checks.aggregate(
        entries=Count('pk', filter=Q(error='')),
        failed=Count('pk', filter=given_up),
        retried=Count('pk', filter=~Q(error='') & Q(attempts__lt=MOST_ATTEMPTS)),
    )
    return Looked(**found)


def by_rule(rule_set: RuleSet) -> list[RuleCount]:
    return [
        RuleCount(rule, title, draft_tier or '', real_tier or '', *counts)
        for rule, title, draft_tier, real_tier, *counts in _rows(_BY_RULE, rule_set)
    ]


def by_day(rule_set: RuleSet) -> list[DayCount]:
    assert rule_set.clinic is not None  # the shared default is never tried
    words = {'zone': rule_set.clinic.time_zone, 'tiers': list(ALERTING)}
    return [DayCount(*row) for row in _rows(_BY_DAY, rule_set, **words)]


def entries(rule_set: RuleSet, *, show: str, rule: str, limit: int, offset: int) -> list[Pair]:
    """The latest first. `show` is a word of SHOW; `rule` empty for all."""
    rows = _rows(_ENTRIES, rule_set, show=show, rule=rule, limit=limit, offset=offset)
    return [Pair(revision, *(_all(each) for each in sides)) for revision, *sides in rows]


def entries_set_aside(rule_set: RuleSet) -> dict[str, int]:
    """In how many entries each rule that the set sets aside would have fired, by rule."""
    found = flags_set_aside().filter(rule_set=rule_set).order_by().values_list('rule')
    return dict(found.annotate(entries=Count('pk')))


def _all(found: Sequence[str | None] | None) -> tuple[str, ...]:
    return tuple(each for each in found or () if each is not None)


def _rows(sql: str, rule_set: RuleSet, **given: Any) -> list[tuple[Any, ...]]:
    since: datetime | None = rule_set.trial_since
    words: dict[str, Any] = {'rule_set': rule_set.pk, 'since': since, 'unread': UNREAD, **given}
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS + sql, words)
        return list(cursor.fetchall())
