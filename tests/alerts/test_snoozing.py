"""Snoozing through the real evaluation: what stays quiet, what breaks it, how it ends, and that the page shows exactly that."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from alerts.engine import FlagResult, Tier
from alerts.engine.lifecycle import IllegalMove
from alerts.engine.snoozing import Expected, Level, Verdict, decide, level_of
from alerts.models import Alert, AlertState, Flag, Snooze
from alerts.queries.snoozes import hidden_now, running, under_red
from alerts.services import snoozing, working
from alerts.services.evaluation import evaluate_pending
from alerts.services.held import AlreadyDone, ChangedMeanwhile
from alerts.services.snoozing import CannotSnooze
from alerts.services.sweeping import sweep_due
from clinic.models import Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.documents import EMPTY, make_document
from diary.models import Baseline, Entry
from diary.services.entries import correct_entry
from tests.alerts.conftest import FEVER, TIRED, told_us
from tests.cast import NOW, client_of, make_patient

pytestmark = pytest.mark.usefixtures('content')
DAY = timedelta(days=1)
UNTIL = date(2026, 11, 19)
RASH: dict[str, dict[str, Any]] = {'RASH': {'severity': 1, 'percent_body': 4}}


def rash(severity: int, **more: Any) -> dict[str, dict[str, Any]]:
    return {'RASH': {'severity': severity, **more}}


def amber(patient: Patient) -> Alert:
    return Alert.objects.get(patient=patient, line='amber')


def snoozed(
    patient: Patient,
    nurse: Membership,
    *,
    levels: Mapping[str, Level] | None = None,
    until: date = UNTIL,
    now: datetime = NOW + timedelta(minutes=1),
) -> Alert:
    alert = amber(patient)
    return snoozing.snooze(
        alert=alert,
        by=nurse.user,
        now=now,
        until=until,
        reason='known and discussed',
        levels=levels or {},
        seen=alert.version,
    )


@pytest.fixture
def quiet(ana: Patient, rosa: Membership) -> Alert:
    """Ana's mild rash, snoozed by Rosa until Thursday."""
    told_us(ana, RASH)
    return snoozed(ana, rosa)


def ended(alert: Alert) -> list[str]:
    return [snooze.ended_why for snooze in Snooze.objects.filter(alert=alert).order_by('pk')]


def kinds(alert: Alert) -> list[str]:
    return [event.kind for event in alert.events.all()]


# -- snoozing ----------------------------------------------------------------------


def test_snoozing_acknowledges_and_keeps_who_until_when_why_and_what(quiet: Alert, rosa: Membership) -> None:
    ends = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # midnight in New York
    assert (quiet.state, quiet.owner, quiet.snoozed_until, quiet.due_at) == ('snoozed', rosa.user, ends, ends)
    snooze = Snooze.objects.get()
    assert (snooze.by, snooze.until, snooze.reason) == (rosa.user, ends, 'known and discussed')
    assert snooze.expected == {
        'rules': ['R06S'],
        'symptoms': {'RASH': {'severity': 1, 'yes': [], 'numbers': {'percent_body': 4}}},
    }
    assert kinds(quiet) == ['opened', 'acknowledged', 'snoozed']


def test_the_nurse_says_up_to_which_level(ana: Patient, rosa: Membership) -> None:
    told_us(ana, RASH)
    snoozed(ana, rosa, levels={'RASH': Level(2, frozenset(), {'percent_body': 9})})
    told_us(ana, rash(2, percent_body=9), at=NOW + DAY)
    assert amber(ana).state == 'snoozed'


def test_only_a_nurse_who_sees_the_present_alert_may_snooze(ana: Patient, rosa: Membership) -> None:
    told_us(ana, RASH)
    seen = amber(ana).version
    told_us(ana, rash(2), at=NOW + timedelta(minutes=1))
    with pytest.raises(ChangedMeanwhile):
        snoozing.snooze(alert=amber(ana), by=rosa.user, now=NOW, until=UNTIL, reason='known', levels={}, seen=seen)
    assert not Snooze.objects.exists()


