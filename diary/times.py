"""Which day an entry is about, and when in that day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Patient
from diary.services.entries import DAYS_BACK, EntryRefused

PARTS: dict[str, tuple[Promise, time]] = {
    'morning': (gettext_lazy('In the morning'), time(8)),
    'midday': (gettext_lazy('Around midday'), time(12)),
    'evening': (gettext_lazy('In the evening'), time(19)),
    'night': (gettext_lazy('At night'), time(23)),
}


KEPT_DIGITS = 9


@dataclass(frozen=True)
class About:
    """The local day that an entry is about. `late` when it is over; then the part of the day is asked.

    `now` is when it was said: earlier than the request's where a phone had to keep it.
    """

    patient: Patient
    day: date
    now: datetime

    @property
    def late(self) -> bool:
        return self.day < self.now.astimezone(self.patient.zone).date()

    def at(self, part: str) -> datetime:
        """The instant: now for today, else the middle of that part of the day. Raises KeyError for an unknown part."""
        if not self.late:
            return self.now
        return datetime.combine(self.day, PARTS[part][1], tzinfo=self.patient.zone)

    @property
    def latest(self) -> datetime:
        """The last instant that can be meant, for looking back from it."""
        return self.at('night')


def said_at(seconds: str, *, now: datetime) -> datetime:
    """When something was said that a phone kept for so many `seconds` before it could send it; `now` when it kept nothing.

    The phone names a duration, so it does not matter what its clock shows. Raises EntryRefused for what is no number.
    """
    if not seconds:
        return now
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= KEPT_DIGITS):
        raise EntryRefused(_('Something was missing on this page. Please open it again.'))
    return now - timedelta(seconds=int(seconds))


def read_day(text: str, *, patient: Patient, now: datetime) -> About:
    """The day named by `text` (2026-11-16; empty: today). Raises EntryRefused, saying what to do instead."""
    today = now.astimezone(patient.zone).date()
    if not text:
        return About(patient, today, now)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise EntryRefused(_('This is not a day that we can read. Choose a day from your diary.')) from None
    if day > today:
        raise EntryRefused(_('This day is still to come. Choose today or an earlier day.'))
    if today - day > timedelta(days=DAYS_BACK):
        raise EntryRefused(_('This day is more than 7 days ago. Please tell your care team about it.'))
    return About(patient, day, now)
