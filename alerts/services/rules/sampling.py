"""The daily sample of unflagged entries: drawn once for each local day, rated blind by a nurse, followed up when one was missed."""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction

from alerts.models import EntrySample, Rating, SampleDay
from alerts.queries.rules.budget_limits import limits_of
from alerts.queries.rules.samples import Checked, checked_on
from clinic.faultpoints import point
from clinic.models import Clinic, User

log = logging.getLogger(__name__)
DRAWN_FROM = time(
    6
)  # what somebody writes after midnight about the day before is in the draw, and it waits before the shift
CATCH_UP = 3  # so many days are drawn late, when nothing ran for a while
MAY_TAKE_BACK = timedelta(minutes=10)


class SamplesNotDrawn(Exception):
    """Some clinics had no draw; the others had. The kinds of error are in the log."""


class AlreadyRated(Exception):
    """Somebody else has rated it. `sample` says who."""

    def __init__(self, sample: EntrySample) -> None:
        super().__init__()
        self.sample = sample


class TooLate(Exception):
    """A rating can be taken back for ten minutes by whoever gave it, until something was done about it."""


class AlreadyFollowedUp(Exception):
    """Somebody was faster, or there is nothing to follow up any more."""


def draw_all(*, now: datetime) -> int:
    """Draw what is due at every clinic. Returns how many entries were drawn. Raises SamplesNotDrawn after the last clinic."""
    drawn, failed = 0, 0
    for clinic in Clinic.objects.order_by('pk'):
        try:
            drawn += sum(draw_day(clinic=clinic, day=day, now=now) for day in due_days(clinic, now=now))
        except Exception as error:  # noqa: BLE001  (one clinic's trouble must not keep the others from their sample)
            failed += 1
            log.error('the sample of clinic %s was not drawn: %s', clinic.pk, type(error).__name__)
        point('samples.clinic')
    if failed:
        raise SamplesNotDrawn(f'{failed} clinics')
    return drawn


def due_days(clinic: Clinic, *, now: datetime) -> list[date]:
    """The last local days that are over and have no draw, oldest first. A day is over at six in the morning of the next."""
    local = now.astimezone(clinic.zone)
    last = local.date() - timedelta(days=1 if local.time() >= DRAWN_FROM else 2)
    days = [last - timedelta(days=n) for n in reversed(range(CATCH_UP))]
    done = set(SampleDay.objects.filter(clinic=clinic, day__in=days).values_list('day', flat=True))
    return [day for day in days if day not in done]


def draw_day(*, clinic: Clinic, day: date, now: datetime, seed: str = '') -> int:
    """Draw the sample of one day, unless it was drawn. Returns how many entries were. `seed` is made up where none is given.

    Two at once: the second waits for the first one's row, finds it, and draws nothing.
    """
    wanted = limits_of(clinic).samples_per_day
    if not wanted:
        return 0
    seed = seed or secrets.token_hex(16)
    with transaction.atomic():
        entries = checked_on(clinic, day)
        pool = {each.revision: each for each in entries if each.unflagged}
        chosen = list(_first(pool, seed=seed, number=wanted))
        counts = {'entries': len(entries), 'unflagged': len(pool), 'drawn': len(chosen)}
        draw, is_new = SampleDay.objects.get_or_create(
            clinic=clinic, day=day, defaults={'seed': seed, 'drawn_at': now, **counts}
        )
        point('samples.day')
        if not is_new:
            return 0
        EntrySample.objects.bulk_create(_sample(draw, pool[pk]) for pk in chosen)
    return len(chosen)


def _sample(draw: SampleDay, found: Checked) -> EntrySample:
    assert found.rule_set is not None  # without rules nothing counts as unflagged
    return EntrySample(
        clinic=draw.clinic,
        patient_id=found.patient,
        revision_id=found.revision,
        rule_set_id=found.rule_set,
        draw=draw,
        day=draw.day,
        drawn_at=draw.drawn_at,
    )


def order_of(revision: int, *, seed: str) -> str:
    """Where a revision stands in the draw: by chance, and the same whenever it is done again."""
    return hashlib.sha256(f'{seed}:{revision}'.encode()).hexdigest()


def _first(pool: Iterable[int], *, seed: str, number: int) -> Iterator[int]:
    yield from sorted(pool, key=lambda revision: order_of(revision, seed=seed))[:number]


# -- rating ---------------------------------------------------------------------------------------------------------------
def rate(*, sample: EntrySample, by: User, rating: Rating | str, now: datetime, note: str = '') -> EntrySample:
    """`by` says what she would have done. Raises AlreadyRated when somebody has, ValueError for another word.

    Nothing is told to anybody and no alert opens: a miss stands on the hand-over until it is followed up.
    """
    rating = Rating(rating)
    with transaction.atomic():
        sample = _locked(sample)
        if sample.rating:
            raise AlreadyRated(sample)
        sample.rating, sample.rated_by, sample.rated_at, sample.note = rating, by, now, note.strip()
        sample.save(update_fields=['rating', 'rated_by', 'rated_at', 'note'])
    return sample


def take_back(*, sample: EntrySample, by: User, now: datetime) -> EntrySample:
    """A slip of the finger: it waits for a rating again. Raises TooLate."""
    with transaction.atomic():
        sample = _locked(sample)
        rated_at = sample.rated_at
        if sample.rated_by_id != by.pk or rated_at is None or now - rated_at > MAY_TAKE_BACK or sample.followed_up:
            raise TooLate
        sample.rating, sample.rated_by, sample.rated_at, sample.note = '', None, None, ''
        sample.save(update_fields=['rating', 'rated_by', 'rated_at', 'note'])
    return sample


def follow_up(*, sample: EntrySample, by: User, note: str, now: datetime) -> EntrySample:
    """What was done about a missed entry. Raises AlreadyFollowedUp, ValueError for no words."""
    note = note.strip()
    if not note:
        raise ValueError('what was done needs words')
    with transaction.atomic():
        sample = _locked(sample)
        if sample.followed_up or not sample.is_miss:
            raise AlreadyFollowedUp
        sample.followed_up, sample.followed_up_by, sample.followed_up_at = note, by, now
        sample.save(update_fields=['followed_up', 'followed_up_by', 'followed_up_at'])
    return sample


def _locked(sample: EntrySample) -> EntrySample:
    rows = EntrySample.objects.select_for_update(of=('self',)).select_related('patient', 'clinic', 'rated_by')
    return rows.get(pk=sample.pk)
