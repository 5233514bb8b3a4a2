"""Silent runs: what a draft would have flagged, beside the real flags, entry by entry, whatever fails on the way."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.engine import Program
from alerts.models import Evaluation, Flag, RuleSet, RuleSetStatus, SilentCheck, SilentFlag
from alerts.queries.rules.trial import RETRY, running
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules import trying
from alerts.services.rules.trying import UNFINISHED, look
from clinic.models import Clinic, Membership, Patient
from config.schedule import BEAT_SCHEDULE
from diary.models import Dose, Entry
from tests.alerts.conftest import FEVER, SICK, TIRED, told_us
from tests.alerts.rules.silent_stage import (
    BEFORE,
    any_tiredness_is_an_emergency,
    corrected,
    in_force,
    nothing_changed,
    on_trial,
    rule,
)
from tests.cast import NOW
from tests.diary.conftest import give_dose
from tests.poisoned import poison

pytestmark = [pytest.mark.usefixtures('content', 'grace', 'rosa'), pytest.mark.django_db]
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def draft(riverside: Clinic, grace: Membership) -> RuleSet:
    """Any tiredness would be an emergency."""
    return on_trial(riverside, any_tiredness_is_an_emergency)


def silent(entry: Entry) -> set[tuple[str, str]]:
    return set(SilentFlag.objects.filter(revision__entry=entry).values_list('rule', 'tier'))


def real(entry: Entry) -> set[str]:
    return set(Flag.objects.filter(evaluation__revision__entry=entry, withdrawn_at=None).values_list('rule', flat=True))


def test_a_draft_on_trial_writes_down_what_it_would_have_flagged_with_the_evidence(
    draft: RuleSet, ana: Patient
) -> None:
    entry = told_us(ana, TIRED)
    assert look(now=LATER) == 1
    assert ('Z01', 'emergency') in silent(entry)
    assert {name for name, _ in silent(entry)} == real(entry) | {'Z01'}
    flag = SilentFlag.objects.get(rule='Z01')
    assert (flag.rule_set, flag.clinic, flag.patient, flag.title) == (draft, ana.clinic, ana, 'Any tiredness')
    assert flag.evidence['held'] is True
    assert flag.evidence['seen'] == {'severity': 2}


def test_a_draft_like_the_rules_in_force_flags_exactly_what_these_flag(riverside: Clinic, ana: Patient) -> None:
    on_trial(riverside, nothing_changed)
    entries = [told_us(ana, answers, at=NOW + timedelta(hours=n)) for n, answers in enumerate((FEVER, TIRED, SICK))]
    look(now=NOW + timedelta(hours=3))
    assert [{name for name, _ in silent(entry)} for entry in entries] == [real(entry) for entry in entries]
    assert any(real(entry) for entry in entries)


def test_only_what_was_evaluated_since_the_run_began_is_looked_at(riverside: Clinic, ana: Patient) -> None:
    old = told_us(ana, TIRED)
    on_trial(riverside, any_tiredness_is_an_emergency, since=NOW + timedelta(hours=1))
    new = told_us(ana, TIRED, at=NOW + timedelta(hours=2))
    assert look(now=NOW + timedelta(hours=3)) == 1
    assert not silent(old)
    assert silent(new)


def test_what_the_real_rules_still_owe_is_left_until_they_are_done(draft: RuleSet, ana: Patient) -> None:
    told_us(ana, TIRED, check=False)
    assert look(now=LATER) == 0
    evaluate_pending(now=LATER)
    assert look(now=LATER) == 1


def test_an_entry_is_looked_at_once(draft: RuleSet, ana: Patient) -> None:
    told_us(ana, TIRED)
    assert (look(now=LATER), look(now=LATER)) == (1, 0)
    assert SilentCheck.objects.count() == 1


def test_other_clinics_and_the_fire_drill_are_left_alone(draft: RuleSet, ana: Patient, olga: Patient) -> None:
    Patient.objects.filter(pk=ana.pk).update(is_drill=True)
    told_us(ana, TIRED)
    told_us(olga, TIRED)
    assert look(now=LATER) == 0
    assert not SilentFlag.objects.exists()


def test_an_entry_that_was_evaluated_again_is_looked_at_again_and_what_no_longer_holds_goes(
    riverside: Clinic, ana: Patient, rosa: Membership
) -> None:
    """Within a day of a dose any tiredness would be urgent; the dose was a mistake."""

    def after_a_dose(rules: dict[str, Any]) -> None:
        within = {'hours_since_dose': {'lte': 24}}
        rules['Z02'] = rule('urgent', 'Tired after a dose', {'all': [within, {'symptom': 'FATIGUE', 'gte': 1}]})

    on_trial(riverside, after_a_dose)
    dose = give_dose(ana, 'checkpoint_inhibitor', days_ago=0, by=rosa.user)
    entry = told_us(ana, TIRED, at=NOW + timedelta(hours=1))
    look(now=NOW + timedelta(hours=2))
    assert ('Z02', 'urgent') in silent(entry)
    Dose.objects.filter(pk=dose.pk).delete()
    evaluation = Evaluation.objects.get(revision__entry=entry)
    Evaluation.objects.filter(pk=evaluation.pk).update(pending_since=NOW + timedelta(hours=3))
    evaluate_pending(now=NOW + timedelta(hours=3))
    assert look(now=NOW + timedelta(hours=4)) == 1
    assert ('Z02', 'urgent') not in silent(entry)


def test_a_correction_takes_the_flags_of_what_was_said_before_with_it(draft: RuleSet, ana: Patient) -> None:
    entry = told_us(ana, TIRED)
    look(now=LATER)
    assert silent(entry)
    corrected(entry, ana, at=NOW + timedelta(hours=1))
    look(now=NOW + timedelta(hours=2))
    assert ('Z01', 'emergency') not in silent(entry)
    assert set(SilentFlag.objects.values_list('revision__number', flat=True)) == {2}


def test_a_poison_entry_is_noted_by_its_kind_of_error_and_stops_no_other(
    draft: RuleSet, ana: Patient, ben: Patient
) -> None:
    bad, good = told_us(ana, TIRED), told_us(ben, TIRED)
    poison(bad)
    assert look(now=LATER) == 1
    assert SilentCheck.objects.get(revision__entry=bad).error == 'EntryUnreadable'
    assert silent(good)


def test_what_fails_is_tried_three_times_and_then_left(
    draft: RuleSet, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = told_us(ana, TIRED)
    poison(bad)
    tries = []
    monkeypatch.setattr(trying, 'compute', lambda **given: tries.append(given) or 1 / 0)
    for n in range(6):
        look(now=LATER + n * RETRY)
        look(now=LATER + n * RETRY)  # and not at once again
    assert len(tries) == 3
    assert SilentCheck.objects.get().error == 'ZeroDivisionError'


def test_a_worker_that_dies_over_an_entry_leaves_it_unfinished_and_it_is_tried_again(
    draft: RuleSet, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = told_us(ana, TIRED)
    with monkeypatch.context() as broken:
        broken.setattr(trying, 'compute', dies)
        with pytest.raises(Died):
            look(now=LATER)
    assert SilentCheck.objects.get().error == UNFINISHED
    assert look(now=LATER) == 0  # whoever has it may be at it still
    assert look(now=LATER + RETRY) == 1
    assert silent(entry)
    assert SilentCheck.objects.get().error == ''


class Died(BaseException):
    """As at SIGKILL nothing after it runs that would note a failure."""


def dies(**given: Any) -> None:
    raise Died


def test_who_was_overtaken_by_another_look_writes_nothing(
    draft: RuleSet, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen for long in the middle of an entry; meanwhile the entry was looked at again."""
    entry = told_us(ana, TIRED)
    compute = trying.compute

    def overtaken(**given: Any) -> Any:
        SilentCheck.objects.update(attempts=2)
        return compute(**given)

    monkeypatch.setattr(trying, 'compute', overtaken)
    assert look(now=LATER) == 0
    assert not silent(entry)


