"""Me: my name and language, who else can see my diary, and which diary is open."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.access import CLINIC_KEY, SUBJECT_KEY, Actor, ActorRequest, Who, diaries_of, who_may, works_of
from clinic.forms.people import MeForm
from clinic.help_words import helper_of
from clinic.models import Patient
from clinic.queries import helpers_of
from clinic.services.people import change_own_details

FRAMES = {True: 'base_patient.html', False: 'base_staff.html', None: 'base_plain.html'}


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.SIGNED_IN)
def me(request: ActorRequest) -> HttpResponse:
    actor = request.actor
    own = _own_patient(actor)
    form = MeForm(request.POST or None, user=actor.user, patient=own)
    if form.is_valid():
        change_own_details(user=actor.user, patient=own, **form.cleaned_data)
        return _in_language(request, form.cleaned_data['language'])
    status = 422 if form.is_bound else 200
    return render(request, 'clinic/me.html', {'form': form, **_context(request, own)}, status=status)


@require_safe
@who_may(Who.SIGNED_IN)
def whose(request: ActorRequest) -> HttpResponse:
    """Who helps several people says first whose diary this is about."""
    diaries = _diaries(request)
    return (
        render(request, 'clinic/whose.html', {'diaries': diaries, 'works': False})
        if diaries
        else redirect('clinic:home')
    )


@require_POST
@who_may(Who.SIGNED_IN)
def choose_diary(request: ActorRequest) -> HttpResponse:
    """Open one of the diaries that one may open, or with an empty choice go back to work."""
    chosen = request.POST.get('diary', '')
    if not chosen:
        request.session.pop(SUBJECT_KEY, None)
    elif chosen in {str(place.public_id) for place in _diaries(request)}:
        request.session[SUBJECT_KEY] = chosen
    else:
        raise Http404
    return redirect('clinic:home')


@require_POST
@who_may(Who.SIGNED_IN)
def choose_clinic(request: ActorRequest) -> HttpResponse:
    """Work in another of one's clinics, and go on to the page `next`, where that is one of ours.

    Pages of the clinic before may still be open in other windows. What they send is refused from now on: it was meant for that one.
    """
    chosen = request.POST.get('clinic', '')
    place = next((place for place in works_of(request.actor.user) if str(place.clinic_id) == chosen), None)
    if place is None:
        raise Http404
    request.session[CLINIC_KEY] = place.clinic_id
    request.session.pop(SUBJECT_KEY, None)
    rotate_token(request)
    messages.success(request, _('You work at %(clinic)s now.') % {'clinic': place.clinic})
    to = request.POST.get('next', '')
    return redirect(to if url_has_allowed_host_and_scheme(to, allowed_hosts=None) else 'clinic:home')


def _in_language(request: ActorRequest, language: str) -> HttpResponse:
    """The answer is in the new language already, and so is the next sign-in page on this device."""
    with translation.override(language):
        messages.success(request, _('Saved.'))
    response = redirect('clinic:me')
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite='Lax',
    )
    return response


def _context(request: ActorRequest, own: Patient | None) -> dict[str, Any]:
    actor = request.actor
    frame = True if actor.patient else False if actor.membership else None
    return {
        'frame': FRAMES[frame],
        'own': own,
        'helpers': [helper_of(each, now=request.now) for each in helpers_of(own, now=request.now)] if own else [],
        'diaries': _diaries(request),
        'works': actor.user.memberships.filter(active=True).exists(),
    }


def _own_patient(actor: Actor) -> Patient | None:
    return actor.patient if actor.patient is not None and actor.caregiver is None else None


def _diaries(request: ActorRequest) -> list[Patient]:
    """Her own diary, then those that she helps to keep."""
    user = request.actor.user
    own = list(Patient.objects.filter(user=user))
    return own + [place.patient for place in diaries_of(user, now=request.now)]
