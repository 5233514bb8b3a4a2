"""The symptom catalogue as a file: out, and in again by way of a preview."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from alerts.engine import RuleError
from alerts.forms.rules.exchange_catalogue import ReadForm, scale_forms
from alerts.services.rules.catalogue_importing import NotYours, Plan, import_catalogue, plan_of
from alerts.services.rules.catalogue_text import catalogue_text, current_versions
from alerts.services.rules.sealing import NotAsShown, opened, seal, unseal
from alerts.views.rules.exchange_frame import Frame, as_file
from clinic.access import ActorRequest, Who, clinic_of, who_may

FRAME = Frame('alerts/rules/exchange/catalogue.html', 'alerts:catalogue_import')


@who_may(Who.STAFF)
@require_safe
def catalogue_export(request: ActorRequest) -> HttpResponse:
    return as_file(catalogue_text(current_versions()), 'symptoms.yaml')


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def catalogue_import(request: ActorRequest) -> HttpResponse:
    """Choose a file; see what it changes, say what old levels mean; then it is published."""
    return FRAME.answer(request, show=lambda text: _planned(request, text), keep=lambda: _keep(request))


def _planned(request: ActorRequest, text: str) -> HttpResponse:
    try:
        return _show(request, text, plan_of(text))
    except RuleError as wrong:
        return FRAME.refused(request, text, wrong)


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
        return FRAME.out_of_date(request)
    except RuleError as wrong:
        return FRAME.refused(request, text, wrong)
    scales = scale_forms(plan, request.POST)
    asked = [*scales, ReadForm(request.POST)] if plan.retires else scales
    if not all(form.is_valid() for form in asked):
        return _show(request, text, plan, data=request.POST)
    return _publish(request, text, {form.change.code: form.levels for form in scales})


def _publish(request: ActorRequest, text: str, levels: dict[str, Any]) -> HttpResponse:
    try:
        plan = import_catalogue(text=text, levels=levels, by=request.actor.user, now=request.now)
    except RuleError as wrong:
        return FRAME.refused(request, text, wrong)
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
