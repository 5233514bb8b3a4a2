"""The demo's daily samples: some weeks of them, rated by its nurses; one miss was followed up, another waits."""

from datetime import UTC, date, datetime, time, timedelta

from alerts.models import EntrySample, Rating
from alerts.services.rules.sampling import draw_day, due_days, follow_up, rate
from clinic.models import Clinic, User
from clinic.services.demo import DemoPeople
from config.demo.cast import places

DAYS = 28
FOLLOWED_UP = 3  # which of the samples that told something, counted from the oldest
WHY = 'So soon after a dose I would have asked how it goes on.'
DONE = 'Phoned. Eats and drinks, no fever. Will write again tonight.'


def sample_and_rate(people: DemoPeople, *, seed: int, until: datetime) -> None:
    """After the story has been played. The samples of the last day still wait to be rated."""
    for place in places(people):
        days = due_days(place.clinic, now=until)
        if days:
            _draw(place.clinic, days[-1], seed=seed)
            _rate(place.clinic, [member.user for member in place.nurses], before=days[-1])


def _draw(clinic: Clinic, last: date, *, seed: int) -> None:
    for day in (last - timedelta(days=n) for n in reversed(range(DAYS))):
        draw_day(clinic=clinic, day=day, now=_morning(clinic, day), seed=f'demo-{seed}-{day:%Y%m%d}')


def _rate(clinic: Clinic, nurses: list[User], *, before: date) -> None:
    """Nothing of it was missed but an old one, which was followed up, and the last that told something, which waits."""
    samples = EntrySample.objects.filter(clinic=clinic, day__lt=before).select_related('revision')
    ordered = list(samples.order_by('day', 'revision__entry__about_at', 'pk'))
    told = [sample.pk for sample in ordered if not sample.revision.nothing_new]
    old, last = told[FOLLOWED_UP : FOLLOWED_UP + 1], told[FOLLOWED_UP + 1 :][-1:]
    for number, sample in enumerate(ordered):
        nurse, at = nurses[number % len(nurses)], sample.drawn_at + timedelta(hours=2, minutes=3 * (number % 9))
        missed = sample.pk in (*old, *last)
        rating = Rating.SAME_DAY if missed else Rating.NOTHING
        rated = rate(sample=sample, by=nurse, rating=rating, now=at, note=WHY if missed else '')
        if sample.pk in old:
            follow_up(sample=rated, by=nurse, note=DONE, now=at + timedelta(minutes=12))


def _morning(clinic: Clinic, day: date) -> datetime:
    """When the sweep would have drawn it."""
    return datetime.combine(day + timedelta(days=1), time(6, 4), clinic.zone).astimezone(UTC)
