"""The on-call plan. All staff read it; the lead and the admins make it; a nurse hands over her own turns and takes gaps."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.forms.on_call import ChangeForm, GapForm, ShiftForm, asked_for
from alerts.models import OnCallOverride, OnCallShift
from alerts.pages.on_call import Timeline
from alerts.people.roster import Roster, plan_of
from alerts.services import rostering
from alerts.services.rostering import PlanRefused
from alerts.words.on_call import span, zone_words
from clinic.access import ActorRequest, Who, who_may
from clinic.models import Membership
from diary.forms_treatment import StaffForm

FORM = ['GET', 'HEAD', 'POST']


@who_may(Who.STAFF)
@require_safe
def on_call(request: ActorRequest) -> HttpResponse:
    me = member_of(request)
    plan = plan_of(me.clinic, now=request.now)
    to_come = [one for one in plan.roster.changes.values() if one.ends_at > request.now]
    context = {
        'clinic': me.clinic,
        'zone': zone_words(me.clinic, request.now),
        'plan': plan,
        'weeks': Timeline(plan.roster, me=me, now=request.now).weeks(),
        'me': me,
        'mine': [turn for turn in plan.turns if me in turn.people],
        'week': by_person(plan.roster),
        'may_plan': plans(me),
        'changes': [(one, plans(me) or one.made_by_id == me.user_id) for one in to_come],
    }
    return render(request, 'alerts/on_call.html', context)


@who_may(Who.LEAD)
@require_http_methods(FORM)
def shift_new(request: ActorRequest) -> HttpResponse:
    clinic = member_of(request).clinic
    form = ShiftForm(request.POST or None, clinic=clinic)
    if form.is_valid():
        try:
            shifts = rostering.add_shifts(clinic=clinic, **form.given())
        except PlanRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _('%(who)s is on the plan every week.') % {'who': shifts[0].membership})
            return redirect('alerts:on_call')
    note = _('Every day that you choose makes one shift. The same time a week later makes a shift of a whole week.')
    return form_page(request, form, title=_('Add a weekly shift'), note=note, save=_('Add to the plan'))


@who_may(Who.LEAD)
@require_POST
def shift_remove(request: ActorRequest, shift: int) -> HttpResponse:
    found = get_object_or_404(member_of(request).clinic.on_call_shifts.select_related('membership__user'), pk=shift)
    rostering.remove_shift(shift=found)
    messages.success(request, _('%(who)s, %(shift)s: off the plan.') % {'who': found.membership, 'shift': found})
    return redirect('alerts:on_call')


@who_may(Who.LEAD)
@require_http_methods(FORM)
def change_new(request: ActorRequest) -> HttpResponse:
    me = member_of(request)
    form = ChangeForm(request.POST or None, clinic=me.clinic, initial=asked_for(request.GET, me.clinic, request.now))
    if form.is_valid() and done(
        request,
        form,
        lambda: rostering.put_on_call(clinic=me.clinic, by=me.user, now=request.now, **form.given('membership')),
    ):
        return redirect('alerts:on_call')
    note = _('Whoever the weekly plan names for that time is replaced.')
    return form_page(request, form, title=_('Change the plan for once'), note=note, save=_('Change the plan'))


@who_may(Who.NURSE)
@require_http_methods(FORM)
def hand_over(request: ActorRequest) -> HttpResponse:
    me = member_of(request)
    initial = asked_for(request.GET, me.clinic, request.now)
    form = ChangeForm(request.POST or None, clinic=me.clinic, without=me, initial=initial)
    if form.is_valid() and done(request, form, lambda: rostering.hand_over(by=me, now=request.now, **form.given('to'))):
        return redirect('alerts:on_call')
    note = _('All of your turn, or a part of it. Agree with your colleague first: it counts at once.')
    return form_page(request, form, title=_('Hand over your turn'), note=note, save=_('Hand over'))


@who_may(Who.NURSE)
@require_POST
def take(request: ActorRequest) -> HttpResponse:
    """She goes on call where nobody is."""
    me, form = member_of(request), GapForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _('Choose the gap in the list.'))
        return redirect('alerts:on_call')
    try:
        change = rostering.take_gap(by=me, now=request.now, **form.cleaned_data)
    except PlanRefused as refused:
        messages.warning(request, refused.reason)
    else:
        when = span(change.starts_at, change.ends_at, me.clinic.zone)
        messages.success(request, _('Thank you. You are on call %(when)s.') % {'when': when})
    return redirect('alerts:on_call')


@who_may(Who.STAFF)
@require_POST
def change_withdraw(request: ActorRequest, change: int) -> HttpResponse:
    """The lead and the admins withdraw any; a nurse what she made herself."""
    me = member_of(request)
    standing = me.clinic.on_call_overrides.filter(withdrawn_at=None)
    found = get_object_or_404(standing if plans(me) else standing.filter(made_by=me.user), pk=change)
    try:
        rostering.withdraw(change=found, by=me.user, now=request.now)
    except PlanRefused as refused:
        messages.warning(request, refused.reason)
    else:
        messages.success(request, _('The change is withdrawn: what stood before it counts again.'))
    return redirect('alerts:on_call')


def member_of(request: ActorRequest) -> Membership:
    member = request.actor.membership
    assert member is not None  # the gate let in staff
    return member


def plans(member: Membership) -> bool:
    return member.is_admin or member.is_lead


def by_person(roster: Roster) -> list[tuple[Membership, list[OnCallShift]]]:
    """The weekly shifts of each person, by name."""
    shifts = sorted(roster.shifts, key=lambda one: (one.membership.user.name, one.membership_id))
    return [(who, list(theirs)) for who, theirs in groupby(shifts, key=lambda one: one.membership)]


def done(request: ActorRequest, form: ChangeForm, act: Callable[[], OnCallOverride]) -> bool:
    """Make the change and say what came of it; what is refused is told in the form."""
    try:
        change = act()
    except PlanRefused as refused:
        form.refuse(refused)
        return False
    told = {'who': change.membership, 'when': span(change.starts_at, change.ends_at, form.clinic.zone)}
    messages.success(request, _('%(who)s is on call %(when)s.') % told)
    for at in form.twice():
        words = _('The clock shows %(time)s twice that night. The first time is meant.')
        messages.info(request, words % {'time': f'{at:%H:%M}'})
    return True


def form_page(request: ActorRequest, form: StaffForm, **words: Any) -> HttpResponse:
    page = {'form': form, 'zone': zone_words(member_of(request).clinic, request.now)} | words
    return render(request, 'alerts/on_call_form.html', page, status=422 if form.is_bound else 200)
