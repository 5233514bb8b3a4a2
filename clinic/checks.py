"""Start-up checks of the access gate: a view that says nothing is found before anybody asks for it."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

from clinic.access import Who, stated
from clinic.consent_words import changed_since_written
from clinic.middleware import guest_of_the_house


def every_view(resolver: URLResolver | None = None, *, before: str = '') -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every address of the house with its view, as (route, view)."""
    for found in (resolver or get_resolver()).url_patterns:
        route = before + str(found.pattern)
        if isinstance(found, URLPattern):
            yield route, found.callback
        else:
            yield from every_view(found, before=route)


@register(Tags.urls)
def every_view_says_who_may_open_it(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Deny by default is an error at start, not a surprise for the person who opens the page."""
    return [
        Error(
            f'/{route} does not say who may open it.',
            hint=f'Stamp {view.__module__}.{view.__qualname__} with @who_may(Who.…) of clinic.access.',
            id='vigil.E010',
        )
        for route, view in every_view()
        if stated(view) is None and guest_of_the_house(view) is None
    ]


@register(Tags.urls)
def every_page_of_a_diary_says_its_rights(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A page that says none is the patient's alone; that must be meant, and is then said too."""
    return [
        Error(
            f'/{route} does not say which rights somebody needs who helps a patient.',
            hint=f'Stamp {view.__module__}.{view.__qualname__} with @who_may(Who.DIARIST, Right.…) of clinic.rights.',
            id='vigil.E013',
        )
        for route, view in every_view()
        if stated(view) is Who.DIARIST and not getattr(view, 'rights', None)
    ]


@register()
def what_people_agreed_to_is_as_it_was(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A consent names its words by their digest; other words need a new version."""
    return [
        Error(
            f'clinic/consents/{name} is not as people agreed to it.',
            hint='Leave each version as it is. New words are a new file, with its line in clinic/consents/SHA256SUMS.',
            id='vigil.E012',
        )
        for name in changed_since_written()
    ]
