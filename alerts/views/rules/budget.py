"""What each rule costs, as a page and as a table for a spreadsheet; and the limits, which an admin changes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.figures.tables import as_csv
from alerts.forms.rules.budget import LimitsForm
from alerts.pages.rules.budget import DAYS, budget_of
from alerts.pages.rules.budget_table import table_of
from alerts.pages.rules.verdict import ENOUGH
from alerts.queries.rules.budget_limits import limits_of
from alerts.services.rules.budgeting import BudgetChanged, change_budget
from clinic.access import ActorRequest, Who, clinic_of, who_may


@who_may(Who.STAFF)
@require_safe
def budget(request: ActorRequest) -> HttpResponse:
    clinic = clinic_of(request)
    found = budget_of(clinic, now=request.now)
    page = {'budget': found, 'clinic': clinic, 'days': DAYS, 'enough': ENOUGH, 'reader': not request.actor.is_admin}
    return render(request, 'alerts/rules/budget/budget.html', page)


@who_may(Who.STAFF)
@require_safe
def budget_csv(request: ActorRequest) -> HttpResponse:
    """Exactly the page's figures, a line for every cell. No patient is in it."""
    found = budget_of(clinic_of(request), now=request.now)
    about = [('from', found.span.first.isoformat()), ('to', found.span.last.isoformat())]
    text = as_csv([table_of(found)], about=about)
    response = HttpResponse(text.encode('utf-8-sig'), content_type='text/csv; charset=utf-8')
    response['Content-Disposition'] = f'attachment; filename="vigil-rules-{found.span.first}-{found.span.last}.csv"'
    return response


@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def budget_limits(request: ActorRequest) -> HttpResponse:
    form = LimitsForm(request.POST) if request.method == 'POST' else LimitsForm.filled(limits_of(clinic_of(request)))
    if form.is_bound and form.is_valid():
        return _change(request, form)
    return _limits_page(request, form, status=422 if form.is_bound else 200)


def _change(request: ActorRequest, form: LimitsForm) -> HttpResponse:
    clinic, by = clinic_of(request), request.actor.user
    seen: int = form.cleaned_data['seen']
    try:
        change_budget(clinic=clinic, by=by, limits=form.limits, seen=seen, now=request.now)
    except BudgetChanged:
        messages.warning(request, _('Somebody else has just changed the limits. These are theirs; nothing was saved.'))
        return _limits_page(request, LimitsForm.filled(limits_of(clinic)), status=409)
    messages.success(request, _('The limits are saved. No rule was changed by them.'))
    return redirect('alerts:budget')


def _limits_page(request: ActorRequest, form: LimitsForm, *, status: int) -> HttpResponse:
    page = {'form': form, 'limits': limits_of(clinic_of(request))}
    return render(request, 'alerts/rules/budget/limits.html', page, status=status)
