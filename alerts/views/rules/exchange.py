"""A whole rule set as a file: out, and in again by way of a preview."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.engine import RuleError
from alerts.forms.rules.life import Named
from alerts.pages.rules.exchange import Preview
from alerts.queries.rules.in_force import rule_set_for
from alerts.queries.rules.life import rule_sets_of
from alerts.services.rules.importing import export, import_rules, read_file
from alerts.services.rules.sealing import NotAsShown, seal, unseal
from alerts.views.rules.exchange_frame import Frame, as_file
from clinic.access import ActorRequest, Who, clinic_of, who_may

FRAME = Frame('alerts/rules/exchange/import.html', 'alerts:rules_import')


@who_may(Who.STAFF)
@require_safe
def rules_export(request: ActorRequest, pk: int) -> HttpResponse:
    rule_set = get_object_or_404(rule_sets_of(clinic_of(request)).defer(None), pk=pk)
    whose = rule_set.clinic.name if rule_set.clinic else 'all clinics of this server'
    name = f'rules-{"clinic" if rule_set.clinic else "shared"}-{rule_set.version}.yaml'
    return as_file(export(rule_set, whose=whose), name)


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rules_import(request: ActorRequest) -> HttpResponse:
    """Choose a file; see what it changes; then it becomes a draft."""
    return FRAME.answer(request, show=lambda text: _show(request, text, Named()), keep=lambda: _keep(request))


def _show(request: ActorRequest, text: str, named: Named, *, status: int = 200) -> HttpResponse:
    clinic = clinic_of(request)
    in_force = rule_set_for(clinic.pk)
    try:
        preview = Preview(read_file(text), in_force)
    except RuleError as wrong:
        return FRAME.refused(request, text, wrong)
    sealed = seal(text, by=request.actor.user, clinic=clinic, beside=in_force.digest)
    page: dict[str, Any] = {'preview': preview, 'named': named, 'sealed': sealed}
    return render(request, 'alerts/rules/exchange/preview.html', page, status=status)


def _keep(request: ActorRequest) -> HttpResponse:
    clinic, user, named = clinic_of(request), request.actor.user, Named(request.POST)
    try:
        text = unseal(request.POST['sealed'], by=user, clinic=clinic, beside=rule_set_for(clinic.pk).digest)
    except NotAsShown:
        return FRAME.out_of_date(request)
    if not named.is_valid():
        return _show(request, text, named, status=422)
    try:
        draft = import_rules(clinic=clinic, by=user, text=text, now=request.now, **named.cleaned_data)
    except RuleError as wrong:  # the catalogue or the sources changed since it was shown
        return FRAME.refused(request, text, wrong)
    messages.success(request, _('The rules of the file are a draft now. Nothing is in force until it is reviewed.'))
    return redirect('alerts:rule_set', draft.pk)
