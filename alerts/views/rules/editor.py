"""One rule of a draft, written as sentences. The whole of it is in the posted form: nothing is kept between two requests."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from alerts.forms.rules.editor import Sheet, head_problems, posted_sheet, sheet_of
from alerts.forms.rules.editor_acts import Done, act, settled
from alerts.forms.rules.editor_checks import Judge
from alerts.forms.rules.editor_tree import TooMuch
from alerts.models import RuleSet, RuleSetStatus
from alerts.pages.rules.editor import judge_of, page_of
from alerts.pages.rules.editor_new import free_id, id_problem
from alerts.pages.rules.editor_saving import Refused, save
from alerts.queries.rules.editor import cited
from alerts.queries.rules.life import rule_sets_of
from alerts.services.rules import drafting
from alerts.words.titles import title_words
from clinic.access import ActorRequest, Who, clinic_of, who_may


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rule_edit(request: ActorRequest, pk: int, rule: str) -> HttpResponse:
    """Change a rule. Its small buttons (`do`) change only what is typed; “save” stores it in the draft."""
    draft = rule_set_for_editing(request, pk)
    if request.method == 'POST':
        return _posted(request, draft, rule)
    if draft.status != RuleSetStatus.DRAFT:
        return _no_draft(request, draft)
    if rule in draft.content.get('missed', {}):
        messages.info(
            request, _('%(rule)s is about missing entries: it is changed in the text of the draft.') % {'rule': rule}
        )
        return redirect('alerts:rule_text', draft.pk)
    if rule not in draft.content['rules']:
        raise Http404
    return _opened(request, draft, rule, rule)


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rule_new(request: ActorRequest, pk: int) -> HttpResponse:
    """Write a rule, from nothing or from a copy of another one (`?copy=R04`)."""
    draft = rule_set_for_editing(request, pk)
    if request.method == 'POST':
        return _posted(request, draft, '')
    if draft.status != RuleSetStatus.DRAFT:
        return _no_draft(request, draft)
    copied = request.GET.get('copy', '')
    if copied in draft.content['rules']:
        return _opened(request, draft, '', copied)
    return _show(request, draft, '', Done(Sheet(free_id(draft), draft.edits)))


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rule_delete(request: ActorRequest, pk: int, rule: str) -> HttpResponse:
    """Take a rule out of the draft, after asking."""
    draft = rule_set_for_editing(request, pk)
    if draft.status != RuleSetStatus.DRAFT:
        return _no_draft(request, draft)
    if rule not in draft.content['rules']:
        raise Http404
    if request.method == 'POST' and request.POST.get('seen') == str(draft.edits):
        return _delete(request, draft, rule)
    sheet = _sheet(draft, rule, rule)
    judge = judge_of(draft)
    page = page_of(draft, Done(sheet), judge, clinic_of(request)) if sheet else None
    shown = {'rule_set': draft, 'rule': rule, 'title': draft.content['rules'][rule]['title'], 'page': page}
    shown['again'] = request.method == 'POST'
    shown['in_default'] = draft.default is not None and rule in draft.default.content['rules']
    shown['is_emergency'] = draft.content['rules'][rule]['tier'] == 'emergency'
    return render(request, 'alerts/rules/editor/delete.html', shown)


def rule_set_for_editing(request: ActorRequest, pk: int) -> RuleSet:
    """A set that the clinic may see; 404 for any other."""
    return get_object_or_404(rule_sets_of(clinic_of(request)), pk=pk)


def _no_draft(request: ActorRequest, rule_set: RuleSet) -> HttpResponse:
    messages.warning(
        request, _('This rule set is not a draft, so it cannot be changed. Begin a draft to change its rules.')
    )
    return redirect('alerts:rule_set', rule_set.pk)


def _opened(request: ActorRequest, draft: RuleSet, rule: str, source: str) -> HttpResponse:
    sheet = _sheet(draft, source, rule or free_id(draft))
    if sheet is None:
        return _too_much(request, draft, source, status=200)
    return _show(request, draft, rule, Done(sheet), source='' if rule else source)


def _sheet(draft: RuleSet, source: str, rule: str) -> Sheet | None:
    try:
        return sheet_of(rule, draft.content['rules'][source], seen=draft.edits)
    except TooMuch:
        return None


def _posted(request: ActorRequest, draft: RuleSet, rule: str) -> HttpResponse:
    try:
        sheet = posted_sheet(rule, request.POST)
    except TooMuch:
        return _too_much(request, draft, rule, status=422)
    do, judge = request.POST.get('do', 'look'), judge_of(draft)
    if do == 'save':
        return _save(request, draft, rule, replace(sheet, tried=True), judge)
    codes = {one.code for one in cited([do.partition(':')[2]])}
    done = act(sheet, do, citations=codes)
    return _show(request, draft, rule, replace(done, sheet=settled(done.sheet, judge.choices)), judge=judge)


def _save(request: ActorRequest, draft: RuleSet, rule: str, sheet: Sheet, judge: Judge) -> HttpResponse:
    if problem := '' if rule else id_problem(draft, sheet.rule):
        return _show(request, draft, rule, Done(sheet), judge=judge, id_problem=problem, status=422)
    known = {one.code for one in cited(sheet.cites)}
    wrong = head_problems(sheet, citations=known, therapies=judge.choices.catalogue.therapies)
    if wrong or judge.problems(sheet.tree):
        return _show(request, draft, rule, Done(sheet), judge=judge, status=422)
    try:
        save(draft, sheet, by=request.actor.user, now=request.now)
    except Refused as refused:
        return _show(request, refused.draft, rule, Done(refused.sheet), refused=refused, status=refused.status)
    messages.success(
        request,
        _('Saved: %(rule)s, “%(title)s”.') % {'rule': sheet.rule, 'title': title_words(sheet.rule, sheet.title)},
    )
    return _gone_to(request, reverse('alerts:rule_set', args=[draft.pk]))


def _delete(request: ActorRequest, draft: RuleSet, rule: str) -> HttpResponse:
    title = draft.content['rules'][rule]['title']
    try:
        drafting.change_rule(
            draft=draft, rule=rule, after=None, by=request.actor.user, seen=draft.edits, now=request.now
        )
    except drafting.NotADraft:
        return _no_draft(request, draft)
    except drafting.DraftChanged:
        return redirect('alerts:rule_delete', draft.pk, rule)
    messages.success(
        request, _('Taken out of the draft: %(rule)s, “%(title)s”.') % {'rule': rule, 'title': title_words(rule, title)}
    )
    return redirect('alerts:rule_set', draft.pk)


def _gone_to(request: ActorRequest, address: str) -> HttpResponse:
    """To another page, also for a form that htmx has sent."""
    return HttpResponseClientRedirect(address) if _by_htmx(request) else redirect(address)


def _too_much(request: ActorRequest, draft: RuleSet, rule: str, *, status: int) -> HttpResponse:
    shown = {'rule_set': draft, 'rule': rule if rule in draft.content['rules'] else ''}
    if _by_htmx(request):
        return HttpResponseClientRedirect(reverse('alerts:rule_text', args=[draft.pk]))
    return render(request, 'alerts/rules/editor/too_much.html', shown, status=status)


def _by_htmx(request: ActorRequest) -> bool:
    return bool(getattr(request, 'htmx', False))


def _show(
    request: ActorRequest,
    draft: RuleSet,
    rule: str,
    done: Done,
    *,
    judge: Judge | None = None,
    refused: Refused | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    judge = judge or judge_of(draft)
    marks = refused.marks(judge) if refused else ()
    page = page_of(draft, done, judge, clinic_of(request), more=marks)
    shown = {'rule_set': draft, 'rule': rule, 'page': page, 'refused': refused, 'id_problem': '', 'source': '', **more}
    shown['theirs'] = refused.outline(judge) if refused else None
    if _by_htmx(request):
        return render(request, 'alerts/rules/editor/form.html', shown)
    return render(request, 'alerts/rules/editor/rule.html', shown, status=status)
