"""What somebody would write who stores the same rows with nothing but Django: session, CSRF, sign-in, a form, two inserts."""

import uuid

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone

from alerts import hints
from diary.models import Entry, Revision

LEVELS = [(str(level), str(level)) for level in range(5)]


class BareForm(forms.Form):
    """The fields that the benchmark posts, with Django's own form fields."""

    client_uuid = forms.UUIDField()
    FEVER_severity = forms.ChoiceField(choices=LEVELS)
    FEVER_celsius = forms.DecimalField(min_value=30, max_value=45)
    FATIGUE_severity = forms.ChoiceField(choices=LEVELS)
    DIARRHEA_severity = forms.ChoiceField(choices=LEVELS)
    DIARRHEA_stools_24h = forms.IntegerField(min_value=0, max_value=40)
    DIARRHEA_at_night = forms.BooleanField(required=False)


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """Store an entry and a revision of the same shape as the diary's, and go on to the next page."""
    if request.method != 'POST':
        return render(request, 'bench/bare.html', {'form': BareForm()})
    revision = _store(request)
    return redirect('/bare/done/', permanent=False) if revision else HttpResponseBadRequest()


@login_required
def bare_with_task(request: HttpRequest) -> HttpResponse:
    """The same, and a task that commits one row."""
    revision = _store(request)
    if revision is None:
        return HttpResponseBadRequest()
    hints.send('bench.tasks.commit_one_row', int(request.POST['number']))
    return redirect('/bare/done/', permanent=False)


@transaction.atomic
def _store(request: HttpRequest) -> Revision | None:
    form = BareForm(request.POST)
    if not form.is_valid():
        return None
    now = timezone.now()
    patient = request.user.patient  # type: ignore[union-attr]
    entry = Entry.objects.create(
        patient=patient, client_uuid=form.cleaned_data['client_uuid'], about_at=now, day=now.date()
    )
    return Revision.objects.create(
        entry=entry, document=_document(form.cleaned_data), recorded_at=now, received_at=now, recorded_by=request.user
    )


def _document(cleaned: dict[str, object]) -> dict[str, object]:
    answers: dict[str, dict[str, object]] = {}
    for name, value in cleaned.items():
        if '_' in name and name != 'client_uuid':
            symptom, field = name.split('_', 1)
            answers.setdefault(symptom, {'version': 1, 'values': {}})['values'][field] = (  # type: ignore[index]
                value if isinstance(value, bool | int) else int(value) if isinstance(value, str) else float(str(value))
            )
    return {'answers': answers, 'measurements': {}, 'bare': str(uuid.uuid4())}
