"""Inviting a patient and her caregivers, and opening an invitation."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access import SUBJECT_KEY, ActorRequest, Who, patients_of, who_may
from clinic.consent_facts import facts_of
from clinic.forms.helping import HelperInvitationForm
from clinic.forms.people import JoinForm
from clinic.help_words import helper_of
from clinic.models import ConsentRole, ConsentWay, Invitation, InvitationKind, Patient
from clinic.queries import helpers_of, open_invitations_of
from clinic.queries_consent import latest_of
from clinic.services import caregiving, consenting
from clinic.services import invitations as services
from clinic.services.joining import InvitationRefused

BACKEND = 'django.contrib.auth.backends.ModelBackend'


@sensitive_post_parameters('password', 'again')
@never_cache
@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.ANYONE)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opening an invitation changes nothing (mail programs open links by themselves); accepting posts."""
    visit = cast(ActorRequest, request)
    try:
        found = services.find_invitation(token=token, now=visit.now)
        return _welcome(visit, found, token)
    except InvitationRefused as refused:
        return render(request, 'clinic/invitation_refused.html', {'refused': refused}, status=410)


def _welcome(request: ActorRequest, found: Invitation, token: str) -> HttpResponse:
    user = request.actor.user if request.actor else None
    if user is not None and user.email.lower() != found.email.lower():
        return render(request, 'clinic/invitation_other.html', {'invitation': found})
    if user is None and services.account_for(found) is not None:
        return render(request, 'clinic/invitation_sign_in.html', {'invitation': found})
    if user is None:
        return _join(request, found, token)
    if request.method == 'POST':
        services.accept_invitation(token=token, now=request.now, user=user)
        return _arrive(request, found)
    return render(request, 'clinic/invitation_accept.html', {'invitation': found})


def _join(request: ActorRequest, found: Invitation, token: str) -> HttpResponse:
    form = JoinForm(request.POST or None, email=found.email, initial={'name': found.name})
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, 'clinic/invitation_join.html', {'form': form, 'invitation': found}, status=status)
    name, password = form.cleaned_data['name'], form.cleaned_data['password']
    login(request, services.accept_invitation(token=token, now=request.now, name=name, password=password), BACKEND)
    return _arrive(request, found)


def _arrive(request: ActorRequest, found: Invitation) -> HttpResponse:
    request.session.pop(SUBJECT_KEY, None)
    if found.kind != InvitationKind.STAFF and found.patient is not None:
        request.session[SUBJECT_KEY] = str(found.patient.public_id)
    messages.success(request, _('Welcome. Everything is ready.'))
    return redirect('clinic:home')


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.NURSE)
def invite(request: ActorRequest, patient: UUID) -> HttpResponse:
    """Everybody who can see a diary, and inviting one more."""
    kept = _patient(request, patient)
    form = HelperInvitationForm(request.POST or None, patient=kept, now=request.now)
    if form.is_valid():
        try:
            invited = services.invite_caregiver(patient=kept, by=request.actor.user, now=request.now, **form.invitation)
        except InvitationRefused as refused:
            form.add_error('email', str(refused))
        else:
            _tell(request, invited)
            return redirect('clinic:invite', kept.public_id)
    context = {
        'patient': kept,
        'form': form,
        'caregivers': [helper_of(each, now=request.now) for each in helpers_of(kept, now=request.now)],
        'invitations': open_invitations_of(kept, now=request.now),
        'consent': latest_of(kept),
    }
    return render(request, 'clinic/invite.html', context, status=422 if form.is_bound else 200)


@require_POST
@who_may(Who.NURSE)
def invite_again(request: ActorRequest, patient: UUID) -> HttpResponse:
    kept = _patient(request, patient)
    try:
        _tell(request, services.invite_patient(patient=kept, by=request.actor.user, now=request.now))
    except InvitationRefused as refused:
        messages.error(request, str(refused))
    return redirect('clinic:invite', kept.public_id)


@require_POST
@who_may(Who.NURSE)
def withdraw(request: ActorRequest, patient: UUID, invitation: int) -> HttpResponse:
    kept = _patient(request, patient)
    found = get_object_or_404(kept.invitations, pk=invitation)
    services.withdraw_invitation(invitation=found, by=request.actor.user, now=request.now)
    messages.success(request, _('The invitation is withdrawn. Its link opens nothing any more.'))
    return redirect('clinic:invite', kept.public_id)


@require_POST
@who_may(Who.NURSE)
def end_caregiver(request: ActorRequest, patient: UUID, caregiver: int) -> HttpResponse:
    kept = _patient(request, patient)
    ended = get_object_or_404(helpers_of(kept, now=request.now), pk=caregiver)
    caregiving.end_caregiver(caregiver=ended, by=request.actor.user, now=request.now)
    messages.success(request, _('%(name)s cannot see this diary any more.') % {'name': ended.user.name})
    return redirect('clinic:invite', kept.public_id)


@require_POST
@who_may(Who.NURSE)
def paper_consent(request: ActorRequest, patient: UUID) -> HttpResponse:
    """A patient without a sign-in says it on paper; whoever signs in says it herself, on the page."""
    kept = _patient(request, patient)
    if kept.user_id is not None:
        raise Http404
    paper: dict[str, Any] = {'patient': kept, 'by': request.actor.user, 'now': request.now, 'way': ConsentWay.PAPER}
    if request.POST.get('do') == 'stop':
        consenting.take_back(**paper)
    else:
        consenting.agree(role=ConsentRole.PATIENT, facts=facts_of(kept), language=kept.language, **paper)
    messages.success(request, _('Noted.'))
    return redirect('clinic:invite', kept.public_id)


def _patient(request: ActorRequest, public_id: UUID) -> Patient:
    return get_object_or_404(patients_of(request.actor), public_id=public_id)


def _tell(request: ActorRequest, invited: services.Invited) -> None:
    if invited.delivered is False:
        messages.warning(request, _('The e-mail could not be sent. Please try again in a few minutes.'))
    else:
        messages.success(request, _('The invitation is on its way to %(email)s.') % {'email': invited.invitation.email})
