"""The hand-over of a shift, on screen and on paper."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.pages.handover import handover_of
from clinic.access import ActorRequest, Who, clinic_of, who_may

HOURS = (8, 12, 24, 72)


@who_may(Who.NURSE)
@require_safe
@never_cache
def handover(request: ActorRequest) -> HttpResponse:
    """Since when is chosen by links; an unknown word is no page."""
    asked, clinic = request.GET.get('hours', ''), clinic_of(request)
    if asked and asked not in map(str, HOURS):
        raise Http404
    hours = int(asked) if asked else None
    page = {
        'shift': handover_of(clinic, user=request.actor.user, now=request.now, hours=hours),
        'clinic': clinic,
        'spans': [('', _('This shift'), not hours), *((f'?hours={n}', _span(n), n == hours) for n in HOURS)],
    }
    return render(request, 'alerts/handover.html', page)


def _span(hours: int) -> str:
    if hours > 24:
        return _('%(n)d days') % {'n': hours // 24}
    return ngettext('%(n)d hour', '%(n)d hours', hours) % {'n': hours}
