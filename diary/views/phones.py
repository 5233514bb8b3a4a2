"""What a phone is told that sends an entry by itself: a short JSON in place of a page (docs/offline.md).

{"to": "/entry/…/advice/"}   it is stored; only these words let the phone forget it
{"why": "mend"}              something in it must be put right: the page says what when it is sent by hand
{"why": "newer", "said"}     a tap that speaks of an entry which is not the latest any more
{"why": "diary"}             another diary is open now
{"why": "other"}             somebody else is signed in now
{"why": "refused", "said"}   it cannot be stored as it is, and the sentence says why
"""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from clinic.access import ActorRequest
from diary.views.guard import Refusal

PHONE = 'X-Vigil-Phone'  # who wrote what is sent: it is never stored under another person's name
View = Callable[..., HttpResponse]


def tells_phones(view: View) -> View:
    """Answer in JSON where a phone asks, by the header PHONE with the user's id; in pages otherwise."""

    @functools.wraps(view)
    def inner(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        named = request.headers.get(PHONE)
        if named is None or request.method != 'POST':
            return view(request, *args, **kwargs)
        if named != str(request.actor.user.pk):
            return JsonResponse({'why': 'other'}, status=409)
        return _told(request, view(request, *args, **kwargs))

    return inner


def _told(request: ActorRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code == 303:
        return JsonResponse({'to': response['Location']})
    if isinstance(response, HttpResponseRedirect):  # not stored: the page it leads to would say why
        said = ' '.join(str(message) for message in get_messages(request))
        return JsonResponse({'why': 'newer', 'said': said}, status=409)
    if isinstance(response, Refusal):
        why = 'diary' if response.status_code == 409 else 'refused'
        return JsonResponse({'why': why, 'said': response.said}, status=response.status_code)
    return JsonResponse({'why': 'mend'}, status=response.status_code)
