from typing import Any

from django.conf import settings
from django.http import HttpRequest


def who(request: HttpRequest) -> dict[str, Any]:
    """`actor` for every template, and whether this is the demo."""
    return {'actor': getattr(request, 'actor', None), 'demo_mode': settings.DEMO_MODE}
