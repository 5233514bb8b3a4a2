"""Is Vigil well? The auditor's checks in plain words, the last fire drills, and a drill on demand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts.pages.watch import drill_rows, page_of
from alerts.services import drilling, watching
from alerts.words.watch import banner_words
from clinic.access import ActorRequest, Who, clinic_of, who_may


@who_may(Who.STAFF)
@require_safe
@never_cache
def watch(request: ActorRequest) -> HttpResponse:
    return render(request, 'alerts/watch.html', _context(request))


@who_may(Who.STAFF)
@require_safe
@never_cache
def health_banner(request: ActorRequest) -> HttpResponse:
    """The banner alone: every page of the staff asks for it now and then, so that a screen that is left open tells, too."""
    banner = banner_words(watching.health(now=request.now), clinic_of(request))
    return render(request, 'alerts/health_banner.html', {'banner': banner, 'asks': True})


@who_may(Who.ADMIN)
@require_POST
def drill_now(request: ActorRequest) -> HttpResponse:
    try:
        drilling.start(clinic=clinic_of(request), now=request.now, asked_by=request.actor.user)
    except drilling.DrillRuns:
        messages.warning(request, _('A drill is under way already. Wait until it has ended.'))
    else:
        messages.success(request, _('The drill has begun. This page shows how far it has come.'))
    return redirect('alerts:watch')


def _context(request: ActorRequest) -> dict[str, Any]:
    clinic = clinic_of(request)
    page = page_of(clinic, now=request.now)
    drills = drill_rows(clinic, now=request.now)
    return {'clinic': clinic, 'page': page, 'drills': drills, 'runs': any(row.is_running for row in drills)}
