"""Silent patients: the list, and what a nurse did about one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts.forms.silent import ReachedForm
from alerts.models import Silence
from alerts.pages.silent import silent_page
from alerts.services import silences
from alerts.services.silences import SilenceEnded
from clinic.access import ActorRequest, Who, clinic_of, patients_of, who_may


@who_may(Who.NURSE)
@require_safe
@never_cache
def silent(request: ActorRequest) -> HttpResponse:
    clinic = clinic_of(request)
    page = {'page': silent_page(clinic, now=request.now), 'clinic': clinic, 'form': ReachedForm()}
    return render(request, 'alerts/silent.html', page)


@who_may(Who.NURSE)
@require_POST
def reached(request: ActorRequest, silence: int) -> HttpResponse:
    """The note is for the patient's timeline; one that is too long is cut by nobody, but asked for again."""
    found, form = silence_for(request, silence), ReachedForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _('This note is too long. Nothing was saved.'))
        return redirect('alerts:silent')
    by, now, note = request.actor.user, request.now, form.cleaned_data['note']
    said = _('Noted: you reached %(patient)s. The clock begins anew.') % {'patient': found.patient.name}
    return _done(request, lambda: silences.reached(silence=found, by=by, now=now, note=note), said)


@who_may(Who.NURSE)
@require_POST
def tried(request: ActorRequest, silence: int) -> HttpResponse:
    found, by, now = silence_for(request, silence), request.actor.user, request.now
    said = _('Noted: nobody answered at %(patient)s. The patient stays on this list.') % {'patient': found.patient.name}
    return _done(request, lambda: silences.tried(silence=found, by=by, now=now), said)


def silence_for(request: ActorRequest, pk: int) -> Silence:
    """A silence of a patient whom she may see; anything else is "not found"."""
    rows = Silence.objects.filter(patient__in=patients_of(request.actor)).select_related('patient')
    return get_object_or_404(rows, pk=pk)


def _done(request: ActorRequest, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except SilenceEnded:
        messages.warning(
            request, _('This is over already: an entry came, or somebody was faster. Nothing was changed.')
        )
    else:
        messages.success(request, said)
    return redirect('alerts:silent')
