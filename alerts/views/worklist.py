"""The nurses' worklist. It asks for itself, at the latest every few seconds, and is only sent when it looks different."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.models import TierChoice
from alerts.people.roster import plan_of
from alerts.queries.cases import alert_for, oldest_pending
from alerts.queries.rules.set_aside import lately
from alerts.queries.silences import silent_count
from alerts.queries.worklist import (
    ALL,
    MINE,
    PAGE,
    REVIEW,
    TEAM,
    TIERS,
    UNOWNED,
    WHOSE,
    Choice,
    Counts,
    Desk,
    Elsewhere,
    desk_of,
    red_elsewhere,
)
from alerts.queries.worklist import counts as counts_of
from alerts.queries.worklist import worklist as worklist_of
from alerts.views.parts import alert_context
from clinic.access import ActorRequest, Who, clinic_of, who_may
from clinic.dates import date_format
from clinic.models import Clinic

EVERY_SECONDS = 3
WITH_STREAM_SECONDS = 30  # a safety net: the stream tells of every step, but not of an entry that is not checked yet
TABS = {ALL: _('All'), UNOWNED: _('Nobody has it'), MINE: _('Mine'), TEAM: _('My team'), REVIEW: _('Review')}


@dataclass(frozen=True)
class View:
    """What a nurse looks at: which rows, which page of them, and which alert is open beside the list."""

    choice: Choice
    page: int
    selected: str

    @property
    def whose(self) -> str:
        return self.choice.whose

    @property
    def tier(self) -> str:
        return self.choice.tier


@dataclass(frozen=True)
class Link:
    """A filter: where it leads, its words, how many rows it shows, whether it is the one in use."""

    query: str
    words: Any
    count: int
    is_current: bool
    name: str


@dataclass(frozen=True)
class State:
    """What the list shows besides its rows, read once for a request."""

    counts: Counts
    silent: int
    oldest: datetime | None
    aside: tuple[int, int]
    elsewhere: tuple[Elsewhere, ...]


@who_may(Who.NURSE)
@require_safe
@never_cache
def worklist(request: ActorRequest) -> HttpResponse:
    view, clinic, now = view_of(request), clinic_of(request), request.now
    page = rows_context(request, view) | beside(request, view)
    page |= {'plan': plan_of(clinic, now=now)}
    page |= {'stream': settings.STREAM_URL, 'every_with_stream': WITH_STREAM_SECONDS}
    return render(request, 'alerts/worklist.html', page)


@who_may(Who.NURSE)
@require_safe
@never_cache
def rows(request: ActorRequest) -> HttpResponse:
    """The list alone; 204 when nothing changed since the `key` that the page holds."""
    view, desk = view_of(request), desk_at(request)
    state = state_of(request, desk, view)
    if request.GET.get('key') == key_of(view, state):
        return checked(HttpResponse(status=204), desk.clinic, request.now)
    return rows_response(request, view)


def beside(request: ActorRequest, view: View) -> dict[str, Any]:
    """The chosen alert, for the panel; nothing when it is not one of hers to see."""
    try:
        return alert_context(request, alert_for(request.actor, UUID(view.selected)))
    except (ValueError, Http404):
        return {}


def rows_response(request: ActorRequest, view: View, *, said: str = '', refused: bool = False) -> HttpResponse:
    """The list alone; `said` is told in the page's own place for messages."""
    page = rows_context(request, view) | {'said': said, 'refused': refused}
    return checked(render(request, 'alerts/worklist_rows.html', page), clinic_of(request), request.now)


def rows_context(request: ActorRequest, view: View) -> dict[str, Any]:
    """Everything that the list shows, in a constant number of queries."""
    desk, now = desk_at(request), request.now
    state = state_of(request, desk, view)
    shown = sum(state.counts.tiers.values()) if not view.tier else state.counts.tiers[view.tier]
    rows = worklist_of(desk, view.choice, now=now, page=view.page)
    return {
        'view': view,
        'clinic': desk.clinic,
        'every': EVERY_SECONDS,
        'rows': rows,
        'can_take': any(row.can_be_taken for row in rows),
        'counts': state.counts,
        'silent': state.silent,
        'elsewhere': state.elsewhere,
        'tabs': tabs(desk, view, state.counts),
        'tiers': tiers(view, state.counts),
        'key': key_of(view, state),
        'oldest': state.oldest,
        'oldest_waited': max(now - state.oldest, timedelta()) if state.oldest else timedelta(),
        'checked_at': clock(desk.clinic, now),
        'more': query_of(view.choice, page=view.page + 1) if shown > view.page * PAGE else '',
    }


def state_of(request: ActorRequest, desk: Desk, view: View) -> State:
    return State(
        counts_of(desk, view.choice, now=request.now),
        silent_count(desk.clinic),
        oldest_pending(desk.clinic),
        lately(desk.clinic, now=request.now),
        red_elsewhere(request.actor.elsewhere),
    )


def tabs(desk: Desk, view: View, counts: Counts) -> list[Link]:
    """Whose alerts. Where she is in no team and nobody's nurse, there is no tab for one."""
    shown = [name for name in TABS if name != TEAM or desk.teams or counts.team or view.whose == TEAM]
    return [
        Link(query_of(replace(view.choice, whose=name)), TABS[name], getattr(counts, name), view.whose == name, name)
        for name in shown
    ]


def tiers(view: View, counts: Counts) -> list[Link]:
    """Which tiers. Chosen a second time, a tier is let go."""
    return [
        Link(
            query_of(replace(view.choice, tier='' if view.tier == tier else tier)),
            TierChoice(tier).label,
            counts.tiers[tier],
            view.tier == tier,
            tier,
        )
        for tier in TIERS
    ]


def query_of(choice: Choice, *, page: int = 1) -> str:
    """The part of the address after the question mark that stands for these rows."""
    given = {'whose': choice.whose} | ({'tier': choice.tier} if choice.tier else {})
    return urlencode(given | ({'page': page} if page > 1 else {}))


def view_of(request: ActorRequest) -> View:
    """From the address or, for a step taken in the list, from the form. An unknown word is no page."""
    given = request.POST if request.method == 'POST' else request.GET
    choice, page = Choice(given.get('whose', ALL), given.get('tier', '')), given.get('page', '1')
    if choice.whose not in WHOSE or choice.tier not in ('', *TIERS):
        raise Http404
    if not page.isdecimal() or len(page) > 5 or int(page) < 1:
        raise Http404
    return View(choice, int(page), given.get('selected', ''))


def key_of(view: View, state: State) -> str:
    """Changes whenever the list would look different; `late` is part of it because time alone makes a row late."""
    counts, oldest = state.counts, state.oldest
    seen = f'{counts.version}.{counts.late}.{state.silent}.{oldest.timestamp() if oldest else 0}.{state.aside}'
    there = '.'.join(f'{each.place.pk}-{each.red}' for each in state.elsewhere)
    return f'{view.whose}.{view.tier}.{view.page}.{seen}.{there}'


def checked(response: HttpResponse, clinic: Clinic, now: datetime) -> HttpResponse:
    """Says when the list was last compared with the database, by the server's clock."""
    response['X-Checked-At'] = clock(clinic, now)
    return response


def clock(clinic: Clinic, now: datetime) -> str:
    return date_format(now.astimezone(ZoneInfo(clinic.time_zone)), 'H:i:s')


def desk_at(request: ActorRequest) -> Desk:
    membership = request.actor.membership
    assert membership is not None  # the gate let in a nurse
    return desk_of(membership)
