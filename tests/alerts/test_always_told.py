"""What must never happen: an alert that tells nobody and looks as if it had, one that is held back, one that climbs in circles."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection

from alerts.channels import CHANNELS, SendFailed
from alerts.models import Alert, AlertEvent, EscalationPolicy, EscalationStep, Notification
from alerts.people import staffing
from alerts.queries.worklist import Choice, counts, desk_of
from alerts.services import escalating, notifying, promises, rostering, snoozing, sweeping, working
from alerts.services.setting_aside import tell_a_nurse
from alerts.words.back import back_words
from alerts.words.climbing import called_words, happened_words, next_words
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import BREATHLESS, FEVER, TIRED, alert_of, open_alert, told_us
from tests.cast import NOW

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NIGHT = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)  # Tuesday, 3:00 in New York


@pytest.fixture(autouse=True)
def no_failures_of_before() -> None:
    sweeping._failed.clear()


def write_ladder(clinic: Clinic, tier: str, *rungs: tuple[int, str, str], rounds: int = 1) -> None:
    policy = EscalationPolicy.objects.create(
        clinic=clinic, tier=tier, rounds=rounds, changed_at=NOW, forgotten_after=60, unfinished_after=480
    )
    EscalationStep.objects.bulk_create(
        EscalationStep(policy=policy, position=n, wait=wait, who=who, when=when)
        for n, (wait, who, when) in enumerate(rungs)
    )


def armed(alert: Alert, *, now: datetime) -> Alert:
    escalating.arm(alert=alert, event=last(alert), now=now)
    alert.save()
    return alert


def last(alert: Alert) -> AlertEvent:
    return AlertEvent.objects.filter(alert=alert).latest('pk')


def fresh(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def told_on(event: AlertEvent) -> set[str]:
    return {row.recipient.name for row in Notification.objects.filter(event=event) if row.recipient}


# -- a ladder whose every step is for other hours ------------------------------------------------------------------------


def test_a_red_ladder_for_the_day_alone_tells_its_people_at_night_too(ana: Patient, rosa: Membership) -> None:
    write_ladder(ana.clinic, 'emergency', (0, 'primary_nurse', 'open'), (5, 'team', 'open'))
    alert = armed(open_alert(ana, tier='emergency', at=NIGHT, minutes=5), now=NIGHT)
    assert told_on(last(alert)) == {'Rosa Diaz'}
    assert (alert.step, alert.due_at) == (1, NIGHT + 5 * MINUTE)
    assert next_words(alert, now=NIGHT) == 'If nobody takes it by 3:05, the whole team is told.'


def test_where_nobody_stands_on_it_at_any_hour_that_is_on_record(ben: Patient) -> None:
    write_ladder(ben.clinic, 'emergency', (0, 'primary_nurse', 'open'))
    alert = armed(open_alert(ben, tier='emergency', at=NIGHT, minutes=5), now=NIGHT)
    assert last(alert).detail['reached'] == 0
    assert promises.reached(ben.clinic, now=NIGHT).detail == {'nobody': 1}


def test_a_same_day_ladder_for_the_night_alone_says_that_it_tells_nobody(ana: Patient) -> None:
    write_ladder(ana.clinic, 'same_day', (30, 'team', 'closed'))
    alert = armed(open_alert(ana, tier='same_day', minutes=240), now=NOW)
    assert next_words(alert, now=NOW) == 'If nobody takes it by 9:30, nobody is there to be told.'
    assert sweeping.sweep_due(now=NOW + 30 * MINUTE) == 1
    assert last(alert).detail['reached'] == 0
    assert happened_words(last(alert)) == 'Nobody could be told'


# -- what was agreed upon before ends when the alert comes back ----------------------------------------------------------


@pytest.mark.usefixtures('content')
def test_an_agreed_call_does_not_hold_back_an_emergency_that_came_later(ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, FEVER))
    agreed = NOW + 10 * HOUR
    working.note_contact(alert=alert, by=rosa.user, now=NOW + MINUTE, reached=True, call_back_at=agreed)
    told_us(ana, BREATHLESS, at=NOW + HOUR)
    back = fresh(alert)
    assert (back.tier, back.state, back.call_back_at) == ('emergency', 'reopened', None)
    taken = working.acknowledge(alert=back, by=rosa.user, now=NOW + HOUR + MINUTE)
    assert taken.due_at == NOW + HOUR + 31 * MINUTE


def agreed(alert: Alert, rosa: Membership, *, at: datetime) -> Alert:
    return working.note_contact(alert=alert, by=rosa.user, now=NOW, reached=True, call_back_at=at)


def test_what_comes_back_as_forgotten_or_is_opened_again_has_no_agreed_call(ana: Patient, rosa: Membership) -> None:
    alert = agreed(open_alert(ana), rosa, at=NOW + HOUR)
    sweeping.sweep_due(now=NOW + 30 * HOUR)
    assert (fresh(alert).state, fresh(alert).call_back_at) == ('reopened', None)
    alert = working.note_contact(
        alert=alert, by=rosa.user, now=NOW + 31 * HOUR, reached=True, call_back_at=NOW + 40 * HOUR
    )
    working.resolve(alert=alert, by=rosa.user, now=NOW + 32 * HOUR, outcome='no_action')
    assert working.undo(alert=alert, by=rosa.user, now=NOW + 33 * HOUR).call_back_at is None


@pytest.mark.usefixtures('content')
def test_what_a_nurse_wakes_or_a_red_alert_wakes_has_no_agreed_call(ana: Patient, rosa: Membership) -> None:
    alert = asleep_with_a_call(alert_of(told_us(ana, TIRED), 'same_day'), rosa)
    assert snoozing.wake(alert=alert, by=rosa.user, now=NOW + HOUR).call_back_at is None
    alert = asleep_with_a_call(fresh(alert), rosa)
    told_us(ana, BREATHLESS, at=NOW + 2 * HOUR)
    assert (fresh(alert).state, fresh(alert).call_back_at, fresh(alert).snoozed_until) == ('reopened', None, None)


def asleep_with_a_call(alert: Alert, rosa: Membership) -> Alert:
    alert, until = agreed(alert, rosa, at=NOW + 90 * HOUR), (NOW + timedelta(days=7)).date()
    given = {'by': rosa.user, 'now': NOW, 'until': until, 'reason': 'Known.', 'levels': {}, 'seen': alert.version}
    return snoozing.snooze(alert=alert, **given)  # type: ignore[arg-type]


# -- a call that was agreed upon brings it back --------------------------------------------------------------------------


def test_an_alert_comes_back_for_the_call_that_was_agreed_on_and_says_so(ana: Patient, rosa: Membership) -> None:
    alert = agreed(open_alert(ana), rosa, at=NOW + HOUR)
    due = NOW + HOUR + 10 * MINUTE
    assert [sweeping.sweep_due(now=due - SECOND), sweeping.sweep_due(now=due)] == [0, 1]
    back = fresh(alert)
    assert (back.state, happened_words(last(alert))) == (
        'reopened',
        'Came back: the call that was agreed on is due',
    )
    assert back_words([back]) == {back.pk: 'the agreed call is due'}


def test_a_call_that_was_agreed_for_too_far_ahead_says_how_long_nothing_happened(
    ana: Patient, rosa: Membership
) -> None:
    alert = agreed(open_alert(ana), rosa, at=NOW + 90 * HOUR)
    assert sweeping.sweep_due(now=NOW + 24 * HOUR + 10 * MINUTE) == 1
    assert happened_words(last(alert)) == 'Came back: spoken with the patient, then not resolved for 24 hours'


@pytest.mark.usefixtures('content')
def test_a_snooze_hides_no_call_that_was_agreed_on(ana: Patient, rosa: Membership) -> None:
    alert = agreed(alert_of(told_us(ana, TIRED), 'same_day'), rosa, at=NOW + 24 * HOUR)
    until = (NOW + timedelta(days=7)).date()
    given = {'by': rosa.user, 'now': NOW, 'until': until, 'reason': 'Known.', 'levels': {}, 'seen': alert.version}
    alert = snoozing.snooze(alert=alert, **given)  # type: ignore[arg-type]
    due = NOW + 24 * HOUR + 10 * MINUTE
    assert alert.due_at == due
    assert [sweeping.sweep_due(now=due - SECOND), sweeping.sweep_due(now=due)] == [0, 1]
    assert (fresh(alert).state, last(alert).detail['snooze']) == ('reopened', 'call')
    assert back_words([fresh(alert)]) == {alert.pk: 'the agreed call is due'}


@pytest.mark.usefixtures('content')
def test_a_call_agreed_while_it_sleeps_wakes_it(ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, TIRED), 'same_day')
    until = (NOW + timedelta(days=7)).date()
    given = {'by': rosa.user, 'now': NOW, 'until': until, 'reason': 'Known.', 'levels': {}, 'seen': alert.version}
    alert = agreed(snoozing.snooze(alert=alert, **given), rosa, at=NOW + 2 * HOUR)  # type: ignore[arg-type]
    assert (alert.state, alert.due_at) == ('snoozed', NOW + 2 * HOUR + 10 * MINUTE)


# -- a mail server that refuses everybody --------------------------------------------------------------------------------


class Refusing:
    def reaches(self, address: str) -> bool:
        return True

    def send(self, address: str, message: object) -> None:
        raise SendFailed('recipient refused', permanent=True)


def minutes_of(alert: Alert, *, minutes: int) -> list[str]:
    """What a ladder does while the sweeps run every twenty seconds."""
    for turn in range(minutes * 3):
        at = NOW + turn * 20 * SECOND
        sweeping.sweep_due(now=at)
        notifying.deliver_due(now=at)
    return [event.kind for event in alert.events.order_by('pk')]


def test_a_refused_message_never_hides_a_same_day_alert_before_its_promise(
    ana: Patient, grace: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHANNELS, 'email', Refusing())
    write_ladder(ana.clinic, 'same_day', (5, 'primary_nurse', 'always'), (5, 'lead', 'always'))
    alert = armed(open_alert(ana, tier='same_day', minutes=240), now=NOW)
    assert minutes_of(alert, minutes=30) == ['opened', 'escalated', 'escalated']
    assert fresh(alert).due_at == NOW + 240 * MINUTE


def test_refused_messages_do_not_turn_a_red_ladder_in_circles(
    ana: Patient, grace: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHANNELS, 'email', Refusing())
    alert = armed(open_alert(ana, tier='emergency', minutes=5), now=NOW)
    kinds = minutes_of(alert, minutes=10)
    assert kinds[:3] == ['opened', 'escalated', 'escalated']  # the first round goes on at once
    assert len(kinds) <= 5  # and then by its own time


# -- a step of the clock refuses no nurse --------------------------------------------------------------------------------


def test_who_was_told_meanwhile_is_no_reason_to_refuse_a_nurse_but_shows_on_the_list(
    ana: Patient, rosa: Membership
) -> None:
    alert, desk = armed(open_alert(ana, tier='emergency', minutes=5), now=NOW), desk_of(rosa)
    before = counts(desk, Choice(), now=NOW).version
    assert sweeping.sweep_due(now=NOW + 5 * MINUTE) == 1
    assert counts(desk, Choice(), now=NOW).version != before
    taken = working.acknowledge(alert=alert, by=rosa.user, now=NOW + 6 * MINUTE, seen=alert.version)
    assert taken.state == 'acknowledged'


def test_an_alert_that_came_back_is_refused_until_it_was_read(ana: Patient, rosa: Membership) -> None:
    alert = working.acknowledge(alert=open_alert(ana), by=rosa.user, now=NOW)
    sweeping.sweep_due(now=NOW + HOUR)
    with pytest.raises(working.ChangedMeanwhile):
        working.acknowledge(alert=alert, by=rosa.user, now=NOW + HOUR, seen=alert.version)


# -- a further emergency at the end of the ladder ------------------------------------------------------------------------


@pytest.mark.usefixtures('content')
def test_a_further_emergency_is_told_by_its_own_promise_when_the_ladder_was_climbed(ana: Patient) -> None:
    alert = alert_of(told_us(ana, BREATHLESS), 'emergency')
    Alert.objects.filter(pk=alert.pk).update(step=0, round=3, due_at=NOW + 100 * MINUTE)
    told_us(ana, BREATHLESS, at=NOW + 50 * MINUTE)
    assert fresh(alert).due_at == NOW + 55 * MINUTE
    assert sweeping.sweep_due(now=NOW + 55 * MINUTE) == 1
    assert (last(alert).kind, told_on(last(alert)) != set()) == ('escalated', True)


def test_a_further_entry_brings_no_same_day_alert_to_the_review_list_sooner(ana: Patient) -> None:
    alert = open_alert(ana, tier='same_day', step=0, round=1, due_at=NOW + 7 * HOUR)
    escalating.hasten(alert=alert, deadline=NOW + HOUR, now=NOW)
    assert alert.due_at == NOW + 7 * HOUR


# -- what the auditor sees, and what fails -------------------------------------------------------------------------------


def test_who_was_told_before_it_came_back_does_not_count(ana: Patient, rosa: Membership) -> None:
    alert = armed(open_alert(ana), now=NOW)
    notifying.deliver_due(now=NOW)
    working.acknowledge(alert=alert, by=rosa.user, now=NOW + MINUTE)
    Membership.objects.update(active=False)
    assert sweeping.sweep_due(now=NOW + 61 * MINUTE) == 1
    assert last(alert).detail['reached'] == 0
    assert promises.reached(ana.clinic, now=NOW + 61 * MINUTE).detail == {'nobody': 1}


def test_a_database_that_is_away_puts_no_alert_aside(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    alert = open_alert(ana)

    def gone(*_: object, **__: object) -> None:
        raise OperationalError

    with monkeypatch.context() as away:
        away.setattr(sweeping, '_claimed', gone)
        away.setattr(connection, 'is_usable', lambda: False)
        with pytest.raises(OperationalError):
            sweeping.sweep_due(now=NOW + HOUR)
    assert sweeping.sweep_due(now=NOW + HOUR) == 1
    assert last(alert).kind == 'escalated'


def test_one_alert_whose_statement_fails_keeps_nobody_waiting(
    ana: Patient, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that never comes is an OperationalError, too, of a database that is there."""
    stuck, other = open_alert(ana), open_alert(ben)
    claimed = sweeping._claimed

    def locked(pk: int, *, now: datetime) -> Alert | None:
        if pk == stuck.pk:
            raise OperationalError
        return claimed(pk, now=now)

    monkeypatch.setattr(sweeping, '_claimed', locked)
    assert sweeping.sweep_due(now=NOW + HOUR) == 1
    assert last(other).kind == 'escalated'


