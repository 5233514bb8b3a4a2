"""Who has looked at my diary."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.queries_audit import looks_at
from clinic.rights import Right


@require_safe
@who_may(Who.DIARIST, Right.OWN)
def looks(request: ActorRequest) -> HttpResponse:
    """The patient's own page: a caregiver does not see who else looks."""
    patient = request.actor.patient
    assert patient is not None  # the gate lets in nobody else
    today = request.now.astimezone(patient.zone).date()
    try:
        until = date.fromisoformat(request.GET.get('until', today.isoformat()))
        found = looks_at(patient, until=min(until, today))
    except (ValueError, OverflowError):  # the first days of the calendar have no thirty days before them
        raise Http404 from None
    page = {'looks': found, 'patient': patient, 'today': today}
    return render(request, 'clinic/looks.html', page)
