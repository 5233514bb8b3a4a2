"""The phone's modules in a real browser, without a server: JavaScript's answers to hold against Python's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

from tests.browser import PHONE, browser, context

STATIC = Path(__file__).parents[3] / 'static'
HOME = 'http://phone.test/'


@contextmanager
def phone(**options: Any) -> Iterator[Page]:
    """An empty page from which `import('/js/offline/…')` reads the files of this repository."""
    with browser() as running:
        inside = context(running, PHONE, **options)
        inside.route(f'{HOME}**', _serve)
        page = inside.new_page()
        page.goto(HOME)
        yield page
        inside.close()


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(HOME).removeprefix('static/')
    if not path:
        route.fulfill(content_type='text/html', body='<!doctype html><html lang="en"><body></body></html>')
    else:
        route.fulfill(path=STATIC / path)
