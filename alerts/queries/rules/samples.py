"""Named questions about the daily sample: what it is drawn from, what waits to be rated, what was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from alerts.engine.wilson import Estimate, Stratum, estimate
from alerts.figures.span import midnight
from alerts.models import EntrySample, Evaluation, Flag, Rating, RuleSet, SampleDay, TierChoice
from alerts.queries.figures import TIERS
from clinic.models import Clinic, User

RATED_WITHIN = timedelta(days=14)  # nobody remembers what they would have done a month ago
MISSES = (Rating.SAME_DAY, Rating.URGENT, Rating.EMERGENCY)
QUIET = (TierChoice.NONE.value, TierChoice.MONITOR.value)


@dataclass(frozen=True)
class Checked:
    """The current revision of one entry, as its newest ledger row says. `rule_set` is None while no rules were there."""

    revision: int
    patient: int
    rule_set: int | None
    unflagged: bool


def checked_on(clinic: Clinic, day: date) -> list[Checked]:
    """Every entry about a local day of the clinic that no earlier draw took, in one statement: a day has thousands at most.

    The drill's patient is nobody. A clinic that moves to another time zone could meet an entry twice.
    """
    since, until = midnight(day, clinic.zone), midnight(day + timedelta(days=1), clinic.zone)
    entry = 'revision__entry'
    ours = Q(patient__clinic=clinic, patient__is_drill=False, revision__sample__isnull=True)
    about = Q(**{f'{entry}__about_at__gte': since, f'{entry}__about_at__lt': until})
    current = Q(revision__number=F(f'{entry}__current_number'))
    rows = Evaluation.objects.filter(ours, about, current).annotate(loud=Exists(_loud()))
    newest = rows.order_by('revision', '-pk').distinct('revision')
    columns = ('revision', 'patient', 'rule_set', 'tier', 'pending_since', 'loud')
    return [
        Checked(revision, patient, rule_set, rule_set is not None and owed is None and tier in QUIET and not loud)
        for revision, patient, rule_set, tier, owed, loud in newest.values_list(*columns)
    ]


def _loud() -> QuerySet[Flag]:
    """A flag for a nurse that stands on any evaluation of the same revision, under whichever rules."""
    return Flag.objects.filter(evaluation__revision=OuterRef('revision'), withdrawn_at__isnull=True, tier__in=TIERS)


# -- rating ---------------------------------------------------------------------------------------------------------------
def to_rate(clinic: Clinic, *, now: datetime) -> QuerySet[EntrySample]:
    """What waits for a rating; what nobody rated in two weeks never is."""
    oldest = now.astimezone(clinic.zone).date() - RATED_WITHIN
    return EntrySample.objects.filter(clinic=clinic, rating='', day__gte=oldest)


def queue_of(clinic: Clinic, *, user: User, now: datetime) -> list[int]:
    """The ids in the order in which `user` is asked: her own patients last, who know her least first; newer days first."""
    hers = When(patient__primary_nurse__user=user, then=Value(1))
    rows = to_rate(clinic, now=now).annotate(hers=Case(hers, default=Value(0), output_field=IntegerField()))
    return list(rows.order_by('hers', '-day', 'pk').values_list('pk', flat=True))


def last_rated(user: User, clinic: Clinic, *, since: datetime) -> EntrySample | None:
    """What she rated last, if it was since then: a slip of the finger can be taken back."""
    rows = EntrySample.objects.filter(clinic=clinic, rated_by=user, rated_at__gte=since, followed_up='')
    return rows.order_by('-rated_at').first()


def to_follow_up(clinic: Clinic) -> QuerySet[EntrySample]:
    """Missed entries of which nobody has written down what was done, the worst first. Served by a partial index."""
    worst = Case(*(When(rating=rating, then=Value(n)) for n, rating in enumerate(reversed(MISSES))))
    rows = EntrySample.objects.filter(clinic=clinic, rating__in=[each.value for each in MISSES], followed_up='')
    related = ('patient', 'revision__entry', 'rated_by', 'rule_set')
    return rows.select_related(*related).defer('rule_set__content').order_by(worst, 'rated_at')


def misses(clinic: Clinic) -> QuerySet[EntrySample]:
    """Every entry that was rated as more than nothing, the newest first."""
    rows = EntrySample.objects.filter(clinic=clinic, rating__in=[each.value for each in MISSES])
    related = ('patient', 'revision__entry', 'rated_by', 'followed_up_by', 'rule_set')
    return rows.select_related(*related).defer('rule_set__content').order_by('-day', '-pk')


# -- the rate -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Counted:
    """What was rated of one day under one rule set. `unflagged` and `day_rated` are of the whole day."""

    day: date
    rule_set: int
    rated: int
    missed: int
    unflagged: int
    day_rated: int

    @property
    def stratum(self) -> Stratum:
        """Where the rules changed in the middle of a day, each set stands for its part of the ratings."""
        return Stratum(self.rated * (self.unflagged / self.day_rated), self.rated, self.missed)


def counted(clinic: Clinic) -> list[Counted]:
    """Every day with a rating, two statements however many samples there are."""
    rated = EntrySample.objects.filter(clinic=clinic).exclude(rating='').order_by()
    counts = {'rated': Count('pk'), 'missed': Count('pk', filter=~Q(rating=Rating.NOTHING))}
    grouped: QuerySet[Any, Any] = rated.values('day', 'rule_set', 'draw__unflagged')
    rows = list(grouped.annotate(**counts).order_by('day', 'rule_set'))
    whole: dict[date, int] = {}
    for row in rows:
        whole[row['day']] = whole.get(row['day'], 0) + row['rated']
    return [
        Counted(row['day'], row['rule_set'], row['rated'], row['missed'], row['draw__unflagged'], whole[row['day']])
        for row in rows
    ]


def rate_of(rows: Sequence[Counted]) -> Estimate | None:
    """None where nothing was rated."""
    return estimate(row.stratum for row in rows)


def rule_sets_named(rows: Sequence[Counted]) -> Mapping[int, RuleSet]:
    return RuleSet.objects.defer('content').in_bulk({row.rule_set for row in rows})


@dataclass(frozen=True)
class Drawn:
    """How much was drawn, and how much of it was rated, still waits, or will never be."""

    drawn: int
    rated: int
    waiting: int

    @property
    def unrated(self) -> int:
        return self.drawn - self.rated - self.waiting


def drawn_since(clinic: Clinic, *, first: date, now: datetime) -> Drawn:
    rows = EntrySample.objects.filter(clinic=clinic, day__gte=first)
    found = rows.aggregate(drawn=Count('pk'), rated=Count('pk', filter=~Q(rating='')))
    return Drawn(found['drawn'], found['rated'], to_rate(clinic, now=now).filter(day__gte=first).count())


def last_draw(clinic: Clinic) -> SampleDay | None:
    return SampleDay.objects.filter(clinic=clinic).order_by('-day').first()
