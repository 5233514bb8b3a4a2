"""The ledger and the flags: every revision evaluated once, in its place, whatever comes late, twice or corrected."""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from alerts.models import Alert, AlertEvent, AlertState, Evaluation, Flag, Line, RuleSet
from alerts.services.evaluation import evaluate, evaluate_pending
from alerts.services.rules.default import publish_default
from alerts.services.setting_aside import RETRY_SET_ASIDE
from clinic.models import Patient
from diary.models import Context, Entry, Revision
from diary.services.entries import correct_entry, record_entry
from diary.signals import treatment_changed
from tests import cast

pytestmark = pytest.mark.usefixtures('content')
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEVER: dict[str, Any] = {'FEVER': {'celsius': 38.6, 'severity': 2}}


def write(patient: Patient, answers: dict[str, dict[str, Any]], *, at: datetime, now: datetime = cast.NOW) -> Revision:
    """Store an entry as the form would."""
    recorded = record_entry(
        patient=patient,
        by=cast.user_of(patient),
        client_uuid=uuid.uuid4(),
        about_at=at,
        recorded_at=now,
        now=now,
        document=document(answers),
        nothing_new=not answers,
    )
    return recorded.revision


def document(answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {'answers': {code: {'version': 1, 'values': values} for code, values in answers.items()}, 'measurements': {}}


def correct(entry: Entry, answers: dict[str, dict[str, Any]], *, now: datetime) -> Revision:
    entry.refresh_from_db()
    by = cast.user_of(entry.patient)
    number = entry.current_number
    return correct_entry(
        entry=entry, by=by, expected_number=number, document=document(answers), recorded_at=now, now=now
    ).revision


def check(now: datetime = cast.NOW) -> int:
    return evaluate_pending(now=now)


def standing(revision: Revision) -> set[str]:
    return set(Flag.objects.filter(evaluation__revision=revision, withdrawn_at=None).values_list('rule', flat=True))


def test_an_entry_is_owed_an_evaluation_from_the_moment_it_is_stored(ana: Patient) -> None:
    revision = write(ana, FEVER, at=cast.NOW)
    row = Evaluation.objects.get(revision=revision)
    assert row.pending_since == cast.NOW
    assert row.tier == ''


def test_without_published_rules_an_entry_is_stored_and_owed_until_there_are_some(
    ana: Patient, content: RuleSet
) -> None:
    RuleSet.objects.update(status='retired')
    revision = write(ana, FEVER, at=cast.NOW)
    assert check() == 0
    row = Evaluation.objects.get(revision=revision)
    assert (row.rule_set, row.error, row.pending_since) == (None, 'NoPublishedRuleSet', cast.NOW)
    publish_default(content=content.content, now=cast.NOW)
    assert check() == 1
    assert 'R02' in standing(revision)


def test_a_fever_raises_a_red_alert_with_its_evidence(ana: Patient) -> None:
    revision = write(ana, FEVER, at=cast.NOW)
    assert check() == 1
    assert {'R02', 'R02S'} <= standing(revision)
    flag = Flag.objects.get(evaluation__revision=revision, rule='R02')
    assert flag.evidence['held'] is True
    assert '38.6' in str(flag.evidence)
    alert = Alert.objects.get(patient=ana, line=Line.RED)
    assert (alert.tier, alert.state, alert.acknowledge_by) == ('urgent', 'open', cast.NOW + HOUR)
    assert flag.alert == alert


def test_evaluating_twice_changes_nothing(ana: Patient) -> None:
    revision = write(ana, FEVER, at=cast.NOW)
    row = Evaluation.objects.get(revision=revision)
    assert evaluate(evaluation_id=row.pk, now=cast.NOW) is True
    events, flags = AlertEvent.objects.count(), Flag.objects.count()
    assert evaluate(evaluation_id=row.pk, now=cast.NOW) is False
    assert (AlertEvent.objects.count(), Flag.objects.count()) == (events, flags)
    row.refresh_from_db()
    assert (row.runs, row.pending_since, row.tier) == (1, None, 'urgent')


def test_a_quiet_entry_makes_no_alert(ana: Patient) -> None:
    write(ana, {}, at=cast.NOW)
    check()
    assert Evaluation.objects.get().tier == 'none'
    assert not Alert.objects.exists()


def test_a_monitor_flag_makes_no_alert(ana: Patient) -> None:
    write(ana, {'FATIGUE': {'severity': 1}}, at=cast.NOW)
    check()
    assert Flag.objects.get().rule == 'M01'
    assert not Alert.objects.exists()


def test_a_rule_with_its_own_deadline_shortens_the_alerts(ana: Patient) -> None:
    write(ana, {'DIARRHEA': {'severity': 2, 'stools_24h': 9}}, at=cast.NOW)
    check()
    assert Alert.objects.get(line=Line.RED).acknowledge_by == cast.NOW + HOUR / 2


def test_a_worse_entry_raises_the_alert_and_says_so(ana: Patient, rosa: Any) -> None:
    write(ana, FEVER, at=cast.NOW - HOUR, now=cast.NOW - HOUR)
    check(cast.NOW - HOUR)
    acknowledged(Alert.objects.get(line=Line.RED), rosa)
    write(ana, {'DYSPNEA': {'severity': 3}}, at=cast.NOW)
    check()
    alert = Alert.objects.get(line=Line.RED)
    assert (alert.tier, alert.state, alert.waiting_since) == ('emergency', 'reopened', cast.NOW)
    assert alert.acknowledge_by == cast.NOW + timedelta(minutes=5)
    assert alert.events.latest('pk').kind == 'raised'


def acknowledged(alert: Alert, member: Any) -> None:
    alert.state, alert.owner, alert.acknowledged_at = AlertState.ACKNOWLEDGED, member.user, cast.NOW - HOUR
    alert.save()


def test_the_same_fever_on_a_further_entry_sends_an_acknowledged_alert_back(ana: Patient, rosa: Any) -> None:
    write(ana, FEVER, at=cast.NOW - DAY, now=cast.NOW - DAY)
    check(cast.NOW - DAY)
    acknowledged(Alert.objects.get(line=Line.RED), rosa)
    write(ana, FEVER, at=cast.NOW)
    check()
    alert = Alert.objects.get(line=Line.RED)
    assert (alert.state, alert.entry_count) == ('reopened', 2)
    assert alert.events.latest('pk').kind == 'reopened'


def test_the_same_rash_on_the_next_day_joins_quietly(ana: Patient, rosa: Any) -> None:
    write(ana, {'RASH': {'severity': 1}}, at=cast.NOW - DAY, now=cast.NOW - DAY)
    check(cast.NOW - DAY)
    acknowledged(Alert.objects.get(), rosa)
    write(ana, {'RASH': {'severity': 1}}, at=cast.NOW)
    check()
    alert = Alert.objects.get(line=Line.AMBER)
    assert (alert.state, alert.entry_count) == ('acknowledged', 2)
    assert alert.events.latest('pk').kind == 'joined'


def test_a_resolved_alert_is_left_alone_and_a_new_one_opens(ana: Patient, rosa: Any) -> None:
    write(ana, FEVER, at=cast.NOW - DAY, now=cast.NOW - DAY)
    check(cast.NOW - DAY)
    Alert.objects.update(
        state='resolved',
        due_at=None,
        resolved_at=cast.NOW,
        outcome='self_care',
        owner=rosa.user,
        acknowledged_at=cast.NOW,
    )
    write(ana, FEVER, at=cast.NOW)
    check()
    assert list(Alert.objects.filter(line=Line.RED).order_by('pk').values_list('state', flat=True)) == [
        'resolved',
        'open',
    ]


def test_red_and_amber_findings_have_a_line_each(ana: Patient) -> None:
    write(ana, {'RASH': {'severity': 1}}, at=cast.NOW)
    check()
    write(ana, FEVER, at=cast.NOW + HOUR, now=cast.NOW + HOUR)
    check(cast.NOW + HOUR)
    assert set(Alert.objects.values_list('line', 'tier')) == {('amber', 'same_day'), ('red', 'urgent')}


def test_a_corrected_entry_withdraws_its_flags_with_the_reason_and_keeps_them(ana: Patient) -> None:
    first = write(ana, FEVER, at=cast.NOW)
    check()
    second = correct(first.entry, {'FATIGUE': {'severity': 1}}, now=cast.NOW + HOUR)
    check(cast.NOW + HOUR)
    assert standing(first) == set()
    assert standing(second) == {'M01'}
    gone = Flag.objects.get(evaluation__revision=first, rule='R02')
    assert (gone.withdrawn_at, gone.withdrawn_reason) == (cast.NOW + HOUR, 'corrected')
    alert = Alert.objects.get(line=Line.RED)
    assert alert.state == 'open', 'only a person closes it'
    assert alert.events.latest('pk').kind == 'withdrawn'


def test_a_correction_of_a_red_entry_sends_an_acknowledged_alert_back(ana: Patient, rosa: Any) -> None:
    """The nurse has read 38.6 °C; 40.5 meets the same rules and is something else."""
    first = write(ana, FEVER, at=cast.NOW)
    check()
    acknowledged(Alert.objects.get(line=Line.RED), rosa)
    correct(first.entry, {'FEVER': {'celsius': 40.5, 'severity': 2}}, now=cast.NOW + HOUR)
    check(cast.NOW + HOUR)
    alert = Alert.objects.get(line=Line.RED)
    assert (alert.state, alert.entry_count) == ('reopened', 1)


def test_a_correction_of_a_same_day_entry_joins_quietly(ana: Patient, rosa: Any) -> None:
    first = write(ana, {'RASH': {'severity': 1}}, at=cast.NOW)
    check()
    acknowledged(Alert.objects.get(), rosa)
    correct(first.entry, {'RASH': {'severity': 1, 'percent_body': 2}}, now=cast.NOW + HOUR)
    check(cast.NOW + HOUR)
    assert Alert.objects.get().state == 'acknowledged'


def test_the_wait_counts_from_the_entry_however_late_the_workers_are(ana: Patient) -> None:
    write(ana, FEVER, at=cast.NOW)
    check(cast.NOW + HOUR)
    alert = Alert.objects.get(line=Line.RED)
    assert (alert.opened_at, alert.waiting_since) == (cast.NOW + HOUR, cast.NOW)
    assert alert.acknowledge_by == cast.NOW + HOUR, 'what the patient was promised'


def test_a_revision_that_was_corrected_before_anybody_looked_gets_no_flags(ana: Patient) -> None:
    first = write(ana, FEVER, at=cast.NOW)
    second = correct(first.entry, {}, now=cast.NOW + HOUR)
    assert check(cast.NOW + HOUR) == 2 or Evaluation.objects.filter(pending_since=None).count() == 2
    assert not Flag.objects.exists()
    assert {row.tier for row in Evaluation.objects.filter(revision__in=[first, second])} == {'none'}


def test_a_late_entry_evaluates_the_later_ones_that_it_touches_again(ana: Patient) -> None:
    """Nausea 2 on one day is nothing to call about; the day before, filled in late, makes it last (C03)."""
    today = write(ana, {'NAUSEA': {'severity': 2}}, at=cast.NOW)
    check()
    assert 'C03' not in standing(today)
    write(ana, {'NAUSEA': {'severity': 2}}, at=cast.NOW - DAY, now=cast.NOW + HOUR)
    assert check(cast.NOW + HOUR) == 1
    assert 'C03' in standing(today)
    assert Evaluation.objects.get(revision=today).runs == 2


def test_a_late_entry_withdraws_what_no_longer_holds_of_a_later_one(ana: Patient) -> None:
    """A cough is new today (U07S) until yesterday's entry, filled in late, says that it was there already."""
    today = write(ana, {'COUGH': {'severity': 1}}, at=cast.NOW)
    check()
    assert 'U07S' in standing(today)
    write(ana, {'COUGH': {'severity': 1}}, at=cast.NOW - DAY, now=cast.NOW + HOUR)
    check(cast.NOW + HOUR)
    assert 'U07S' not in standing(today)
    assert Flag.objects.get(evaluation__revision=today, rule='U07S').withdrawn_reason == 'no longer met'


@pytest.mark.parametrize('order', [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_the_order_of_arrival_does_not_matter(ana: Patient, order: list[int]) -> None:
    days = [
        {'NAUSEA': {'severity': 2}},
        {'NAUSEA': {'severity': 2}, 'COUGH': {'severity': 1}},
        {'COUGH': {'severity': 1}},
    ]
    stored = {}
    for step, index in enumerate(order):
        later = cast.NOW + step * HOUR
        stored[index] = write(ana, days[index], at=cast.NOW - (2 - index) * DAY, now=later)
        check(later)
    assert 'C03' in standing(stored[1])
    assert 'U07S' in standing(stored[1])
    assert 'U07S' not in standing(stored[2])


def test_steroids_told_later_evaluate_the_entries_since_then_again(ana: Patient, rosa: Any) -> None:
    revision = write(ana, {'CHILLS': {'severity': 1}}, at=cast.NOW)
    check()
    assert 'T06' not in standing(revision)
    since = cast.NOW - DAY
    Context.objects.create(
        patient=ana, code='on_steroids', from_at=since, recorded_by=rosa.user, recorded_at=cast.NOW + HOUR
    )
    treatment_changed.send(sender=Context, patient=ana, since=since, now=cast.NOW + HOUR)
    assert check(cast.NOW + HOUR) == 1
    assert 'T06' in standing(revision)


def test_an_entry_that_cannot_be_evaluated_is_counted_and_does_not_stop_the_others(
    ana: Patient, ben: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    poison = write(ana, {'NOSUCHSIGN': {'severity': 2}}, at=cast.NOW)
    good = write(ben, FEVER, at=cast.NOW)
    assert check() == 1
    assert 'R02' in standing(good)
    row = Evaluation.objects.get(revision=poison)
    assert (row.attempts, row.error) == (1, 'EntryUnreadable')
    assert row.pending_since == cast.NOW, 'still owed'
    assert 'NOSUCHSIGN' not in caplog.text


def test_a_poison_entry_is_set_aside_after_three_tries_and_tried_again_later(ana: Patient) -> None:
    write(ana, {'NOSUCHSIGN': {'severity': 2}}, at=cast.NOW)
    for _ in range(5):
        check()
    assert Evaluation.objects.get().attempts == 3
    check(cast.NOW + RETRY_SET_ASIDE)
    assert Evaluation.objects.get().attempts == 4


def test_a_sweep_stops_in_time_and_the_next_one_goes_on(ana: Patient, ben: Patient) -> None:
    write(ana, FEVER, at=cast.NOW)
    write(ben, FEVER, at=cast.NOW)
    assert evaluate_pending(now=cast.NOW, for_seconds=-1) == 0
    assert evaluate_pending(now=cast.NOW, for_seconds=60) == 2


def test_the_database_keeps_one_ledger_row_per_revision_and_rule_set(ana: Patient, content: RuleSet) -> None:
    revision = write(ana, {}, at=cast.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.create(revision=revision, patient=ana, rule_set=content)


def test_the_database_keeps_one_unresolved_alert_per_patient_and_line(ana: Patient) -> None:
    write(ana, FEVER, at=cast.NOW)
    check()
    alert = Alert.objects.get(line=Line.RED)
    alert.pk, alert.public_id = None, uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        alert.save(force_insert=True)


@pytest.mark.parametrize(
    'sql', ['UPDATE alerts_alertevent SET note = %s', 'DELETE FROM alerts_alertevent WHERE note <> %s']
)
def test_the_history_of_an_alert_only_grows(ana: Patient, sql: str) -> None:
    write(ana, FEVER, at=cast.NOW)
    check()
    with pytest.raises(IntegrityError, match='append-only'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, ['x'])


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run acts in threads with connections of their own, started together."""
    gate, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_evaluate_every_entry_once(ana: Patient, ben: Patient) -> None:
    for hours in range(6):
        write(ana, FEVER, at=cast.NOW - hours * HOUR)
        write(ben, {'RASH': {'severity': 1}}, at=cast.NOW - hours * HOUR)
    answers = at_once(check, check, check)
    assert sum(answers) <= 12  # type: ignore[arg-type]  (one run may settle the later entries of the same patient too)
    assert not Evaluation.objects.filter(pending_since__isnull=False).exists()
    assert Alert.objects.filter(patient=ana, line=Line.RED).count() == 1
    assert Alert.objects.filter(patient=ben).count() == 1
    assert not list(
        Flag.objects.raw(
            'SELECT min(id) AS id FROM alerts_flag WHERE withdrawn_at IS NULL GROUP BY evaluation_id, rule HAVING count(*) > 1'
        )
    )


@pytest.mark.django_db(transaction=True)
def test_an_entry_sent_twice_at_once_is_one(ana: Patient) -> None:
    same = uuid.uuid4()

    def send() -> bool:
        return record_entry(
            patient=ana,
            by=cast.user_of(ana),
            client_uuid=same,
            about_at=cast.NOW,
            recorded_at=cast.NOW,
            now=cast.NOW,
            document=document(FEVER),
        ).created

    assert sorted(at_once(send, send, send)) == [False, False, True]  # type: ignore[type-var]
    assert (Entry.objects.count(), Revision.objects.count(), Evaluation.objects.count()) == (1, 1, 1)
