"""What every page that writes in a diary asks first."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.functional import Promise

from clinic.access import ActorRequest
from clinic.models import Patient
from diary.answers import Units


def subject_of(request: ActorRequest) -> Patient:
    """Whose diary is open; the gate lets nobody else in."""
    assert request.actor.patient is not None
    return request.actor.patient


def writer_of(request: ActorRequest) -> Patient:
    """Whose diary may be written in. The gate has turned away who only reads; raises Http404 should a page forget to ask it."""
    if not request.actor.can_write:
        raise Http404
    return subject_of(request)


def units_of(patient: Patient) -> Units:
    return Units(temperature=patient.temperature_unit, weight=patient.weight_unit)


def other_diary(request: ActorRequest, patient: Patient) -> bool:
    """Whether the page was made for another diary than the one that is open now, in a second tab or by somebody before.

    A patient has one diary only, so her page may leave it out.
    """
    named = request.POST.get('diary_of', '')
    return named != str(patient.public_id) and bool(named or request.actor.caregiver)


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class Refusal(HttpResponse):
    """A page that says why nothing was saved; `said` is its sentence, for a phone that needs no page."""

    said: str


def refused(request: ActorRequest, message: str | Promise, *, status: int = 400, switched: bool = False) -> Refusal:
    """A page that says why nothing was saved, and where to go on."""
    context = {'message': message, 'switched': switched}
    response = Refusal(render_to_string('diary/entry_refused.html', context, request), status=status)
    response.said = str(message)
    return response


def see_other(to: str, *args: object) -> HttpResponse:
    """Redirect after a POST: the next request is a GET, whatever this one was."""
    response = HttpResponseRedirect(resolve_url(to, *args))
    response.status_code = 303
    return response
