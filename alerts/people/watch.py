"""Who is watching a clinic's worklist now, until when, and which numbers to phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from alerts.engine.hours import Hours, open_until, opens_next
from clinic.models import Clinic

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Phone:
    """A number as templates/components/tel.html shows it; `kind` is strong, emergency or empty."""

    label: str
    tel: str
    display: str
    kind: str = ''


@dataclass(frozen=True)
class Watch:
    """`until` is set while the clinic is open, `back_at` while it is closed and has hours at all; both in the clinic's own time."""

    clinic: Clinic
    until: datetime | None
    back_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.until is not None


def hours_of(clinic: Clinic) -> list[Hours]:
    return [Hours(span.weekday, span.opens, span.closes) for span in clinic.opening_hours.all()]


def watch_of(clinic: Clinic, *, now: datetime) -> Watch:
    """One query."""
    hours, zone = hours_of(clinic), ZoneInfo(clinic.time_zone)
    until = open_until(hours, zone, now)
    back = None if until else opens_next(hours, zone, now)
    return Watch(clinic, until and until.astimezone(zone), back and back.astimezone(zone))


def team_phone(watch: Watch, *, kind: str = '') -> Phone:
    """The number that is answered now."""
    if watch.is_open:
        return _phone(_('Your team, now'), watch.clinic.phone_day, kind)
    return _phone(_('Your team, at night and weekends'), watch.clinic.phone_night, kind)


def other_team_phone(watch: Watch) -> Phone:
    """The number that is answered when the first one is not."""
    if watch.is_open:
        return _phone(_('At night and weekends'), watch.clinic.phone_night, '')
    return _phone(_('When the clinic is open'), watch.clinic.phone_day, '')


def phones(clinic: Clinic) -> list[Phone]:
    """Every number by when it is answered, whatever time it is now."""
    return [
        emergency_phone(clinic, kind='emergency'),
        _phone(_('When the clinic is open'), clinic.phone_day, 'strong'),
        _phone(_('At night and weekends'), clinic.phone_night, 'strong'),
    ]


def emergency_phone(clinic: Clinic, *, kind: str = '', label: str = '') -> Phone:
    return Phone(label or _('Emergency number'), clinic.emergency_number, clinic.emergency_number, kind)


def _phone(label: str, number: PhoneNumber, kind: str) -> Phone:
    return Phone(label, number.as_e164, readable(number), kind)


def readable(number: PhoneNumber) -> str:
    """As people of the clinic's own country write it."""
    return str(number.as_national)
