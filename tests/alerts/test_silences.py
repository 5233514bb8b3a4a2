"""The sweep for silences: whom it finds, what ends one, what it costs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import RuleSet, Silence, SilenceEnd
from alerts.queries.silences import silent_count, silent_patients
from alerts.services import silences
from alerts.services.rules.default import publish_default
from alerts.services.silences import SilenceEnded, SilencesNotSwept, sweep_silences
from clinic.models import Clinic, Invitation, Membership, Patient
from diary.services.pauses import end_pause, plan_pause
from tests import cast
from tests.alerts.conftest import FEVER, TIRED, told_us
from tests.cast import NOW
from tests.diary.conftest import give_dose

pytestmark = pytest.mark.usefixtures('content', 'now')
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEVERE: dict[str, dict[str, Any]] = {'FATIGUE': {'severity': 3}}


@pytest.fixture
def treated(ana: Patient, rosa: Membership) -> Patient:
    """Ana, 40 days after her last dose of a checkpoint inhibitor."""
    give_dose(ana, 'checkpoint_inhibitor', days_ago=40, by=rosa.user)
    return ana


def wrote(patient: Patient, hours_ago: float, answers: dict[str, dict[str, Any]] = TIRED) -> None:
    told_us(patient, answers, at=NOW - timedelta(hours=hours_ago), check=False)


def sweep(now: datetime = NOW) -> int:
    return sweep_silences(now=now)


def found(patient: Patient) -> Silence:
    return Silence.objects.get(patient=patient, ended_at=None)


def ends(patient: Patient) -> list[str]:
    return list(Silence.objects.filter(patient=patient).order_by('pk').values_list('ended_how', flat=True))


def test_who_wrote_nothing_for_72_hours_is_found_once(treated: Patient) -> None:
    wrote(treated, 71)
    assert sweep() == 0
    assert sweep(NOW + HOUR) == 1
    assert sweep(NOW + 2 * HOUR) == 0
    silence = found(treated)
    assert (silence.rule, silence.limit_hours, silence.why) == ('C06', 72, 'usual')
    assert (silence.since, silence.last_entry_at, silence.found_at) == (NOW + HOUR, NOW - 71 * HOUR, NOW + HOUR)


def test_somebody_looks_within_four_hours_in_which_the_clinic_is_open(treated: Patient) -> None:
    """Found on Monday at 16:00 in New York, the clinic closes at 18:00 and opens at 8:00: until Tuesday 10:00."""
    wrote(treated, 80)
    sweep(NOW + 7 * HOUR)
    assert found(treated).due_by == NOW + 25 * HOUR


@pytest.mark.parametrize(
    ('therapy', 'days', 'hours', 'answers', 'limit', 'why'),
    [
        ('car_t', 12, 25, TIRED, 24, 'car_t'),
        ('car_t', 12, 23, TIRED, None, ''),
        ('car_t', 40, 25, TIRED, None, ''),
        ('checkpoint_inhibitor', 12, 25, TIRED, None, ''),
        ('checkpoint_inhibitor', 12, 25, SEVERE, 24, 'severe'),
    ],
)
def test_the_rows_say_what_shortens_the_limit(
    ana: Patient, rosa: Membership, therapy: str, days: int, hours: int, answers: Any, limit: int | None, why: str
) -> None:
    give_dose(ana, therapy, days_ago=days, by=rosa.user)
    wrote(ana, hours, answers)
    sweep()
    assert list(Silence.objects.values_list('limit_hours', 'why')) == ([(limit, why)] if limit else [])


def test_who_writes_every_day_is_missed_sooner(treated: Patient, ben: Patient, rosa: Membership) -> None:
    give_dose(ben, 'checkpoint_inhibitor', days_ago=40, by=rosa.user)
    for n in range(6):
        wrote(treated, 49 + 24 * n)
        wrote(ben, 49 + 84 * n)
    sweep()
    assert [(each.patient, each.limit_hours, each.why) for each in Silence.objects.all()] == [(treated, 48, 'pattern')]


def test_what_she_wrote_late_about_an_earlier_day_is_a_sign_of_life(treated: Patient) -> None:
    wrote(treated, 100)
    sweep()
    entry = told_us(treated, TIRED, at=NOW, check=False)
    entry.about_at = NOW - 110 * HOUR
    entry.save()
    sweep()
    assert ends(treated) == [SilenceEnd.WROTE]


# -- whether a diary is expected ------------------------------------------------------------------------------------------
def test_nobody_is_missed_before_treatment_or_without_a_way_to_write(
    ana: Patient, riverside: Clinic, rosa: Membership
) -> None:
    wrote(ana, 500)
    stranger = cast.make_patient(riverside, 'Nobody Yet', user=False)
    give_dose(stranger, 'checkpoint_inhibitor', days_ago=30, by=rosa.user)
    sweep()
    assert not Silence.objects.exists()
    cast.make_caregiver(stranger, 'Cara Giver')
    Patient.objects.filter(pk=stranger.pk).update(created_at=NOW - 9 * DAY)
    sweep()
    assert found(stranger).last_entry_at is None


def test_who_never_wrote_is_counted_from_when_she_could(treated: Patient, rosa: Membership) -> None:
    Invitation.objects.create(
        kind='patient',
        clinic=treated.clinic,
        patient=treated,
        email='ana@example.com',
        token_hash='x',
        invited_by=rosa.user,
        created_at=NOW - 30 * DAY,
        expires_at=NOW,
        used_at=NOW - 70 * HOUR,
    )
    assert sweep() == 0
    assert sweep(NOW + 2 * HOUR) == 1
    assert found(treated).since == NOW + 2 * HOUR


def test_months_after_the_last_dose_the_diary_is_over(treated: Patient, riverside: Clinic) -> None:
    wrote(treated, 100)
    sweep()
    riverside.follow_up_months = 1
    riverside.save()
    sweep()
    assert ends(treated) == [SilenceEnd.NO_LONGER]


def test_the_drills_patient_is_nobodys_silence(treated: Patient) -> None:
    wrote(treated, 100)
    Patient.objects.update(is_drill=True)
    sweep()
    assert not Silence.objects.exists()


def test_without_published_rules_nobody_is_judged(treated: Patient) -> None:
    wrote(treated, 100)
    RuleSet.objects.update(status='retired')
    assert sweep() == 0


def test_the_clinics_own_limits_count(treated: Patient, content: RuleSet) -> None:
    content.content['missed']['C06']['after_hours']['otherwise'] = 200
    publish_default(content=content.content, now=NOW)
    wrote(treated, 199)
    assert sweep() == 0
    assert sweep(NOW + HOUR) == 1
    assert found(treated).limit_hours == 200


# -- what ends one --------------------------------------------------------------------------------------------------------
def test_an_entry_ends_it_and_the_page_does_not_wait_for_the_sweep(treated: Patient) -> None:
    wrote(treated, 100)
    sweep()
    assert silent_count(treated.clinic) == 1
    told_us(treated, FEVER, at=NOW + HOUR, check=False)
    assert silent_count(treated.clinic) == 0
    sweep(NOW + HOUR)
    assert ends(treated) == [SilenceEnd.WROTE]


def test_a_pause_ends_it_at_once_and_after_the_pause_she_has_a_day(treated: Patient, rosa: Membership) -> None:
    wrote(treated, 100)
    sweep()
    pause = plan_pause(
        patient=treated,
        from_on=date(2026, 11, 14),
        until_on=date(2026, 11, 18),
        reason='hospital',
        by=rosa.user,
        now=NOW,
    )
    assert ends(treated) == [SilenceEnd.PAUSED]
    assert sweep(NOW + DAY) == 0
    end_pause(pause=pause, by=rosa.user, now=NOW + DAY)
    # 72 hours after her last entry, the three paused days not counted: 18 November at 10:00 UTC.
    assert sweep(NOW + 43 * HOUR) == 0
    assert sweep(NOW + 44 * HOUR) == 1


def test_reached_ends_it_and_begins_her_limit_anew(treated: Patient, rosa: Membership) -> None:
    wrote(treated, 100)
    sweep()
    silences.reached(silence=found(treated), by=rosa.user, now=NOW + HOUR, note='She was travelling.')
    ended = Silence.objects.get()
    assert (ended.ended_how, ended.ended_by, ended.note) == ('reached', rosa.user, 'She was travelling.')
    assert sweep(NOW + 2 * HOUR) == 0
    assert sweep(NOW + 73 * HOUR) == 1


def test_nobody_answered_keeps_it_and_says_when(treated: Patient, rosa: Membership) -> None:
    wrote(treated, 100)
    sweep()
    silences.tried(silence=found(treated), by=rosa.user, now=NOW + HOUR)
    assert (found(treated).tried_at, found(treated).tried_by) == (NOW + HOUR, rosa.user)


def test_what_is_over_cannot_be_ended_again(treated: Patient, rosa: Membership, tom: Membership) -> None:
    wrote(treated, 100)
    sweep()
    silence = found(treated)
    silences.reached(silence=silence, by=rosa.user, now=NOW)
    for act in (silences.reached, silences.tried):
        with pytest.raises(SilenceEnded):
            act(silence=silence, by=tom.user, now=NOW)
    assert Silence.objects.get().ended_by == rosa.user


# -- costs and faults -----------------------------------------------------------------------------------------------------
def test_a_thousand_patients_cost_as_many_queries_as_one(treated: Patient, riverside: Clinic, rosa: Membership) -> None:
    wrote(treated, 100)
    few = cost(sweep)
    for n in range(30):
        patient = cast.make_patient(riverside, f'Patient{n} Miller')
        give_dose(patient, 'checkpoint_inhibitor', days_ago=40, by=rosa.user)
        wrote(patient, 100)
    many = cost(sweep)
    assert Silence.objects.count() == 31
    assert many <= few <= 20


def cost(act: Callable[[], int]) -> int:
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)


def test_one_clinics_trouble_does_not_keep_the_others_from_being_swept(
    treated: Patient, olga: Patient, sam: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_dose(olga, 'checkpoint_inhibitor', days_ago=40, by=sam.user)
    wrote(treated, 100)
    wrote(olga, 100)
    whole = silences.sweep_clinic

    def break_riverside(clinic: Clinic, **given: Any) -> int:
        if clinic == treated.clinic:
            raise RuntimeError('what a patient wrote')
        return whole(clinic, **given)

    monkeypatch.setattr(silences, 'sweep_clinic', break_riverside)
    with pytest.raises(SilencesNotSwept):
        sweep()
    assert [each.patient for each in Silence.objects.all()] == [olga]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_find_one_silence(treated: Patient) -> None:
    wrote(treated, 100)
    start = Barrier(2)

    def run(_: int) -> int:
        start.wait()
        try:
            return sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        list(both.map(run, range(2)))
    assert Silence.objects.count() == 1


def test_the_most_endangered_stand_first_however_long_the_others_are_owed(
    riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    def silent(patient: Patient, why: str, *, due_by: datetime) -> None:
        Silence.objects.create(
            patient=patient,
            clinic=riverside,
            rule='C06',
            limit_hours=24,
            why=why,
            since=due_by - 4 * HOUR,
            due_by=due_by,
            found_at=due_by - 4 * HOUR,
        )

    silent(ana, 'usual', due_by=NOW)
    silent(ben, 'car_t', due_by=NOW + HOUR)
    assert [each.patient for each in silent_patients(riverside)] == [ben, ana]
