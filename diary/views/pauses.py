"""Planned pauses: a nurse plans one for a patient, a patient for herself, and either says that she is back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.forms_pauses import OwnPauseForm, PauseForm
from diary.models import DiaryPause
from diary.services.pauses import end_pause, plan_own_pause, plan_pause
from diary.services.treatment import TreatmentRefused
from diary.views.course import accepted, patient_or_404, staff_form
from diary.views.guard import other_diary, refused, see_other, writer_of

_OTHER = gettext_lazy('You opened another diary in the meantime. Nothing was saved.')


@who_may(Who.NURSE)
def pause_new(request: ActorRequest, patient: UUID) -> HttpResponse:
    person = patient_or_404(request, patient)
    today = request.now.astimezone(person.zone).date()
    form = PauseForm(_posted(request), patient=person, now=request.now, initial={'from_on': today})
    by, now = request.actor.user, request.now
    if form.is_bound and accepted(form, lambda: plan_pause(patient=person, by=by, now=now, **form.cleaned_data)):
        messages.success(request, _('The pause is planned. Nobody waits for an entry on these days.'))
        return redirect('diary:patient', patient=person.public_id)
    note = _('Entries stay welcome, and are checked as always. Only the look for silence waits.')
    return staff_form(request, person, form, title=_('Plan a pause'), save=_('Plan the pause'), note=note)


@who_may(Who.NURSE)
@require_POST
def pause_end(request: ActorRequest, patient: UUID, pause: int) -> HttpResponse:
    person = patient_or_404(request, patient)
    _end(request, get_object_or_404(person.diary_pauses, pk=pause))
    return redirect('diary:patient', patient=person.public_id)


@who_may(Who.DIARIST, Right.WRITE)
def own_pause(request: ActorRequest) -> HttpResponse:
    person = writer_of(request)
    if request.method == 'POST' and other_diary(request, person):
        return refused(request, _OTHER, status=409, switched=True)
    today = request.now.astimezone(person.zone).date()
    form = OwnPauseForm(_posted(request), patient=person, now=request.now, initial={'from_on': today})
    by, now = request.actor.user, request.now
    if form.is_bound and accepted(form, lambda: plan_own_pause(patient=person, by=by, now=now, **form.cleaned_data)):
        messages.success(request, _('Your team knows that you will not write on these days.'))
        return see_other('diary:treatment')
    status = 422 if form.is_bound else 200
    return render(request, 'diary/own_pause.html', {'patient': person, 'form': form}, status=status)


@who_may(Who.DIARIST, Right.WRITE)
@require_POST
def own_pause_end(request: ActorRequest, pause: int) -> HttpResponse:
    person = writer_of(request)
    if other_diary(request, person):
        return refused(request, _OTHER, status=409, switched=True)
    _end(request, get_object_or_404(person.diary_pauses, pk=pause))
    return see_other('diary:treatment')


def _posted(request: ActorRequest) -> QueryDict | None:
    return request.POST if request.method == 'POST' else None


def _end(request: ActorRequest, pause: DiaryPause) -> None:
    try:
        end_pause(pause=pause, by=request.actor.user, now=request.now)
    except TreatmentRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _('The pause is over.'))


def pauses_to_show(person: Patient, request: ActorRequest) -> list[DiaryPause]:
    """The pauses that run or are still to come, the next first."""
    today = request.now.astimezone(person.zone).date()
    pauses = person.diary_pauses.filter(until_on__gte=today).select_related('recorded_by')
    return list(pauses.order_by('from_on'))
