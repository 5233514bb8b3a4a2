"""“People who help me”: who may do what in my diary, since when, and its end at any time. The patient's own pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.forms.helping import OwnInvitationForm, RightsForm, rights_now
from clinic.help_words import event_words, helper_of
from clinic.models import Caregiver, HelpAct, InvitationKind, Patient
from clinic.queries import help_news, helpers_of, open_invitations_of
from clinic.rights import Right
from clinic.services import caregiving, invitations
from clinic.services.joining import InvitationRefused

MOST_TOLD = 50  # lines of the history


@require_safe
@who_may(Who.DIARIST, Right.OWN)
def helpers(request: ActorRequest) -> HttpResponse:
    patient, now = _own(request), request.now
    events = patient.help_events.exclude(act=HelpAct.SEEN).select_related('by')[:MOST_TOLD]
    page = {
        'patient': patient,
        'helpers': [helper_of(each, now=now) for each in helpers_of(patient, now=now)],
        'invitations': open_invitations_of(patient, now=now).filter(kind=InvitationKind.CAREGIVER),
        'news': [(event, event_words(event, patient.zone)) for event in help_news(patient)],
        'history': [(event, event_words(event, patient.zone)) for event in events],
    }
    return render(request, 'clinic/helpers.html', page)


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.DIARIST, Right.OWN)
def helper_invite(request: ActorRequest) -> HttpResponse:
    patient = _own(request)
    form = OwnInvitationForm(request.POST or None, patient=patient, now=request.now)
    if form.is_valid():
        try:
            invited = invitations.invite_caregiver(
                patient=patient, by=request.actor.user, now=request.now, **form.invitation
            )
        except InvitationRefused as refused:
            form.add_error('email', str(refused))
        else:
            return _sent(request, invited)
    return _form(request, 'clinic/helper_invite.html', form, patient=patient)


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.DIARIST, Right.OWN)
def helper_change(request: ActorRequest, caregiver: int) -> HttpResponse:
    patient = _own(request)
    place = _helper(request, patient, caregiver)
    form = RightsForm(request.POST or None, patient=patient, now=request.now, initial=rights_now(place))
    if form.is_valid():
        try:
            caregiving.change_caregiver(caregiver=place, by=request.actor.user, now=request.now, given=form.given)
        except caregiving.AlreadyEnded:
            messages.warning(request, _('This was over already. Nothing was changed.'))
        else:
            messages.success(request, _('Saved. It holds from now on.'))
        return redirect('clinic:helpers')
    return _form(request, 'clinic/helper_change.html', form, patient=patient, place=place)


@require_POST
@who_may(Who.DIARIST, Right.OWN)
def helper_end(request: ActorRequest, caregiver: int) -> HttpResponse:
    place = _helper(request, _own(request), caregiver)
    caregiving.end_caregiver(caregiver=place, by=request.actor.user, now=request.now)
    messages.success(request, _('%(name)s cannot see your diary any more.') % {'name': place.user.name})
    return redirect('clinic:helpers')


@require_POST
@who_may(Who.DIARIST, Right.OWN)
def helper_withdraw(request: ActorRequest, invitation: int) -> HttpResponse:
    hers = open_invitations_of(_own(request), now=request.now).filter(kind=InvitationKind.CAREGIVER)
    found = get_object_or_404(hers, pk=invitation)
    invitations.withdraw_invitation(invitation=found, by=request.actor.user, now=request.now)
    messages.success(request, _('The invitation is withdrawn. Its link opens nothing any more.'))
    return redirect('clinic:helpers')


@require_POST
@who_may(Who.DIARIST, Right.OWN)
def helpers_seen(request: ActorRequest) -> HttpResponse:
    caregiving.see_news(patient=_own(request), by=request.actor.user, now=request.now)
    return redirect('clinic:helpers')


def _own(request: ActorRequest) -> Patient:
    assert request.actor.patient is not None  # the gate lets in nobody else
    return request.actor.patient


def _helper(request: ActorRequest, patient: Patient, pk: int) -> Caregiver:
    return get_object_or_404(helpers_of(patient, now=request.now), pk=pk)


def _sent(request: ActorRequest, invited: invitations.Invited) -> HttpResponse:
    if invited.delivered is False:
        messages.warning(request, _('The e-mail could not be sent. Please try again in a few minutes.'))
    else:
        messages.success(request, _('The invitation is on its way to %(email)s.') % {'email': invited.invitation.email})
    return redirect('clinic:helpers')


def _form(request: ActorRequest, template: str, form: RightsForm, **more: Any) -> HttpResponse:
    return render(request, template, {'form': form, **more}, status=422 if form.is_bound else 200)
