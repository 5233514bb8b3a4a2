"""An alert that waits climbs its ladder on time; one that was forgotten comes back; the database refuses anything else."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from alerts.engine.escalation import Ladder, default_ladder
from alerts.engine.lifecycle import MOVES, IllegalMove, Move, State, move, steps
from alerts.engine.tiers import Tier
from alerts.models import Alert, AlertEvent, EscalationPolicy, EscalationStep, Notification
from alerts.services import escalating, sweeping, working
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import BREATHLESS, FEVER, TIRED, alert_of, open_alert, told_us
from tests.cast import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_failures_of_before() -> None:
    sweeping._failed.clear()


def write_ladder(
    clinic: Clinic, tier: str, *rungs: tuple[int, str], rounds: int = 1, **limits: int
) -> EscalationPolicy:
    usual = {'forgotten_after': 60, 'unfinished_after': 480} | limits
    policy = EscalationPolicy.objects.create(clinic=clinic, tier=tier, rounds=rounds, changed_at=NOW, **usual)
    EscalationStep.objects.bulk_create(
        EscalationStep(policy=policy, position=n, wait=wait, who=who) for n, (wait, who) in enumerate(rungs)
    )
    return policy


def sweep(at: datetime) -> int:
    return sweeping.sweep_due(now=at)


def fresh(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def last(alert: Alert) -> AlertEvent:
    return AlertEvent.objects.filter(alert=alert).latest('pk')


def told_on(event: AlertEvent) -> set[str]:
    return {row.recipient.name for row in Notification.objects.filter(event=event) if row.recipient}


# -- an alert opens ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures('content')
def test_an_emergency_tells_the_primary_nurse_and_who_is_on_call_as_it_opens(
    ana: Patient, rosa: Membership, tom: Membership, grace: Membership
) -> None:
    Membership.objects.filter(pk=tom.pk).update(on_call=True)
    Membership.objects.filter(pk=rosa.pk).update(on_call=False)
    alert = alert_of(told_us(ana, BREATHLESS), 'emergency')
    (event,) = alert.events.all()
    assert told_on(event) == {'Rosa Diaz', 'Tom Weber'}
    assert {name: event.detail[name] for name in ('step', 'round', 'reached', 'nobody')} == {
        'step': 0,
        'round': 0,
        'reached': 2,
        'nobody': [],
    }
    assert (alert.step, alert.round, alert.due_at) == (2, 0, alert.acknowledge_by)
    assert Ladder.from_json(alert.policy) == default_ladder(Tier.EMERGENCY)


@pytest.mark.usefixtures('content')
def test_a_same_day_alert_disturbs_nobody_as_it_opens(ana: Patient) -> None:
    alert = alert_of(told_us(ana, TIRED), 'same_day')
    assert not Notification.objects.exists()
    assert alert.due_at == NOW + 2 * HOUR + SECOND


def test_opening_an_alert_asks_little_more_of_the_database(ana: Patient, rosa: Membership) -> None:
    """The ladder, the hours, the people, who is on call (3), their ways, who was told, the rows: nothing grows with the clinic."""
    alert = Alert.objects.select_related('patient__clinic', 'clinic').get(pk=open_alert(ana).pk)
    event = last(alert)
    with CaptureQueriesContext(connection) as few:
        escalating.arm(alert=alert, event=event, now=NOW)
    for number in range(20):
        cast.make_member(ana.clinic, f'Nurse{number} Lind', on_call=True)
    with CaptureQueriesContext(connection) as many:
        escalating.arm(alert=alert, event=event, now=NOW)
    assert len(many) <= len(few) <= 9


@pytest.mark.usefixtures('content')
def test_a_worse_flag_starts_the_ladder_of_the_worse_tier(ana: Patient) -> None:
    told_us(ana, FEVER)
    told_us(ana, BREATHLESS, at=NOW + 10 * MINUTE)
    alert = Alert.objects.get(line='red')
    assert (alert.tier, alert.policy['tier'], alert.step) == ('emergency', 'emergency', 2)
    assert told_on(last(alert)) == {'Rosa Diaz'}


@pytest.mark.usefixtures('content')
def test_news_to_an_alert_in_hand_start_its_ladder_again(ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, FEVER))
    working.acknowledge(alert=alert, by=rosa.user, now=NOW + MINUTE)
    told_us(ana, FEVER, at=NOW + HOUR)
    back = fresh(alert)
    assert (back.state, back.round, last(back).kind) == ('reopened', 0, 'reopened')
    assert back.due_at == NOW + HOUR + SECOND + 30 * MINUTE
    assert told_on(last(back)) == {'Rosa Diaz'}


@pytest.mark.usefixtures('content')
def test_news_bring_an_alert_back_from_the_review_list(ana: Patient) -> None:
    alert = alert_of(told_us(ana, TIRED), 'same_day')
    Alert.objects.filter(pk=alert.pk).update(due_at=None, review_since=NOW + HOUR, step=0, round=1)
    told_us(ana, {'RASH': {'severity': 2}}, at=NOW + 2 * HOUR)
    again = Alert.objects.get(pk=alert.pk)
    assert (again.review_since, again.round) == (None, 0)
    assert again.due_at == NOW + 4 * HOUR + SECOND


def test_an_earlier_promise_moves_the_clock_forward_and_a_later_one_does_not(ana: Patient) -> None:
    alert = open_alert(ana, due_at=NOW + 50 * MINUTE, minutes=30)
    escalating.hasten(alert=alert, deadline=alert.acknowledge_by, now=NOW)
    assert alert.due_at == NOW + 30 * MINUTE
    escalating.hasten(alert=alert, deadline=NOW + 45 * MINUTE, now=NOW)
    assert alert.due_at == NOW + 30 * MINUTE


# -- the sweep -----------------------------------------------------------------------------------------------------------


def test_before_its_time_nothing_happens(anas_alert: Alert) -> None:
    assert sweep(NOW + 59 * MINUTE) == 0
    assert (fresh(anas_alert).due_at, fresh(anas_alert).version) == (NOW + HOUR, 1)
    assert last(anas_alert).kind == 'opened'


def test_who_waits_climbs_step_by_step_and_each_step_is_on_record(
    ana: Patient, tom: Membership, grace: Membership
) -> None:
    write_ladder(ana.clinic, 'urgent', (0, 'primary_nurse'), (10, 'team'), (20, 'lead'), rounds=2)
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    alert.save()
    seen = []
    for minute in range(200):
        if sweep(NOW + minute * MINUTE):
            event = last(alert)
            seen.append((minute, event.kind, event.detail['who'], event.detail['round'], told_on(event)))
    assert seen == [
        (10, 'escalated', ['team'], 0, {'Rosa Diaz', 'Tom Weber'}),
        (30, 'escalated', ['lead'], 0, {'Grace Kim'}),
        (50, 'escalated', ['primary_nurse'], 1, {'Rosa Diaz'}),
        (60, 'escalated', ['team'], 1, {'Rosa Diaz', 'Tom Weber'}),  # at the promised instant, as it happens
        (80, 'escalated', ['lead'], 1, {'Grace Kim'}),
        (140, 'escalated', ['lead'], 2, {'Grace Kim'}),
    ]
    assert fresh(alert).state == 'open'


def test_after_a_long_pause_there_is_one_step_and_then_the_schedule_goes_on(ana: Patient) -> None:
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    alert.save()
    late = NOW + 40 * HOUR
    assert [sweep(late), sweep(late), sweep(late + 29 * MINUTE), sweep(late + 30 * MINUTE)] == [1, 0, 0, 1]


@pytest.mark.parametrize('jump', [-1, 1])
def test_a_clock_that_jumps_an_hour_doubles_nothing_and_forgets_nothing(ana: Patient, jump: int) -> None:
    alert = open_alert(ana)
    assert sweep(NOW + HOUR) == 1
    due = fresh(alert).due_at
    assert due is not None
    assert sweep(NOW + HOUR + jump * HOUR) == int(jump > 0)
    assert sweep(due + 2 * HOUR) == 1
    assert alert.events.filter(kind='escalated').count() == 2 + int(jump > 0)


def test_an_acknowledged_alert_calls_nobody_out(anas_alert: Alert, tom: Membership) -> None:
    working.acknowledge(alert=anas_alert, by=tom.user, now=NOW + 59 * MINUTE)
    assert sweep(NOW + 61 * MINUTE) == 0
    assert not Notification.objects.exists()


def test_state_and_clock_are_read_when_the_row_is_claimed_not_when_it_was_listed(
    anas_alert: Alert, tom: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes it between the list of what is due and the claim."""
    listed = sweeping._due(now=NOW + HOUR, limit=10)
    assert listed == [anas_alert.pk]
    working.acknowledge(alert=anas_alert, by=tom.user, now=NOW + HOUR)
    monkeypatch.setattr(sweeping, '_due', lambda **_: listed)
    assert sweep(NOW + HOUR) == 0
    assert fresh(anas_alert).state == 'acknowledged'


