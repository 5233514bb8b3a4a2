"""What is on its way to people and what never came there, and the ways by which a member is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from alerts.models import ContactWay, Notification, NotificationStatus
from clinic.models import Clinic, User

LATELY = timedelta(hours=24)


@dataclass(frozen=True)
class Undelivered:
    """`oldest` is since when the oldest message that is due waits (None: none does), `waiting` how many wait, `failed` how many
    failed for good in the last 24 hours, with nobody told of the same thing by another way or in person."""

    oldest: datetime | None
    waiting: int
    failed: int


def undelivered(*, now: datetime, clinic: Clinic | None = None) -> Undelivered:
    """What should have been told by now and was not, of one clinic's alerts or (None) of everything."""
    rows = Notification.objects.all() if clinic is None else Notification.objects.filter(of_clinic(clinic))
    late = rows.filter(status=NotificationStatus.WAITING, created_at__lte=now)
    waits = late.aggregate(oldest=Min('created_at'), waiting=Count('pk'))
    return Undelivered(waits['oldest'], waits['waiting'], lost(rows, now=now).count())


def lost(rows: QuerySet[Notification], *, now: datetime) -> QuerySet[Notification]:
    """Failed for good within the last 24 hours, and not told to the same person by another of her ways."""
    failed = rows.filter(status=NotificationStatus.FAILED, created_at__gt=now - LATELY)
    heard = Notification.objects.filter(
        status__in=(NotificationStatus.SENT, NotificationStatus.WAITING, NotificationStatus.NOT_NEEDED),
        created_at__gt=now - LATELY,
    )
    return failed.exclude(pk__in=_told_otherwise(failed, heard))


def _told_otherwise(failed: QuerySet[Notification], heard: QuerySet[Notification]) -> list[int]:
    told = set(heard.filter(key__in=failed.values('key')).values_list('key', 'recipient', 'address'))
    rows = failed.values_list('pk', 'key', 'recipient', 'address')
    return [pk for pk, *who in rows if tuple(who) in told]


def of_clinic(clinic: Clinic) -> Q:
    """Rows of its alerts; and those about no alert, by the people who work there."""
    return Q(event__alert__clinic=clinic) | Q(event=None, recipient__memberships__clinic=clinic)


def ways_of_member(user: User) -> QuerySet[ContactWay]:
    """Her own ways in her order, broken ones among them; her e-mail address comes after all of them."""
    return ContactWay.objects.filter(user=user, removed_at=None).order_by('position', 'pk')
