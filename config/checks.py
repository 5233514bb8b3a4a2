"""Start-up checks of the whole house."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from alerts.channels import push
from clinic import faultpoints


@register()
def demo_mode_is_asked_for(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Demo mode lets anybody become anybody: outside DEBUG it must be asked for a second time."""
    if not settings.DEMO_MODE or settings.DEBUG or settings.DEMO_MODE_ASKED:
        return []
    return [
        Error(
            'DEMO_MODE is on while DEBUG is off: anybody could sign in as anybody.',
            hint='Unset DEMO_MODE. For a public demo that holds made-up people only, set DEMO_MODE_ASKED=1 too.',
            id='vigil.E001',
        )
    ]


@register()
def nobody_asks_processes_to_die(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The fault points are for tests; a clinic's worker must never find itself told to die."""
    if settings.DEBUG or not os.environ.get(faultpoints.VARIABLE):
        return []
    return [
        Error(
            f'{faultpoints.VARIABLE} is set while DEBUG is off: processes would kill themselves at work.',
            hint=f'Unset {faultpoints.VARIABLE}.',
            id='vigil.E002',
        )
    ]


@register()
def channels_are_set_up(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A setting of a channel that could not work is told at the start, not when the first alert waits."""
    found: list[CheckMessage] = []
    if settings.SMS_URL and '{number}' not in settings.SMS_URL:
        found.append(Error('SMS_URL has no {number}: every text message would go to the same place.', id='vigil.E010'))
    try:
        push.public_key()
    except ValueError:
        found.append(Error('VAPID_PRIVATE_KEY is no key.', hint='`manage.py push_key` makes one.', id='vigil.E011'))
    return found