def test_rules_that_never_end_cost_a_sweep_one_entrys_time_and_the_real_ones_go_on(
    draft: RuleSet, ana: Patient, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [told_us(ana, TIRED), told_us(ben, TIRED)]
    endless(monkeypatch)
    monkeypatch.setattr(trying, 'ONE_ENTRY_SECONDS', 0.2)
    assert look(now=LATER) == 0
    assert [check.error for check in SilentCheck.objects.all()] == ['TooSlow']
    told_us(ana, FEVER, at=LATER)
    assert 'R02' in Flag.objects.values_list('rule', flat=True)
    assert all(not silent(entry) for entry in entries)


def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft's program, and no other, never comes to an end."""
    run = Program.evaluate_window

    def without_end(self: Program, *args: Any) -> Any:
        while 'Z01' in self.rule_set.rules:
            pass
        return run(self, *args)

    monkeypatch.setattr(Program, 'evaluate_window', without_end)


def test_a_draft_that_cannot_be_read_any_more_is_noted_and_the_real_rules_go_on(
    riverside: Clinic, ana: Patient
) -> None:
    def of_a_lost_symptom(rules: dict[str, Any]) -> None:
        rules['Z03'] = rule('urgent', 'Gone', {'symptom': 'GONE', 'gte': 1})

    on_trial(riverside, of_a_lost_symptom)
    entry = told_us(ana, TIRED)
    assert look(now=LATER) == 0
    assert SilentCheck.objects.get().error == 'RuleError'
    assert real(entry)


def test_a_sweep_stops_in_time_and_the_next_goes_on(draft: RuleSet, ana: Patient, ben: Patient) -> None:
    for patient in (ana, ben):
        told_us(patient, TIRED)
    assert look(now=LATER, for_seconds=-1) == 0
    assert look(now=LATER, batch=1) == 2


def test_after_its_end_a_run_looks_at_nothing_more_and_what_it_found_stays(draft: RuleSet, ana: Patient) -> None:
    told_us(ana, TIRED)
    look(now=LATER)
    RuleSet.objects.filter(pk=draft.pk).update(trial_until=LATER)
    told_us(ana, TIRED, at=NOW + timedelta(hours=1))
    assert look(now=NOW + timedelta(hours=2)) == 0
    assert SilentFlag.objects.filter(rule='Z01').count() == 1


@pytest.mark.parametrize('status', [RuleSetStatus.PUBLISHED, RuleSetStatus.RETIRED])
def test_a_set_that_is_no_draft_any_more_does_not_run_silently(draft: RuleSet, grace: Membership, status: str) -> None:
    if status == RuleSetStatus.PUBLISHED:
        RuleSet.objects.filter(pk=draft.pk).update(published_at=NOW, published_by=grace.user)
    RuleSet.objects.filter(pk=draft.pk).update(status=status)
    assert running() == []


def test_a_second_run_of_the_same_set_begins_anew(draft: RuleSet, ana: Patient) -> None:
    told_us(ana, TIRED)
    look(now=LATER)
    begins = NOW + timedelta(days=3)
    RuleSet.objects.filter(pk=draft.pk).update(trial_since=begins)
    assert look(now=begins) == 0
    Evaluation.objects.update(pending_since=begins)
    evaluate_pending(now=begins)
    assert look(now=begins + timedelta(hours=1)) == 1
    assert SilentCheck.objects.get().attempts == 1


def test_an_evaluation_that_was_committed_late_is_found_all_the_same(
    draft: RuleSet, ana: Patient, ben: Patient
) -> None:
    """It ended before one that was looked at already."""
    late = told_us(ana, TIRED)
    told_us(ben, TIRED, at=NOW + timedelta(minutes=5))
    Evaluation.objects.filter(revision__entry=late).update(pending_since=NOW)  # as if it were not there yet
    look(now=NOW + timedelta(minutes=6))
    assert not silent(late)
    Evaluation.objects.filter(revision__entry=late).update(pending_since=None)
    assert look(now=NOW + timedelta(minutes=7)) == 1
    assert silent(late)


def test_the_clinics_own_published_rules_are_judged_beside_its_draft(riverside: Clinic, ana: Patient) -> None:
    in_force(riverside, nothing_changed)
    on_trial(riverside, any_tiredness_is_an_emergency, since=BEFORE)
    entry = told_us(ana, TIRED)
    assert look(now=LATER) == 1
    assert ('Z01', 'emergency') in silent(entry)


def test_the_sweep_stands_on_the_queue_that_nobody_waits_for() -> None:
    (entry,) = [each for each in BEAT_SCHEDULE.values() if each['task'] == 'alerts.tasks.sweep_silent_runs']
    assert 'queue' not in entry['options']  # the default one
