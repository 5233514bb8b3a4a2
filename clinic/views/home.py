"""The front door: a visitor reads what this is, everybody else is brought to where her work is."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinic.access import Actor, ActorRequest, Who, who_may


@require_safe
@who_may(Who.ANYONE)
def home(request: HttpRequest) -> HttpResponse:
    actor = cast(ActorRequest, request).actor
    if actor is None:
        return render(request, 'clinic/landing.html')
    place = place_of(actor)
    return redirect(place) if place else render(request, 'clinic/no_place.html')


def place_of(actor: Actor) -> str | None:
    """Where a person starts: her diary (or the choice of one), her worklist, her clinic; None for somebody without a place."""
    if actor.patient is not None:
        return 'diary:today'
    if actor.chooses:
        return 'clinic:whose'
    if actor.is_nurse:
        return 'alerts:worklist'
    if actor.is_admin:
        return 'clinic:overview'
    return 'admin:index' if actor.user.is_superuser else None
