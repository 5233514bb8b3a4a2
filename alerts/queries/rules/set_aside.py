"""Emergency rules that a clinic has set aside: who decided it, and where they would have fired."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, QuerySet

from alerts.models import Alert, RuleSet, SilentFlag, SilentKind
from clinic.models import Clinic, User
from diary.models import Entry

# What came in the day before an alert belongs to the same picture: a nurse who reads the one should know of the other.
BEFORE_AN_ALERT = timedelta(days=1)
LATELY = timedelta(days=2)


@dataclass(frozen=True)
class Decision:
    """Who wrote the set that first set a rule aside for this reason, who reviewed it, and when it was published."""

    at: datetime
    by: User
    reviewed_by: User


def lately(clinic: Clinic, *, now: datetime) -> tuple[int, int]:
    """How many flags of set-aside rules were found in the last two days, and the newest: changes whenever one comes or goes."""
    found = SilentFlag.objects.filter(clinic=clinic, kind=SilentKind.SET_ASIDE, found_at__gt=now - LATELY)
    seen = found.aggregate(n=Count('pk'), newest=Max('pk'))
    return seen['n'], seen['newest'] or 0


def decisions(rule_set: RuleSet) -> dict[str, Decision]:
    """By rule. A reason that later versions took over unchanged was decided when it was given first. One query."""
    versions = RuleSet.objects.filter(clinic=rule_set.clinic_id, published_at__lte=rule_set.published_at)
    people = versions.select_related('created_by', 'reviewed_by').defer('content')
    found: dict[str, Decision] = {}
    unchanged = dict(rule_set.set_aside)
    for each in people.order_by('-published_at', '-version'):
        unchanged = {rule: reason for rule, reason in unchanged.items() if each.set_aside.get(rule) == reason}
        if not unchanged:
            break
        found |= dict.fromkeys(unchanged, _decided(each))
    return found


def _decided(rule_set: RuleSet) -> Decision:
    at, by, reviewed_by = rule_set.published_at, rule_set.created_by, rule_set.reviewed_by
    assert at is not None  # a constraint keeps this and the reviewer with a clinic's published set
    assert by is not None  # every clinic's set is begun by somebody
    assert reviewed_by is not None
    return Decision(at, by, reviewed_by)


def flags_set_aside() -> QuerySet[SilentFlag]:
    """Where such rules would have fired, of what counts now; the latest entry first."""
    found = SilentFlag.objects.filter(
        kind=SilentKind.SET_ASIDE, revision__number=F('revision__entry__current_number'), patient__is_drill=False
    )
    related = found.select_related('revision__entry', 'patient', 'rule_set__clinic')
    heavy = ('evidence', 'revision__document', 'rule_set__content')
    return related.defer(*heavy).order_by('-revision__entry__about_at', 'rule')


def of_entry(entry: Entry) -> QuerySet[SilentFlag]:
    return flags_set_aside().filter(revision__entry=entry)


def of_entries(entries: Collection[Entry]) -> dict[int, list[SilentFlag]]:
    """By the entry's primary key. One query."""
    found: dict[int, list[SilentFlag]] = {}
    for flag in flags_set_aside().filter(revision__entry__in=entries):
        found.setdefault(flag.revision.entry_id, []).append(flag)
    return found


def of_alerts(alerts: Collection[Alert]) -> dict[int, list[SilentFlag]]:
    """By the alert's primary key: what its patient told from a day before it was opened until it was closed. One query."""
    if not alerts:
        return {}
    since = min(alert.opened_at for alert in alerts) - BEFORE_AN_ALERT
    patients = {alert.patient_id for alert in alerts}
    flags = list(flags_set_aside().filter(patient__in=patients, revision__entry__about_at__gte=since))
    found = {alert.pk: [flag for flag in flags if _belongs(flag, alert)] for alert in alerts}
    return {alert: theirs for alert, theirs in found.items() if theirs}


def each_rule(flags: Iterable[SilentFlag]) -> tuple[SilentFlag, ...]:
    """Each rule once, by its latest entry, where there is no room for all."""
    return tuple({flag.rule: flag for flag in reversed(list(flags))}.values())


def _belongs(flag: SilentFlag, alert: Alert) -> bool:
    at = flag.revision.entry.about_at
    still = alert.resolved_at is None or at <= alert.resolved_at
    return flag.patient_id == alert.patient_id and at >= alert.opened_at - BEFORE_AN_ALERT and still


def of_shift(clinic: Clinic, *, since: datetime) -> QuerySet[SilentFlag]:
    """What came in since then."""
    return flags_set_aside().filter(clinic=clinic, revision__received_at__gte=since)
