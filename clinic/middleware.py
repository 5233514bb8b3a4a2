"""Asks the access gate before any view runs, reads the clock once for the request, and writes down whose data it touched."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRefresh

from clinic import access
from clinic.first_run import words_first
from clinic.models import AuditAct
from clinic.services import audit
from clinic.witness import witnessed

CAME_ON = 'came_on'  # session: the day of the last visit, in UTC
LANGUAGES = {code for code, _name in settings.LANGUAGES}


class GateMiddleware:
    """Sets `request.now` and `request.actor`, then lets in whom the view names. A view that names nobody is an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()  # type: ignore[attr-defined]
        request.actor = None  # type: ignore[attr-defined]
        with timezone.override(None), witnessed() as seen:  # the next request of this thread may be somebody else's
            response = self.get_response(request)
        if request.actor is not None:  # type: ignore[attr-defined]
            write_down(request, response, request.actor, seen)  # type: ignore[attr-defined]
        # What a signed-in person reads is health data: no browser keeps it for whoever uses the device next. A page that
        # is written on says otherwise itself, because going back must bring back what was typed.
        if request.actor is not None and not response.has_header('Cache-Control'):  # type: ignore[attr-defined]
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        who = access.stated(view) or guest_of_the_house(view)
        if who is None:
            raise ImproperlyConfigured(f'{view.__module__}.{view.__qualname__} does not say who may open it.')
        if who is access.Who.ANYONE and not request.session.session_key:
            return None
        actor = access.actor_of(request, now=request.now)  # type: ignore[attr-defined]
        request.actor = actor  # type: ignore[attr-defined]
        if actor is not None:
            if is_of_another_clinic(request, actor):
                return HttpResponseClientRefresh()
            stay(request)
            speak(request, actor.user.language)
            timezone.activate(zone_of(actor))
        rights = access.needed(view)
        if not access.admits(who, actor, rights):
            return access.turn_away(request, actor)
        return words_first(request, actor, rights) if actor and who is access.Who.DIARIST else None


def is_of_another_clinic(request: HttpRequest, actor: access.Actor) -> bool:
    """Whether a part of a page is asked for by one that stands open since before she went to work in another clinic."""
    asked = request.headers.get('X-Vigil-Clinic')
    return asked is not None and asked != str(actor.clinic.pk if actor.clinic else '')


def write_down(request: HttpRequest, response: HttpResponse, actor: access.Actor, seen: set[int]) -> None:
    """What this request showed or changed of patients other than herself, for the audit record."""
    own = actor.patient.pk if actor.patient is not None and actor.caregiver is None else None
    others, match = seen - {own}, request.resolver_match
    if not others or match is None:
        return
    act = _act(request, response, match.kwargs, alone=len(others) == 1)
    if act is not AuditAct.WROTE and 300 <= response.status_code < 400:  # nothing was shown
        return
    audit.record(
        actor=actor.user.pk,
        clinic=actor.clinic.pk if actor.clinic else None,
        act=act,
        page=match.view_name,
        about=_about(match.kwargs),
        patients=others,
        now=request.now,  # type: ignore[attr-defined]
    )


def _act(request: HttpRequest, response: HttpResponse, named: Mapping[str, Any], *, alone: bool) -> AuditAct:
    """`named` is what the address names. Only people and what is theirs have a UUID: a page about anything else may list many.

    What was refused (422, 409 …) changed nothing, but its answer shows the page again. An error of ours may have written before.
    """
    is_refused = 400 <= response.status_code < 500
    if request.method not in ('GET', 'HEAD') and not access.reads_by_post(request) and not is_refused:
        return AuditAct.WROTE
    is_hers = any(isinstance(value, UUID) for value in named.values())
    return AuditAct.OPENED if is_hers or (named and alone) else AuditAct.LISTED


def _about(named: Mapping[str, Any]) -> str:
    """A public id or a number; never a token, which would open its door to whoever reads the record."""
    ids = (value for name, value in named.items() if isinstance(value, UUID | int) or name == 'object_id')
    return str(next(ids, ''))


def stay(request: HttpRequest) -> None:
    """Whoever comes by stays signed in for another SESSION_COOKIE_AGE: no form runs out of time while somebody writes in it.

    Once a day is enough, and keeps reading pages free of writing. A list that refreshes itself is nobody coming by.
    """
    today = request.now.date().isoformat()  # type: ignore[attr-defined]
    if 'HX-Request' not in request.headers and request.session.get(CAME_ON) != today:
        request.session[CAME_ON] = today


def speak(request: HttpRequest, language: str) -> None:
    """A person reads her own language on every device, whatever the browser asks for."""
    if language in LANGUAGES:
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def zone_of(actor: access.Actor) -> str:
    """Where no page says otherwise, times are those of her clinic, or of the patient whose diary she keeps."""
    place = actor.clinic or actor.patient
    return place.time_zone if place else settings.TIME_ZONE


def guest_of_the_house(view: Callable[..., Any]) -> access.Who | None:
    """Who may open a view that says nothing itself.

    Every view of Django admin carries its site: it is for the office. Views of other libraries guard themselves;
    settings.GATE_GUESTS names their modules, one by one.
    """
    if hasattr(view, 'admin_site') or hasattr(view, 'model_admin'):
        return access.Who.OFFICE
    for prefix, who in settings.GATE_GUESTS.items():
        if view.__module__.startswith(prefix):
            return access.Who(who)
    return None
