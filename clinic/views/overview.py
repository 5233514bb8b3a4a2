"""The admin's start page: who works here, how many patients, and the ways into set-up."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.access import ActorRequest, Who, clinic_of, patients_of, who_may
from clinic.forms.people import MemberInvitationForm
from clinic.queries import members_of, staff_invitations_of
from clinic.queries_consent import TOOK_BACK, said_of_anyone
from clinic.services import invitations as services
from clinic.services.joining import InvitationRefused


@require_safe
@who_may(Who.ADMIN)
def overview(request: ActorRequest) -> HttpResponse:
    clinic = clinic_of(request)
    patients = patients_of(request.actor).annotate(said=said_of_anyone())
    context = {
        'clinic': clinic,
        'members': members_of(clinic),
        'invitations': staff_invitations_of(clinic, now=request.now),
        'patient_count': patients.count(),
        'waiting_count': patients.filter(user=None).count(),
        'agreed_count': patients.filter(said__gt=0).count(),
        'stopped_count': patients.filter(said=TOOK_BACK).count(),
        'hours': clinic.opening_hours.all(),
    }
    return render(request, 'clinic/overview.html', context)


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.ADMIN)
def invite_member(request: ActorRequest) -> HttpResponse:
    clinic = clinic_of(request)
    form = MemberInvitationForm(request.POST or None)
    if form.is_valid():
        try:
            invited = services.invite_member(clinic=clinic, by=request.actor.user, now=request.now, **form.cleaned_data)
        except InvitationRefused as refused:
            form.add_error(None, str(refused))
        else:
            _tell(request, invited)
            return redirect('clinic:overview')
    return render(request, 'clinic/invite_member.html', {'form': form}, status=422 if form.is_bound else 200)


@require_POST
@who_may(Who.ADMIN)
def withdraw(request: ActorRequest, invitation: int) -> HttpResponse:
    clinic = clinic_of(request)
    found = get_object_or_404(staff_invitations_of(clinic, now=request.now), pk=invitation)
    services.withdraw_invitation(invitation=found, by=request.actor.user, now=request.now)
    messages.success(request, _('The invitation is withdrawn. Its link opens nothing any more.'))
    return redirect('clinic:overview')


def _tell(request: ActorRequest, invited: services.Invited) -> None:
    if invited.delivered is False:
        messages.warning(request, _('The e-mail could not be sent. Please try again in a few minutes.'))
    else:
        messages.success(request, _('The invitation is on its way to %(email)s.') % {'email': invited.invitation.email})
