"""Rule sets: the hub of everything about rules, and one set with its life."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from alerts.queries.rules.life import rule_sets_of
from clinic.access import ActorRequest, Who, clinic_of, who_may


@who_may(Who.STAFF)
@require_safe
def rules(request: ActorRequest) -> HttpResponse:
    return render(request, 'alerts/rules/rule_sets.html', {'rule_sets': rule_sets_of(clinic_of(request))})


@who_may(Who.STAFF)
@require_safe
def rule_set(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(rule_sets_of(clinic_of(request)), pk=pk)
    return render(request, 'alerts/rules/rule_set.html', {'rule_set': found, 'reader': not request.actor.is_admin})
