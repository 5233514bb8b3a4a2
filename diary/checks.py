"""Start-up checks of the diary's own content."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from diary.expect import ExpectError
from diary.expect_content import FILE, statements


@register()
def every_statement_names_its_source(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A statement without a source, a basis or a language is found before a patient reads it."""
    try:
        statements()
    except (ExpectError, OSError, ValueError) as wrong:
        return [
            Error(f'{FILE.name}: {wrong}', hint='Each statement needs sources, each with a basis.', id='vigil.E030')
        ]
    return []
