"""The steps in the life of a rule set: handing in, review, publishing, discarding, reasons, taking changes in."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from alerts.forms.rules.life import DiscardForm, ReasonForm, ReviewForm, SendBackForm, TakeInForm, submit_form
from alerts.models import RuleSet
from alerts.pages.rules.life import SetPage
from alerts.pages.rules.life_take_in import TakeInPage
from alerts.queries.rules.life import rule_sets_of
from alerts.services.rules import drafting, publishing, reviewing
from alerts.services.rules.life_merging import NothingToTakeIn, Source, take_in
from alerts.views.rules.life import show, was_replayed
from alerts.words.life_errors import REFUSALS, refusal_words
from clinic.access import ActorRequest, Who, clinic_of, who_may


def _own(request: ActorRequest, pk: int) -> RuleSet:
    """A set of the clinic's own: the shared rules have no steps here."""
    return get_object_or_404(rule_sets_of(clinic_of(request)), pk=pk, clinic=clinic_of(request))


def _step(request: ActorRequest, pk: int, act: Callable[[], object], done: str) -> HttpResponse:
    """Take the step and say so, or say why not; then the set again."""
    try:
        act()
    except REFUSALS as refused:
        messages.error(request, refusal_words(refused))
    else:
        messages.success(request, done)
    return redirect('alerts:rule_set', pk)


@who_may(Who.ADMIN)
@require_POST
def submit(request: ActorRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    form = submit_form(found, request.POST, was_replayed=was_replayed(request, found))
    if not form.is_valid():
        return show(request, found, status=422, submit=form)
    given = {'by': request.actor.user, 'now': request.now, **form.cleaned_data}
    done = _('Handed in. Another admin reads it now; until then its words are fixed.')
    return _step(request, pk, lambda: reviewing.submit(draft=found, **given), done)


@who_may(Who.ADMIN)
@require_POST
def send_back(request: ActorRequest, pk: int) -> HttpResponse:
    found, form = _own(request, pk), SendBackForm(request.POST)
    if not form.is_valid():
        return show(request, found, status=422, review=form)
    given = {'by': request.actor.user, 'now': request.now, **form.cleaned_data}
    done = _('It is a draft again. Your word stands above it.')
    return _step(request, pk, lambda: reviewing.send_back(rule_set=found, **given), done)


@who_may(Who.ADMIN)
@require_POST
def approve(request: ActorRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    page = SetPage(found, clinic=clinic_of(request), user=request.actor.user)
    form = ReviewForm(request.POST, changes=page.to_read)
    if not form.is_valid():
        return show(request, found, status=422, review=form)
    given = {'by': request.actor.user, 'now': request.now, **form.cleaned_data}
    done = _('Approved. Nothing has changed yet: any admin can publish it now, or let it run silently first.')
    return _step(request, pk, lambda: reviewing.approve(rule_set=found, **given), done)


@who_may(Who.ADMIN)
@require_POST
def publish(request: ActorRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    done = _('Published. The next entry is checked by these rules; flags of before keep the words that made them fire.')
    act = lambda: publishing.publish(rule_set=found, by=request.actor.user, now=request.now)  # noqa: E731
    return _step(request, pk, act, done)


@who_may(Who.ADMIN)
@require_POST
def discard(request: ActorRequest, pk: int) -> HttpResponse:
    found, form = _own(request, pk), DiscardForm(request.POST, prefix='discard')
    if not form.is_valid():
        return show(request, found, status=422, discard=form)
    given = {'by': request.actor.user, 'now': request.now, **form.cleaned_data}
    done = _('Discarded. It stays on record.')
    return _step(request, pk, lambda: publishing.discard(rule_set=found, **given), done)


@who_may(Who.ADMIN)
@require_POST
def set_aside(request: ActorRequest, pk: int, rule: str) -> HttpResponse:
    found, form = _own(request, pk), ReasonForm(request.POST, rule=rule)
    if not form.is_valid():
        return show(request, found, status=422, reason=form)
    given = {'by': request.actor.user, 'now': request.now, **form.cleaned_data}
    done = _('The reason for %(rule)s is kept.') % {'rule': rule}
    return _step(request, pk, lambda: drafting.set_aside(draft=found, rule=rule, **given), done)


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def take_changes_in(request: ActorRequest, pk: int, source: str) -> HttpResponse:
    """What was published meanwhile, or what the shared rules have learnt, beside the draft; a choice for what clashes."""
    found = _own(request, pk)
    if source not in Source.values:
        raise Http404
    try:
        page = TakeInPage(found, Source(source))
    except NothingToTakeIn as nothing:
        messages.info(request, refusal_words(nothing))
        return redirect('alerts:rule_set', pk)
    form = TakeInForm(request.POST or None, conflicts=page.conflicts, initial={'seen': found.edits})
    if form.is_valid():
        return _take(request, found, Source(source), form)
    context = {'page': page, 'rule_set': found, 'form': form, 'source': source}
    return render(request, 'alerts/rules/take_in.html', context, status=422 if form.is_bound else 200)


def _take(request: ActorRequest, found: RuleSet, source: Source, form: Form) -> HttpResponse:
    assert isinstance(form, TakeInForm)
    given = {'by': request.actor.user, 'seen': form.cleaned_data['seen'], 'now': request.now}
    done = _('Taken in. Read what the draft changes now before it is handed in.')
    return _step(request, found.pk, lambda: take_in(draft=found, source=source, take=form.take(), **given), done)
