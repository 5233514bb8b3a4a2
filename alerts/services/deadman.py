"""An outside monitor hears from us while all is well, and calls somebody when it does not, be it that this machine is gone."""

import logging
from datetime import datetime, timedelta
from urllib.request import Request, urlopen

from django.conf import settings

from alerts.models import Heartbeat
from alerts.services import watching

log = logging.getLogger(__name__)

NAME = 'deadman'
EVERY = timedelta(seconds=60)
TIMEOUT = 5.0


def ping(*, now: datetime) -> bool:
    """GET DEADMAN_URL, at most once a minute; whether it answered. A failing monitor harms nothing here."""
    if not settings.DEADMAN_URL or Heartbeat.objects.filter(name=NAME, at__gt=now - EVERY, at__lte=now).exists():
        return False
    watching.beat(NAME, now=now)
    try:
        # The start-up check lets http and https pass alone.
        with urlopen(Request(settings.DEADMAN_URL), timeout=TIMEOUT):  # noqa: S310
            return True
    except (OSError, ValueError) as error:
        log.warning('the outside monitor was not reached: %s', type(error).__name__)
        return False
