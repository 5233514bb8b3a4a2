"""Pages for requests that cannot be read, and for addresses with nothing behind them."""

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import bad_request as usual

from clinic.access import Actor, works_of
from clinic.models import Membership


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where too much was sent at once."""
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent)):
        return HttpResponse(render_to_string('413.html'), status=413)
    return usual(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. A message may call somebody to a page of another clinic than the one in which she works now, or while her own diary is
    open: then it can be one step away. Whether it is, this page does not know."""
    places = _other_places(getattr(request, 'actor', None))
    back = request.get_full_path() if request.method in ('GET', 'HEAD') else ''
    return render(request, '404.html', {'places': places, 'next': back}, status=404)


def _other_places(actor: Actor | None) -> list[Membership]:
    if actor is None:
        return []
    return list(actor.elsewhere) if actor.membership else list(works_of(actor.user))
