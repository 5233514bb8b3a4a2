"""Which messages of the outbox are reminders of the diary, and whether they still say something."""

from datetime import datetime

from alerts.models import Notification
from diary.due import Due, due
from diary.models import Reminder
from diary.queries_due import diary_of

KEY = 'reminder:'


def is_needed(row: Notification, *, now: datetime) -> bool:
    """Whether a reminder in the outbox still says something: asked again right before it is sent."""
    found = (
        Reminder.objects.filter(patient__user=row.recipient_id, is_on=True).select_related('patient__clinic').first()
    )
    return found is not None and due(diary_of(found.patient, now=now), now=now) is not Due.NOTHING


def is_reminder(row: Notification) -> bool:
    return row.key.startswith(KEY)
