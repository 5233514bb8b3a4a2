"""Whether this process lives, and whether it can do its work. None of it tells anything about anybody."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.services import watching
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


@who_may(Who.ANYONE)
@require_safe
@never_cache
def work(request: HttpRequest) -> HttpResponse:
    """Whether the background work is done: 200, or 503 with the names of what stopped and of the checks that are red.

    Which clinic a check is about is nothing for a stranger."""
    health = watching.health(now=timezone.now())
    if health.is_well:
        return HttpResponse('well\n', content_type='text/plain')
    red = dict.fromkeys(name.split(':')[0] for name in health.red)
    lines = [f'stopped {name}' for name in health.stopped] + [f'red {name}' for name in red]
    return HttpResponse('\n'.join(lines) + '\n', content_type='text/plain', status=503)