def test_a_ladder_on_which_nobody_stands_says_so(ben: Patient) -> None:
    alert = open_alert(ben, tier='emergency', minutes=5)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    alert.save()
    event = last(alert)
    assert (event.kind, event.detail['reached'], len(event.detail['nobody'])) == ('escalated', 0, 4)
    sweep(NOW + 5 * MINUTE)
    assert AlertEvent.objects.filter(detail__reached=0).count() == 2
    assert not Notification.objects.exists()


@pytest.mark.usefixtures('content')
def test_an_alert_that_opens_with_nobody_there_says_so_in_its_first_event(ben: Patient) -> None:
    alert = alert_of(told_us(ben, FEVER))
    assert [event.detail['reached'] for event in alert.events.all()] == [0]


def test_a_number_without_a_service_for_text_messages_reaches_nobody(ana: Patient, tom: Membership) -> None:
    policy = write_ladder(ana.clinic, 'urgent', (0, 'primary_nurse'), (10, 'phone_later'), (10, 'team'))
    policy.steps.filter(who='phone_later').update(who='phone', phone='+12125550177')
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    alert.save()
    sweep(NOW + 10 * MINUTE)
    assert (last(alert).detail['nobody'], last(alert).detail['who']) == (['phone'], ['team'])


def test_the_team_is_the_patients_own_where_she_has_one(ana: Patient, tom: Membership, riverside: Clinic) -> None:
    write_ladder(riverside, 'urgent', (0, 'team'))
    ana.care_team = cast.make_team(riverside, 'Lung', tom)
    ana.save()
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    assert told_on(last(alert)) == {'Tom Weber'}


