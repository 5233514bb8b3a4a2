"""The text view for experts: one rule or a whole draft as YAML, saved just as it was shown."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts.models import RuleSet, RuleSetStatus
from alerts.pages.rules.editor_texts import Text, save_text, shown_text
from alerts.views.rules.editor import rule_set_for_editing
from clinic.access import ActorRequest, Who, who_may


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rule_text(request: ActorRequest, pk: int) -> HttpResponse:
    """A whole rule set as text; only a draft can be changed."""
    return _text(request, rule_set_for_editing(request, pk), '')


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rule_text_one(request: ActorRequest, pk: int, rule: str) -> HttpResponse:
    """One rule of a set as text."""
    rule_set = rule_set_for_editing(request, pk)
    if rule not in rule_set.content['rules'] and request.method != 'POST':
        raise Http404
    return _text(request, rule_set, rule)


def _text(request: ActorRequest, rule_set: RuleSet, rule: str) -> HttpResponse:
    if request.method != 'POST':
        return _show(request, rule_set, rule, shown_text(rule_set, rule))
    found = save_text(rule_set, rule, request.POST, by=request.actor.user, now=request.now)
    if found.problem or found.changes or found.no_draft:
        return _show(request, found.rule_set, rule, found, status=409 if found.changes or found.no_draft else 422)
    messages.success(
        request, _('Saved.') if found.saved else _('Nothing was changed: the text says what the draft says.')
    )
    return redirect('alerts:rule_set', rule_set.pk)


def _show(request: ActorRequest, rule_set: RuleSet, rule: str, text: Text, *, status: int = 200) -> HttpResponse:
    shown: dict[str, Any] = {'rule_set': rule_set, 'rule': rule, 'text': text}
    shown['is_draft'] = rule_set.status == RuleSetStatus.DRAFT
    return render(request, 'alerts/rules/editor/text.html', shown, status=status)
