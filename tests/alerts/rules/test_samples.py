"""The daily sample: drawn once for each local day, by chance, only from what no rule flagged; rated once, followed up once."""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from alerts.models import EntrySample, Evaluation, Flag, RuleBudget, SampleDay
from alerts.queries.rules import samples as queries
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules import sampling
from alerts.services.rules.sampling import AlreadyFollowedUp, AlreadyRated, TooLate
from alerts.tasks import sweep_samples
from clinic.models import Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.services.entries import correct_entry, record_entry
from tests import cast
from tests.alerts.conftest import FEVER, SICK, TIRED, told_us
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures('content')
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
SUNDAY = date(2026, 11, 15)  # the day before NOW, at Riverside
NOON = datetime(2026, 11, 15, 17, 0, tzinfo=UTC)  # 12:00 in New York
NEXT_MORNING = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)  # 6:00 in New York


def draw(clinic: Clinic, *, day: date = SUNDAY, seed: str = 'a seed') -> list[EntrySample]:
    sampling.draw_day(clinic=clinic, day=day, now=NOW, seed=seed)
    return list(EntrySample.objects.filter(clinic=clinic, day=day))


def many(clinic: Clinic, number: int) -> list[Patient]:
    patients = [cast.make_patient(clinic, f'P{n:03} Example') for n in range(number)]
    for patient in patients:
        told_us(patient, SICK, at=NOON)
    return patients


# -- what is drawn --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_only_what_no_rule_flagged_is_drawn(riverside: Clinic, ana: Patient, ben: Patient) -> None:
    told_us(ana, FEVER, at=NOON)
    told_us(ana, TIRED, at=NOON + HOUR)  # same day
    quiet = told_us(ben, SICK, at=NOON)
    found = draw(riverside)
    assert [sample.revision.entry for sample in found] == [quiet]
    assert {flag.tier for flag in Flag.objects.all()} >= {'urgent', 'same_day'}
    day = SampleDay.objects.get()
    assert (day.entries, day.unflagged, day.drawn) == (3, 1, 1)
    assert found[0].rule_set == Evaluation.objects.get(revision__entry=quiet).rule_set


@pytest.mark.django_db
def test_an_entry_that_says_nothing_new_can_be_drawn(riverside: Clinic, ben: Patient) -> None:
    quiet = told_us(ben, {}, at=NOON)
    assert [sample.revision.entry for sample in draw(riverside)] == [quiet]


@pytest.mark.django_db
def test_what_is_not_checked_yet_is_not_drawn(riverside: Clinic, ben: Patient) -> None:
    told_us(ben, SICK, at=NOON, check=False)
    assert draw(riverside) == []
    assert SampleDay.objects.get().unflagged == 0


@pytest.mark.django_db
def test_the_revision_that_counts_is_drawn(riverside: Clinic, ben: Patient) -> None:
    entry = told_us(ben, FEVER, at=NOON)
    correct_entry(
        entry=entry,
        by=cast.user_of(ben),
        expected_number=1,
        document=make_document(SICK, current_catalogue('en')),
        recorded_at=NOON + HOUR,
        now=NOON + HOUR,
        nothing_new=False,
    )
    evaluate_pending(now=NOON + HOUR)
    assert [sample.revision.number for sample in draw(riverside)] == [2]


@pytest.mark.django_db
def test_an_entry_that_was_corrected_into_a_fever_is_not_drawn(riverside: Clinic, ben: Patient) -> None:
    entry = told_us(ben, SICK, at=NOON)
    correct_entry(
        entry=entry,
        by=cast.user_of(ben),
        expected_number=1,
        document=make_document(FEVER, current_catalogue('en')),
        recorded_at=NOON + HOUR,
        now=NOON + HOUR,
        nothing_new=False,
    )
    evaluate_pending(now=NOON + HOUR)
    assert draw(riverside) == []


@pytest.mark.django_db
def test_the_drill_and_other_clinics_are_not_drawn(
    riverside: Clinic, lakeside: Clinic, ben: Patient, olga: Patient
) -> None:
    told_us(ben, SICK, at=NOON)
    told_us(olga, SICK, at=NOON)
    Patient.objects.filter(pk=ben.pk).update(is_drill=True)
    assert draw(riverside) == []
    assert [sample.patient for sample in draw(lakeside)] == [olga]