def test_the_lead_is_whoever_is_marked_so_before_the_admins(ana: Patient, tom: Membership, grace: Membership) -> None:
    write_ladder(ana.clinic, 'urgent', (0, 'lead'))
    Membership.objects.filter(pk=tom.pk).update(is_lead=True)
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    assert told_on(last(alert)) == {'Tom Weber'}


def test_who_left_the_clinic_stands_on_no_rung(ana: Patient, rosa: Membership, tom: Membership) -> None:
    Membership.objects.filter(pk=rosa.pk).update(active=False)
    alert = open_alert(ana, tier='emergency')
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    assert told_on(last(alert)) == {'Tom Weber'}  # nobody is on call either, so the team at once


def test_a_changed_ladder_leaves_running_alerts_alone(
    ana: Patient, ben: Patient, tom: Membership, grace: Membership
) -> None:
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    alert.save()
    write_ladder(ana.clinic, 'urgent', (0, 'lead'), (1, 'lead'))
    sweep(NOW + 30 * MINUTE)
    assert last(alert).detail['who'] == ['on_call']
    other = open_alert(ben)
    escalating.arm(alert=other, event=last(other), now=NOW)
    assert told_on(last(other)) == {'Grace Kim'}


def test_one_alert_that_fails_stops_no_other_and_stays_due(
    ana: Patient, ben: Patient, rosa: Membership, caplog: pytest.LogCaptureFixture
) -> None:
    broken = open_alert(ana, tier='emergency', policy={'rungs': 'secret words'})
    sound = open_alert(ben)
    assert sweep(NOW + HOUR) == 1
    assert (fresh(broken).due_at, last(sound).kind) == (NOW + HOUR, 'escalated')
    assert 'LadderError' in caplog.text
    assert 'secret' not in caplog.text
    caplog.clear()
    assert sweep(NOW + HOUR + 5 * SECOND) == 0
    assert caplog.text == ''  # not at every sweep …
    sweep(NOW + HOUR + 61 * SECOND)
    assert 'LadderError' in caplog.text  # … but again and again
    Alert.objects.filter(pk=broken.pk).update(policy=default_ladder(Tier.EMERGENCY).to_json())
    assert sweep(NOW + HOUR + 122 * SECOND) == 1


