"""Everything that the budget page shows: each rule of the rules in force with its figures, those over the limits first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from alerts.figures.measures import Rate, Share
from alerts.figures.span import Span, last_weeks
from alerts.figures.tables import Cell, count_cell, median_cell, rate_cell, share_cell
from alerts.models import RuleBudget, RuleSet, TierChoice
from alerts.pages.rules.trend import Trend, trend_of
from alerts.pages.rules.verdict import Standing, Verdict, judge, over_in_all
from alerts.queries.rules import budget as queries
from alerts.queries.rules.budget import Cost
from alerts.queries.rules.budget_limits import limits_of
from alerts.queries.rules.in_force import NoPublishedRuleSet, content_of, rule_set_for
from clinic.models import Clinic

DAYS, WEEKS = 30, 12
NOTHING = Cost()
RANKS = {tier.value: rank for rank, tier in enumerate(TierChoice)}  # the worst first


@dataclass(frozen=True)
class Line:
    """One rule. `in_force` is False for one that fired in these days and has been taken out since."""

    id: str
    title: str
    tier: str
    cost: Cost
    entries: int
    verdict: Verdict
    trend: Trend
    in_force: bool = True

    @property
    def tier_name(self) -> str:
        return str(TierChoice(self.tier).label)

    @property
    def flags(self) -> int:
        """Those that nurses see; of a rule that only tells the patient, all of them."""
        return self.cost.flags if self.verdict.standing is Standing.QUIET else self.cost.calls

    @property
    def per_hundred(self) -> Cell:
        return rate_cell(Rate(self.flags, self.entries))

    @property
    def acted(self) -> Cell:
        return share_cell(Share(self.cost.acted, self.cost.judged))

    @property
    def answer(self) -> Cell:
        return median_cell(self.cost.answers)

    @property
    def noise(self) -> Cell:
        return share_cell(Share(self.cost.noise, self.cost.marked))

    @property
    def cells(self) -> Sequence[Cell]:
        """As the page and the CSV show them."""
        return count_cell(self.flags), self.per_hundred, self.acted, self.answer, self.noise


@dataclass(frozen=True)
class Budget:
    """The page. `rule_set` is None where no rules are published. `calls` are the flags of all rules together that nurses see."""

    rule_set: RuleSet | None
    limits: RuleBudget
    span: Span
    entries: int
    calls: int
    alerts: int
    lines: Sequence[Line]

    @property
    def rate(self) -> Cell:
        return rate_cell(Rate(self.calls, self.entries))

    @property
    def bar(self) -> float:
        """How far the bar is filled, of 200: the limit stands at 100."""
        rate = 100 * self.calls / self.entries if self.entries else 0.0
        return round(min(200.0, 100 * rate / max(1, self.limits.flags_per_100)), 1)

    @property
    def is_over(self) -> bool:
        return over_in_all(self.calls, entries=self.entries, limits=self.limits)

    @property
    def changed_within(self) -> bool:
        """Whether the rules changed in these days: older flags were raised by the rules of then."""
        published = self.rule_set.published_at if self.rule_set else None
        return published is not None and published > self.span.since

    def of(self, *standings: Standing) -> list[Line]:
        return [line for line in self.lines if line.in_force and line.verdict.standing in standings]

    @property
    def over(self) -> list[Line]:
        return self.of(Standing.OVER)

    @property
    def others(self) -> list[Line]:
        return [line for line in self.of(Standing.WITHIN, Standing.FEW) if line.cost.flags]

    @property
    def untouchable(self) -> list[Line]:
        return [line for line in self.of(Standing.UNTOUCHABLE) if line.cost.flags]

    @property
    def quiet(self) -> list[Line]:
        return [line for line in self.of(Standing.QUIET) if line.cost.flags]

    @property
    def never(self) -> list[Line]:
        """Rules that did not fire, the worst tier first."""
        silent = [line for line in self.lines if line.in_force and not line.cost.flags]
        return sorted(silent, key=lambda line: (RANKS[line.tier], line.id))

    @property
    def gone(self) -> list[Line]:
        return [line for line in self.lines if not line.in_force]


def last_days(clinic: Clinic, *, now: datetime, days: int = DAYS) -> Span:
    """Today so far, and the whole days before it."""
    today = now.astimezone(clinic.zone).date()
    return Span(today - timedelta(days=days - 1), today, clinic.zone, now)


def budget_of(clinic: Clinic, *, now: datetime) -> Budget:
    """A fixed number of statements, however many rules, flags or entries there are."""
    span, weeks = last_days(clinic, now=now), last_weeks(WEEKS, zone=clinic.zone, now=now)
    rule_set, limits = _in_force(clinic), limits_of(clinic)
    costs, entries = queries.costs(clinic, span), queries.entries_in(clinic, span)
    by_week, entries_by_week = queries.flags_by_week(clinic, weeks), queries.entries_by_week(clinic, weeks)
    trends = _trends(weeks, by_week, entries_by_week)
    known = _rules(rule_set)
    fixed = _untouchable(rule_set)
    lines = [
        Line(
            id=code,
            title=rule['title'],
            tier=rule['tier'],
            cost=cost,
            entries=entries,
            verdict=judge(cost, entries=entries, limits=limits, tier=rule['tier'], untouchable=code in fixed),
            trend=trends.get(code) or trend_of(weeks.weeks, Counter(), entries_by_week),
            in_force=code in known,
        )
        for code, rule in (known | _gone(clinic, span, known, costs)).items()
        for cost in [costs.get(code, NOTHING)]
    ]
    return Budget(
        rule_set=rule_set,
        limits=limits,
        span=span,
        entries=entries,
        calls=sum(cost.calls for cost in costs.values()),
        alerts=queries.alerts_in(clinic, span),
        lines=sorted(lines, key=_order),
    )


def _order(line: Line) -> tuple[Any, ...]:
    """What is most over its limits first, then what calls most often."""
    return -len(line.verdict.reasons), -line.flags, RANKS[line.tier], line.id


def _in_force(clinic: Clinic) -> RuleSet | None:
    try:
        return rule_set_for(clinic.pk)
    except NoPublishedRuleSet:
        return None


def _rules(rule_set: RuleSet | None) -> dict[str, dict[str, Any]]:
    """From the content as it is stored: the page must come when a rule does not fit the catalogue any more."""
    return dict(rule_set.content['rules']) if rule_set else {}


def _untouchable(rule_set: RuleSet | None) -> set[str]:
    """Emergency rules, and those that are emergencies in the shared default although the clinic has lowered them."""
    if rule_set is None:
        return set()
    default = content_of(rule_set.default_id)['rules'] if rule_set.default_id else {}
    rules = [*rule_set.content['rules'].items(), *default.items()]
    return {code for code, rule in rules if rule['tier'] == TierChoice.EMERGENCY}


def _gone(clinic: Clinic, span: Span, known: Mapping[str, Any], costs: Mapping[str, Cost]) -> dict[str, dict[str, Any]]:
    """Rules that fired in these days and are in force no more, by what their last flag was called."""
    missing = set(costs) - set(known)
    return queries.last_called(clinic, span, missing) if missing else {}


def _trends(weeks: Span, flags: Mapping[str, Counter[date]], entries: Counter[date]) -> dict[str, Trend]:
    return {code: trend_of(weeks.weeks, counts, entries) for code, counts in flags.items()}
