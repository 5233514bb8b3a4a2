"""Sampled entries for tests that need one and do not ask how it was drawn."""

from datetime import datetime, timedelta

from alerts.models import EntrySample, RuleSet, SampleDay
from alerts.services.rules.sampling import rate
from clinic.models import Membership
from diary.models import Entry
from tests.cast import NOW


def drawn(entry: Entry, *, at: datetime = NOW, unflagged: int = 10) -> EntrySample:
    """As the sweep leaves it: the current revision of an entry, drawn from `unflagged` ones of its day."""
    clinic, day = entry.patient.clinic, entry.about_at.astimezone(entry.patient.clinic.zone).date()
    counts = {'entries': unflagged + 2, 'unflagged': unflagged, 'drawn': 3}
    draw, _ = SampleDay.objects.get_or_create(
        clinic=clinic, day=day, defaults={'seed': 'a seed', 'drawn_at': at, **counts}
    )
    return EntrySample.objects.create(
        clinic=clinic,
        patient=entry.patient,
        revision=entry.revisions.get(number=entry.current_number),
        rule_set=RuleSet.objects.get(clinic=None, status='published'),
        draw=draw,
        day=day,
        drawn_at=at,
    )


def missed(entry: Entry, *, by: Membership, rating: str = 'urgent', at: datetime = NOW) -> EntrySample:
    """Rated as more than nothing, an hour ago."""
    hour = timedelta(hours=1)
    return rate(sample=drawn(entry, at=at - hour), by=by.user, rating=rating, now=at - hour)
