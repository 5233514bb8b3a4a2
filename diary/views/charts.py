"""“Trends”: every symptom and number over the cycles, for the patient and, in the same words, for her nurse."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.catalogue import current_catalogue
from diary.charts import severity_words
from diary.queries import where_now
from diary.trends import By, Span, trends_of
from diary.views.course import patient_or_404
from diary.views.guard import subject_of, units_of

SPANS = {Span.CYCLE: _('This cycle'), Span.RECENT: _('Last 3 cycles'), Span.ALL: _('All')}
WAYS = {By.DAY: _('Over time'), By.CYCLE: _('Cycle by cycle')}


@require_safe
@who_may(Who.DIARIST, Right.READ)
def charts(request: ActorRequest) -> HttpResponse:
    return _page(request, subject_of(request), 'diary/charts.html', photos=request.actor.can_see_photos)


@require_safe
@who_may(Who.NURSE)
def patient_charts(request: ActorRequest, patient: UUID) -> HttpResponse:
    """The same as the patient has it, in her units, since they look at it together."""
    return _page(request, patient_or_404(request, patient), 'diary/patient_charts.html', photos=True)


def _page(request: ActorRequest, patient: Patient, template: str, *, photos: bool) -> HttpResponse:
    """An unknown choice shows the usual one: the last cycles, over time. Days with `photos` are marked for who may see them."""
    span = next((span for span in Span if span.value == request.GET.get('span')), Span.RECENT)
    by = next((by for by in By if by.value == request.GET.get('by')), By.DAY)
    given: dict[str, Any] = {'now': request.now, 'units': units_of(patient), 'photos': photos}
    found = trends_of(patient, current_catalogue(), span=span, by=by, **given)
    page: dict[str, Any] = {
        'patient': patient,
        'where': where_now(patient, request.now),
        'spans': [(choice.value, words, choice is span) for choice, words in SPANS.items()],
        'ways': [(choice.value, words, choice is by) for choice, words in WAYS.items()],
        'span': span.value,
        'by': by.value,
        'trends': found,
        'charts': found.charts,
        'words': severity_words()[1:],
    }
    return render(request, template, page)
