"""Before a diary is kept: who sees what, how fast they look, that nobody watches at night; read and agreed to on one calm page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts.pages.welcome import Welcome, welcome_of
from clinic.access import ActorRequest, Agreement, Who, who_may
from clinic.first_run import put_off
from clinic.rights import Right
from clinic.services.consenting import agree


@who_may(Who.DIARIST, Right.SAFETY)
@require_http_methods(['GET', 'HEAD', 'POST'])
@never_cache
def welcome(request: ActorRequest) -> HttpResponse:
    """Only the words that were on the page are agreed to: when there are newer ones by now, those are shown."""
    page, stands = welcome_of(request.actor), request.actor.agreement
    if request.method == 'POST' and request.POST.get('do') == 'later' and stands is Agreement.EARLIER:
        put_off(request, request.actor)
        return _on(request)
    if request.method == 'POST' and request.POST.get('digest') == page.words.digest:
        return _agreed(request, page)
    if stands is Agreement.NOW:
        return redirect('clinic:agreement')
    context = {'page': page, 'stands': stands.name, 'patient': request.actor.patient, 'next': _next(request)}
    return render(request, 'alerts/welcome.html', context)


def _agreed(request: ActorRequest, page: Welcome) -> HttpResponse:
    actor = request.actor
    assert actor.patient is not None  # the gate let in who keeps a diary
    agree(
        patient=actor.patient,
        by=actor.user,
        role=actor.role,
        facts=page.facts,
        now=request.now,
        version=page.words.version,
        language=page.words.language,
    )
    messages.success(request, _('Thank you. You find what you agreed to on “Me”.'))
    return _on(request)


def _on(request: ActorRequest) -> HttpResponse:
    response = redirect(_next(request) or 'clinic:home')
    response.status_code = 303
    return response


def _next(request: ActorRequest) -> str:
    """Where she wanted to go, if it is a place in this house."""
    asked = request.POST.get('next') or request.GET.get('next', '')
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ''