@pytest.mark.django_db
def test_a_day_is_the_clinics_own_day(riverside: Clinic, ben: Patient) -> None:
    first, last = datetime(2026, 11, 15, 5, 0, tzinfo=UTC), datetime(2026, 11, 16, 4, 59, tzinfo=UTC)
    inside = [told_us(ben, SICK, at=first), told_us(ben, SICK, at=last)]
    told_us(ben, SICK, at=first - MINUTE)
    told_us(ben, SICK, at=last + MINUTE)
    assert {sample.revision.entry for sample in draw(riverside)} == set(inside)


@pytest.mark.django_db
def test_the_day_on_which_the_clocks_change_has_all_of_its_25_hours(riverside: Clinic, ben: Patient) -> None:
    first, last = datetime(2026, 11, 1, 4, 0, tzinfo=UTC), datetime(2026, 11, 2, 4, 59, tzinfo=UTC)
    inside = [told_us(ben, SICK, at=first), told_us(ben, SICK, at=last)]
    told_us(ben, SICK, at=first - MINUTE)
    told_us(ben, SICK, at=last + MINUTE)
    assert {sample.revision.entry for sample in draw(riverside, day=date(2026, 11, 1))} == set(inside)


# -- by chance ------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_so_many_are_drawn_as_the_clinic_wants(riverside: Clinic) -> None:
    many(riverside, 6)
    assert len(draw(riverside)) == 3
    RuleBudget.objects.create(clinic=riverside, samples_per_day=5)
    assert draw(riverside, day=SUNDAY - DAY) == []
    for rows in (EntrySample.objects.all(), SampleDay.objects.all()):
        rows.delete()
    assert len(draw(riverside)) == 5


@pytest.mark.django_db
def test_a_clinic_that_wants_none_has_none(riverside: Clinic, ben: Patient) -> None:
    told_us(ben, SICK, at=NOON)
    RuleBudget.objects.create(clinic=riverside, samples_per_day=0)
    assert draw(riverside) == []
    assert not SampleDay.objects.exists()


@pytest.mark.django_db
def test_the_same_seed_draws_the_same_again_so_that_it_can_be_checked(riverside: Clinic) -> None:
    many(riverside, 8)
    found = {sample.revision_id for sample in draw(riverside, seed='kept')}
    day = SampleDay.objects.get()
    again = sorted(
        (each.revision for each in Evaluation.objects.select_related('revision')),
        key=lambda revision: sampling.order_of(revision.pk, seed=day.seed),
    )
    assert found == {revision.pk for revision in again[:3]}


def test_every_entry_has_the_same_chance() -> None:
    """10,000 draws of 3 from 10: each is drawn 3,000 times, give or take five standard deviations (46 each)."""
    found = Counter(pk for n in range(10_000) for pk in sampling._first(range(10), seed=str(n), number=3))
    assert set(found) == set(range(10))
    assert all(abs(times - 3_000) < 5 * 46 for times in found.values())


# -- once -----------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_day_is_drawn_once_however_often_the_sweep_runs(riverside: Clinic) -> None:
    many(riverside, 6)
    assert [sampling.draw_all(now=NOW + n * 10 * MINUTE) for n in range(3)] == [3, 0, 0]
    before = set(EntrySample.objects.values_list('revision', flat=True))
    draw(riverside, seed='another')
    assert set(EntrySample.objects.values_list('revision', flat=True)) == before


@pytest.mark.django_db
def test_what_is_written_after_midnight_about_the_day_before_is_in_the_draw_of_six_in_the_morning(
    riverside: Clinic, ben: Patient
) -> None:
    told_us(ben, SICK, at=NOON)
    told_late(ben, about=NOON + 6 * HOUR, at=NEXT_MORNING - HOUR)
    assert sampling.draw_all(now=NEXT_MORNING - MINUTE) == 0
    assert sampling.draw_all(now=NEXT_MORNING) == 2


def told_late(patient: Patient, *, about: datetime, at: datetime) -> None:
    record_entry(
        patient=patient,
        by=cast.user_of(patient),
        client_uuid=uuid4(),
        about_at=about,
        recorded_at=at,
        now=at,
        document=make_document(SICK, current_catalogue('en')),
        nothing_new=False,
    )
    evaluate_pending(now=at)


