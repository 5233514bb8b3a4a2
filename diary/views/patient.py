"""The nurse's page of one patient, her entries, and what is usual and holds for her."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from diary import queries
from diary.catalogue import current_catalogue
from diary.forms_treatment import BaselineForm, ContextEndForm, ContextForm
from diary.models import Baseline, Context, Entry
from diary.services.conditions import end_context, record_baseline, start_context
from diary.views.course import accepted, patient_or_404, staff_form
from diary.views.kept import versions_of
from diary.views.pauses import pauses_to_show
from diary.views.treatment import course_cards
from diary.views.withdraw import withdrawn_of


@who_may(Who.NURSE)
def patient(request: ActorRequest, patient: UUID) -> HttpResponse:
    """Who she is, where she stands in her treatment, what holds for her; what happened is told by the template's tags."""
    person = get_object_or_404(_people(request), public_id=patient)
    today = request.now.astimezone(person.zone).date()
    page = {
        'patient': person,
        'age': _age(person, today),
        'where': queries.where_now(person, request.now),
        'courses': course_cards(person, today),
        'baselines': list(queries.baselines_of(person).select_related('recorded_by')),
        'contexts': _contexts(person, request),
        'pauses': pauses_to_show(person, request),
        'visits': queries.visits_to_come(person, today),
        'today': today,
        'withdrawn': withdrawn_of(person),
    }
    return render(request, 'diary/patient.html', page)


def _people(request: ActorRequest) -> Any:
    clinic = request.actor.clinic
    return Patient.objects.filter(clinic=clinic, is_drill=False).select_related(
        'clinic', 'primary_nurse__user', 'care_team'
    )


def _age(person: Patient, today: date) -> int | None:
    born = person.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None


def _contexts(person: Patient, request: ActorRequest) -> list[dict[str, Any]]:
    """Newest first; `holds` where it has not ended, so that it can be ended."""
    contexts = queries.contexts_of(person).select_related('recorded_by').reverse()
    return [{'context': c, 'holds': c.until_at is None or c.until_at > request.now} for c in contexts]


@who_may(Who.NURSE)
def baseline_new(request: ActorRequest, patient: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    today = request.now.astimezone(person.zone).date()
    initial = {'measured_on': today, 'unit': person.weight_unit}
    form = BaselineForm(request.POST or None, patient=person, now=request.now, initial=initial)
    if form.is_bound and accepted(form, lambda: _record(request, form)):
        messages.success(request, _('The usual value is saved. Entries that it concerns are checked again.'))
        return redirect('diary:patient', patient=person.public_id)
    return staff_form(request, person, form, title=_('Usual value'), save=_('Save the value'))


def _record(request: ActorRequest, form: BaselineForm) -> Baseline:
    return record_baseline(
        patient=form.patient,
        kind=form.cleaned_data['kind'],
        number=form.cleaned_data['number'],
        unit=form.unit_of_number(),
        measured_at=form.measured_at(),
        by=request.actor.user,
        now=request.now,
    )


@who_may(Who.NURSE)
def context_new(request: ActorRequest, patient: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    today = request.now.astimezone(person.zone).date()
    form = ContextForm(request.POST or None, patient=person, now=request.now, initial={'from_on': today})
    if form.is_bound and accepted(form, lambda: _start(request, form)):
        messages.success(request, _('Saved. Entries since then are checked again.'))
        return redirect('diary:patient', patient=person.public_id)
    note = _('Some rules look at this: steroids and fever medicine can hide a fever.')
    return staff_form(request, person, form, title=_('What else holds'), save=_('Save'), note=note)


def _start(request: ActorRequest, form: ContextForm) -> Context:
    return start_context(
        patient=form.patient,
        code=form.cleaned_data['code'],
        from_at=form.from_at(),
        until_at=form.until_at(),
        by=request.actor.user,
        now=request.now,
    )


@who_may(Who.NURSE)
def context_end(request: ActorRequest, patient: UUID, context: int) -> HttpResponse:
    person = patient_or_404(request, patient)
    found = get_object_or_404(person.contexts, pk=context)
    today = request.now.astimezone(person.zone).date()
    form = ContextEndForm(request.POST or None, patient=person, now=request.now, initial={'until_on': today})
    if form.is_bound and accepted(form, lambda: end_context(context=found, until_at=form.until_at(), now=request.now)):
        messages.success(request, _('Saved. Entries since then are checked again.'))
        return redirect('diary:patient', patient=person.public_id)
    return staff_form(request, person, form, title=_('“%(what)s” ends') % {'what': found}, save=_('Save'))


@who_may(Who.NURSE)
def patient_entry(request: ActorRequest, patient: UUID, entry: UUID) -> HttpResponse:
    """One entry as the patient wrote it, with every revision, the newest first."""
    person = patient_or_404(request, patient)
    found = get_object_or_404(Entry.objects.select_related('patient'), patient=person, public_id=entry)
    page = {
        'patient': person,
        'entry': found,
        'entries': [found],
        'versions': versions_of(found, current_catalogue()),
        'where': queries.where_now(person, found.about_at),
    }
    return render(request, 'diary/patient_entry.html', page)
