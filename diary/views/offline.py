"""What the diary needs to work without a network: who is here, what is not sent yet, and how it is installed."""

import base64

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right
from diary.models.offline import key_of
from diary.views.guard import subject_of

GROUND, ACCENT = '#faf6ef', '#0d5a57'  # --ground and --accent of static/css/tokens.css


@require_safe
@who_may(Who.DIARIST, Right.SAFETY)
def here(request: ActorRequest) -> HttpResponse:
    """Who is signed in, which diary is open, and what a phone needs to keep entries and to send them."""
    user, patient = request.actor.user, subject_of(request)
    return JsonResponse(
        {
            'user': str(user.pk),
            'diary': str(patient.public_id),
            'key': base64.b64encode(key_of(user)).decode(),
            'csrf': get_token(request),
        }
    )


@require_safe
@who_may(Who.DIARIST, Right.SAFETY)
def unsent(request: ActorRequest) -> HttpResponse:
    """What this phone keeps, shown by the phone itself; also what it shows when a page cannot be had without a connection."""
    return render(request, 'diary/unsent.html', {'patient': subject_of(request)})


@require_safe
@who_may(Who.ANYONE)
def manifest(request: HttpRequest) -> HttpResponse:
    """How a phone installs Vigil. It opens at the start, which leads everybody to their own first page."""
    icons = [('192', 'any'), ('512', 'any'), ('maskable-512', 'maskable')]
    description = {
        'id': '/',
        'name': 'Vigil',
        'short_name': 'Vigil',
        'description': _('A diary of how you feel during treatment, read by your care team.'),
        'lang': get_language(),
        'start_url': reverse('clinic:home'),
        'scope': '/',
        'display': 'standalone',
        'background_color': GROUND,
        'theme_color': ACCENT,
        'icons': [
            {
                'src': static(f'app/icon-{name}.png'),
                'sizes': '{0}x{0}'.format(name.rpartition('-')[2]),
                'type': 'image/png',
                'purpose': purpose,
            }
            for name, purpose in icons
        ],
    }
    return JsonResponse(description, content_type='application/manifest+json')
