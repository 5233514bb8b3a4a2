"""What runs in silence, and what of a clinic's entries it still has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from alerts.models import Evaluation, RuleSet, RuleSetStatus, SilentCheck, SilentKind

MOST_ATTEMPTS = 3
RETRY = timedelta(minutes=10)
# Evaluations are looked at in the order in which they ended, but may be committed later than others that ended after them, or
# under a clock that was set back: so far behind the last one everything is asked for again.
BEHIND = timedelta(days=1)


@dataclass(frozen=True)
class Silent:
    """One rule set that looks at what its clinic's rules have evaluated, from `since` on."""

    rule_set: RuleSet
    kind: SilentKind
    since: datetime

    @property
    def checks(self) -> QuerySet[SilentCheck]:
        """Its looks in this run; those of an earlier run of the same set do not count."""
        return SilentCheck.objects.filter(rule_set=self.rule_set, kind=self.kind, checked_at__gte=self.since)


def running() -> list[Silent]:
    """Approved drafts on trial, and every published or retired set that sets emergency rules aside. Two queries."""
    drafts = RuleSet.objects.filter(
        status=RuleSetStatus.IN_REVIEW, reviewed_at__isnull=False, trial_since__isnull=False, trial_until=None
    )
    loosened = RuleSet.objects.filter(clinic__isnull=False, published_at__isnull=False).exclude(set_aside={})
    return [
        *(Silent(each, SilentKind.SET_ASIDE, _given(each.published_at)) for each in loosened.defer('content')),
        *(Silent(each, SilentKind.TRIAL, _given(each.trial_since)) for each in drafts.defer('content')),
    ]


def _given(at: datetime | None) -> datetime:
    assert at is not None  # it was asked for
    return at


def owed(silent: Silent, *, now: datetime, limit: int, after: Evaluation | None = None) -> Sequence[Evaluation]:
    """Evaluations that ended and were not looked at since, the earliest first: with revision, entry, patient and clinic.

    `after` is the last one of the batch before. What is owed to the real rules is left until they are done with it. Two queries.
    """
    last = silent.checks.aggregate(last=Max('evaluated_at'))['last']
    since = max(silent.since, last - BEHIND) if last else silent.since
    looked = silent.checks.filter(revision=OuterRef('revision'), evaluated_at__gte=OuterRef('evaluated_at'))
    at_rest = Q(error='') | Q(attempts__gte=MOST_ATTEMPTS) | Q(checked_at__gt=now - RETRY)
    found = (
        judged_by(silent).filter(evaluated_at__gte=since, pending_since=None).exclude(Exists(looked.filter(at_rest)))
    )
    if after is not None:
        found = found.filter(
            Q(evaluated_at=after.evaluated_at, pk__gt=after.pk) | Q(evaluated_at__gt=after.evaluated_at)
        )
    related = found.select_related('revision__entry__patient__clinic').order_by('evaluated_at', 'pk')
    return list(related[:limit])


def judged_by(silent: Silent) -> QuerySet[Evaluation]:
    """The evaluations that a silent run goes by, of the revisions that count now: a draft's by whichever rules its clinic had."""
    clinic = silent.rule_set.clinic_id
    own = Q(pk=silent.rule_set.pk)
    under = Q(clinic=clinic) | Q(clinic=None) if silent.kind == SilentKind.TRIAL else own
    return Evaluation.objects.filter(
        rule_set__in=RuleSet.objects.filter(under),
        patient__clinic=clinic,
        patient__is_drill=False,
        evaluated_at__isnull=False,
        revision__number=F('revision__entry__current_number'),
    )
