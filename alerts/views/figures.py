"""The figures of the actor's clinic, as a page and as a table for a spreadsheet."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alerts.figures.report import left_out_words, report_of
from alerts.figures.span import USUAL, WEEKS, Span, last_weeks
from alerts.figures.tables import as_csv
from alerts.forms.figures import WITHOUT, OwnDaysForm, chosen_teams
from alerts.queries.figures import Scope, teams_of
from clinic.access import ActorRequest, Who, clinic_of, who_may
from clinic.models import CareTeam, Clinic

OWN = 'own'


@dataclass(frozen=True)
class Chosen:
    """What was asked for: the form of own days with its errors, and the scope, None while the form has any."""

    clinic: Clinic
    teams: list[CareTeam]
    team: str
    weeks: str
    form: OwnDaysForm
    scope: Scope | None

    @property
    def query(self) -> str:
        """The address of the same figures."""
        days: dict[str, Any] = {'weeks': self.weeks}
        if self.weeks == OWN and self.scope:
            days |= {'first': self.scope.span.first, 'last': self.scope.span.last}
        return urlencode(days | ({'team': self.team} if self.team else {}))

    @property
    def team_name(self) -> str:
        names = {str(team.pk): team.name for team in self.teams} | {'': _('All teams'), WITHOUT: _('No team')}
        return names[self.team]


@who_may(Who.STAFF)
@require_safe
def figures(request: ActorRequest) -> HttpResponse:
    chosen = chosen_of(request)
    page: dict[str, Any] = {'chosen': chosen, 'choices': _choices(chosen), 'form': chosen.form, 'now': request.now}
    if chosen.scope is None:
        return render(request, 'alerts/figures.html', page | {'report': None}, status=422)
    report = report_of(chosen.scope, chosen.teams)
    page |= {'report': report, 'span': chosen.scope.span, 'left_out': left_out_words(report.left_out)}
    return render(request, 'alerts/figures.html', page)


@who_may(Who.STAFF)
@require_safe
def figures_csv(request: ActorRequest) -> HttpResponse:
    """Exactly the page's tables, a line for every cell. No patient is in it."""
    chosen = chosen_of(request)
    if chosen.scope is None:
        raise Http404
    span = chosen.scope.span
    about = [('from', span.first.isoformat()), ('to', span.last.isoformat()), ('team', chosen.team_name)]
    text = as_csv(report_of(chosen.scope, chosen.teams).tables, about=about)
    # With the mark that tells spreadsheets the encoding.
    response = HttpResponse(text.encode('utf-8-sig'), content_type='text/csv; charset=utf-8')
    response['Content-Disposition'] = f'attachment; filename="vigil-figures-{span.first}-{span.last}.csv"'
    return response


def chosen_of(request: ActorRequest) -> Chosen:
    """From the address. An unknown span or team is no page; days that cannot be are told in the form."""
    clinic = clinic_of(request)
    given, teams = request.GET, teams_of(clinic)
    weeks, team = given.get('weeks', str(USUAL)), given.get('team', '')
    try:
        picked = chosen_teams(team, teams)
    except KeyError:
        raise Http404 from None
    form, span = _span(request, clinic, weeks)
    return Chosen(clinic, teams, team, weeks, form, Scope(clinic, span, picked) if span else None)


def _span(request: ActorRequest, clinic: Clinic, weeks: str) -> tuple[OwnDaysForm, Span | None]:
    now = request.now
    if weeks == OWN:
        form = OwnDaysForm(request.GET, clinic=clinic, now=now)
        return form, form.span() if form.is_valid() else None
    if weeks not in map(str, WEEKS):
        raise Http404
    span = last_weeks(int(weeks), zone=clinic.zone, now=now)
    days: dict[str, date] = {'first': span.first, 'last': span.last}
    return OwnDaysForm(initial=days, clinic=clinic, now=now), span


def _choices(chosen: Chosen) -> list[tuple[str, str, bool]]:
    """The links of the usual spans: address, words, whether it is the one that is shown."""
    team = {'team': chosen.team} if chosen.team else {}
    words = _('%(n)d weeks')
    return [(urlencode({'weeks': n} | team), words % {'n': n}, str(n) == chosen.weeks) for n in WEEKS]
