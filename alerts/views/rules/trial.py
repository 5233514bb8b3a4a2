"""The silent run of a draft: begun, read and ended here. What it found tells nobody, and stands on no other page."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alerts.engine import RuleError
from alerts.forms.whole import whole
from alerts.models import RuleSet
from alerts.pages.rules.trial import asides_of, compared, entries_of, report_of
from alerts.queries.cases import entry_for
from alerts.queries.rules.life import rule_sets_of
from alerts.queries.rules.trial_report import DIFFERENT, SHOW
from alerts.services.rules.life_trial import AnotherRuns, NotApproved, NotOnTrial, begin_trial, end_trial
from clinic.access import ActorRequest, Who, clinic_of, who_may

MOST_PAGES = 10_000


@who_may(Who.STAFF)
@require_safe
def trial(request: ActorRequest, pk: int) -> HttpResponse:
    found = _set_of(request, pk)
    page = {'rule_set': found, 'reader': not request.actor.is_admin, 'asides': asides_of(found)}
    if found.trial_since is None:
        return render(request, 'alerts/rules/trial/none.html', page)
    show, number = request.GET.get('show', DIFFERENT), whole(request.GET.get('page', '1')) or 0
    if show not in SHOW or not 0 < number <= MOST_PAGES:
        raise Http404
    report = report_of(found, now=request.now)
    listed = entries_of(found, show=show, rule=request.GET.get('rule', ''), number=number)
    return render(
        request, 'alerts/rules/trial/page.html', page | {'report': report, 'listed': listed, 'shows': _shows()}
    )


def _shows() -> list[tuple[str, str]]:
    words = (_('What differs'), _('Only the draft'), _('Only in force'), _('Every flag'))
    return list(zip(SHOW, words, strict=True))


@who_may(Who.STAFF)
@require_safe
def trial_entry(request: ActorRequest, pk: int, entry: UUID) -> HttpResponse:
    """One entry by both sides, with the evidence. Whoever is no nurse reads no name."""
    rule_set, found = _set_of(request, pk), entry_for(request.actor, entry)
    try:
        both, readable = compared(rule_set, found), True
    except RuleError:  # its rules fit the symptoms of now no longer
        both, readable = None, False
    page = {'rule_set': rule_set, 'reader': not request.actor.is_admin, 'compared': both, 'readable': readable}
    return render(request, 'alerts/rules/trial/entry.html', page)


@who_may(Who.ADMIN)
@require_POST
def trial_begin(request: ActorRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    try:
        begin_trial(rule_set=found, by=request.actor.user, now=request.now)
        messages.success(request, _('It runs silently from now on. Nobody is told of what it finds.'))
    except NotApproved:
        messages.error(request, _('Only a draft that a second person has approved can run silently.'))
    except AnotherRuns as other:
        messages.error(request, _('%(other)s runs silently already. End that run first.') % {'other': other.rule_set})
    return redirect('alerts:trial', pk)


@who_may(Who.ADMIN)
@require_POST
def trial_end(request: ActorRequest, pk: int) -> HttpResponse:
    try:
        end_trial(rule_set=_own(request, pk), by=request.actor.user, now=request.now)
        messages.success(request, _('The silent run is over. What it found stays here.'))
    except NotOnTrial:
        messages.info(request, _('It does not run silently any more.'))
    return redirect('alerts:trial', pk)


def _set_of(request: ActorRequest, pk: int) -> RuleSet:
    return get_object_or_404(rule_sets_of(clinic_of(request)), pk=pk)


def _own(request: ActorRequest, pk: int) -> RuleSet:
    """The shared default is everybody's, and nobody's to try."""
    return get_object_or_404(rule_sets_of(clinic_of(request)).filter(clinic=clinic_of(request)), pk=pk)
