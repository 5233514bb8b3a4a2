"""What each rule looks for, in plain words: for staff with everything behind it, for patients by what happens then."""

from collections.abc import Callable
from typing import TypeVar

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.engine import RuleError
from alerts.models import RuleSet
from alerts.pages.rules.content import content_of, rule_page
from alerts.pages.rules.content_patient import look_for
from alerts.queries.rules.in_force import NoPublishedRuleSet, rule_set_for
from clinic.access import ActorRequest, Who, clinic_of, who_may
from clinic.rights import Right
from diary.queries import where_now

T = TypeVar('T')


@who_may(Who.STAFF)
@require_safe
def rules_plain(request: ActorRequest) -> HttpResponse:
    content = _in_force(clinic_of(request).pk, content_of)
    page = {'content': content, 'clinic': clinic_of(request)}
    return render(request, 'alerts/rules/content/rules.html', page, status=200 if content else 503)


@who_may(Who.STAFF)
@require_safe
def rule_plain(request: ActorRequest, rule: str) -> HttpResponse:
    """Any rule that was ever in force for the clinic; anything else is not found."""
    clinic = clinic_of(request)
    found = _in_force(clinic.pk, lambda rule_set: (rule_set, rule_page(rule, rule_set, clinic)))
    if found is None or found[1] is None:
        raise Http404
    page = {'rule_set': found[0], 'page': found[1], 'rule': rule, 'clinic': clinic}
    return render(request, 'alerts/rules/content/rule.html', page)


@who_may(Who.DIARIST, Right.SAFETY)
@require_safe
def what_we_look_for(request: ActorRequest) -> HttpResponse:
    patient = request.actor.patient
    assert patient is not None  # the gate let in a diarist
    clinic = patient.clinic
    found = _in_force(clinic.pk, lambda rule_set: look_for(rule_set, clinic))
    page = {'found': found, 'patient': patient, 'where': where_now(patient, request.now)}
    return render(request, 'alerts/rules/content/look_for.html', page, status=200 if found else 503)


def _in_force(clinic_id: int, ask: Callable[[RuleSet], T]) -> T | None:
    """None where no rules are in force or they cannot be read: the page says so."""
    try:
        return ask(rule_set_for(clinic_id))
    except (NoPublishedRuleSet, RuleError):
        return None
