"""The patients of a clinic: find, enrol, change."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.access import ActorRequest, Who, clinic_of, only_reads, patients_of, who_may
from clinic.forms.patient import PatientForm
from clinic.models import Patient
from clinic.queries import patient_list
from clinic.services.enrolment import Enrolled, RecordNumberTaken, change_patient, enrol_patient

PER_PAGE = 25


@require_http_methods(['GET', 'HEAD', 'POST'])
@only_reads
@who_may(Who.NURSE)
def patients(request: ActorRequest) -> HttpResponse:
    """The list. A search is posted: names and record numbers do not belong into addresses, which are logged."""
    asked = request.POST if request.method == 'POST' else request.GET
    words = request.POST.get('words', '').replace('\0', '').strip()[:80]
    mine = asked.get('whose', 'mine' if not words else 'all') == 'mine'
    found = patient_list(
        patients_of(request.actor), mine=request.actor.membership if mine else None, words=words, now=request.now
    )
    page: Page[Patient] = Paginator(found, PER_PAGE).get_page(asked.get('page'))
    return render(request, 'clinic/patients.html', {'page': page, 'words': words, 'whose': 'mine' if mine else 'all'})


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.NURSE)
def enrol(request: ActorRequest) -> HttpResponse:
    clinic, nurse = clinic_of(request), request.actor.membership
    form = PatientForm(request.POST or None, clinic=clinic, initial={'primary_nurse': nurse})
    if form.is_valid():
        try:
            enrolled = enrol_patient(clinic=clinic, by=request.actor.user, now=request.now, details=form.details)
        except RecordNumberTaken as taken:
            form.add_error('record_number', str(taken))
        else:
            _tell_enrolled(request, enrolled)
            return redirect('diary:patient', enrolled.patient.public_id)
    return _show(request, 'clinic/enrol.html', form)


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.NURSE)
def patient_edit(request: ActorRequest, patient: UUID) -> HttpResponse:
    kept = get_object_or_404(patients_of(request.actor), public_id=patient)
    form = PatientForm(request.POST or None, instance=kept, clinic=kept.clinic)
    if form.is_valid():
        try:
            change_patient(patient=kept, details=form.details, now=request.now)
        except RecordNumberTaken as taken:
            form.add_error('record_number', str(taken))
        else:
            messages.success(request, _('Saved.'))
            return redirect('diary:patient', kept.public_id)
    return _show(request, 'clinic/patient_edit.html', form, patient=patients_of(request.actor).get(pk=kept.pk))


def _show(request: ActorRequest, template: str, form: PatientForm, **more: Any) -> HttpResponse:
    """A form that was refused answers 422, so that no script takes it for stored."""
    return render(request, template, {'form': form, **more}, status=422 if form.is_bound else 200)


def _tell_enrolled(request: ActorRequest, enrolled: Enrolled) -> None:
    name = enrolled.patient.name
    if enrolled.invited is None:
        messages.success(
            request, _('%(name)s is enrolled. No invitation was sent: there is no address.') % {'name': name}
        )
    elif enrolled.invited.delivered is False:
        messages.warning(
            request, _('%(name)s is enrolled, but the e-mail could not be sent. Invite again later.') % {'name': name}
        )
    else:
        messages.success(request, _('%(name)s is enrolled. The invitation is on its way.') % {'name': name})
