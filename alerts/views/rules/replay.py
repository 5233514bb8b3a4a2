"""Replays of a rule set over the clinic's stored history: asked for, watched, read, opened entry by entry."""

import csv
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.engine import RuleError
from alerts.figures.tables import harmless
from alerts.forms.rules.replay import ReplayForm
from alerts.models import Replay, ReplayState
from alerts.pages.rules.replay import Report, csv_rows
from alerts.pages.rules.replay_entry import entry_page
from alerts.queries.rules.in_force import NoPublishedRuleSet, published_rule_set
from alerts.queries.rules.life import rule_sets_of
from alerts.queries.rules.replay import cases_that_differ, flags_that_differ, replays_of, revision_in
from alerts.services.rules import replaying
from alerts.words.problems import in_words
from clinic.access import ActorRequest, Who, clinic_of, patients_of, who_may

PAGE = 25


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def replays(request: ActorRequest, pk: int) -> HttpResponse:
    """The replays of one rule set, and the form for another."""
    clinic = clinic_of(request)
    rule_set = get_object_or_404(rule_sets_of(clinic), pk=pk)
    form, problem = ReplayForm(request.POST or None, clinic=clinic, now=request.now), ''
    if form.is_valid():
        days = form.cleaned_data
        try:
            asked = replaying.ask(
                rule_set=rule_set,
                clinic=clinic,
                by=request.actor.user,
                since=days['since'],
                until=days['until'],
                now=request.now,
            )
            return redirect('alerts:replay', asked.pk)
        except RuleError as error:
            problem = in_words(error)
        except NoPublishedRuleSet:
            problem = _('No rules are published, so there is nothing to compare with.')
    done = replays_of(clinic).filter(rule_set=rule_set)
    page = {'rule_set': rule_set, 'form': form, 'problem': problem, 'replays': done[:PAGE]}
    return render(request, 'alerts/rules/replay/replays.html', page, status=422 if form.errors or problem else 200)


@who_may(Who.ADMIN)
@require_safe
def replay(request: ActorRequest, replay: int) -> HttpResponse:
    """How far it is, or what it came to."""
    found = _found(request, replay)
    page: dict[str, Any] = {'replay': found, 'rule_set': found.rule_set}
    if found.state == ReplayState.DONE:
        numbers = {name: request.GET.get(name, '1') for name in ('gained', 'lost', 'moved')}
        cases = {name: Paginator(rows, PAGE, orphans=5) for name, rows in cases_that_differ(found).items()}
        page |= {'report': Report(found), 'hints': _hints(found)}
        page['cases'] = [(name, each, each.get_page(numbers[name])) for name, each in cases.items()]
    return render(request, 'alerts/rules/replay/replay.html', page)


@who_may(Who.ADMIN)
@require_POST
def replay_cancel(request: ActorRequest, replay: int) -> HttpResponse:
    found = _found(request, replay)
    replaying.cancel(replay=found, now=request.now)
    return redirect('alerts:replay', found.pk)


@who_may(Who.ADMIN)
@require_safe
def replay_csv(request: ActorRequest, replay: int) -> HttpResponse:
    """The page's figures, a line for every one. No patient is in it."""
    found = _done(request, replay)
    out = StringIO()
    csv.writer(out).writerows([harmless(str(cell)) for cell in row] for row in csv_rows(Report(found)))
    # With the mark that tells spreadsheets the encoding.
    response = HttpResponse(out.getvalue().encode('utf-8-sig'), content_type='text/csv; charset=utf-8')
    response['Content-Disposition'] = f'attachment; filename="vigil-replay-{found.since}-{found.until}.csv"'
    return response


@who_may(Who.ADMIN)
@require_safe
def replay_rule(request: ActorRequest, replay: int, rule: str) -> HttpResponse:
    """The flags of one rule that one side alone has."""
    found = _done(request, replay)
    row = next((row for row in Report(found).rules if row.rule == rule), None)
    if row is None:
        raise Http404
    flags = Paginator(flags_that_differ(found, rule), PAGE, orphans=5).get_page(request.GET.get('page', '1'))
    page = {'replay': found, 'rule_set': found.rule_set, 'row': row, 'flags': flags, 'kept': found.batches.exists()}
    return render(request, 'alerts/rules/replay/rule.html', page)


@who_may(Who.ADMIN)
@require_safe
def replay_entry(request: ActorRequest, replay: int, revision: int) -> HttpResponse:
    """Why one entry is flagged under either side."""
    found = _done(request, replay)
    opened = revision_in(found, revision)
    if opened is None or not patients_of(request.actor).filter(pk=opened.entry.patient_id).exists():
        raise Http404
    page: dict[str, Any] = {
        'replay': found,
        'rule_set': found.rule_set,
        'page': None,
        'patient': opened.entry.patient,
        'revision': opened,
    }
    try:
        page['page'] = entry_page(found, opened)
    except RuleError as error:
        page['problem'] = in_words(error)
        return render(request, 'alerts/rules/replay/entry.html', page, status=422)
    return render(request, 'alerts/rules/replay/entry.html', page | {'problem': ''})


def _found(request: ActorRequest, replay: int) -> Replay:
    return get_object_or_404(replays_of(clinic_of(request)), pk=replay)


def _done(request: ActorRequest, replay: int) -> Replay:
    found = _found(request, replay)
    if found.state != ReplayState.DONE:
        raise Http404
    return found


def _hints(found: Replay) -> dict[str, bool]:
    """Whether what was replayed is still what stands."""
    current = published_rule_set(found.clinic_id)
    return {
        'edited': found.digest != found.rule_set.digest,
        'overtaken': current is None or current.pk != found.against_id,
    }
