"""What the alert's page and the panel beside the worklist have in common."""

from typing import Any

from django.forms import Form

from alerts.expectations import expected_words
from alerts.forms.alert import ContactForm, NoteForm, ResolveForm
from alerts.forms.snooze import SnoozeForm, today_at
from alerts.models import Alert, AlertState, Line
from alerts.pages.case import Case, case_of
from alerts.queries.snoozes import snooze_of
from alerts.services.working import MAY_UNDO
from alerts.triage import Script, scripts_for
from alerts.words.answers import staff_units
from alerts.words.books import reading_language
from alerts.words.record import record_of
from alerts.words.titles import title_words
from clinic.access import ActorRequest
from clinic.models import User
from diary.catalogue import current_catalogue

MOST_SCRIPTS = 3


def alert_context(request: ActorRequest, alert: Alert, **forms: Form) -> dict[str, Any]:
    """One alert with its forms; `forms` are those that have something to say about what was typed."""
    case = case_of(alert, user=request.actor.user, now=request.now)
    seen = {'version': alert.version}
    colleague = colleague_of(alert, request.actor.user)
    return {
        'alert': alert,
        'case': case,
        'scripts': _scripts(case),
        'record': record_of(alert, case),
        'may_undo': alert.resolved_at is not None and request.now <= alert.resolved_at + MAY_UNDO,
        'contact_form': forms.get('contact') or contact_form(request, alert, initial=seen),
        'note_form': forms.get('note') or NoteForm(prefix='note'),
        'resolve_form': forms.get('resolve') or ResolveForm(prefix='resolve', initial=seen, colleague=colleague),
        'snooze_form': forms.get('snooze') or _snooze_form(request, alert, case, initial=seen),
        'snooze_never': [
            title_words(one.rule, one.title) for one in case.reasons if one.rule in case.findings.always_news
        ],
        **_snoozed(alert),
    }


def _scripts(case: Case) -> list[Script]:
    """What to ask about the worst that holds; about the rest only where that leaves room."""
    worst, language = case.reasons[0].tier if case.reasons else '', reading_language()
    first = scripts_for((one.rule for one in case.reasons if one.tier == worst), language)
    rest = scripts_for((one.rule for one in case.reasons if one.tier != worst), language)
    return list(dict.fromkeys([*first, *rest]))[:MOST_SCRIPTS]


def colleague_of(alert: Alert, user: User) -> str:
    """The name of the colleague who has the alert in hand; empty when nobody has, or `user` herself."""
    if alert.owner is None or alert.owner == user or alert.is_waiting:
        return ''
    return str(alert.owner)


def contact_form(request: ActorRequest, alert: Alert, *given: Any, **options: Any) -> ContactForm:
    return ContactForm(*given, prefix='contact', zone=alert.clinic.zone, now=request.now, **options)


def snooze_form(request: ActorRequest, alert: Alert, case: Case, *given: Any, **options: Any) -> SnoozeForm:
    return SnoozeForm(
        *given,
        prefix='snooze',
        findings=case.findings,
        catalogue=current_catalogue(),
        units=staff_units(alert.clinic),
        today=today_at(request.now, alert.clinic.zone),
        **options,
    )


def _snooze_form(request: ActorRequest, alert: Alert, case: Case, **options: Any) -> SnoozeForm | None:
    """None where nothing can be snoozed: a red alert, a closed one, or one of measurements and requests alone."""
    if alert.line != Line.AMBER or alert.state == AlertState.RESOLVED or not case.findings.expected.rules:
        return None
    return snooze_form(request, alert, case, **options)


def _snoozed(alert: Alert) -> dict[str, Any]:
    """The running snooze, and up to which levels it expects what, in words."""
    snooze = snooze_of(alert) if alert.state == AlertState.SNOOZED else None
    words = expected_words(snooze, current_catalogue(), staff_units(alert.clinic)) if snooze else []
    return {'snooze': snooze, 'expected': words}
