"""Nurses enter, shift and stop courses, and record doses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic import access
from clinic.access import ActorRequest, Who, who_may
from clinic.dates import date_format
from clinic.models import Patient
from diary.forms_treatment import CourseForm, DelayForm, DoseForm, StaffForm, StopForm
from diary.models import Route, TreatmentCourse
from diary.services.treatment import TreatmentRefused, enter_course, record_dose, replan_from, stop_course
from diary.timeline import ScheduleError
from diary.words import cycle_name


def patient_or_404(request: ActorRequest, public_id: UUID) -> Patient:
    """A patient whom this person may see; anybody else is not found."""
    return get_object_or_404(access.patients_of(request.actor), public_id=public_id)


def accepted(form: StaffForm, act: Callable[[], Any]) -> bool:
    """Whether the form is valid and the service took it; what it refused stands beside the field."""
    if not form.is_valid():
        return False
    try:
        act()
    except (TreatmentRefused, ScheduleError) as refusal:
        form.refuse(refusal)
        return False
    return True


def staff_form(request: HttpRequest, patient: Patient, form: StaffForm, **words: Any) -> HttpResponse:
    """The page of a small form: `title`, `save` (the button's word) and perhaps `note`."""
    status = 422 if form.is_bound else 200
    return render(
        request, 'diary/staff_form.html', {'patient': patient, 'form': form, 'note': '', **words}, status=status
    )


@who_may(Who.NURSE)
def course_new(request: ActorRequest, patient: UUID) -> HttpResponse:
    """First the form, then what it comes to, then it is stored."""
    person = patient_or_404(request, patient)
    today = request.now.astimezone(person.zone).date()
    form = CourseForm(request.POST or None, initial={'starts_on': today})
    if not form.is_bound or 'change' in request.POST or not form.is_valid():
        wrong = form.is_bound and 'change' not in request.POST
        return render(request, 'diary/course_new.html', {'patient': person, 'form': form}, status=422 if wrong else 200)
    if 'save' in request.POST and accepted(form, lambda: _enter(request, person, form)):
        messages.success(request, _('The course is saved.'))
        return redirect('diary:patient', patient=person.public_id)
    return render(request, 'diary/course_preview.html', _preview(person, form))


def _enter(request: ActorRequest, patient: Patient, form: CourseForm) -> None:
    therapy, agent = form.therapy_and_agent()
    given = {
        name: form.cleaned_data[name]
        for name in ('route', 'schedule', 'cycle_days', 'dose_days', 'cycles', 'starts_on')
    }
    enter_course(patient=patient, by=request.actor.user, therapy=therapy, agent=agent, now=request.now, **given)


def _preview(patient: Patient, form: CourseForm) -> dict[str, Any]:
    therapy, agent = form.therapy_and_agent()
    schedule = form.cleaned_data['schedule']
    cycles = [(cycle_name(cycle.number, schedule), cycle) for cycle in form.planned()]
    return {
        'patient': patient,
        'form': form,
        'therapy': therapy,
        'agent': agent,
        'route': Route(form.cleaned_data['route']).label,
        'schedule': form.words(),
        'cycles': cycles,
        'given': [(name, form[name].value()) for name in form.fields],
    }


@who_may(Who.NURSE)
def dose_new(request: ActorRequest, patient: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    local = request.now.astimezone(person.zone)
    initial = {'given_on': local.date(), 'given_time': local.time().replace(second=0, microsecond=0)}
    form = DoseForm(request.POST or None, patient=person, now=request.now, initial=initial)
    if form.is_bound and accepted(form, lambda: _record(request, form)):
        messages.success(request, _('The dose is saved. Entries since then are checked again.'))
        return redirect('diary:patient', patient=person.public_id)
    return staff_form(request, person, form, title=_('Record a dose'), save=_('Save the dose'))


def _record(request: ActorRequest, form: DoseForm) -> None:
    given = {name: form.cleaned_data[name] for name in ('course', 'amount', 'moves_cycles', 'second_that_day')}
    record_dose(given_at=form.given_at(), by=request.actor.user, now=request.now, **given)


def _course(person: Patient, public_id: UUID) -> TreatmentCourse:
    courses = person.courses.select_related('therapy', 'agent').prefetch_related('cycles')
    return get_object_or_404(courses, public_id=public_id)


@who_may(Who.NURSE)
def course_delay(request: ActorRequest, patient: UUID, course: UUID) -> HttpResponse:
    """A dose is late: this cycle and the later ones move."""
    person = patient_or_404(request, patient)
    found = _course(person, course)
    cycles = found.cycles.filter(doses__isnull=True)
    choices = [
        (cycle.number, f'{cycle_name(cycle.number, found.schedule)} ({date_format(cycle.starts_on, "D j M Y")})')
        for cycle in cycles
    ]
    form = DelayForm(request.POST or None, patient=person, now=request.now, choices=choices)
    if form.is_bound and accepted(form, lambda: replan_from(course=found, **form.cleaned_data)):
        messages.success(request, _('The cycles are moved.'))
        return redirect('diary:patient', patient=person.public_id)
    return staff_form(
        request, person, form, title=_('Move cycles of %(course)s') % {'course': found}, save=_('Move them')
    )


@who_may(Who.NURSE)
def course_stop(request: ActorRequest, patient: UUID, course: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    found = _course(person, course)
    today = request.now.astimezone(person.zone).date()
    form = StopForm(request.POST or None, patient=person, now=request.now, initial={'on': today})
    if form.is_bound and accepted(form, lambda: stop_course(course=found, on=form.cleaned_data['on'], now=request.now)):
        messages.success(request, _('The course is stopped. The diary goes on, because side effects can come late.'))
        return redirect('diary:patient', patient=person.public_id)
    note = _('Cycles after this day are removed. The patient keeps the diary: side effects can come months later.')
    return staff_form(
        request, person, form, title=_('Stop %(course)s') % {'course': found}, save=_('Stop it'), note=note
    )
