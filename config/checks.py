"""Start-up checks of the whole house."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


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
