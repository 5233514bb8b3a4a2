"""Poison entries: set aside after three tries, a nurse told, others unharmed, and read again when they can be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from alerts.models import Alert, Evaluation, Flag, Notification
from alerts.services import evaluation, setting_aside
from alerts.services.evaluation import evaluate_pending
from alerts.services.setting_aside import RETRY_SET_ASIDE
from alerts.unread import RULE
from clinic.models import Membership, Patient
from diary.models import Entry, Revision
from diary.services.entries import correct_entry
from tests.alerts.conftest import FEVER, told_us
from tests.cast import NOW, user_of
from tests.poisoned import poison

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GARBAGE = [
    'rubbish',
    [],
    {'answers': {'FEVER': 'high'}, 'measurements': {}},
    {'answers': {'FEVER': {'version': 1, 'values': {'celsius': 'hot', 'severity': 'much'}}}, 'measurements': {}},
    {'answers': {'NOSUCHSIGN': {'version': 1, 'values': {'severity': 2}}}, 'measurements': {}},
    {'answers': {}, 'measurements': {'no_such_measure': {'value': 'x'}}},
]


def try_three_times(at: Any = NOW) -> None:
    for _ in range(3):
        evaluate_pending(now=at)


@pytest.fixture
def poisoned(ana: Patient, rosa: Membership) -> Entry:
    """Ana's entry of this morning, which nothing can read; tried three times."""
    entry = told_us(ana, FEVER, check=False)
    poison(entry)
    try_three_times()
    return entry


def unread_flag() -> Flag:
    return Flag.objects.get(rule=RULE)


@pytest.mark.parametrize('document', GARBAGE, ids=lambda document: str(document)[:40])
def test_whatever_the_garbage_a_nurse_is_told_after_three_tries(
    ana: Patient, ben: Patient, rosa: Membership, document: Any
) -> None:
    poison(told_us(ana, {}, check=False), document)
    others = told_us(ben, FEVER, check=False)
    evaluate_pending(now=NOW)
    evaluate_pending(now=NOW)
    assert not Flag.objects.filter(rule=RULE).exists()
    evaluate_pending(now=NOW)
    alert = Alert.objects.get(patient=ana)
    assert (alert.line, alert.tier, alert.state) == ('red', 'urgent', 'open')
    assert alert.acknowledge_by == NOW + HOUR
    assert alert.due_at is not None, 'it climbs'
    assert Notification.objects.filter(event__alert=alert, recipient=rosa.user).exists()
    assert Evaluation.objects.get(revision__entry=others).tier == 'urgent', 'others unharmed'


def test_a_nurse_is_told_once(poisoned: Entry) -> None:
    for hours in range(1, 4):
        evaluate_pending(now=NOW + hours * HOUR)
    assert Evaluation.objects.get().attempts == 6
    assert Flag.objects.filter(rule=RULE).count() == 1
    assert Alert.objects.get().events.count() == 1


def test_when_it_can_be_read_again_the_flag_is_withdrawn_and_the_rules_speak(poisoned: Entry) -> None:
    good = {'answers': {'FEVER': {'version': 1, 'values': {'celsius': 38.6, 'severity': 2}}}, 'measurements': {}}
    poison(poisoned, good)
    assert evaluate_pending(now=NOW + RETRY_SET_ASIDE) == 1
    assert unread_flag().withdrawn_reason == 'it could be checked'
    alert = Alert.objects.get(line='red')
    assert alert.flags.filter(rule='R02', withdrawn_at=None).exists()
    assert alert.state == 'open', 'only a person closes it'


def test_when_she_corrects_it_the_flag_is_withdrawn_and_nothing_is_owed(poisoned: Entry, ana: Patient) -> None:
    later = NOW + timedelta(minutes=1)
    document = {'answers': {}, 'measurements': {}}
    correct_entry(entry=poisoned, by=user_of(ana), expected_number=1, document=document, recorded_at=later, now=later)
    evaluate_pending(now=later)
    assert unread_flag().withdrawn_reason == 'corrected'
    assert not Evaluation.objects.filter(pending_since__isnull=False).exists(), 'the garbage is overtaken'


