"""Ending what a caregiver may see. The row stays: it tells who could see the diary, and until when."""

from datetime import datetime

from clinic.models import Caregiver


def end_caregiver(*, caregiver: Caregiver, now: datetime) -> None:
    """From `now` on the caregiver sees nothing of this diary."""
    Caregiver.objects.filter(pk=caregiver.pk).update(ends_at=now)
