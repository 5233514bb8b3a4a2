"""The nurses' worklist. It asks for itself every few seconds and is only sent again when something changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts import queries
from alerts.queries import ALL, MINE, PAGE, UNOWNED, WHOSE
from alerts.views.parts import alert_context
from alerts.watch import watch_of
from clinic.access import ActorRequest, Who, who_may
from clinic.models import Clinic

EVERY_SECONDS = 3
TABS = {ALL: _('All'), MINE: _('Mine'), UNOWNED: _('Nobody has it')}


@dataclass(frozen=True)
class View:
    """What a nurse looks at: whose alerts, which page, and which one is open beside the list."""

    whose: str
    page: int
    selected: str


@who_may(Who.NURSE)
@require_safe
@never_cache
def worklist(request: ActorRequest) -> HttpResponse:
    view, clinic = view_of(request), clinic_of(request)
    page = rows_context(request, view) | beside(request, view)
    page |= {'watch': watch_of(clinic, now=request.now), 'on_call': queries.on_call(clinic)}
    return render(request, 'alerts/worklist.html', page)


@who_may(Who.NURSE)
@require_safe
@never_cache
def rows(request: ActorRequest) -> HttpResponse:
    """The list alone; 204 when nothing changed since the `key` that the page holds."""
    view, clinic = view_of(request), clinic_of(request)
    counts, late = queries.counts(clinic, user=request.actor.user), queries.late_count(clinic, now=request.now)
    oldest = queries.oldest_pending(clinic)
    if request.GET.get('key') == key_of(view, counts, late, oldest):
        return checked(HttpResponse(status=204), clinic, request.now)
    return rows_response(request, view)


def beside(request: ActorRequest, view: View) -> dict[str, Any]:
    """The chosen alert, for the panel; nothing when it is not one of hers to see."""
    try:
        return alert_context(request, queries.alert_for(request.actor, UUID(view.selected)))
    except (ValueError, Http404):
        return {}


def rows_response(request: ActorRequest, view: View, *, said: str = '', refused: bool = False) -> HttpResponse:
    """The list alone; `said` is told in the page's own place for messages."""
    page = rows_context(request, view) | {'said': said, 'refused': refused}
    return checked(render(request, 'alerts/worklist_rows.html', page), clinic_of(request), request.now)


def rows_context(request: ActorRequest, view: View) -> dict[str, Any]:
    """Everything that the list shows, in a constant number of queries."""
    clinic, user, now = clinic_of(request), request.actor.user, request.now
    counts, late = queries.counts(clinic, user=user), queries.late_count(clinic, now=now)
    oldest = queries.oldest_pending(clinic)
    shown = getattr(counts, view.whose)
    return {
        'view': view,
        'clinic': clinic,
        'every': EVERY_SECONDS,
        'rows': queries.worklist(clinic, whose=view.whose, user=user, now=now, page=view.page),
        'counts': counts,
        'tabs': [(whose, words, getattr(counts, whose)) for whose, words in TABS.items()],
        'key': key_of(view, counts, late, oldest),
        'oldest': oldest,
        'oldest_waited': max(now - oldest, timedelta()) if oldest else timedelta(),
        'checked_at': clock(clinic, now),
        'more': view.page + 1 if shown > view.page * PAGE else None,
    }


def view_of(request: ActorRequest) -> View:
    """From the address or, for a step taken in the list, from the form. An unknown word is no page."""
    given = request.POST if request.method == 'POST' else request.GET
    whose, page = given.get('whose', ALL), given.get('page', '1')
    if whose not in WHOSE or not page.isdecimal() or len(page) > 5 or int(page) < 1:
        raise Http404
    return View(whose, int(page), given.get('selected', ''))


def key_of(view: View, counts: queries.Counts, late: int, oldest: datetime | None) -> str:
    """Changes whenever the list would look different; `late` is part of it because time alone makes a row late."""
    return f'{view.whose}.{view.page}.{counts.version}.{late}.{oldest.timestamp() if oldest else 0}'


def checked(response: HttpResponse, clinic: Clinic, now: datetime) -> HttpResponse:
    """Says when the list was last compared with the database, by the server's clock."""
    response['X-Checked-At'] = clock(clinic, now)
    return response


def clock(clinic: Clinic, now: datetime) -> str:
    return date_format(now.astimezone(ZoneInfo(clinic.time_zone)), 'H:i:s')


def clinic_of(request: ActorRequest) -> Clinic:
    clinic = request.actor.clinic
    assert clinic is not None  # the gate let in a nurse
    return clinic
