"""A nurse enters the patient's next visit, or takes one back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.access import ActorRequest, Who, who_may
from diary.forms_visits import VisitForm
from diary.services.treatment import TreatmentRefused
from diary.services.visits import plan_visit, take_back_visit
from diary.views.course import accepted, patient_or_404, staff_form


@who_may(Who.NURSE)
def visit_new(request: ActorRequest, patient: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    form = VisitForm(request.POST if request.method == 'POST' else None, patient=person, now=request.now)
    by, now = request.actor.user, request.now
    if form.is_bound and accepted(form, lambda: plan_visit(patient=person, by=by, now=now, **form.cleaned_data)):
        messages.success(request, _('The visit is entered. The patient sees it under “My treatment”.'))
        return redirect('diary:patient', patient=person.public_id)
    note = _('Nobody is notified. The patient sees the day, the time and your words.')
    return staff_form(request, person, form, title=_('Next visit'), save=_('Enter the visit'), note=note)


@who_may(Who.NURSE)
@require_POST
def visit_withdraw(request: ActorRequest, patient: UUID, visit: int) -> HttpResponse:
    person = patient_or_404(request, patient)
    try:
        take_back_visit(visit=get_object_or_404(person.visits, pk=visit), by=request.actor.user, now=request.now)
    except TreatmentRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _('The visit is taken back. It stays on record.'))
    return redirect('diary:patient', patient=person.public_id)
