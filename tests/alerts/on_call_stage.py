"""Plans for the cast, in Riverside's own time."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from alerts.models import OnCallOverride, OnCallShift
from clinic.models import Membership

NEW_YORK = ZoneInfo('America/New_York')
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def at(text: str) -> datetime:
    """A time in New York: “2026-11-16 09:00”."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def shift(who: Membership, starts_on: int, starts: int, ends_on: int, ends: int) -> OnCallShift:
    """Every week from a day and hour to another."""
    return OnCallShift.objects.create(
        clinic=who.clinic,
        membership=who,
        starts_weekday=starts_on,
        starts=time(starts),
        ends_weekday=ends_on,
        ends=time(ends),
    )


def change(who: Membership, starts: str, ends: str, **fields: Any) -> OnCallOverride:
    """`who` for this once."""
    made = {'made_by': who.user, 'made_at': at('2026-11-01 12:00')}
    return OnCallOverride.objects.create(
        clinic=who.clinic, membership=who, starts_at=at(starts), ends_at=at(ends), **(made | fields)
    )


def share_the_week(rosa: Membership, tom: Membership) -> None:
    """Rosa from Monday 8:00 to Friday 18:00, Tom the weekend."""
    shift(rosa, MON, 8, FRI, 18)
    shift(tom, FRI, 18, MON, 8)


def leave(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(active=False)
