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
    # Rule C06: who has not written. Minutes do not matter here, so it never stands in front of what is urgent.
    'look for who has not written': {
        'task': 'alerts.tasks.sweep_silences',
        'schedule': timedelta(minutes=1),
        'options': {'expires': 60},
    },
    # Promise 3, watched: whoever asks for /health/work hears at once when this stops.
    'audit whether the promises are kept': {
        'task': 'alerts.tasks.audit',
        'schedule': timedelta(seconds=15),
        'options': {'queue': 'urgent', 'expires': 30},
    },
    'hold the fire drill': {
        'task': 'alerts.tasks.sweep_drills',
        'schedule': timedelta(seconds=5),
        'options': {'queue': 'urgent', 'expires': 15},
    },
    # The record of who has looked at whose data is bound to a chain of seals: see clinic/services/audit.py.
    'seal the audit record': {
        'task': 'clinic.tasks.seal_audit',
        'schedule': timedelta(minutes=1),
        'options': {'expires': 50},
    },
    # Each patient's next reminder stands in the database, by her own clock.
    'remind patients of their diary': {
        'task': 'alerts.tasks.sweep_reminders',
        'schedule': timedelta(seconds=30),
        'options': {'expires': 25},
    },
    # A gap in the on-call plan is told to the lead once; the plan changes by the clock alone.
    'tell the lead of gaps in the on-call plan': {
        'task': 'alerts.tasks.sweep_roster',
        'schedule': timedelta(minutes=1),
        'options': {'queue': 'urgent', 'expires': 50},
    },
    # Silent runs look after the real rules, on the queue that nobody waits for: what they find tells nobody.
    'let silent runs look': {
        'task': 'alerts.tasks.sweep_silent_runs',
        'schedule': timedelta(seconds=10),
        'options': {'expires': 10},
    },
    # The miss rate: whose local day is over gets a few entries without a flag drawn, once.
    'draw the daily sample': {
        'task': 'alerts.tasks.sweep_samples',
        'schedule': timedelta(minutes=10),
        'options': {'expires': 300},
    },
    # A replay whose worker died or whose message was lost goes on; a batch under way is not done twice.
    'help replays on': {
        'task': 'alerts.tasks.sweep_replays',
        'schedule': timedelta(seconds=10),
        'options': {'expires': 20},
    },
}