@pytest.mark.django_db
def test_days_on_which_nothing_ran_are_drawn_late_but_not_for_ever(riverside: Clinic, ben: Patient) -> None:
    for days in range(6):
        told_us(ben, SICK, at=NOON - days * DAY)
    assert sampling.draw_all(now=NOW) == 3
    assert set(EntrySample.objects.values_list('day', flat=True)) == {SUNDAY - n * DAY for n in range(3)}


@pytest.mark.django_db
def test_one_clinics_trouble_keeps_no_other_from_its_sample(
    riverside: Clinic, lakeside: Clinic, olga: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_us(olga, SICK, at=NOON)

    def fails(clinic: Clinic, day: date) -> object:
        if clinic == riverside:
            raise RuntimeError('secret')
        return queries.checked_on(clinic, day)

    monkeypatch.setattr(sampling, 'checked_on', fails)
    with pytest.raises(sampling.SamplesNotDrawn, match='1 clinics'):
        sampling.draw_all(now=NOW)
    assert EntrySample.objects.get().clinic == lakeside


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_draw_one_sample(riverside: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have found that the day has no draw, and have read the entries, before either writes."""
    many(riverside, 8)
    together, counts = threading.Barrier(2, timeout=30), []
    real = sampling.checked_on

    def slow(clinic: Clinic, day: date) -> object:
        found = real(clinic, day)
        together.wait()
        return found

    def sweep(seed: str) -> None:
        try:
            counts.append(sampling.draw_day(clinic=riverside, day=SUNDAY, now=NOW, seed=seed))
        finally:
            connection.close()

    monkeypatch.setattr(sampling, 'checked_on', slow)
    threads = [threading.Thread(target=sweep, args=(seed,)) for seed in ('one', 'two')]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 3]
    assert (SampleDay.objects.count(), EntrySample.objects.count()) == (1, 3)


@pytest.mark.django_db
def test_the_database_keeps_a_second_draw_of_a_day_out(riverside: Clinic, ben: Patient) -> None:
    told_us(ben, SICK, at=NOON)
    draw(riverside)
    with pytest.raises(IntegrityError, match='sample_day_once'), transaction.atomic():
        SampleDay.objects.create(clinic=riverside, day=SUNDAY, seed='x', entries=1, unflagged=1, drawn=1, drawn_at=NOW)


@pytest.mark.django_db
def test_the_task_draws(riverside: Clinic, ben: Patient, now: datetime) -> None:
    told_us(ben, SICK, at=NOON)
    assert sweep_samples() == 1


@pytest.mark.django_db
def test_the_draw_costs_the_same_for_one_entry_and_for_many(riverside: Clinic, ben: Patient) -> None:
    costs = []
    for day, number in ((SUNDAY - DAY, 1), (SUNDAY, 9)):
        for n in range(number):
            told_us(ben, SICK, at=NOON - (SUNDAY - day) + n * MINUTE)
        with CaptureQueriesContext(connection) as asked:
            draw(riverside, day=day)
        costs.append(len(asked))
    assert costs[0] == costs[1]


# -- rating ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def sample(riverside: Clinic, ben: Patient, db: None) -> EntrySample:
    told_us(ben, SICK, at=NOON)
    return draw(riverside)[0]


def test_a_rating_is_given_once_and_names_the_nurse(sample: EntrySample, rosa: Membership, tom: Membership) -> None:
    rated = sampling.rate(sample=sample, by=rosa.user, rating='nothing', now=NOW, note=' well ')
    assert (rated.rating, rated.rated_by, rated.rated_at, rated.note) == ('nothing', rosa.user, NOW, 'well')
    with pytest.raises(AlreadyRated) as refused:
        sampling.rate(sample=sample, by=tom.user, rating='urgent', now=NOW)
    assert refused.value.sample.rated_by == rosa.user
    sample.refresh_from_db()
    assert sample.rating == 'nothing'


def test_an_unknown_rating_is_refused(sample: EntrySample, rosa: Membership) -> None:
    for wrong in ('', 'monitor'):
        with pytest.raises(ValueError, match='valid Rating'):
            sampling.rate(sample=sample, by=rosa.user, rating=wrong, now=NOW)


def test_a_slip_can_be_taken_back_for_ten_minutes_by_herself(
    sample: EntrySample, rosa: Membership, tom: Membership
) -> None:
    sampling.rate(sample=sample, by=rosa.user, rating='nothing', now=NOW)
    for who, when in ((tom, NOW), (rosa, NOW + 11 * MINUTE)):
        with pytest.raises(TooLate):
            sampling.take_back(sample=sample, by=who.user, now=when)
    assert sampling.take_back(sample=sample, by=rosa.user, now=NOW + 9 * MINUTE).rating == ''
    assert sampling.rate(sample=sample, by=tom.user, rating='urgent', now=NOW).rated_by == tom.user


def test_a_miss_waits_until_somebody_wrote_what_was_done(
    riverside: Clinic, sample: EntrySample, rosa: Membership, tom: Membership
) -> None:
    sampling.rate(sample=sample, by=rosa.user, rating='urgent', now=NOW)
    assert list(queries.to_follow_up(riverside)) == [sample]
    with pytest.raises(ValueError, match='words'):
        sampling.follow_up(sample=sample, by=tom.user, note='  ', now=NOW)
    sampling.follow_up(sample=sample, by=tom.user, note='Phoned, is well.', now=NOW)
    assert not queries.to_follow_up(riverside).exists()
    with pytest.raises(AlreadyFollowedUp):
        sampling.follow_up(sample=sample, by=rosa.user, note='Me too', now=NOW)
    with pytest.raises(TooLate):
        sampling.take_back(sample=sample, by=rosa.user, now=NOW)


def test_what_was_rightly_unflagged_has_nothing_to_follow_up(
    riverside: Clinic, sample: EntrySample, rosa: Membership
) -> None:
    sampling.rate(sample=sample, by=rosa.user, rating='nothing', now=NOW)
    assert not queries.to_follow_up(riverside).exists()
    with pytest.raises(AlreadyFollowedUp):
        sampling.follow_up(sample=sample, by=rosa.user, note='Phoned', now=NOW)
    with pytest.raises(IntegrityError, match='entry_sample_follow_up_names_her'), transaction.atomic():
        EntrySample.objects.update(followed_up='x', followed_up_by=rosa.user, followed_up_at=NOW)


def test_who_knows_a_patient_best_is_asked_last_and_old_ones_never(
    riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership, tom: Membership
) -> None:
    told_us(ana, SICK, at=NOON)
    told_us(ben, SICK, at=NOON - DAY)
    hers, bens = draw(riverside)[0], draw(riverside, day=SUNDAY - DAY)[0]
    assert queries.queue_of(riverside, user=rosa.user, now=NOW) == [bens.pk, hers.pk]
    assert queries.queue_of(riverside, user=tom.user, now=NOW) == [hers.pk, bens.pk]  # the newer day first
    assert queries.queue_of(riverside, user=tom.user, now=NOW + 13 * DAY) == [hers.pk]
    assert queries.queue_of(riverside, user=tom.user, now=NOW + 14 * DAY) == []


# -- the rate -------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_rate_weighs_each_day_by_its_entries(riverside: Clinic, rosa: Membership) -> None:
    """Sunday: 8 entries, 3 drawn, 1 of 3 missed. Saturday: 2 entries, both drawn, none missed. (8 × 1/3 + 0) of 10."""
    patients = many(riverside, 8)
    for patient in patients[:2]:
        told_us(patient, SICK, at=NOON - DAY)
    sunday, saturday = draw(riverside), draw(riverside, day=SUNDAY - DAY)
    for n, each in enumerate([*sunday, *saturday]):
        sampling.rate(sample=each, by=rosa.user, rating='nothing' if n else 'same_day', now=NOW)
    found = queries.rate_of(queries.counted(riverside))
    assert found is not None
    assert round(found.share, 6) == round((8 / 3) / 10, 6)
    assert round(found.effective, 6) == round(100 / (64 / 3 + 4 / 2), 6)
    assert (found.rated, found.hits, found.population) == (5, 1, 10)


@pytest.mark.django_db
def test_without_a_rating_there_is_no_rate(riverside: Clinic, sample: EntrySample) -> None:
    assert queries.rate_of(queries.counted(riverside)) is None
    found = queries.drawn_since(riverside, first=SUNDAY, now=NOW)
    assert (found.drawn, found.rated, found.waiting, found.unrated) == (1, 0, 1, 0)
    later = queries.drawn_since(riverside, first=SUNDAY, now=NOW + 20 * DAY)
    assert (later.waiting, later.unrated) == (0, 1)
