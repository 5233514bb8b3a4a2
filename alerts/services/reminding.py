"""Reminding patients of their diary: what is due is asked of diary/due.py, what is sent goes through the outbox.

Each reminder is one transaction: its row is claimed, asked, told and set to its next time. A worker that dies leaves it due; two
workers never remind twice, because the outbox has one row for each patient and day, and one for the evening after a hard day.
"""

import logging
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.urls import reverse

from alerts.people.reminders import KEY
from alerts.services.notifying import AFTER_ALL_ALERTS, tell
from clinic.faultpoints import point
from diary.due import Due, due, next_look, reminds
from diary.models import Reminder
from diary.queries_due import diary_of

log = logging.getLogger(__name__)
MOST = 500


def remind_due(*, now: datetime, limit: int = MOST) -> int:
    """Remind who is to be reminded by now; how many are told. `limit` is how many are dealt with: those that fail, however many
    and however old, take nobody's place."""
    waiting = Reminder.objects.filter(next_at__lte=now).order_by('next_at', 'pk')
    tried = (_tried(pk, now=now) for pk in waiting.values_list('pk', flat=True))
    return sum(islice((told for told in tried if told is not None), limit))


def _tried(pk: int, *, now: datetime) -> bool | None:
    """Whether somebody was told; None for one that failed. It stays due and is tried again with the next sweep."""
    try:
        with transaction.atomic():
            return _remind(pk, now=now)
    except Exception as error:  # noqa: BLE001
        log.error('reminder %s failed: %s', pk, type(error).__name__)
        return None


def _remind(pk: int, *, now: datetime) -> bool:
    mine = Reminder.objects.filter(pk=pk, next_at__lte=now).select_related('patient__clinic', 'patient__user')
    reminder = mine.select_for_update(skip_locked=True, of=('self',)).first()
    if reminder is None or reminder.next_at is None:
        return False
    point('remind.claimed')
    patient, planned = reminder.patient, reminder.next_at
    told = False
    diary = diary_of(patient, now=now)
    if patient.user is not None and reminds(diary, planned=planned, now=now):
        day, evening = now.astimezone(patient.zone).date(), due(diary, now=now) is Due.AGAIN
        key, path = f'{KEY}{patient.pk}:{day}{":evening" if evening else ""}', reverse('diary:today')
        told = bool(tell(key=key, people=[patient.user], path=path, rank=AFTER_ALL_ALERTS, now=now))
        point('remind.told')
    reminder.next_at = next_look(diary, reminder.at, after=now)
    reminder.save(update_fields=['next_at'])
    return told