def test_undoing_while_a_newer_alert_opens_is_too_late(
    ana: Patient, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = working.resolve(alert=open_alert(ana), by=rosa.user, now=NOW, outcome='no_action')
    open_alert(ana)
    monkeypatch.setattr(working, '_refuse_late', lambda *_, **__: None)  # it looked a moment before
    with pytest.raises(working.TooLate):
        working.undo(alert=alert, by=rosa.user, now=NOW + HOUR)
    monkeypatch.setattr(working, 'locked', lambda _: fail())
    with pytest.raises(IntegrityError):
        working.undo(alert=alert, by=rosa.user, now=NOW + HOUR)


def fail() -> None:
    raise IntegrityError('another constraint')


def test_a_clinic_whose_plan_cannot_be_read_keeps_no_other_from_hearing_of_its_gaps(
    riverside: Clinic, lakeside: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def tell(clinic: Clinic, **_: object) -> int:
        if not told:
            told.append(0)
            raise ValueError
        told.append(clinic.pk)
        return 1

    monkeypatch.setattr(rostering, '_tell_clinic', tell)
    with pytest.raises(rostering.GapsNotTold):
        rostering.tell_of_gaps(now=NOW)
    assert len(told) == Clinic.objects.count()


# -- a plan that cannot be read ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures('content')
def test_an_alert_opens_and_tells_every_nurse_where_the_plan_cannot_be_read(
    ana: Patient, rosa: Membership, tom: Membership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError('secret words')

    monkeypatch.setattr(staffing, 'on_call_now', broken)
    alert = alert_of(told_us(ana, BREATHLESS), 'emergency')
    assert (told_on(last(alert)), last(alert).detail['fallback']) == ({'Rosa Diaz', 'Tom Weber'}, True)
    assert alert.due_at == NOW + 5 * MINUTE + SECOND
    assert 'The ladder or the plan of the clinic could not be read' in called_words(last(alert))
    assert promises.reached(ana.clinic, now=NOW).detail == {'fallback': 1}
    assert 'ValueError' in caplog.text
    assert 'secret' not in caplog.text
    monkeypatch.undo()
    assert sweeping.sweep_due(now=NOW + 6 * MINUTE) == 1  # and once it can be read the ladder goes on
    assert last(alert).kind == 'escalated'


@pytest.mark.usefixtures('content')
def test_a_rung_that_cannot_be_read_keeps_no_alert_from_opening(ana: Patient, rosa: Membership) -> None:
    write_ladder(ana.clinic, 'urgent', (0, 'team', 'always'))
    EscalationStep.objects.update(who='robot')
    alert = alert_of(told_us(ana, FEVER))
    assert (told_on(last(alert)), alert.policy['tier']) == ({'Rosa Diaz'}, 'urgent')


@pytest.mark.usefixtures('content')
def test_a_wrong_time_zone_keeps_no_unread_entry_from_a_nurse(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER, check=False)
    Clinic.objects.filter(pk=ana.clinic_id).update(time_zone='Nowhere/Never')
    evaluation = entry.revisions.get().evaluations.get()
    assert tell_a_nurse(evaluation_id=evaluation.pk, now=NOW)
    alert = alert_of(entry)
    assert (alert.acknowledge_by, told_on(last(alert))) == (NOW + HOUR, {'Rosa Diaz'})