def test_red_cannot_be_snoozed(ana: Patient, rosa: Membership) -> None:
    told_us(ana, FEVER)
    alert = Alert.objects.get(line='red')
    with pytest.raises(CannotSnooze):
        snoozing.snooze(alert=alert, by=rosa.user, now=NOW, until=UNTIL, reason='known', levels={}, seen=alert.version)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.update(state='snoozed', snoozed_until=NOW, owner=rosa.user, acknowledged_at=NOW)


@pytest.mark.parametrize('answers', [{'OTHER': {'worried': True}}, {'OTHER': {'call_back': True, 'text': 'please'}}])
def test_a_request_cannot_be_snoozed(ana: Patient, rosa: Membership, answers: dict[str, dict[str, Any]]) -> None:
    told_us(ana, answers)
    with pytest.raises(CannotSnooze):
        snoozed(ana, rosa)


@pytest.fixture
def usual_weight(ana: Patient, rosa: Membership) -> Baseline:
    return Baseline.objects.create(
        patient=ana, kind='weight', value=80, raw='80', measured_at=NOW - DAY, recorded_by=rosa.user, recorded_at=NOW
    )


@pytest.mark.usefixtures('usual_weight')
def test_a_measurement_cannot_be_snoozed_and_breaks_the_snooze_of_something_else(
    ana: Patient, rosa: Membership
) -> None:
    told_us(ana, {}, weight=75.0)
    with pytest.raises(CannotSnooze):
        snoozed(ana, rosa)
    told_us(ana, RASH, at=NOW + DAY)
    alert = snoozed(ana, rosa, now=NOW + DAY)
    told_us(ana, {}, at=NOW + DAY + timedelta(hours=25), weight=75.0)
    alert.refresh_from_db()
    assert (alert.state, ended(alert)) == ('reopened', ['worse'])


@pytest.mark.parametrize(
    ('until', 'reason', 'levels'),
    [
        (date(2026, 11, 15), 'known', {}),
        (date(2026, 12, 17), 'known', {}),
        (UNTIL, '  ', {}),
        (UNTIL, 'known', {'COUGH': Level(1)}),
    ],
)
def test_a_snooze_needs_a_day_soon_a_reason_and_its_own_symptoms(
    ana: Patient, rosa: Membership, until: date, reason: str, levels: dict[str, Level]
) -> None:
    told_us(ana, RASH)
    alert = amber(ana)
    with pytest.raises(ValueError, match=r'30 days|reason|not in this alert'):
        snoozing.snooze(
            alert=alert, by=rosa.user, now=NOW, until=until, reason=reason, levels=levels, seen=alert.version
        )
    assert amber(ana).state == 'open'


def test_snoozing_again_takes_the_place_of_the_first(quiet: Alert, ana: Patient, tom: Membership) -> None:
    alert = snoozed(ana, tom, until=date(2026, 11, 25))
    assert ended(alert) == ['replaced', '']
    assert alert.snoozed_until == datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
    assert running(ana.clinic).count() == 1


def test_two_snoozes_of_one_alert_cannot_run(quiet: Alert, rosa: Membership) -> None:
    first = Snooze.objects.get()
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save()


# -- what stays quiet, what breaks it ----------------------------------------------------------------------


def test_the_same_finding_joins_quietly(quiet: Alert, ana: Patient) -> None:
    told_us(ana, RASH, at=NOW + DAY)
    quiet.refresh_from_db()
    assert (quiet.state, quiet.entry_count, kinds(quiet)[-1]) == ('snoozed', 2, 'joined')
    assert quiet.due_at == quiet.snoozed_until


@pytest.mark.parametrize(
    'worse', [rash(2), rash(1, percent_body=5), {'COUGH': {'severity': 1}}, {'FATIGUE': {'severity': 2}}]
)
def test_worse_or_new_breaks_through(quiet: Alert, ana: Patient, worse: dict[str, dict[str, Any]]) -> None:
    later = NOW + timedelta(hours=30)
    told_us(ana, worse, at=later)
    quiet.refresh_from_db()
    assert (quiet.state, quiet.snoozed_until, kinds(quiet)[-1]) == ('reopened', None, 'reopened')
    assert quiet.waiting_since == later
    assert quiet.acknowledge_by > later
    assert ended(quiet) == ['worse']


