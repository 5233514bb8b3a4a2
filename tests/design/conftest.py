"""The style guide's pages in a real browser, served from memory: neither a database nor a server is needed."""

import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.staticfiles import finders
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, ViewportSize

from alerts.templatetags import alerts_health
from config.styleguide import styleguide

HOST = 'http://vigil.test'
PHONE: ViewportSize = {'width': 390, 'height': 844}
DESK: ViewportSize = {'width': 1440, 'height': 900}
Open = Callable[..., Page]


class LongName:
    """A signed-in person whose name tries the narrow header."""

    pk = 1
    email = 'maximiliane.hohenstein-wittenberg@oncology.riverside.example.org'

    def __str__(self) -> str:
        return 'Maximiliane Hohenstein-Wittenberg'


ACTOR = SimpleNamespace(
    user=LongName(),
    clinic=SimpleNamespace(name='Riverside', pk=1),
    patient=SimpleNamespace(first_name='Ana', public_id='0b7c4f1e-5a38-4f0e-9a52-3d1f6c1a2b3c'),
    caregiver=None,
    is_nurse=True,
    is_admin=True,
)


def html_of(query: str) -> str:
    request = RequestFactory().get('/styleguide/?' + query)
    request.user = AnonymousUser()
    request.actor = ACTOR  # type: ignore[attr-defined]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    request.now = timezone.now()  # type: ignore[attr-defined]
    with patch.object(alerts_health.watching, 'health'), patch.object(alerts_health, 'banner_words', return_value=None):
        return styleguide(request).content.decode()  # without a database: no banner


def answer(route: Route) -> None:
    """The page itself, or a file that collectstatic would find."""
    parts = urlsplit(route.request.url)
    if not parts.path.startswith('/static/'):
        route.fulfill(body=html_of(parts.query), content_type='text/html')
        return
    found = finders.find(parts.path.removeprefix('/static/'))
    kind = mimetypes.guess_type(parts.path)[0] or 'text/plain'
    route.fulfill(status=200 if found else 404, body=Path(str(found)).read_bytes() if found else b'', content_type=kind)


@pytest.fixture
def show(chromium: Browser) -> Iterator[Open]:
    """`show('page=entry', viewport=PHONE, …)` opens a page of the style guide; an error in its scripts fails the test."""
    contexts = []
    errors: list[str] = []

    def opened(query: str, **options: object) -> Page:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.route('**/*', answer)
        page = context.new_page()
        page.on('pageerror', lambda error: errors.append(str(error)))
        page.goto(f'{HOST}/styleguide/?{query}')
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