def test_the_most_pressing_go_first_and_a_sweep_has_an_end(ana: Patient, ben: Patient, rosa: Membership) -> None:
    same_day = open_alert(ana, tier='same_day', at=NOW - 5 * HOUR)
    emergency = open_alert(ben, tier='emergency', minutes=5)
    assert sweeping._due(now=NOW + HOUR, limit=10) == [emergency.pk, same_day.pk]
    assert sweeping.sweep_due(now=NOW + HOUR, for_seconds=-1) == 0
    assert sweeping.sweep_due(now=NOW + HOUR, limit=1) == 1
    assert last(emergency).kind == 'escalated'


# -- same day ------------------------------------------------------------------------------------------------------------


def test_a_same_day_alert_that_nobody_takes_ends_in_the_review_list_in_silence(ana: Patient, grace: Membership) -> None:
    alert = open_alert(ana, tier='same_day', minutes=240)
    escalating.arm(alert=alert, event=last(alert), now=NOW)
    alert.save()
    # A sweep every ten minutes for three days, nights too.
    for ten_minutes in range(3 * 24 * 6):
        sweep(NOW + 10 * ten_minutes * MINUTE)
    seen = [
        (event.kind, event.at.astimezone(ana.clinic.zone).strftime('%a %H:%M')) for event in alert.events.order_by('pk')
    ]
    assert seen == [
        ('opened', 'Mon 09:00'),
        ('escalated', 'Mon 11:00'),
        ('escalated', 'Mon 13:00'),
        ('escalated', 'Mon 14:00'),
        ('review', 'Mon 16:00'),
    ]
    done = fresh(alert)
    assert (done.state, done.due_at, done.review_since) == ('open', None, NOW + 7 * HOUR)
    assert not Notification.objects.filter(event=last(alert)).exists()


def test_a_same_day_alert_pages_nobody_at_half_past_five_in_the_morning(ana: Patient) -> None:
    """The workers were gone from before closing time until the night; the alert waits on for the clinic to open."""
    alert = open_alert(ana, tier='same_day', minutes=240)
    early = datetime(2026, 11, 17, 10, 30, tzinfo=UTC)  # 5:30
    assert sweep(early) == 0
    assert not Notification.objects.exists()
    opens = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)
    assert fresh(alert).due_at == opens
    assert sweep(opens) == 1


# -- forgotten -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('tier', 'minutes'), [('emergency', 30), ('urgent', 60), ('same_day', 240)])
def test_what_was_acknowledged_and_forgotten_comes_back_to_the_list(
    ana: Patient, rosa: Membership, tier: str, minutes: int
) -> None:
    alert = working.acknowledge(alert=open_alert(ana, tier=tier), by=rosa.user, now=NOW)
    back_at = NOW + minutes * MINUTE
    assert alert.due_at == back_at
    assert [sweep(back_at - SECOND), sweep(back_at)] == [0, 1]
    back, event = fresh(alert), last(alert)
    assert (back.state, back.waiting_since, back.owner, event.kind) == ('reopened', back_at, rosa.user, 'returned')
    assert (event.detail['after'], event.detail['from']) == (minutes, 'acknowledged')
    assert back.acknowledge_by > back_at
    assert back.due_at is not None
    assert back_at < back.due_at <= back.acknowledge_by
    assert told_on(event) == (set() if tier == 'same_day' else {'Rosa Diaz'})