def test_red_goes_its_own_way_and_ends_the_snooze(quiet: Alert, ana: Patient) -> None:
    later = NOW + DAY
    told_us(ana, FEVER, at=later)
    red = Alert.objects.get(line='red')
    assert (red.state, red.tier) == ('open', 'urgent')
    quiet.refresh_from_db()
    assert (quiet.state, quiet.waiting_since, ended(quiet)) == ('reopened', later, ['red'])
    assert quiet.due_at is not None  # its ladder runs again


def test_red_and_the_known_finding_in_one_entry(quiet: Alert, ana: Patient) -> None:
    told_us(ana, {**FEVER, **RASH}, at=NOW + DAY)
    quiet.refresh_from_db()
    assert (quiet.state, quiet.entry_count, ended(quiet)) == ('reopened', 2, ['red'])
    assert Alert.objects.filter(line='red', state='open').count() == 1


def test_red_of_another_patient_ends_nothing(quiet: Alert, ben: Patient) -> None:
    told_us(ben, FEVER, at=NOW + DAY)
    quiet.refresh_from_db()
    assert quiet.state == 'snoozed'


def correct(patient: Patient, entry: Entry, answers: dict[str, dict[str, Any]], at: datetime) -> None:
    entry.refresh_from_db()
    document = make_document(answers, current_catalogue('en')) if answers else EMPTY
    correct_entry(
        entry=entry,
        by=patient.user,
        expected_number=entry.current_number,
        document=document,
        recorded_at=at,
        now=at,
        nothing_new=not answers,
    )
    evaluate_pending(now=at)


def test_a_correction_to_worse_breaks_through_one_to_less_does_not(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, rash(1))
    alert = snoozed(ana, rosa)
    correct(ana, entry, rash(1, percent_body=0), NOW + timedelta(hours=1))
    alert.refresh_from_db()
    assert alert.state == 'snoozed'
    correct(ana, entry, rash(2), NOW + timedelta(hours=2))
    alert.refresh_from_db()
    assert (alert.state, ended(alert)) == ('reopened', ['worse'])


def test_a_withdrawn_flag_leaves_the_snooze_until_its_time(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, RASH)
    alert = snoozed(ana, rosa)
    correct(ana, entry, {}, NOW + timedelta(hours=1))
    alert.refresh_from_db()
    assert (alert.state, alert.summary, kinds(alert)[-1]) == ('snoozed', '', 'withdrawn')
    sweep_due(now=NOW + 5 * DAY)
    alert.refresh_from_db()
    assert alert.state == 'reopened'


def test_an_expectation_that_cannot_be_read_hides_nothing(quiet: Alert, ana: Patient) -> None:
    Snooze.objects.update(expected={'everything': True})
    told_us(ana, RASH, at=NOW + DAY)
    quiet.refresh_from_db()
    assert (quiet.state, ended(quiet)) == ('reopened', ['worse'])


# -- how it ends ----------------------------------------------------------------------


def test_when_the_time_is_over_it_waits_again_with_a_new_promise(quiet: Alert) -> None:
    assert quiet.snoozed_until is not None
    for before in (NOW, quiet.snoozed_until - timedelta(seconds=1)):
        assert sweep_due(now=before) == 0
    at = quiet.snoozed_until + timedelta(seconds=5)
    assert sweep_due(now=at) == 1
    quiet.refresh_from_db()
    assert (quiet.state, quiet.waiting_since, kinds(quiet)[2:4]) == ('reopened', at, ['snoozed', 'woken'])
    # Midnight before a working Friday: four clinic hours after 8:00 in New York.
    assert quiet.acknowledge_by == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert (ended(quiet), quiet.is_waiting, quiet.due_at is not None) == (['time'], True, True)
    assert sweep_due(now=at) == 0