def test_an_unreadable_entry_holds_back_no_other_of_the_same_patient(poisoned: Entry, ana: Patient) -> None:
    before = told_us(ana, {'RASH': {'severity': 1}}, at=NOW - HOUR, check=False)
    after = told_us(ana, FEVER, at=NOW + HOUR, check=False)
    evaluate_pending(now=NOW + HOUR)
    owed = Evaluation.objects.filter(pending_since__isnull=False)
    assert set(owed.values_list('revision__entry', flat=True)) == {poisoned.pk}
    assert Flag.objects.filter(evaluation__revision__entry=before, tier='same_day').exists()
    row = Evaluation.objects.get(revision__entry=after)
    assert (row.tier, row.left_out) == ('urgent', 1)
    flag = Flag.objects.get(evaluation=row, rule='R02')
    assert flag.evidence['left_out'] == [str(poisoned.public_id)], 'the evidence says what it was found without'


def test_what_was_found_without_it_is_looked_at_again_with_it(ana: Patient, rosa: Membership) -> None:
    """A cough is new today (U07S), until yesterday's entry can be read and says that it was there already."""
    yesterday = told_us(ana, {'COUGH': {'severity': 1}}, at=NOW - DAY, check=False)
    good = Revision.objects.get(entry=yesterday).document
    poison(yesterday)
    try_three_times(NOW - DAY)
    today = told_us(ana, {'COUGH': {'severity': 1}}, at=NOW)
    new = Flag.objects.get(evaluation__revision__entry=today, rule='U07S')
    assert new.withdrawn_at is None
    poison(yesterday, good)
    evaluate_pending(now=NOW + HOUR)
    new.refresh_from_db()
    assert new.withdrawn_reason == 'no longer met'
    assert Evaluation.objects.get(revision__entry=today).left_out == 0


def test_a_later_entry_whose_rules_cannot_run_does_not_stop_an_earlier_one(
    ana: Patient, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = told_us(ana, FEVER, at=NOW)
    settle = evaluation.settle

    def fails_for_later(row: Evaluation, *args: Any, **kwargs: Any) -> None:
        if row.revision.entry_id == later.pk:
            raise RuntimeError
        settle(row, *args, **kwargs)

    monkeypatch.setattr(evaluation, 'settle', fails_for_later)
    earlier = told_us(ana, {'RASH': {'severity': 1}}, at=NOW - HOUR, check=False)
    assert evaluate_pending(now=NOW + HOUR) == 1
    assert Evaluation.objects.get(revision__entry=earlier).tier == 'same_day'
    row = Evaluation.objects.get(revision__entry=later)
    assert row.pending_since == NOW + HOUR, 'owed, and counted on its own turn'


def test_if_telling_the_nurse_failed_the_next_try_tells_her(
    ana: Patient, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(told_us(ana, {}, check=False))
    with monkeypatch.context() as broken:
        broken.setattr(setting_aside, 'raise_flags', lambda **kwargs: 1 / 0)
        try_three_times()
    assert not Flag.objects.exists()
    evaluate_pending(now=NOW + RETRY_SET_ASIDE)
    assert unread_flag().alert is not None


@pytest.mark.parametrize('document', GARBAGE, ids=lambda document: str(document)[:40])
def test_every_page_copes_with_an_entry_that_cannot_be_read(
    ana: Patient, rosa: Membership, client_of: Callable[..., Client], document: Any
) -> None:
    entry = told_us(ana, FEVER, check=False)
    poison(entry, document)
    try_three_times()
    alert = Alert.objects.get()
    nurse, patient = client_of(rosa), client_of(ana)
    page = nurse.get('/worklist/').content.decode()
    assert 'An entry could not be checked: read it yourself' in page
    page = nurse.get(f'/alerts/{alert.public_id}/').content.decode()
    assert 'An entry could not be checked: read it yourself' in page
    for path in (f'/patients/{ana.public_id}/', f'/patients/{ana.public_id}/entries/{entry.public_id}/'):
        assert nurse.get(path).status_code == 200, path
    for path in (
        '/today/',
        '/diary/',
        '/diary/charts/',
        f'/entry/{entry.public_id}/',
        f'/entry/{entry.public_id}/advice/',
    ):
        assert patient.get(path).status_code == 200, path