def test_a_promise_of_half_an_hour_is_one_again_when_the_alert_comes_back(ana: Patient, rosa: Membership) -> None:
    alert = working.acknowledge(alert=open_alert(ana, minutes=30), by=rosa.user, now=NOW)
    sweep(NOW + HOUR)
    assert fresh(alert).acknowledge_by == NOW + HOUR + 30 * MINUTE


def test_a_contact_gives_time_to_finish_and_a_call_back_as_much_as_was_agreed(ana: Patient, rosa: Membership) -> None:
    alert = working.note_contact(alert=open_alert(ana), by=rosa.user, now=NOW, reached=True)
    assert alert.due_at == NOW + 8 * HOUR
    later = NOW + 20 * HOUR
    alert = working.note_contact(alert=alert, by=rosa.user, now=NOW, reached=True, call_back_at=later)
    assert (alert.due_at, alert.call_back_at) == (later + 10 * MINUTE, later)
    assert last(alert).detail == {'reached': True, 'call_back_at': later.isoformat()}
    with pytest.raises(ValueError, match='later'):
        working.note_contact(alert=alert, by=rosa.user, now=later, reached=True, call_back_at=later)


def test_a_note_or_a_mark_is_no_answer(ana: Patient, rosa: Membership) -> None:
    alert = working.acknowledge(alert=open_alert(ana), by=rosa.user, now=NOW)
    working.add_note(alert=alert, by=rosa.user, now=NOW + 30 * MINUTE, note='She sleeps.')
    working.mark(alert=alert, by=rosa.user, now=NOW + 31 * MINUTE, mark='useful')
    assert (fresh(alert).due_at, fresh(alert).mark) == (NOW + HOUR, 'useful')


def test_a_resolved_alert_has_no_clock_and_no_sweep_closes_anything(ana: Patient, rosa: Membership) -> None:
    alert = working.resolve(alert=open_alert(ana), by=rosa.user, now=NOW, outcome='no_action')
    assert alert.due_at is None
    assert sweep(NOW + 1000 * HOUR) == 0


def test_a_year_of_sweeps_closes_no_red_alert(ana: Patient, rosa: Membership) -> None:
    alert = open_alert(ana, tier='emergency')
    for day in range(365):
        sweep(NOW + day * 24 * HOUR)
    assert fresh(alert).state == 'open'
    assert fresh(alert).due_at is not None


# -- taking it back, and taking many ---------------------------------------------------------------------------------------


def test_a_person_opens_a_resolved_alert_again(ana: Patient, rosa: Membership, tom: Membership) -> None:
    alert = working.resolve(alert=open_alert(ana), by=rosa.user, now=NOW, outcome='no_action')
    back = working.undo(alert=alert, by=tom.user, now=NOW + HOUR)
    assert (back.state, back.outcome, back.resolved_at, back.waiting_since) == ('reopened', '', None, NOW + HOUR)
    assert (last(back).kind, last(back).actor, told_on(last(back))) == ('undone', tom.user, {'Rosa Diaz'})
    assert back.due_at == NOW + HOUR + 30 * MINUTE


def test_after_a_day_or_beside_a_newer_alert_it_stays_closed(ana: Patient, rosa: Membership) -> None:
    alert = working.resolve(alert=open_alert(ana), by=rosa.user, now=NOW, outcome='no_action')
    with pytest.raises(working.TooLate):
        working.undo(alert=alert, by=rosa.user, now=NOW + 25 * HOUR)
    open_alert(ana)
    with pytest.raises(working.TooLate):
        working.undo(alert=alert, by=rosa.user, now=NOW + HOUR)
    assert fresh(alert).state == 'resolved'