def test_a_nurse_wakes_it(quiet: Alert, tom: Membership) -> None:
    alert = snoozing.wake(alert=quiet, by=tom.user, now=NOW + DAY)
    assert (alert.state, alert.waiting_since, kinds(alert)[-1]) == ('reopened', NOW + DAY, 'woken')
    snooze = Snooze.objects.get()
    assert (snooze.ended_why, snooze.ended_by) == ('woken', tom.user)
    assert snoozing.wake(alert=alert, by=tom.user, now=NOW + DAY).version == alert.version  # the second click


def test_resolving_ends_it(quiet: Alert, rosa: Membership) -> None:
    alert = working.resolve(alert=quiet, by=rosa.user, now=NOW + DAY, outcome='self_care', seen=quiet.version)
    assert (alert.state, alert.snoozed_until, alert.due_at, ended(alert)) == ('resolved', None, None, ['resolved'])
    with pytest.raises(AlreadyDone):
        snoozing.snooze(
            alert=alert, by=rosa.user, now=NOW + DAY, until=UNTIL, reason='known', levels={}, seen=alert.version
        )


def test_a_contact_leaves_it_snoozed(quiet: Alert, rosa: Membership) -> None:
    alert = working.note_contact(alert=quiet, by=rosa.user, now=NOW + DAY, reached=True, seen=quiet.version)
    assert (alert.state, alert.due_at) == ('snoozed', alert.snoozed_until)


def test_a_snoozed_alert_is_nobodys_to_take_over(quiet: Alert, tom: Membership) -> None:
    with pytest.raises(IllegalMove):
        working.take_over(alert=quiet, by=tom.user, now=NOW)


# -- what is hidden ----------------------------------------------------------------------


def test_the_page_tells_every_snooze_in_words_and_no_strangers(
    quiet: Alert, riverside: Clinic, lakeside: Clinic
) -> None:
    (hidden,) = hidden_now(riverside)
    assert (hidden.snooze.alert, hidden.what) == (quiet, 'Skin rash')
    assert hidden.expected == ('Skin rash: up to mild, 4 % of the body',)
    assert hidden_now(lakeside) == []


def test_a_drill_is_in_no_list(quiet: Alert, riverside: Clinic) -> None:
    Alert.objects.update(is_drill=True)
    assert hidden_now(riverside) == []


def test_amber_under_red_is_told(ana: Patient, ben: Patient, riverside: Clinic) -> None:
    told_us(ana, {**FEVER, **RASH})
    told_us(ben, TIRED)
    (under,) = under_red(riverside)
    assert (under.alert, under.red) == (amber(ana), Alert.objects.get(line='red'))


def follow(patient: Patient, expected: Expected, entries: list[Entry]) -> bool:
    """The engine's word on whether the snooze still runs after some entries, from the flags that stand in the database."""
    for entry in entries:
        flags = Flag.objects.filter(evaluation__revision__entry=entry, withdrawn_at=None)
        results = [_result(flag) for flag in flags if flag.tier in ('emergency', 'urgent', 'same_day')]
        document = entry.revisions.get(number=entry.current_number).document
        codes = {code for result in results for code in result.symptoms}
        if results and decide(expected, results, level_of(codes, document)) is not Verdict.STAYS:
            return False
    return True


def _result(flag: Flag) -> FlagResult:
    return FlagResult(flag.rule, Tier.from_word(flag.tier), tuple(flag.symptoms))


def _expected(entry: Entry, level: int) -> Expected:
    flags = Flag.objects.filter(evaluation__revision__entry=entry, tier='same_day')
    return Expected.of([_result(flag) for flag in flags], {'RASH': Level(level)})


