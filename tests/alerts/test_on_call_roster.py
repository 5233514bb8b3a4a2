"""Who is on call at a clinic, as the rest of Vigil asks; and that a gap reaches the lead, once."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Notification
from alerts.people.roster import on_call_now, plan_of
from alerts.services.rostering import leads_of, tell_of_gaps
from clinic.models import Clinic, Membership, User
from tests import cast
from tests.alerts.on_call_stage import FRI, MON, SAT, TUE, at, change, leave, share_the_week, shift
from tests.cast import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def on_call(clinic: Clinic, now: datetime) -> list[str]:
    return [member.user.name for member in on_call_now(clinic, now=now)]


def gaps(clinic: Clinic, now: datetime = NOW) -> list[tuple[datetime, datetime]]:
    return [(gap.starts_at, gap.ends_at) for gap in plan_of(clinic, now=now).gaps]


# -- who ---------------------------------------------------------------------------------------------------------------
def test_the_plan_names_who_is_on_call_until_when_and_who_is_next(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    share_the_week(rosa, tom)
    plan = plan_of(riverside, now=NOW)
    assert (plan.now, plan.until, plan.next, plan.next_from) == (
        (rosa,),
        at('2026-11-20 18:00'),
        (tom,),
        at('2026-11-20 18:00'),
    )
    assert on_call(riverside, NOW) == ['Rosa Diaz']
    assert on_call(riverside, at('2026-11-20 18:00')) == ['Tom Weber']
    assert plan.gaps == ()


def test_a_clinic_without_shifts_has_its_marked_members_on_call_day_and_night(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    for moment in ('2026-11-16 09:00', '2026-11-22 03:00'):
        assert on_call(riverside, at(moment)) == ['Rosa Diaz']
    plan = plan_of(riverside, now=NOW)
    assert (plan.until, plan.next, plan.gaps) == (None, (), ())


def test_without_shifts_a_change_counts_for_its_time_and_the_marked_members_for_the_rest(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    change(tom, '2026-11-17 12:00', '2026-11-17 14:00')
    assert on_call(riverside, at('2026-11-17 13:00')) == ['Tom Weber']
    assert on_call(riverside, at('2026-11-17 14:00')) == ['Rosa Diaz']
    assert gaps(riverside) == []


def test_with_a_shift_the_mark_says_nothing(riverside: Clinic, rosa: Membership, tom: Membership) -> None:
    shift(tom, MON, 8, MON, 18)
    assert on_call(riverside, NOW) == ['Tom Weber']
    assert on_call(riverside, at('2026-11-17 09:00')) == []


def test_where_nobody_is_marked_and_nothing_planned_it_is_a_gap(riverside: Clinic, tom: Membership) -> None:
    plan = plan_of(riverside, now=NOW)
    assert (plan.now, len(plan.gaps), on_call(riverside, NOW)) == ((), 1, [])


def test_the_shift_of_somebody_who_left_is_a_gap(riverside: Clinic, rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    leave(tom)
    plan = plan_of(riverside, now=NOW)
    weekends = [('2026-11-20 18:00', '2026-11-23 08:00'), ('2026-11-27 18:00', '2026-11-30 08:00')]
    assert gaps(riverside) == [(at(starts), at(ends)) for starts, ends in weekends]
    assert [member.user.name for member in plan.left] == ['Tom Weber']


def test_somebody_who_may_not_sign_in_any_more_is_on_no_plan(riverside: Clinic, rosa: Membership) -> None:
    shift(rosa, MON, 8, MON, 8)
    User.objects.filter(pk=rosa.user_id).update(is_active=False)
    assert on_call(riverside, NOW) == []
    assert [member.user.name for member in plan_of(riverside, now=NOW).left] == ['Rosa Diaz']


def test_the_change_of_somebody_who_left_does_not_count_and_the_week_does(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    shift(rosa, MON, 8, MON, 8)
    change(tom, '2026-11-16 08:00', '2026-11-16 18:00')
    assert on_call(riverside, NOW) == ['Tom Weber']
    leave(tom)
    assert on_call(riverside, NOW) == ['Rosa Diaz']
    assert [member.user.name for member in plan_of(riverside, now=NOW).left] == ['Tom Weber']


def test_a_change_that_was_withdrawn_counts_no_more(riverside: Clinic, rosa: Membership, tom: Membership) -> None:
    shift(rosa, MON, 8, MON, 8)
    change(tom, '2026-11-16 08:00', '2026-11-16 18:00', withdrawn_at=NOW, withdrawn_by=tom.user)
    assert on_call(riverside, NOW) == ['Rosa Diaz']


def test_who_is_planned_but_no_nurse_any_more_is_told_and_named(riverside: Clinic, rosa: Membership) -> None:
    shift(rosa, MON, 8, MON, 8)
    Membership.objects.filter(pk=rosa.pk).update(is_nurse=False, is_admin=True)
    assert on_call(riverside, NOW) == ['Rosa Diaz']
    assert [member.user.name for member in plan_of(riverside, now=NOW).blind] == ['Rosa Diaz']


def test_clinics_have_plans_of_their_own(
    riverside: Clinic, lakeside: Clinic, rosa: Membership, sam: Membership
) -> None:
    shift(rosa, MON, 8, MON, 8)
    assert (on_call(riverside, NOW), on_call(lakeside, NOW)) == (['Rosa Diaz'], [])


def test_asking_costs_the_same_with_one_shift_and_with_many(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    share_the_week(rosa, tom)
    with CaptureQueriesContext(
        connection,
    ) as few:
        plan_of(riverside, now=NOW)
    for hour in range(9, 17):
        shift(tom, TUE, hour, TUE, hour + 1)
    with CaptureQueriesContext(connection) as many:
        plan_of(riverside, now=NOW)
    assert len(few) == len(many) == 2


# -- gaps --------------------------------------------------------------------------------------------------------------
def told() -> list[tuple[str, str]]:
    return [(row.recipient.name, row.key) for row in Notification.objects.order_by('pk') if row.recipient]


def sweep(now: datetime) -> None:
    tell_of_gaps(now=now)


def key(clinic: Clinic, starts: str) -> str:
    return f'gap:{clinic.pk}:{at(starts).astimezone(NOW.tzinfo).isoformat()}'


@pytest.fixture
def lead(grace: Membership) -> Membership:
    return make_lead(grace)


def make_lead(member: Membership) -> Membership:
    Membership.objects.filter(pk=member.pk).update(is_lead=True)
    return member


def test_the_lead_is_told_once_of_a_gap_that_begins_within_a_day(
    riverside: Clinic, rosa: Membership, lead: Membership
) -> None:
    shift(rosa, MON, 8, SAT, 8)  # nobody from Saturday to Monday
    sweep(at('2026-11-20 07:59'))
    assert told() == []
    for minute in range(3):
        sweep(at('2026-11-20 08:00') + minute * MINUTE)
    sweep(at('2026-11-21 12:00'))  # while it runs
    assert told() == [('Grace Kim', key(riverside, '2026-11-21 08:00'))]


def test_the_next_gap_is_told_again(riverside: Clinic, rosa: Membership, lead: Membership) -> None:
    shift(rosa, MON, 8, SAT, 8)
    for now in ('2026-11-21 07:00', '2026-11-28 07:00'):
        sweep(at(now))
    assert told() == [('Grace Kim', key(riverside, f'2026-11-{day} 08:00')) for day in (21, 28)]


def test_a_gap_without_end_is_told_once_a_week(riverside: Clinic, tom: Membership, lead: Membership) -> None:
    for hour in range(0, 15 * 24, 6):
        sweep(at('2026-11-16 09:00') + timedelta(hours=hour))
    mondays = ['2026-11-09', '2026-11-16', '2026-11-23']
    assert told() == [('Grace Kim', key(riverside, f'{monday} 00:00')) for monday in mondays]


def test_without_a_lead_the_admins_are_told(
    riverside: Clinic, rosa: Membership, tom: Membership, grace: Membership
) -> None:
    cast.make_member(riverside, 'Hugo Lang', is_admin=True)
    cast.make_member(riverside, 'Nina Ray', is_admin=True, active=False)
    assert [member.user.name for member in leads_of(riverside)] == ['Grace Kim', 'Hugo Lang']
    make_lead(tom)
    assert [member.user.name for member in leads_of(riverside)] == ['Tom Weber']


def test_a_gap_of_one_clinic_is_told_to_its_own_lead_alone(
    riverside: Clinic, lakeside: Clinic, rosa: Membership, lead: Membership, sam: Membership
) -> None:
    hana = make_lead(cast.make_member(lakeside, 'Hana Cole', is_admin=True))
    shift(rosa, MON, 8, MON, 8)
    sweep(NOW)
    assert {name for name, _key in told()} == {hana.user.name}


def test_a_plan_without_gaps_tells_nobody(
    riverside: Clinic, rosa: Membership, tom: Membership, lead: Membership
) -> None:
    share_the_week(rosa, tom)
    assert tell_of_gaps(now=at('2026-11-20 17:00')) == 0
    assert told() == []
    change(tom, '2026-11-21 08:00', '2026-11-21 10:00')
    assert shift(rosa, FRI, 18, SAT, 8).pk
    sweep(at('2026-11-20 17:00'))
    assert told() == []
