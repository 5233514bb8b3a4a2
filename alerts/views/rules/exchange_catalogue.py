"""The symptom catalogue as a file: out, and in again by way of a preview."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from alerts.engine import RuleError
from alerts.forms.rules.exchange import FileForm
from alerts.forms.rules.exchange_catalogue import ReadForm, scale_forms
from alerts.services.rules.catalogue_importing import NotYours, Plan, import_catalogue, plan_of
from alerts.services.rules.catalogue_text import catalogue_text, current_versions
from alerts.services.rules.sealing import NotAsShown, opened, seal, unseal
from alerts.views.rules.exchange import as_file
from clinic.access import ActorRequest, Who, clinic_of, who_may

PAGE = 'alerts/rules/exchange/catalogue.html'


@who_may(Who.STAFF)
@require_safe
def catalogue_export(request: ActorRequest) -> HttpResponse:
    return as_file(catalogue_text(current_versions()), 'symptoms.yaml')


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def catalogue_import(request: ActorRequest) -> HttpResponse:
    """Choose a file; see what it changes, say what old levels mean; then it is published."""
    if request.method != 'POST':
        return render(request, PAGE, {'form': FileForm(), 'wrong': None})
    if 'sealed' in request.POST:
        return _keep(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, PAGE, {'form': form, 'wrong': None}, status=422)
    try:
        return _show(request, form.text, plan_of(form.text))
    except RuleError as wrong:
        return _refused(request, form.text, wrong)


def _show(request: ActorRequest, text: str, plan: Plan, *, data: Any = None) -> HttpResponse:
    sealed = seal(text, by=request.actor.user, clinic=clinic_of(request), beside=plan.beside)
    page: dict[str, Any] = {
        'plan': plan,
        'sealed': sealed,
        'scales': scale_forms(plan, data),
        'read': ReadForm(data) if plan.retires else None,
        'may': request.actor.user.is_superuser or not plan.for_server,
    }
    return render(request, 'alerts/rules/exchange/catalogue_preview.html', page, status=422 if data else 200)


def _keep(request: ActorRequest) -> HttpResponse:
    user = request.actor.user
    try:
        text = opened(request.POST['sealed'])
        plan = plan_of(text)
        unseal(request.POST['sealed'], by=user, clinic=clinic_of(request), beside=plan.beside)
    except NotAsShown:
        messages.error(request, _('What you saw is out of date. Nothing was kept. Choose the file again.'))
        return redirect('alerts:catalogue_import')
    except RuleError as wrong:
        return _refused(request, text, wrong)
    scales = scale_forms(plan, request.POST)
    asked = [*scales, ReadForm(request.POST)] if plan.retires else scales
    if not all(form.is_valid() for form in asked):
        return _show(request, text, plan, data=request.POST)
    return _publish(request, text, {form.change.code: form.levels for form in scales})


def _publish(request: ActorRequest, text: str, levels: dict[str, Any]) -> HttpResponse:
    try:
        plan = import_catalogue(text=text, levels=levels, by=request.actor.user, now=request.now)
    except RuleError as wrong:
        return _refused(request, text, wrong)
    except NotYours:
        messages.error(request, _('Some of it only whoever runs the server may change. Nothing was kept.'))
        return redirect('alerts:catalogue_import')
    text = ngettext(
        'Done: %(n)s symptom changed. Earlier entries keep the words that they answered.',
        'Done: %(n)s symptoms changed. Earlier entries keep the words that they answered.',
        len(plan.changes),
    )
    messages.success(request, text % {'n': len(plan.changes)})
    return redirect('alerts:catalogue_import')


def _refused(request: ActorRequest, text: str, wrong: RuleError) -> HttpResponse:
    return render(request, PAGE, {'form': FileForm(initial={'pasted': text}), 'wrong': wrong}, status=422)