@pytest.mark.parametrize('level', [1, 2])
def test_the_page_equals_the_engines_set_for_every_sequence(riverside: Clinic, rosa: Membership, level: int) -> None:
    """All 125 sequences of three days after a snooze, each a patient of her own, through the real evaluation."""
    stories: dict[int, tuple[Expected, list[Entry], tuple[int, ...]]] = {}
    for severities in product(range(5), repeat=3):
        patient = make_patient(riverside, f'P{"".join(map(str, severities))}')
        first = told_us(patient, rash(level))
        snoozed(patient, rosa)
        days = [told_us(patient, rash(n), at=NOW + day * DAY) for day, n in enumerate(severities, 1)]
        stories[patient.pk] = (_expected(first, level), days, severities)
    hidden = {found.snooze.patient_id for found in hidden_now(riverside)}
    of_engine = {
        pk for pk, (expected, entries, _) in stories.items() if follow(Patient.objects.get(pk=pk), expected, entries)
    }
    assert hidden == of_engine
    assert hidden == set(Alert.objects.filter(state='snoozed').values_list('patient', flat=True))
    for pk, (_, _, severities) in stories.items():
        if max(severities) > level:
            assert pk not in hidden
    red = set(Flag.objects.filter(tier__in=['urgent', 'emergency']).values_list('patient', flat=True))
    assert red == set(Alert.objects.filter(line='red', state='open').values_list('patient', flat=True))
    assert not red & hidden
    assert hidden
    assert len(stories) == 125


# -- what the patient is told ----------------------------------------------------------------------


def page(patient: Patient, entry: Entry) -> str:
    return client_of(patient).get(f'/entry/{entry.public_id}/advice/').content.decode()


@pytest.mark.usefixtures('now')
def test_a_known_finding_is_told_as_known_not_as_looked_at_today(ana: Patient, rosa: Membership) -> None:
    told_us(ana, RASH, at=NOW - DAY)
    alert = amber(ana)
    working.note_contact(alert=alert, by=rosa.user, now=NOW - DAY + timedelta(minutes=5), reached=True)
    snoozed(ana, rosa, now=NOW - timedelta(hours=1))
    entry = told_us(ana, RASH, at=NOW - timedelta(minutes=10))
    text = page(ana, entry)
    for words in (
        'Your team knows about this',
        'They expect it until Thursday and look at it again then.',
        'If it gets worse or worries you, phone.',
        'They expect it until Thursday.',
        'Your team spoke with you',
        'yesterday at 9:05',
        'tel:+12125550100',
        'tel:911',
    ):
        assert words in text
    assert 'Your team looks at this' not in text
    assert 'aims to look by' not in text


@pytest.mark.usefixtures('now')
def test_it_is_told_so_before_the_worker_has_come(ana: Patient, rosa: Membership) -> None:
    told_us(ana, RASH, at=NOW - DAY)
    snoozed(ana, rosa, now=NOW - timedelta(hours=1))
    text = page(ana, told_us(ana, RASH, check=False))
    assert 'Your team knows about this' in text
    assert 'aims to look by' not in text


@pytest.mark.usefixtures('now')
@pytest.mark.parametrize(
    ('answers', 'title'),
    [
        (rash(2), 'Your team looks at this today'),
        (rash(1, percent_body=50), 'Phone your team now'),
        ({**RASH, **FEVER}, 'Phone your team now'),
        ({**RASH, 'DYSPNEA': {'severity': 3}}, 'Call 911 now'),
    ],
)
def test_worse_is_told_as_ever_and_red_always(
    ana: Patient, rosa: Membership, answers: dict[str, dict[str, Any]], title: str
) -> None:
    told_us(ana, RASH, at=NOW - 2 * DAY)
    snoozed(ana, rosa, now=NOW - DAY)
    text = page(ana, told_us(ana, answers, check=False))
    assert title in text
    assert 'Your team knows about this' not in text
    evaluate_pending(now=NOW)
    assert 'Your team knows about this' not in page(ana, Entry.objects.latest('pk'))


@pytest.mark.usefixtures('now')
def test_the_engines_word_and_the_lists_are_one(ana: Patient, rosa: Membership) -> None:
    """What the page promises before the check is what the check then does."""
    told_us(ana, RASH, at=NOW - 2 * DAY)
    snoozed(ana, rosa, now=NOW - DAY)
    for n, answers in enumerate((RASH, rash(1, percent_body=3), rash(1, percent_body=6))):
        entry = told_us(ana, answers, at=NOW - timedelta(hours=3 - n), check=False)
        known = 'Your team knows about this' in page(ana, entry)
        evaluate_pending(now=NOW)
        assert known == (amber(ana).state == AlertState.SNOOZED)
    assert amber(ana).state == 'reopened'
