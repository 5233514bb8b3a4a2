"""What must never happen: an alert that tells nobody and looks as if it had, one that is held back, one that climbs in circles."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.models import Alert, AlertEvent, EscalationPolicy, EscalationStep, Notification
from alerts.services import escalating, promises, sweeping
from alerts.words.climbing import happened_words, next_words
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import open_alert
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
