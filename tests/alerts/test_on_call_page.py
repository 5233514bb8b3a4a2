"""The on-call plan's page: who reads it, who changes it, and what is said where something cannot be."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from alerts.models import OnCallOverride, OnCallShift
from alerts.people.roster import on_call_now, plan_of
from clinic.models import Clinic, Membership
from tests import cast
from tests.alerts.on_call_stage import FRI, MON, SAT, SUN, TUE, at, change, leave, share_the_week, shift
from tests.cast import NOW, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('now')]
PAGE = '/on-call/'


def text(who: Membership, path: str = PAGE) -> str:
    response = client_of(who).get(path)
    assert response.status_code == 200
    return ' '.join(response.content.decode().split())


def send(actor: Membership, path: str, /, **given: Any) -> HttpResponse:
    return client_of(actor).post(f'{PAGE}{path}', given)


def said(actor: Membership, path: str, /, **given: Any) -> str:
    """What the page says after a step that went through."""
    response = client_of(actor).post(f'{PAGE}{path}', given, follow=True)
    assert response.redirect_chain == [(PAGE, 302)], response.content.decode()
    return ' '.join(response.content.decode().split())


def refused(actor: Membership, path: str, /, **given: Any) -> str:
    response = send(actor, path, **given)
    assert response.status_code == 422
    return ' '.join(response.content.decode().split())


def moments(starts: str, ends: str) -> dict[str, str]:
    (starts_on, starts), (ends_on, ends) = starts.split(), ends.split()
    return {'starts_on': starts_on, 'starts': starts, 'ends_on': ends_on, 'ends': ends}


def make_lead(member: Membership) -> Membership:
    Membership.objects.filter(pk=member.pk).update(is_lead=True)
    return member


def people(clinic: Clinic, moment: str) -> list[str]:
    return [member.user.get_short_name() for member in on_call_now(clinic, now=at(moment))]


# -- reading -----------------------------------------------------------------------------------------------------------
def test_the_page_says_who_is_on_call_until_when_and_who_then(rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    page = text(tom)
    assert '<p class="oncall-name">Rosa Diaz</p> <p class="muted">until Friday 18:00</p>' in page
    assert 'Tom Weber <span class="pill">you</span>' in page
    assert 'All times are those of New York (EST, UTC−5:00).' in page
    assert 'aria-label="0:00–18:00 Rosa Diaz; 18:00–24:00 Tom Weber"' in page
    assert 'gap' not in page.replace('oncall-gap', '')


def test_a_gap_stands_in_words_at_the_top(rosa: Membership, tom: Membership, grace: Membership) -> None:
    shift(rosa, MON, 8, SAT, 8)
    page = text(grace)
    assert (
        '<strong>Nobody is on call</strong> Sat 21 Nov 8:00 – Mon 23 Nov 8:00 <span class="muted">· 2 days</span>'
        in page
    )
    assert 'aria-label="0:00–8:00 Rosa Diaz; 8:00–24:00 nobody"' in page
    assert '?from=2026-11-21T13%3A00%3A00%2B00%3A00' in page
    assert 'I take it' in text(tom)
    assert 'I take it' not in page


def test_without_any_plan_the_page_says_who_is_told(rosa: Membership) -> None:
    page = text(rosa)
    assert 'without a change for two weeks' in page
    assert 'members who are marked as on call are on call day and night' in page


def test_an_endless_gap_is_told_as_one(tom: Membership) -> None:
    page = text(tom)
    assert '<strong>Nobody is on call</strong> now and for weeks' in page
    assert 'I take it' not in page


def test_somebody_on_the_plan_who_left_is_named(riverside: Clinic, rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    leave(tom)
    assert 'Tom Weber is on the plan but does not work here any more.' in text(rosa)


def test_a_day_that_is_longer_says_so(rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    with time_machine.travel(at('2026-10-27 09:00'), tick=False):
        assert 'The clocks change: this day has 25 hours.' in text(rosa)


def test_the_worklists_line_names_now_next_and_what_is_missing(riverside: Clinic, rosa: Membership) -> None:
    shift(rosa, MON, 8, TUE, 8)
    line = ' '.join(render_to_string('alerts/on_call_now.html', {'plan': plan_of(riverside, now=NOW)}).split())
    assert 'On call: <strong>Rosa Diaz</strong> until tomorrow 8:00 · then nobody' in line
    assert 'Nobody: Tue 17 Nov 8:00 – Mon 23 Nov 8:00' in line
    gap = render_to_string('alerts/on_call_now.html', {'plan': plan_of(riverside, now=at('2026-11-18 09:00'))})
    assert '<strong>Nobody is on call</strong> until Monday 8:00 · then Rosa Diaz' in gap


def test_the_overview_names_who_is_on_call_and_the_gaps(grace: Membership, rosa: Membership, content: Any) -> None:
    shift(rosa, MON, 8, SAT, 8)
    page = text(grace, '/clinic/')
    assert '<strong>Rosa Diaz</strong> until Saturday 8:00, then nobody' in page
    assert 'Nobody is on call Sat 21 Nov 8:00 – Mon 23 Nov 8:00.' in page
    assert 'There are 2 gaps in the next two weeks.' in page


# -- weekly shifts -----------------------------------------------------------------------------------------------------
WEEKDAYS = {'weekdays': [0, 1, 2, 3, 4]}


def test_an_admin_plans_a_week_in_one_step_and_takes_a_day_off(grace: Membership, rosa: Membership) -> None:
    told = said(grace, 'shifts/new/', who=rosa.pk, starts='18:00', ends='08:00', days=1, **WEEKDAYS)
    assert 'Rosa Diaz is on the plan every week.' in told
    assert [str(row) for row in OnCallShift.objects.all()][::4] == [
        'Monday 18:00–Tuesday 08:00',
        'Friday 18:00–Saturday 08:00',
    ]
    assert 'off the plan' in said(grace, f'shifts/{OnCallShift.objects.first().pk}/remove/')  # type: ignore[union-attr]
    assert OnCallShift.objects.count() == 4


def test_a_lead_who_is_no_admin_plans_too(tom: Membership, rosa: Membership) -> None:
    said(make_lead(tom), 'shifts/new/', who=rosa.pk, starts='08:00', ends='08:00', days=7, weekdays=[2])
    assert str(OnCallShift.objects.get()) == 'Wednesday 08:00–Wednesday 08:00'


def test_shifts_that_cannot_be_are_refused_in_words(grace: Membership, rosa: Membership) -> None:
    shift(rosa, FRI, 18, MON, 8)
    tries = [
        (
            {'weekdays': [SUN], 'starts': '07:00', 'ends': '12:00', 'days': 0},
            'has a shift then already: Friday 18:00–Monday 08:00',
        ),
        ({'weekdays': [TUE], 'starts': '08:00', 'ends': '08:00', 'days': 0}, 'This ends before it begins.'),
        ({'weekdays': [TUE], 'starts': '08:00', 'ends': '08:01', 'days': 7}, 'A shift is a week long at most.'),
        (
            {'weekdays': [MON, TUE], 'starts': '09:00', 'ends': '10:00', 'days': 1},
            'has a shift then already: Monday 09:00',
        ),
        ({'starts': '08:00', 'ends': '18:00', 'days': 0}, 'Choose at least one day.'),
    ]
    for given, words in tries:
        assert words in refused(grace, 'shifts/new/', who=rosa.pk, **given)
    assert OnCallShift.objects.count() == 1


def test_only_nurses_who_work_here_can_be_planned(
    grace: Membership, rosa: Membership, tom: Membership, sam: Membership
) -> None:
    leave(tom)
    for who in (sam, tom, grace):
        given = {'starts': '08:00', 'ends': '18:00', 'days': 0, 'weekdays': [0]}
        assert 'Choose a nurse of your clinic.' in refused(grace, 'shifts/new/', who=who.pk, **given)
        whole = moments('2026-11-17 08:00', '2026-11-17 18:00')
        assert 'Choose a nurse of your clinic.' in refused(grace, 'changes/new/', who=who.pk, **whole)
    assert not OnCallShift.objects.exists()
    assert not OnCallOverride.objects.exists()


# -- changes -----------------------------------------------------------------------------------------------------------
def test_an_admin_puts_somebody_else_on_call_and_withdraws_it(
    riverside: Clinic, grace: Membership, rosa: Membership, tom: Membership
) -> None:
    share_the_week(rosa, tom)
    night = moments('2026-11-20 12:00', '2026-11-21 08:00')
    told = said(grace, 'changes/new/', who=tom.pk, reason='Rosa at the congress', **night)
    assert 'Tom Weber is on call Fri 20 Nov 12:00 – Sat 21 Nov 8:00.' in told
    assert 'Rosa at the congress' in text(rosa)
    assert people(riverside, '2026-11-20 13:00') == ['Tom']
    row = OnCallOverride.objects.get()
    assert 'withdrawn' in said(grace, f'changes/{row.pk}/withdraw/')
    assert people(riverside, '2026-11-20 13:00') == ['Rosa']
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_at) == (grace.user, NOW)


@pytest.mark.parametrize(
    ('starts', 'ends', 'words'),
    [
        ('2026-11-20 18:00', '2026-11-20 18:00', 'This ends before it begins.'),
        ('2026-11-10 18:00', '2026-11-11 18:00', 'This is over already.'),
        ('2026-11-20 18:00', '2026-12-22 18:00', 'A change is for 31 days at most.'),
        ('2028-11-20 18:00', '2028-11-21 18:00', 'Look at the year again.'),
        ('0002-11-20 18:00', '2026-11-21 18:00', 'Look at the year again.'),
        ('2027-03-13 18:00', '2027-03-14 02:30', '02:30 does not exist on Sunday 14 March: the clocks jump over it.'),
        ('2026-11-21 18:00', '2026-11-22 18:00', 'Tom Weber is on call then anyway.'),
    ],
)
def test_changes_that_cannot_be_are_refused_in_words(
    grace: Membership, rosa: Membership, tom: Membership, starts: str, ends: str, words: str
) -> None:
    share_the_week(rosa, tom)
    assert words in refused(grace, 'changes/new/', who=tom.pk, **moments(starts, ends))
    assert not OnCallOverride.objects.exists()


def test_a_time_that_comes_twice_is_taken_the_first_time_and_said(
    grace: Membership, rosa: Membership, tom: Membership
) -> None:
    share_the_week(rosa, tom)
    told = said(grace, 'changes/new/', who=rosa.pk, **moments('2027-11-07 01:30', '2027-11-07 12:00'))
    assert 'The clock shows 01:30 twice that night. The first time is meant.' in told
    assert OnCallOverride.objects.get().starts_at.isoformat() == '2027-11-07T05:30:00+00:00'


def test_what_has_begun_counts_from_now(grace: Membership, rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    said(grace, 'changes/new/', who=tom.pk, **moments('2026-11-16 07:00', '2026-11-16 12:00'))
    assert OnCallOverride.objects.get().starts_at == NOW


def test_a_form_opens_with_the_turn_that_was_linked(rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    page = text(rosa, f'{PAGE}hand-over/?from=2026-11-23T13:00:00%2B00:00&until=2026-11-27T23:00:00%2B00:00')
    for value in ('2026-11-23', '08:00', '2026-11-27', '18:00'):
        assert f'value="{value}"' in page
    for nonsense in ('0001-01-01T00:00:00%2B00:00', 'x', '2026-11-23', ''):
        assert client_of(rosa).get(f'{PAGE}hand-over/?from={nonsense}').status_code == 200


# -- what a nurse does herself -----------------------------------------------------------------------------------------
def test_a_nurse_hands_over_a_part_of_her_own_turn_and_takes_it_back(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    share_the_week(rosa, tom)
    assert 'Tom Weber is on call' in said(
        rosa, 'hand-over/', who=tom.pk, **moments('2026-11-18 12:00', '2026-11-18 18:00')
    )
    assert people(riverside, '2026-11-18 13:00') == ['Tom']
    row = OnCallOverride.objects.get()
    assert send(tom, f'changes/{row.pk}/withdraw/').status_code == 404  # he did not make it
    said(rosa, f'changes/{row.pk}/withdraw/')
    assert people(riverside, '2026-11-18 13:00') == ['Rosa']


def test_a_nurse_hands_over_nothing_that_is_not_hers_alone(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    share_the_week(rosa, tom)
    shift(tom, TUE, 12, TUE, 14)
    tries = [
        (moments('2026-11-21 08:00', '2026-11-21 12:00'), 'You are not on call Sat 21 Nov 8:00 – 12:00'),
        (moments('2026-11-20 12:00', '2026-11-20 20:00'), 'You are not on call Fri 20 Nov 18:00 – 20:00'),
        (moments('2026-11-17 08:00', '2026-11-17 18:00'), 'Tom Weber is on call with you Tue 17 Nov 12:00 – 14:00'),
    ]
    eva = cast.make_member(riverside, 'Eva Lind')
    for given, words in tries:
        assert words in refused(rosa, 'hand-over/', who=eva.pk, **given)
    assert 'Choose a nurse of your clinic.' in refused(rosa, 'hand-over/', who=rosa.pk, **tries[0][0])
    assert not OnCallOverride.objects.exists()


def gap_of(clinic: Clinic) -> dict[str, str]:
    gap = plan_of(clinic, now=NOW).gaps[0]
    return {'starts_at': gap.starts_at.isoformat(), 'ends_at': gap.ends_at.isoformat()}


def test_a_nurse_takes_a_gap_and_whoever_comes_second_is_told(
    riverside: Clinic, rosa: Membership, tom: Membership
) -> None:
    shift(rosa, MON, 8, SAT, 8)
    gap = gap_of(riverside)
    assert 'Thank you. You are on call Sat 21 Nov 8:00 – Mon 23 Nov 8:00.' in said(tom, 'take/', **gap)
    assert 'This is no gap any more: Tom Weber, Sat 21 Nov 8:00 – Mon 23 Nov 8:00.' in said(rosa, 'take/', **gap)
    assert [row.membership for row in OnCallOverride.objects.all()] == [tom]


def test_a_gap_that_runs_is_taken_from_now(riverside: Clinic, rosa: Membership, tom: Membership) -> None:
    shift(rosa, TUE, 8, MON, 8)  # nobody on Monday since 8:00
    said(tom, 'take/', **gap_of(riverside))
    row = OnCallOverride.objects.get()
    assert (row.starts_at, row.ends_at) == (NOW, at('2026-11-17 08:00'))


# -- who may -----------------------------------------------------------------------------------------------------------
def test_a_nurse_changes_no_shift_and_no_colleagues_turn(rosa: Membership, tom: Membership, grace: Membership) -> None:
    share_the_week(rosa, tom)
    row, theirs = OnCallShift.objects.all()[0], change(tom, '2026-11-17 12:00', '2026-11-17 14:00', made_by=grace.user)
    for path in ('shifts/new/', f'shifts/{row.pk}/remove/', 'changes/new/', f'changes/{theirs.pk}/withdraw/'):
        assert send(rosa, path).status_code == 404
    page = text(rosa)
    assert 'Remove: ' not in page
    assert 'Withdraw: ' not in page
    theirs.refresh_from_db()
    assert (OnCallShift.objects.count(), theirs.withdrawn_at) == (2, None)


def test_a_stranger_sees_and_changes_nothing_of_another_clinic(
    rosa: Membership, tom: Membership, sam: Membership
) -> None:
    share_the_week(rosa, tom)
    row, theirs = OnCallShift.objects.all()[0], change(tom, '2026-11-17 12:00', '2026-11-17 14:00')
    Membership.objects.filter(pk=sam.pk).update(is_admin=True, is_lead=True)
    page = text(sam)
    for name in ('Rosa', 'Tom'):
        assert name not in page
    assert send(sam, f'shifts/{row.pk}/remove/').status_code == 404
    assert send(sam, f'changes/{theirs.pk}/withdraw/').status_code == 404
    assert 'Choose a nurse of your clinic.' in refused(
        sam, 'hand-over/', who=tom.pk, **moments('2026-11-17 08:00', '2026-11-17 18:00')
    )
    assert OnCallShift.objects.count() == 2


def test_withdrawing_twice_or_too_late_changes_nothing(grace: Membership, tom: Membership) -> None:
    over = change(tom, '2026-11-10 12:00', '2026-11-10 14:00')
    assert 'This is over' in said(grace, f'changes/{over.pk}/withdraw/')
    standing = change(tom, '2026-11-17 12:00', '2026-11-17 14:00')
    said(grace, f'changes/{standing.pk}/withdraw/')
    assert send(grace, f'changes/{standing.pk}/withdraw/').status_code == 404
    over.refresh_from_db()
    assert over.withdrawn_at is None


def test_the_page_costs_the_same_with_many_shifts(rosa: Membership, tom: Membership) -> None:
    share_the_week(rosa, tom)
    client = client_of(rosa)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for hour in range(8):
        shift(tom, TUE, 2 * hour, TUE, 2 * hour + 1)
        change(tom, f'2026-11-{17 + hour} 12:00', f'2026-11-{17 + hour} 14:00', reason='so')
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(few) == len(many)
