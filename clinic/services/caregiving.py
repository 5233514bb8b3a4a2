"""What a caregiver may do, and its end. Rows stay: they tell who could see the diary, and until when."""

from datetime import datetime
from typing import TypedDict

from django.db import transaction

from clinic.models import Caregiver, HelpAct, Patient, User
from clinic.services.help_record import note_place, note_seen


class Given(TypedDict):
    """What a patient lets somebody do beside reading, and until when (None: until it is ended)."""

    can_write: bool
    can_see_advice: bool
    can_see_photos: bool
    ends_at: datetime | None


class AlreadyEnded(Exception):
    """The place is over: a change would open the diary again without an invitation."""


def change_caregiver(*, caregiver: Caregiver, by: User, now: datetime, given: Given) -> None:
    """Holds from the helper's next request on. Raises AlreadyEnded."""
    with transaction.atomic():
        kept = _locked(caregiver)
        if kept.ends_at is not None and kept.ends_at <= now:
            raise AlreadyEnded
        if all(getattr(kept, name) == value for name, value in given.items()):
            return
        for name, value in given.items():
            setattr(kept, name, value)
        kept.save(update_fields=list(given))
        note_place(kept, HelpAct.CHANGED, by=by, now=now)


def end_caregiver(*, caregiver: Caregiver, by: User, now: datetime) -> None:
    """From `now` on the caregiver sees nothing of this diary. One that is over stays as it was."""
    with transaction.atomic():
        kept = _locked(caregiver)
        if kept.ends_at is not None and kept.ends_at <= now:
            return
        kept.ends_at = now
        kept.save(update_fields=['ends_at'])
        note_place(kept, HelpAct.ENDED, by=by, now=now)


def see_news(*, patient: Patient, by: User, now: datetime) -> None:
    """The patient has read who else changed something about her helpers."""
    with transaction.atomic():
        note_seen(patient, by=by, now=now)


def _locked(caregiver: Caregiver) -> Caregiver:
    return Caregiver.objects.select_for_update(of=('self',)).select_related('user', 'patient').get(pk=caregiver.pk)