def test_what_is_not_resolved_cannot_be_taken_back(anas_alert: Alert, rosa: Membership) -> None:
    with pytest.raises(IllegalMove):
        working.undo(alert=anas_alert, by=rosa.user, now=NOW)


def test_the_same_mark_twice_is_one_event(anas_alert: Alert, rosa: Membership) -> None:
    for _ in range(2):
        working.mark(alert=anas_alert, by=rosa.user, now=NOW, mark='noise')
    assert [event.kind for event in anas_alert.events.all()] == ['opened', 'marked']
    with pytest.raises(ValueError, match='Mark'):
        working.mark(alert=anas_alert, by=rosa.user, now=NOW, mark='dull')


def test_many_same_day_alerts_are_taken_at_once_except_those_that_changed(
    ana: Patient, ben: Patient, rosa: Membership, tom: Membership
) -> None:
    one, other = open_alert(ana, tier='same_day'), open_alert(ben, tier='same_day')
    working.acknowledge(alert=other, by=tom.user, now=NOW)
    left = working.bulk_acknowledge(alerts=[one, other], by=rosa.user, now=NOW + MINUTE)
    assert left == [other]
    assert (fresh(one).owner, fresh(other).owner) == (rosa.user, tom.user)


def test_red_is_never_taken_among_many(ana: Patient, ben: Patient, rosa: Membership) -> None:
    alerts = [open_alert(ana, tier='same_day'), open_alert(ben)]
    with pytest.raises(working.OneByOne):
        working.bulk_acknowledge(alerts=alerts, by=rosa.user, now=NOW)
    assert {fresh(alert).state for alert in alerts} == {'open'}


# -- the database says the same ----------------------------------------------------------------------------------------------


def reachable(before: State) -> set[State]:
    """Where one act of a person, of the engine or of the clock leads: a contact on an open alert is two moves on record."""
    found = set()
    for act in Move:
        if (before, steps(before, act)[0]) in MOVES:
            found.add(reduce(move, steps(before, act), before))
    return found


@pytest.mark.parametrize('after', State)
@pytest.mark.parametrize('before', State)
def test_the_database_knows_the_same_changes_of_state_as_the_table(
    ana: Patient, rosa: Membership, before: State, after: State
) -> None:
    legal = after is before or after in reachable(before)
    alert = open_alert(ana, tier='same_day', **row(before, rosa))
    if legal:
        Alert.objects.filter(pk=alert.pk).update(**row(after, rosa))
        return
    with pytest.raises(IntegrityError, match=f'{before.value} cannot become {after.value}'), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(**row(after, rosa))


def row(state: State, nurse: Membership) -> dict[str, Any]:
    """What a row needs to make sense in a state."""
    done, asleep = state is State.RESOLVED, state is State.SNOOZED
    return {
        'state': state.value,
        'owner': nurse.user,
        'acknowledged_at': NOW,
        'outcome': 'no_action' if done else '',
        'resolved_at': NOW if done else None,
        'due_at': None if done else NOW + HOUR,
        'snoozed_until': NOW + HOUR if asleep else None,
    }


@pytest.mark.parametrize(
    ('tier', 'fields'),
    [
        ('urgent', {'due_at': None}),
        ('urgent', {'due_at': None, 'review_since': NOW}),
        ('same_day', {'due_at': None}),
        ('same_day', {'review_since': NOW}),
    ],
)
def test_an_unresolved_alert_without_a_clock_is_refused(ana: Patient, tier: str, fields: dict[str, Any]) -> None:
    alert = open_alert(ana, tier=tier)
    with pytest.raises(IntegrityError, match='alert_unresolved_has_a_clock'), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(**fields)


def test_only_the_review_list_needs_no_clock(ana: Patient) -> None:
    alert = open_alert(ana, tier='same_day')
    Alert.objects.filter(pk=alert.pk).update(due_at=None, review_since=NOW)
    assert sweep(NOW + 100 * HOUR) == 0
