"""The visit summary, for the patient and for her nurse, and the questions that the patient wants to ask."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.answers import Units
from diary.catalogue import current_catalogue
from diary.forms_summary import QuestionsForm, SinceForm
from diary.models import VisitQuestion
from diary.paper.summary import summary_pdf
from diary.queries import where_now
from diary.services.questions import keep_questions
from diary.summary import Summary, summary_of, usual_since
from diary.views.course import patient_or_404
from diary.views.guard import other_diary, refused, see_other, subject_of, units_of, writer_of

_OTHER = gettext_lazy('You opened another diary in the meantime. Nothing was saved.')


@require_safe
@who_may(Who.DIARIST, Right.READ, Right.ADVICE)
def summary(request: ActorRequest) -> HttpResponse:
    patient = subject_of(request)
    return _page(request, patient, 'diary/summary.html', pdf=reverse('diary:summary_file'))


@require_safe
@who_may(Who.NURSE)
def patient_summary(request: ActorRequest, patient: UUID) -> HttpResponse:
    """The same, as the patient has it, for the nurse who sits with her; in the patient's units, since she reads it too."""
    person = patient_or_404(request, patient)
    pdf = reverse('diary:patient_summary_file', args=[patient])
    return _page(request, person, 'diary/patient_summary.html', pdf=pdf)


@require_safe
@never_cache
@who_may(Who.DIARIST, Right.READ, Right.ADVICE)
def summary_file(request: ActorRequest) -> HttpResponse:
    return _pdf(request, subject_of(request), own=True) or _to_page(request, 'diary:summary')


@require_safe
@never_cache
@who_may(Who.NURSE)
def patient_summary_file(request: ActorRequest, patient: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    return _pdf(request, person, own=False) or _to_page(request, 'diary:patient_summary', patient)


def _pdf(request: ActorRequest, patient: Patient, *, own: bool) -> HttpResponse | None:
    """The page as a PDF; None for a day that cannot be, which the page explains. Its name says nothing of whom it is about."""
    form, shown = asked(request, patient, units_of(patient))
    if not form.is_valid():
        return None
    where, now = where_now(patient, request.now), request.now
    pdf = summary_pdf(patient, shown, where, own=own, by=request.actor.user, now=now)
    name = f'visit-summary-{shown.until.isoformat()}.pdf'
    headers = {'Content-Disposition': f'attachment; filename="{name}"'}
    return HttpResponse(pdf, content_type='application/pdf', headers=headers)


def _to_page(request: ActorRequest, to: str, *args: object) -> HttpResponse:
    return HttpResponseRedirect(f'{resolve_url(to, *args)}?{request.GET.urlencode()}')


def _page(request: ActorRequest, patient: Patient, template: str, *, pdf: str) -> HttpResponse:
    form, shown = asked(request, patient, units_of(patient))
    page: dict[str, Any] = {
        'patient': patient,
        'where': where_now(patient, request.now),
        'form': form,
        'summary': shown,
        'pdf': f'{pdf}?since={shown.since.isoformat()}',
    }
    return render(request, template, page, status=200 if form.is_valid() else 422)


def asked(request: ActorRequest, patient: Patient, units: Units) -> tuple[SinceForm, Summary]:
    """The summary since the day in the address; since the usual one without a day, or with one that cannot be."""
    today = request.now.astimezone(patient.zone).date()
    usual = usual_since(patient, today=today)
    form = SinceForm(request.GET if 'since' in request.GET else {'since': usual}, today=today)
    since = form.cleaned_data['since'] if form.is_valid() else usual
    return form, summary_of(patient, current_catalogue(), since=since, now=request.now, units=units)


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.DIARIST, Right.WRITE)
def questions(request: ActorRequest) -> HttpResponse:
    patient = writer_of(request)
    if request.method == 'POST' and other_diary(request, patient):
        return refused(request, _OTHER, status=409, switched=True)
    there = list(VisitQuestion.objects.filter(patient=patient))
    initial = {'questions': '\n'.join(question.text for question in there)}
    form = QuestionsForm(request.POST if request.method == 'POST' else None, initial=initial)
    if form.is_valid():
        seen = {int(key) for key in request.POST.getlist('seen') if key.isdecimal() and len(key) < 19}
        lines = form.cleaned_data['questions']
        keep_questions(patient=patient, lines=lines, seen=seen, by=request.actor.user, now=request.now)
        messages.success(request, _('Your questions are saved.'))
        return see_other('diary:summary')
    seen_before = request.POST.getlist('seen') if form.is_bound else [question.pk for question in there]
    page = {'patient': patient, 'form': form, 'seen': seen_before}
    return render(request, 'diary/questions.html', page, status=422 if form.is_bound else 200)
