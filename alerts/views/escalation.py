"""The ladders: what happens while nobody takes an alert, in words, and changed by an admin."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.engine.escalation import Ladder, default_ladder
from alerts.engine.tiers import Tier
from alerts.forms.escalation import (
    MOST_RUNGS,
    LadderForm,
    RungFormSet,
    ladder_from,
    limits_of,
    rearranged,
    region_of,
    rows_of,
    typed_rows,
)
from alerts.models import TierChoice
from alerts.pages.ladders import TIERS, cards_of, ladder_for
from alerts.services.ladder_changes import change_ladder
from clinic.access import ActorRequest, Who, clinic_of, who_may
from clinic.models import Clinic


@who_may(Who.ADMIN)
@require_safe
def escalation(request: ActorRequest) -> HttpResponse:
    clinic = clinic_of(request)
    return render(request, 'alerts/escalation.html', {'cards': cards_of(clinic, now=request.now), 'clinic': clinic})


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def escalation_edit(request: ActorRequest, tier: str) -> HttpResponse:
    """One ladder as a form. Its small buttons (`do`) add, move and remove steps without saving anything."""
    if tier not in TIERS:
        raise Http404
    clinic, do = clinic_of(request), request.POST.get('do', 'save')
    if request.method != 'POST':
        return _show(request, clinic, tier, **_filled(ladder_for(clinic, tier), clinic))
    if do == 'defaults':
        return _show(request, clinic, tier, **_filled(default_ladder(TIERS[tier]), clinic))
    if do != 'save':
        return _show(request, clinic, tier, **_rearranged(request.POST, do, clinic))
    return _save(request, clinic, tier)


def _save(request: ActorRequest, clinic: Clinic, tier: str) -> HttpResponse:
    form, red = LadderForm(request.POST), TIERS[tier] is not Tier.SAME_DAY
    rungs = RungFormSet(request.POST, form_kwargs={'region': region_of(clinic)}, red=red)
    if not form.is_valid() or not rungs.is_valid():
        return _show(request, clinic, tier, form=form, rungs=rungs, status=422)
    change_ladder(clinic=clinic, ladder=ladder_from(TIERS[tier], form, rungs), by=request.actor.user, now=request.now)
    messages.success(request, _('Saved. It holds for alerts that open from now on.'))
    return redirect('alerts:escalation')


def _filled(ladder: Ladder, clinic: Clinic) -> dict[str, Any]:
    rungs = RungFormSet(initial=rows_of(ladder), form_kwargs={'region': region_of(clinic)})
    return {'form': LadderForm(initial=limits_of(ladder)), 'rungs': _exactly(rungs)}


def _rearranged(data: QueryDict, do: str, clinic: Clinic) -> dict[str, Any]:
    rows = rearranged(typed_rows(data), do)
    rungs = RungFormSet(initial=rows, form_kwargs={'region': region_of(clinic)})
    limits = {name: data.get(name, '') for name in LadderForm.base_fields}
    return {'form': LadderForm(initial=limits), 'rungs': _exactly(rungs)}


def _exactly(rungs: Any) -> Any:
    """Only the rows that there are: `min_num` would add an empty one."""
    rungs.min_num = 0
    return rungs


def _show(request: ActorRequest, clinic: Clinic, tier: str, *, status: int = 200, **forms: Any) -> HttpResponse:
    page = {
        'tier': tier,
        'label': TierChoice(tier).label,
        'is_red': tier != TierChoice.SAME_DAY,
        'may_add': forms['rungs'].total_form_count() < MOST_RUNGS,
        **forms,
    }
    return render(request, 'alerts/escalation_edit.html', page, status=status)
