"""Nurses working an alert: each step on record, nobody overwrites another, nobody closes what she has not read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from alerts.engine.lifecycle import IllegalMove
from alerts.models import Alert, AlertState, Outcome
from alerts.services import working
from alerts.services.held import AlreadyDone, ChangedMeanwhile
from clinic.models import Membership, Patient, User
from tests.alerts.conftest import open_alert
from tests.cast import NOW

LATER = NOW + timedelta(minutes=5)
pytestmark = pytest.mark.django_db


def history(alert: Alert) -> list[tuple[str, str, str]]:
    return [(event.kind, event.state, str(event.actor or '')) for event in alert.events.select_related('actor')]


def test_acknowledging_makes_her_the_owner_and_is_on_record(anas_alert: Alert, rosa: Membership) -> None:
    alert = working.acknowledge(alert=anas_alert, by=rosa.user, now=LATER)
    assert (alert.state, alert.owner, alert.acknowledged_at, alert.version) == ('acknowledged', rosa.user, LATER, 2)
    assert history(alert)[-1] == ('acknowledged', 'acknowledged', 'Rosa Diaz')


def test_the_second_nurse_is_told_who_and_when(anas_alert: Alert, rosa: Membership, tom: Membership) -> None:
    working.acknowledge(alert=anas_alert, by=rosa.user, now=LATER)
    with pytest.raises(AlreadyDone) as told:
        working.acknowledge(alert=anas_alert, by=tom.user, now=LATER + timedelta(minutes=1))
    assert (told.value.who, told.value.when) == (rosa.user, LATER)


def test_her_own_second_click_changes_nothing(anas_alert: Alert, rosa: Membership) -> None:
    for minute in (0, 1):
        alert = working.acknowledge(alert=anas_alert, by=rosa.user, now=LATER + timedelta(minutes=minute), seen=1)
    assert (alert.acknowledged_at, alert.version, len(history(alert))) == (LATER, 2, 2)


def test_a_colleague_takes_over_and_the_history_says_from_whom(
    anas_alert: Alert, rosa: Membership, tom: Membership
) -> None:
    working.acknowledge(alert=anas_alert, by=rosa.user, now=NOW)
    alert = working.take_over(alert=anas_alert, by=tom.user, now=LATER)
    assert (alert.owner, alert.state, alert.acknowledged_at) == (tom.user, 'acknowledged', NOW)
    assert alert.events.latest('pk').detail == {'taken_over_from': 'Rosa Diaz'}


def test_after_a_take_over_the_third_nurse_is_told_of_the_second(
    anas_alert: Alert, rosa: Membership, tom: Membership, grace: Membership
) -> None:
    working.acknowledge(alert=anas_alert, by=rosa.user, now=NOW)
    working.take_over(alert=anas_alert, by=tom.user, now=LATER)
    with pytest.raises(AlreadyDone) as told:
        working.acknowledge(alert=anas_alert, by=grace.user, now=LATER)
    assert (told.value.who, told.value.when) == (tom.user, LATER)


def test_nobody_takes_over_what_nobody_has(anas_alert: Alert, tom: Membership) -> None:
    with pytest.raises(IllegalMove):
        working.take_over(alert=anas_alert, by=tom.user, now=LATER)


def test_a_contact_on_an_open_alert_acknowledges_it_first(anas_alert: Alert, rosa: Membership) -> None:
    alert = working.note_contact(alert=anas_alert, by=rosa.user, now=LATER, reached=True, note='38.4 now')
    assert (alert.state, alert.owner, alert.contacted_at) == ('contacted', rosa.user, LATER)
    assert [kind for kind, *_ in history(alert)] == ['opened', 'acknowledged', 'contacted']
    assert alert.events.latest('pk').note == '38.4 now'


def test_ringing_in_vain_is_on_record_but_is_no_contact(anas_alert: Alert, rosa: Membership) -> None:
    alert = working.note_contact(alert=anas_alert, by=rosa.user, now=LATER, reached=False)
    assert (alert.state, alert.contacted_at) == ('acknowledged', None)
    assert alert.events.latest('pk').detail == {'reached': False}


def test_resolving_an_open_alert_acknowledges_it_first(anas_alert: Alert, rosa: Membership) -> None:
    alert = working.resolve(alert=anas_alert, by=rosa.user, now=LATER, outcome='appointment', note='today 15:00')
    assert (alert.state, alert.outcome, alert.resolved_at, alert.acknowledged_at) == (
        'resolved',
        'appointment',
        LATER,
        LATER,
    )
    assert [kind for kind, *_ in history(alert)] == ['opened', 'acknowledged', 'resolved']


@pytest.mark.parametrize('outcome', ['', 'cured'])
def test_an_outcome_is_needed(anas_alert: Alert, rosa: Membership, outcome: str) -> None:
    with pytest.raises(ValueError, match='Outcome'):
        working.resolve(alert=anas_alert, by=rosa.user, now=LATER, outcome=outcome)
    anas_alert.refresh_from_db()
    assert anas_alert.state == AlertState.OPEN


def test_what_is_resolved_tells_the_next_one_who_did_it(anas_alert: Alert, rosa: Membership, tom: Membership) -> None:
    working.resolve(alert=anas_alert, by=rosa.user, now=LATER, outcome=Outcome.SELF_CARE)
    for act in (working.acknowledge, working.resolve, working.note_contact):
        extra = {working.resolve: {'outcome': 'no_action'}, working.note_contact: {'reached': True}}.get(act, {})
        with pytest.raises(AlreadyDone) as told:
            act(alert=anas_alert, by=tom.user, now=LATER, **extra)  # type: ignore[operator]
        assert told.value.who == rosa.user


def test_nobody_resolves_what_changed_while_she_looked(anas_alert: Alert, rosa: Membership, tom: Membership) -> None:
    working.acknowledge(alert=anas_alert, by=rosa.user, now=NOW)
    working.add_note(alert=anas_alert, by=tom.user, now=NOW, note='She rang the desk.')
    with pytest.raises(ChangedMeanwhile):
        working.resolve(alert=anas_alert, by=rosa.user, now=LATER, outcome='no_action', seen=2)
    assert working.resolve(alert=anas_alert, by=rosa.user, now=LATER, outcome='no_action', seen=3).state == 'resolved'


def test_nobody_acknowledges_unseen_news(anas_alert: Alert, rosa: Membership) -> None:
    Alert.objects.filter(pk=anas_alert.pk).update(version=2, tier='emergency', tier_rank=0)
    with pytest.raises(ChangedMeanwhile):
        working.acknowledge(alert=anas_alert, by=rosa.user, now=LATER, seen=1)


def test_what_is_learnt_later_is_noted_on_a_resolved_alert(anas_alert: Alert, rosa: Membership) -> None:
    working.resolve(alert=anas_alert, by=rosa.user, now=NOW, outcome='admitted')
    alert = working.add_note(alert=anas_alert, by=rosa.user, now=LATER, note='Home again.')
    assert (alert.state, alert.events.latest('pk').note) == ('resolved', 'Home again.')


def test_a_note_needs_words(anas_alert: Alert, rosa: Membership) -> None:
    with pytest.raises(ValueError, match='words'):
        working.add_note(alert=anas_alert, by=rosa.user, now=NOW, note='  ')


def test_a_step_that_fails_leaves_no_half_of_itself(
    anas_alert: Alert, rosa: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(alert: Alert, **_: object) -> Alert:
        raise RuntimeError

    monkeypatch.setattr(working, '_save', broken)
    with pytest.raises(RuntimeError):
        working.acknowledge(alert=anas_alert, by=rosa.user, now=NOW)
    assert history(anas_alert) == [('opened', 'open', '')]


def in_two_threads(act: Callable[[User], object], one: User, other: User) -> list[object]:
    """What each of two people, at the same instant, gets: the result or the error."""
    barrier = Barrier(2)

    def run(user: User) -> object:
        try:
            barrier.wait(timeout=30)
            return act(user)
        except AlreadyDone as told:
            return told
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, (one, other)))


@pytest.mark.django_db(transaction=True)
def test_two_nurses_at_once_one_wins_and_the_other_is_told(ana: Patient, rosa: Membership, tom: Membership) -> None:
    alert = open_alert(ana)
    results = in_two_threads(
        lambda user: working.acknowledge(alert=alert, by=user, now=LATER, seen=1), rosa.user, tom.user
    )
    alert.refresh_from_db()
    (told,) = [result for result in results if isinstance(result, AlreadyDone)]
    assert told.who == alert.owner
    assert [kind for kind, *_ in history(alert)] == ['opened', 'acknowledged']


@pytest.mark.django_db(transaction=True)
def test_two_outcomes_at_once_only_one_counts(ana: Patient, rosa: Membership, tom: Membership) -> None:
    alert = open_alert(ana)
    outcomes = {rosa.user: 'self_care', tom.user: 'admitted'}
    in_two_threads(
        lambda user: working.resolve(alert=alert, by=user, now=LATER, outcome=outcomes[user]), rosa.user, tom.user
    )
    alert.refresh_from_db()
    resolved = alert.events.filter(kind='resolved')
    assert [event.detail for event in resolved] == [{'outcome': alert.outcome}]


def test_times_are_those_that_were_given(anas_alert: Alert, rosa: Membership, now: datetime) -> None:
    working.resolve(alert=anas_alert, by=rosa.user, now=LATER, outcome='no_action')
    assert {event.at for event in anas_alert.events.all()} == {NOW, LATER}
