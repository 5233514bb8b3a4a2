"""The page of a silent run: what the draft would have flagged beside the real flags, how often, and in which entries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from alerts.figures.drawing import Picture
from alerts.models import Flag, RuleSet, SilentFlag, SilentKind
from alerts.pages.rules.trial_picture import flags_by_day
from alerts.programs import compiled
from alerts.queries.rules import trial_report
from alerts.queries.rules.trial_report import DayCount, Looked, Pair, RuleCount
from alerts.words.answers import staff_units, told
from alerts.words.reasons import Fired, Reason, by_tier, of_flags, reasons, worst
from diary.catalogue import current_catalogue
from diary.models import Entry, Revision

PAGE = 50
DAY = timedelta(days=1)
MOST_WORDS = 5


@dataclass(frozen=True)
class Sum:
    """Flags of all rules that make an alert, on one side. `per_day` is None until a day is over: less would be a guess."""

    alerting: int
    per_100: float | None
    per_day: float | None


@dataclass(frozen=True)
class Row:
    """One entry of the list. `tier` is the worst that either side says; `words` what was told, in short."""

    entry: Entry
    pair: Pair
    tier: str
    words: str


@dataclass(frozen=True)
class Ruled:
    """One rule's counts; how often it fires in a hundred entries, by the draft and in force."""

    count: RuleCount
    draft_per_100: float
    real_per_100: float


@dataclass(frozen=True)
class Report:
    """`latest` are the days, the newest first."""

    looked: Looked
    rules: tuple[Ruled, ...]
    draft: Sum
    real: Sum
    latest: tuple[DayCount, ...]
    picture: Picture


@dataclass(frozen=True)
class Listed:
    """One page of the entries. `number` counts from 1."""

    rows: tuple[Row, ...]
    show: str
    rule: str
    number: int
    has_more: bool


def report_of(rule_set: RuleSet, *, now: datetime) -> Report:
    """Three queries, however much was looked at."""
    looked, days = trial_report.looked(rule_set), trial_report.by_day(rule_set)
    rules = sorted(trial_report.by_rule(rule_set), key=lambda each: (by_tier(each.tier), each.rule))
    ran = (rule_set.trial_until or now) - (rule_set.trial_since or now)
    return Report(
        looked,
        tuple(_ruled(each, looked.entries) for each in rules),
        _sum(sum(each.draft for each in days), looked.entries, ran),
        _sum(sum(each.real for each in days), looked.entries, ran),
        tuple(reversed(days)),
        flags_by_day(days),
    )


def _ruled(count: RuleCount, entries: int) -> Ruled:
    return Ruled(count, 100 * count.draft / entries, 100 * count.real / entries)


def _sum(alerting: int, entries: int, ran: timedelta) -> Sum:
    per_100 = 100 * alerting / entries if entries else None
    return Sum(alerting, per_100, alerting / (ran / DAY) if ran >= DAY else None)


def entries_of(rule_set: RuleSet, *, show: str, rule: str, number: int) -> Listed:
    """Two queries."""
    start = (number - 1) * PAGE
    pairs = trial_report.entries(rule_set, show=show, rule=rule, limit=PAGE + 1, offset=start)
    wanted = [pair.revision for pair in pairs[:PAGE]]
    found = Revision.objects.select_related('entry__patient__clinic').in_bulk(wanted)
    rows = tuple(_row(found[pair.revision], pair) for pair in pairs[:PAGE])
    return Listed(rows, show, rule, number, len(pairs) > PAGE)


def _row(revision: Revision, pair: Pair) -> Row:
    tier = worst([*pair.draft_tiers, *pair.real_tiers])
    said = told(revision.document, current_catalogue(), staff_units(revision.entry.patient.clinic))
    words = [one.brief for one in said if one.reported or one.level is None]
    short = ' · '.join(words[:MOST_WORDS]) + (' …' if len(words) > MOST_WORDS else '')
    return Row(revision.entry, pair, tier, short or _('Nothing new'))


# -- one entry ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One entry by both sides, each with its evidence; `both` are the ids of the rules that fired on both."""

    entry: Entry
    revision: Revision
    told: tuple[str, ...]
    draft: tuple[Reason, ...]
    real: tuple[Reason, ...]
    both: frozenset[str]


def compared(rule_set: RuleSet, entry: Entry) -> Compared | None:
    """None where the run has not looked at what counts of the entry now."""
    revision = Revision.objects.get(entry=entry, number=entry.current_number)
    if not revision.silent_checks.filter(rule_set=rule_set, kind=SilentKind.TRIAL, error='').exists():
        return None
    draft = _silent_reasons(rule_set, revision)
    flags = Flag.objects.filter(evaluation__revision=revision, withdrawn_at=None).select_related('evaluation__rule_set')
    real = of_flags(flags, current_catalogue())
    both = {each.rule for each in draft} & {each.rule for each in real}
    said = told(revision.document, current_catalogue(), staff_units(entry.patient.clinic))
    return Compared(entry, revision, tuple(map(str, said)), tuple(draft), tuple(real), frozenset(both))


@dataclass(frozen=True)
class AsideCount:
    """An emergency rule that a published set sets aside, and in how many entries it would have fired."""

    rule: str
    reason: str
    entries: int


def asides_of(rule_set: RuleSet) -> list[AsideCount]:
    """One query; none for a set that sets nothing aside, or was never published."""
    if not rule_set.set_aside or rule_set.published_at is None:
        return []
    fired = trial_report.entries_set_aside(rule_set)
    return [AsideCount(rule, reason, fired.get(rule, 0)) for rule, reason in sorted(rule_set.set_aside.items())]


def _silent_reasons(rule_set: RuleSet, revision: Revision) -> list[Reason]:
    rules = compiled(rule_set).rules.rules
    flags = SilentFlag.objects.filter(rule_set=rule_set, kind=SilentKind.TRIAL, revision=revision)
    return reasons((Fired(rules[flag.rule], flag.evidence) for flag in flags), current_catalogue())
