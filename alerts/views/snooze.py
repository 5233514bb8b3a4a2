"""Snoozing an alert from its page, waking it, and the page of everything that is hidden right now."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts.pages.case import case_of
from alerts.queries.cases import alert_for
from alerts.queries.snoozes import hidden_now, under_red
from alerts.services import snoozing
from alerts.views.alert import again, attempt, back_to, show, tell
from alerts.views.parts import snooze_form
from clinic.access import ActorRequest, Who, clinic_of, who_may
from clinic.dates import date_format

HIDDEN = 'hidden'


@who_may(Who.NURSE)
@require_POST
def snooze(request: ActorRequest, alert: UUID) -> HttpResponse:
    found = alert_for(request.actor, alert)
    form = snooze_form(request, found, case_of(found, user=request.actor.user, now=request.now), request.POST)
    if not form.is_valid():
        return show(request, found, snooze=form)
    given = form.cleaned_data
    said, done = attempt(
        request,
        lambda: snoozing.snooze(
            alert=found,
            by=request.actor.user,
            now=request.now,
            until=given['until'],
            reason=form.said,
            levels=form.levels,
            seen=given['version'],
        ),
    )
    words = {'patient': found.patient.name, 'day': date_format(given['until'], 'l j F')}
    tell(request, said or _('%(patient)s is snoozed until the end of %(day)s, unless it gets worse.') % words, done)
    return redirect('alerts:worklist') if done else again(request, found, snooze=form)


@who_may(Who.NURSE)
@require_POST
def wake(request: ActorRequest, alert: UUID) -> HttpResponse:
    found = alert_for(request.actor, alert)
    snoozing.wake(alert=found, by=request.actor.user, now=request.now)
    messages.success(request, _('%(patient)s is back on the list.') % {'patient': found.patient.name})
    return redirect('alerts:hidden') if request.POST.get('back') == HIDDEN else back_to(found)


@who_may(Who.NURSE)
@require_safe
@never_cache
def hidden(request: ActorRequest) -> HttpResponse:
    clinic = clinic_of(request)
    page = {'clinic': clinic, 'hidden': hidden_now(clinic), 'under': under_red(clinic), 'now': request.now}
    return render(request, 'alerts/hidden.html', page)
