"""Start-up checks of what watches over the alerts."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email


@register()
def the_outside_monitor_is_an_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Only http and https are ever asked."""
    url = settings.DEADMAN_URL
    if not url or (urlsplit(url).scheme in ('http', 'https') and urlsplit(url).hostname):
        return []
    return [Error('DEADMAN_URL is no web address.', hint='Such as https://monitor.example/ping/…', id='vigil.E020')]


@register()
def the_drill_can_be_held(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A watcher that was switched off must not be forgotten."""
    found: list[CheckMessage] = []
    if settings.DRILL_ADDRESS and not _is_address(settings.DRILL_ADDRESS):
        found.append(Error('DRILL_ADDRESS is no e-mail address.', id='vigil.E021'))
    if settings.DRILL_SECONDS < 1:
        found.append(Error('DRILL_SECONDS must be 1 or more.', id='vigil.E022'))
    if not settings.DRILL_DAILY:
        found.append(Warning('The daily fire drill is switched off (DRILL_DAILY).', id='vigil.W020'))
    return found


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
