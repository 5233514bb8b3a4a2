"""The page of what the rules miss."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.pages.rules.misses import misses_of
from clinic.access import ActorRequest, Who, clinic_of, who_may


@who_may(Who.STAFF)
@require_safe
@never_cache
def misses(request: ActorRequest) -> HttpResponse:
    """Only nurses read who it was and open her page; others read what was told."""
    clinic = clinic_of(request)
    page = {'misses': misses_of(clinic, now=request.now), 'clinic': clinic, 'nurse': request.actor.is_nurse}
    return render(request, 'alerts/rules/samples/misses.html', page)
