"""Choose who you are. Both pages are "not found" outside the demo, and nobody real can be chosen."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinic.access import Who, who_may
from clinic.demo import demo_cards
from clinic.models import User

BACKEND = 'django.contrib.auth.backends.ModelBackend'


@require_safe
@who_may(Who.ANYONE)
def demo(request: HttpRequest) -> HttpResponse:
    _only_in_the_demo()
    return render(request, 'clinic/demo.html', {'groups': demo_cards()})


@require_POST
@who_may(Who.ANYONE)
def become(request: HttpRequest) -> HttpResponse:
    _only_in_the_demo()
    person = get_object_or_404(User, email=request.POST.get('person', ''), is_demo=True, is_active=True)
    request.session.flush()  # nothing of the person before, such as the diary that she had open
    login(request, person, backend=BACKEND)
    return redirect('clinic:home')


def _only_in_the_demo() -> None:
    if not settings.DEMO_MODE:
        raise Http404
