"""A nurse takes back what she recorded by mistake: a dose, a usual value, something that never held."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from clinic.access import ActorRequest, Who, who_may
from clinic.dates import date_format
from clinic.models import Patient
from diary import queries
from diary.forms_treatment import WithdrawForm
from diary.models import Baseline, Context, Dose, Withdrawable
from diary.services.conditions import withdraw_baseline, withdraw_context
from diary.services.treatment import withdraw_dose
from diary.views.course import accepted, patient_or_404, staff_form


@who_may(Who.NURSE)
def dose_withdraw(request: ActorRequest, patient: UUID, dose: int) -> HttpResponse:
    person = patient_or_404(request, patient)
    doses = Dose.on_record.select_related('course__therapy', 'course__agent')
    found = get_object_or_404(doses, course__patient=person, pk=dose)
    note = _(
        'A dose that was given at another time: take this one back, then record it again. Cycles stay where they are.'
    )
    return _page(request, person, found, note, lambda **said: withdraw_dose(dose=found, **said))


@who_may(Who.NURSE)
def baseline_withdraw(request: ActorRequest, patient: UUID, baseline: int) -> HttpResponse:
    person = patient_or_404(request, patient)
    found = get_object_or_404(Baseline.on_record, patient=person, pk=baseline)
    note = _('A value that has changed since is no mistake: add the new one instead.')
    return _page(request, person, found, note, lambda **said: withdraw_baseline(baseline=found, **said))


@who_may(Who.NURSE)
def context_withdraw(request: ActorRequest, patient: UUID, context: int) -> HttpResponse:
    person = patient_or_404(request, patient)
    found = get_object_or_404(Context.on_record, patient=person, pk=context)
    note = _('Something that did hold and is over is no mistake: choose “It ends” instead.')
    return _page(request, person, found, note, lambda **said: withdraw_context(context=found, **said))


def _page(
    request: ActorRequest, person: Patient, found: Withdrawable, note: str, act: Callable[..., Any]
) -> HttpResponse:
    form = WithdrawForm(request.POST if request.method == 'POST' else None)
    if accepted(form, lambda: act(by=request.actor.user, now=request.now, **form.cleaned_data)):
        messages.success(request, _('Taken back. It stays on record; entries that it concerned are checked again.'))
        return redirect('diary:patient', patient=person.public_id)
    title = _('Recorded in error: %(what)s') % {'what': said_of(found, person.zone)}
    return staff_form(request, person, form, title=title, save=_('Take it back'), note=note)


def said_of(found: Withdrawable, zone: ZoneInfo) -> str:
    """What was recorded, in one line, at the patient's local time."""
    match found:
        case Dose():
            at = date_format(found.given_at.astimezone(zone), 'D j M Y H:i')
            return ', '.join(filter(None, (str(found.course), at, found.amount)))
        case Baseline():
            return f'{found}, {date_format(found.measured_at.astimezone(zone), "j M Y")}'
        case Context():
            return f'{found}, {date_format(found.from_at.astimezone(zone), "j M Y")}'
    raise TypeError(type(found).__name__)


def withdrawn_of(person: Patient) -> dict[str, list[tuple[str, Withdrawable]]]:
    """What was taken back, by kind, each with its line."""
    found = queries.withdrawn_of(person)
    kinds: dict[str, Sequence[Withdrawable]] = {
        'doses': found.doses,
        'contexts': found.contexts,
        'baselines': found.baselines,
    }
    return {kind: [(said_of(row, person.zone), row) for row in rows] for kind, rows in kinds.items()}
