"""Several same-day alerts taken at once, from the worklist."""

from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from alerts.models import Alert
from alerts.services.working import OneByOne, bulk_acknowledge
from alerts.views.alert import tell
from alerts.views.worklist import query_of, rows_response, view_of
from clinic.access import ActorRequest, Who, patients_of, who_may

MOST = 100  # a page of the list


@who_may(Who.NURSE)
@require_POST
def acknowledge_many(request: ActorRequest) -> HttpResponse:
    """Take the chosen ones. What could not be taken is told by name; with an alert that is red nothing is taken at all."""
    view = view_of(request)
    said, done = take(request, chosen_alerts(request, request.POST))
    if request.headers.get('HX-Request'):
        return rows_response(request, view, said=said, refused=not done)
    tell(request, said, done)
    return redirect(f'{reverse("alerts:worklist")}?{query_of(view.choice, page=view.page)}')


def chosen_alerts(request: ActorRequest, given: QueryDict) -> list[Alert]:
    """The alerts that the form names as `public id:version`, each with the version that she saw. Anything else is not found."""
    try:
        seen = {UUID(name): int(version) for name, _, version in (one.partition(':') for one in given.getlist('alert'))}
    except ValueError:
        raise Http404 from None
    alerts = list(
        Alert.objects.filter(public_id__in=list(seen)[:MOST], patient__in=patients_of(request.actor))
        .select_related('patient')
        .order_by('pk')
    )
    if len(alerts) != len(seen):
        raise Http404
    for alert in alerts:
        alert.version = seen[alert.public_id]
    return alerts


def take(request: ActorRequest, alerts: list[Alert]) -> tuple[str, bool]:
    """What to tell her, and whether all went well."""
    if not alerts:
        return _('Choose one or more same-day alerts first.'), False
    try:
        missed = bulk_acknowledge(alerts=alerts, by=request.actor.user, now=request.now)
    except OneByOne:
        return _('Emergency and urgent alerts are taken one by one, after reading them. Nothing was done.'), False
    taken = len(alerts) - len(missed)
    said = ngettext('%(n)d alert is yours.', '%(n)d alerts are yours.', taken) % {'n': taken} if taken else ''
    if not missed:
        return said, True
    names = ', '.join(alert.patient.name for alert in missed)
    rest = _('Not taken, because something changed: %(names)s. Look at the list again.') % {'names': names}
    return f'{said} {rest}'.strip(), False
