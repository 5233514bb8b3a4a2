"""Whether this process lives, and whether it can do its work. Neither tells anything about anybody."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.access import Who, who_may


@who_may(Who.ANYONE)
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse('alive\n', content_type='text/plain')


@who_may(Who.ANYONE)
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answers when the database does; a database that is away makes a 500, which takes this process out of service."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT 1')
    return HttpResponse('ready\n', content_type='text/plain')
