"""An outside monitor hears from us while the machinery works, and calls somebody when it does not, or the machine is gone."""

import logging
from datetime import datetime, timedelta
from urllib.request import Request, urlopen

from django.conf import settings

from alerts.drills import latest_drill
from alerts.models import Check, Heartbeat
from alerts.services import watching
from clinic.models import Clinic

log = logging.getLogger(__name__)

NAME = 'deadman'
EVERY = timedelta(seconds=60)
TIMEOUT = 5.0
# A gap in the plan or one dead mailbox is for the clinic's own page: were it to silence us, nobody would notice a real stop.
MACHINERY = frozenset({'evaluation', 'set_aside', 'escalation', 'sweeps'})


def in_the_way(*, now: datetime) -> list[str]:
    """What keeps us silent: the sweeps that have stopped and the checks by which the machinery itself does not work."""
    red = Check.objects.filter(ok=False).order_by('name')
    return [*watching.health(now=now).stopped, *(check.name for check in red if _is_machinery(check, now=now))]


def _is_machinery(check: Check, *, now: datetime) -> bool:
    name, _colon, clinic = check.name.partition(':')
    if 'error' in check.detail:  # it could not be judged
        return True
    if name == 'delivery':
        return 'not_taken' in check.detail  # a message that is refused was taken
    return name in MACHINERY or (name == 'drill' and _broke_today(int(clinic), now=now))


def _broke_today(clinic: int, *, now: datetime) -> bool:
    found = Clinic.objects.get(pk=clinic)
    latest = latest_drill(found)
    return latest is not None and latest.day == now.astimezone(found.zone).date()


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
