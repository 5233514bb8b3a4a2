"""Made-up lives: the same for the same seed, believable, and possible by the services that real entries go through."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.models import Membership, Patient
from diary.catalogue import CatalogueView
from diary.demo.episodes import PATTERNS, Bout
from diary.demo.events import DoseGiven, Written
from diary.demo.lives import Life
from diary.demo.people import make_person
from diary.demo.regimens import REGIMENS, Regimen
from diary.demo.story import anas_life, bens_life, population
from diary.demo.writer import Writer
from diary.models import Dose, Revision, TreatmentCourse
from diary.queries import where_now

NOW = datetime(2026, 11, 16, 14, tzinfo=UTC)
ZONE = ZoneInfo('America/New_York')


def life(regimen: Regimen, *, days: int = 40, seed: int = 1) -> Life:
    rng = random.Random(seed)
    today = NOW.astimezone(ZONE).date()
    person = make_person(rng, number=0, today=today, regimen=regimen)
    starts = today - timedelta(days)
    return Life(rng, person, ZONE, starts - timedelta(2), NOW, starts)


def lives(count: int, *, seed: int = 1, days: int = 60) -> list[Life]:
    zones = dict.fromkeys(range(count), ZONE)
    return [each for _person, each in population(seed, count=count, days=days, until=NOW, zone_of=zones)]


def test_the_same_seed_tells_the_same_story() -> None:
    assert [each.events() for each in lives(12)] == [each.events() for each in lives(12)]


def test_another_seed_tells_another_story() -> None:
    assert [each.events() for each in lives(6)] != [each.events() for each in lives(6, seed=2)]


def test_one_more_person_changes_nobody_else() -> None:
    few, more = lives(21), lives(24)
    assert [each.events() for each in few] == [each.events() for each in more[:21]]


def test_nothing_is_typed_after_the_end_of_the_story() -> None:
    assert all(event.at <= NOW for each in lives(30) for event in each.events())


def test_adherence_falls_with_time() -> None:
    early = late = 0
    for each in lives(60, days=90):
        if each.fresh or (NOW.date() - each.first).days < 60:
            continue
        days = {(e.about_at.astimezone(ZONE).date() - each.first).days for e in each.events() if isinstance(e, Written)}
        early += len([n for n in days if n < 20])
        late += len([n for n in days if 40 <= n < 60])
    assert 0 < late < early


def test_a_bout_rises_stays_and_fades() -> None:
    gut = next(pattern for pattern in PATTERNS if pattern.name == 'gut')
    first = NOW.date()
    bout = Bout(gut, first, rise=3, stay=2, fade=4, peaks=(3, 0, 0))
    levels = [dict(bout.levels(first + timedelta(n))).get('DIARRHEA', 0) for n in range(-1, 10)]
    assert levels == [0, 1, 2, 2, 3, 3, 2, 2, 1, 1, 0]


def test_every_therapy_class_of_the_founding_documents_is_lived(catalogue: CatalogueView) -> None:
    from diary.models import Therapy

    assert {regimen.therapy for regimen in REGIMENS} == set(Therapy.objects.values_list('code', flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize('regimen', REGIMENS, ids=lambda each: f'{each.therapy}-{each.agent or each.schedule}')
def test_each_treatment_can_be_lived_through_the_services(
    regimen: Regimen, ana: Patient, rosa: Membership, diary: CatalogueView, content: object
) -> None:
    assert ana.user is not None
    writer = Writer(ana, nurse=rosa.user, diarist=ana.user, catalogue=diary)
    events = life(regimen).events()
    for event in events:
        writer.write(event)
    assert Dose.objects.count() == sum(isinstance(event, DoseGiven) for event in events) > 0
    assert Revision.objects.exists()
    assert where_now(ana, NOW).label


@pytest.mark.django_db
def test_a_late_dose_takes_its_cycle_along(
    ana: Patient, rosa: Membership, diary: CatalogueView, content: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('diary.demo.lives.DELAYED', 1.0)
    assert ana.user is not None
    writer = Writer(ana, nurse=rosa.user, diarist=ana.user, catalogue=diary)
    for event in life(REGIMENS[0], days=70).events():
        writer.write(event)
    for dose in Dose.objects.select_related('cycle'):
        assert dose.cycle is not None
        assert dose.cycle.starts_on == dose.given_at.astimezone(ZONE).date()


@pytest.mark.django_db
@pytest.mark.parametrize('hour', [0, 5, 12, 18, 23])
def test_ana_and_ben_stand_where_the_story_says_at_any_hour(
    hour: int, ana: Patient, ben: Patient, rosa: Membership, diary: CatalogueView, content: object
) -> None:
    until = NOW.replace(hour=hour)
    for patient, tell in ((ana, anas_life), (ben, bens_life)):
        assert patient.user is not None
        writer = Writer(patient, nurse=rosa.user, diarist=patient.user, catalogue=diary)
        for event in tell(random.Random(1), zone=patient.zone, until=until).events():
            writer.write(event)
    assert where_now(ana, until).label == 'Cycle 3 · day 5'
    assert where_now(ben, until).label == 'CAR T-cells · day 12'
    assert TreatmentCourse.objects.count() == 2
