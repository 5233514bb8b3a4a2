"""Rule sets: the hub of everything about rules, and one set with its life."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.forms.rules.life import BeginForm, DiscardForm, ReasonForm, ReviewForm, submit_form
from alerts.forms.whole import whole
from alerts.models import RuleSet
from alerts.pages.rules.life import SetPage
from alerts.pages.rules.life_hub import hub_of
from alerts.queries.rules.effect import replayed
from alerts.queries.rules.in_force import published_rule_set, rule_set_for
from alerts.queries.rules.life import rule_sets_of
from alerts.services.rules.drafting import begin, begin_from
from alerts.services.rules.life_merging import Source
from clinic.access import ActorRequest, Who, clinic_of, who_may


@who_may(Who.STAFF)
@require_safe
def rules(request: ActorRequest) -> HttpResponse:
    hub = hub_of(clinic_of(request), user=request.actor.user)
    return render(request, 'alerts/rules/rule_sets.html', {'hub': hub, 'reader': not request.actor.is_admin})


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def rules_begin(request: ActorRequest) -> HttpResponse:
    """A new draft, from the rules in force or from another set (`?start=`); for a rule (`?rule=`) its editor opens then."""
    clinic = clinic_of(request)
    if published_rule_set(clinic.pk) is None:
        messages.error(request, _('No rules are published, so there is nothing to begin from.'))
        return redirect('alerts:rules')
    form = BeginForm(request.POST or None, initial={name: request.GET.get(name, '') for name in ('start', 'rule')})
    start = _start(request, str(form['start'].value() or ''))
    if form.is_valid():
        named = {name: form.cleaned_data[name] for name in ('title', 'why')}
        draft = begin_from(clinic=clinic, by=request.actor.user, source=start, now=request.now, **named)
        rule = form.cleaned_data['rule']
        if rule in draft.content['rules']:
            return redirect('alerts:rule_edit', draft.pk, rule)
        return redirect('alerts:rule_set', draft.pk)
    context = {'form': form, 'start': start, 'in_force': rule_set_for(clinic.pk)}
    return render(request, 'alerts/rules/rules_begin.html', context, status=422 if form.is_bound else 200)


@who_may(Who.ADMIN)
@require_POST
def rules_take_in(request: ActorRequest) -> HttpResponse:
    """A new draft that takes the newest shared rules in: begun here, decided on the next page."""
    title, why = _('The newest shared rules'), _('The shared rules have a newer version.')
    draft = begin(clinic=clinic_of(request), by=request.actor.user, title=title, why=why, now=request.now)
    return redirect('alerts:rule_set_take_in', draft.pk, Source.SHARED)


def _start(request: ActorRequest, pk: str) -> RuleSet:
    clinic = clinic_of(request)
    if not pk:
        return rule_set_for(clinic.pk)
    return get_object_or_404(rule_sets_of(clinic), pk=whole(pk))


@who_may(Who.STAFF)
@require_safe
def rule_set(request: ActorRequest, pk: int) -> HttpResponse:
    return show(request, own_or_shared(request, pk))


def own_or_shared(request: ActorRequest, pk: int) -> RuleSet:
    return get_object_or_404(rule_sets_of(clinic_of(request)), pk=pk)


def show(request: ActorRequest, found: RuleSet, *, status: int = 200, **forms: Any) -> HttpResponse:
    """One set; `forms` are those that have something to say about what was typed."""
    page = SetPage(found, clinic=clinic_of(request), user=request.actor.user, against=request.GET.get('against', ''))
    given: ReasonForm | None = forms.get('reason')
    context = {
        'page': page,
        'rule_set': found,
        'reader': not request.actor.is_admin,
        'submit_form': forms.get('submit') or submit_form(found, was_replayed=was_replayed(request, found)),
        'review_form': forms.get('review') or ReviewForm(initial={'seen': found.edits}),
        'ticked': request.POST.getlist('read'),
        'discard_form': forms.get('discard') or DiscardForm(prefix='discard'),
        'asides': [(aside, _reason_form(aside.rule, aside.reason, found, given)) for aside in page.asides],
    }
    return render(request, 'alerts/rules/rule_set.html', context, status=status)


def was_replayed(request: ActorRequest, found: RuleSet) -> bool:
    """Whether somebody could see what a draft, as it reads now, would have done in the last 90 days."""
    return replayed(found, today=request.now.astimezone(clinic_of(request).zone).date()) is not None


def _reason_form(rule: str, reason: str, found: RuleSet, given: ReasonForm | None) -> ReasonForm:
    if given is not None and given.rule == rule:
        return given
    return ReasonForm(rule=rule, initial={'seen': found.edits, 'reason': reason})
