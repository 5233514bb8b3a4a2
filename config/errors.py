"""Pages for requests that cannot be read."""

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import bad_request as usual


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where too much was sent at once."""
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent)):
        return HttpResponse(render_to_string('413.html'), status=413)
    return usual(request, exception)
