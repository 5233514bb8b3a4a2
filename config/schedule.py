"""Everything that beat starts, on one screen. Intervals only: Celery's crontab has open daylight-saving bugs, so local
times are computed by the services themselves."""

from datetime import timedelta
from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Promise 2: what a crash or a lost message left unevaluated is found here.
    'evaluate what is pending': {
        'task': 'alerts.tasks.sweep_pending',
        'schedule': timedelta(seconds=5),
        'options': {'queue': 'urgent', 'expires': 15},
    },
    # Promise 3: every alert's next instant stands in the database; whoever waits climbs, whoever was forgotten comes back.
    'move the clocks of alerts': {
        'task': 'alerts.tasks.sweep_due',
        'schedule': timedelta(seconds=5),
        'options': {'queue': 'urgent', 'expires': 15},
    },
    # A notification row is the truth; the message that announced it may have been lost.
    'deliver what is undelivered': {
        'task': 'alerts.tasks.sweep_notifications',
        'schedule': timedelta(seconds=5),
        'options': {'queue': 'urgent', 'expires': 15},
    },
}
