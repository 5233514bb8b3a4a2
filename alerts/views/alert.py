"""One alert, and the steps that a nurse takes with it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts.engine.lifecycle import IllegalMove
from alerts.forms.alert import MarkForm, NoteForm, ResolveForm, VersionForm
from alerts.models import Alert
from alerts.queries.cases import alert_for
from alerts.services import working
from alerts.services.held import AlreadyDone, ChangedMeanwhile
from alerts.services.snoozing import CannotSnooze
from alerts.services.working import TooLate
from alerts.views.parts import alert_context, colleague_of, contact_form
from alerts.views.worklist import rows_response, view_of
from alerts.words.times import clock_words
from clinic.access import ActorRequest, Who, clinic_of, who_may

PREVIEW = 'preview'
LIST = 'worklist'


@who_may(Who.NURSE)
@require_safe
@never_cache
def alert(request: ActorRequest, alert: UUID) -> HttpResponse:
    """The whole page; only its heart when the worklist shows it beside the list."""
    return show(request, alert_for(request.actor, alert))


def show(request: ActorRequest, found: Alert, **forms: Form) -> HttpResponse:
    """The page, with forms that have something to say about what was typed."""
    preview = request.headers.get('HX-Target') == PREVIEW
    page = alert_context(request, found, **forms)
    status = 422 if any(form.is_bound for form in forms.values()) else 200
    return render(request, 'alerts/alert_preview.html' if preview else 'alerts/alert.html', page, status=status)


@who_may(Who.NURSE)
@require_POST
def acknowledge(request: ActorRequest, alert: UUID) -> HttpResponse:
    """Take it. From the worklist the list comes back, from the alert its page."""
    found, seen = alert_for(request.actor, alert), seen_by_her(request)
    said, done = attempt(
        request, lambda: working.acknowledge(alert=found, by=request.actor.user, now=request.now, seen=seen)
    )
    said = said or _('%(patient)s is yours.') % {'patient': found.patient.name}
    if request.POST.get('back') == LIST and request.headers.get('HX-Request'):
        return rows_response(request, view_of(request), said=said, refused=not done)
    tell(request, said, done)
    return redirect('alerts:worklist') if request.POST.get('back') == LIST else back_to(found)


@who_may(Who.NURSE)
@require_POST
def take_over(request: ActorRequest, alert: UUID) -> HttpResponse:
    found, seen = alert_for(request.actor, alert), seen_by_her(request)
    return step(
        request,
        found,
        lambda: working.take_over(alert=found, by=request.actor.user, now=request.now, seen=seen),
        _('You have it now.'),
    )


@who_may(Who.NURSE)
@require_POST
def contact(request: ActorRequest, alert: UUID) -> HttpResponse:
    found = alert_for(request.actor, alert)
    form = contact_form(request, found, request.POST)
    if not form.is_valid():
        return show(request, found, contact=form)
    return step(
        request,
        found,
        lambda: working.note_contact(
            alert=found,
            by=request.actor.user,
            now=request.now,
            reached=form.was_reached,
            note=form.cleaned_data['note'],
            call_back_at=form.cleaned_data['call_back_at'],
            seen=form.cleaned_data['version'],
        ),
        _('The contact is noted.'),
        contact=form,
    )


@who_may(Who.NURSE)
@require_POST
def note(request: ActorRequest, alert: UUID) -> HttpResponse:
    found, form = alert_for(request.actor, alert), NoteForm(request.POST, prefix='note')
    if not form.is_valid():
        return show(request, found, note=form)
    text = form.cleaned_data['note']
    return step(
        request,
        found,
        lambda: working.add_note(alert=found, by=request.actor.user, now=request.now, note=text),
        _('The note is saved.'),
    )


@who_may(Who.NURSE)
@require_POST
def resolve(request: ActorRequest, alert: UUID) -> HttpResponse:
    found = alert_for(request.actor, alert)
    form = ResolveForm(request.POST, prefix='resolve', colleague=colleague_of(found, request.actor.user))
    if not form.is_valid():
        return show(request, found, resolve=form)
    given = form.cleaned_data
    said, done = attempt(
        request,
        lambda: working.resolve(
            alert=found,
            by=request.actor.user,
            now=request.now,
            outcome=given['outcome'],
            note=given['note'],
            seen=given['version'],
        ),
    )
    if not done:
        tell(request, said, done)
        return again(request, found, resolve=form)
    messages.success(request, _resolved(found))
    return redirect('alerts:worklist')


def _resolved(found: Alert) -> str:
    words = _('Resolved. %(patient)s sees it in the diary.') % {'patient': found.patient.name}
    place = reverse('alerts:alert', args=[found.public_id])
    return format_html('{} <a href="{}#undo">{}</a>', words, place, _('Not right? Open it again'))


@who_may(Who.NURSE)
@require_POST
def undo(request: ActorRequest, alert: UUID) -> HttpResponse:
    found = alert_for(request.actor, alert)
    return step(
        request,
        found,
        lambda: working.undo(alert=found, by=request.actor.user, now=request.now),
        _('It is open again, and waits for somebody.'),
    )


@who_may(Who.NURSE)
@require_POST
def mark(request: ActorRequest, alert: UUID) -> HttpResponse:
    found, form = alert_for(request.actor, alert), MarkForm(request.POST)
    if not form.is_valid():
        return back_to(found)
    chosen = form.cleaned_data['mark']
    return step(
        request,
        found,
        lambda: working.mark(alert=found, by=request.actor.user, now=request.now, mark=chosen),
        _('Thank you. It counts in the figures of the rule.'),
    )


def seen_by_her(request: ActorRequest) -> int:
    """The version on her screen. A form that names none has shown her nothing: 0, which no alert has."""
    form = VersionForm(request.POST)
    return int(form.cleaned_data['version']) if form.is_valid() else 0


def step(request: ActorRequest, found: Alert, act: Callable[[], Alert], done_words: str, **typed: Form) -> HttpResponse:
    said, done = attempt(request, act)
    tell(request, said or done_words, done)
    return back_to(found) if done or not typed else again(request, found, **typed)


def again(request: ActorRequest, found: Alert, **typed: Form) -> HttpResponse:
    """The alert as it is now, with what she typed in its form. It bears the new version: sent again, it counts."""
    fresh = alert_for(request.actor, found.public_id)
    for form in typed.values():
        typed_in = {name: form.data[name] for name in form.data}  # one value a name; `|` would copy a QueryDict's lists
        form.data = typed_in | {form.add_prefix('version'): fresh.version}
    return show(request, fresh, **typed)


def attempt(request: ActorRequest, act: Callable[[], Alert]) -> tuple[str, bool]:
    """Take a step. What to tell her when it could not be taken, and whether it was."""
    try:
        act()
    except AlreadyDone as told:
        zone = clinic_of(request).zone
        words = {'who': told.who or _('Somebody'), 'when': clock_words(told.when, now=request.now, zone=zone)}
        return _('%(who)s was faster and has done this at %(when)s.') % words, False
    except ChangedMeanwhile:
        return _('Something changed while you were looking. Read it again first; nothing was done.'), False
    except TooLate:
        return _('It is too late to open it again: a day has passed, or a newer alert stands in its place.'), False
    except CannotSnooze:
        return _('This alert cannot be snoozed.'), False
    except IllegalMove:
        return _('This step is not possible any more. Look at what happened below.'), False
    return '', True


def tell(request: ActorRequest, said: str, done: bool) -> None:
    (messages.success if done else messages.warning)(request, said)


def back_to(found: Alert) -> HttpResponse:
    return redirect('alerts:alert', alert=found.public_id)
