"""What a member does with the ways by which she is told. Every verb works on her own ways only."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from alerts.channels import Message, SendFailed, push
from alerts.channels.base import MOST_SECONDS
from alerts.models import Channel, ContactWay
from alerts.services.handing import Hands, Parcel
from clinic.models import User

MOST_WAYS = 10


class TooManyWays(Exception):
    """She has as many as anybody may have."""


def add_way(*, user: User, channel: Channel, address: str, label: str, now: datetime) -> ContactWay:
    """Add a way at the end, or mend it if she has it already. Raises TooManyWays."""
    with transaction.atomic():
        own = ContactWay.objects.select_for_update().filter(user=User.objects.select_for_update().get(pk=user.pk))
        there = own.filter(channel=channel, address=address).first()
        if there is not None:
            return _mended(there, label)
        standing = own.filter(removed_at=None)
        if standing.count() >= MOST_WAYS:
            raise TooManyWays
        last = standing.order_by().aggregate(last=Max('position'))['last'] if standing else None
        place = 0 if last is None else last + 1
        return ContactWay.objects.create(
            user=user, channel=channel, address=address, label=label, position=place, added_at=now
        )


def renew_device(*, user: User, subscription: str, instead_of: str, label: str, now: datetime) -> ContactWay:
    """The browser of a device got another subscription: it takes the place of the one at the endpoint `instead_of`."""
    with transaction.atomic():
        old = _device_at(user, instead_of)
        known = ContactWay.objects.filter(user=user, channel=Channel.PUSH, address=subscription).exists()
        if old is None or known:
            return add_way(user=user, channel=Channel.PUSH, address=subscription, label=label, now=now)
        old.address, old.broken_at = subscription, None
        old.save(update_fields=['address', 'broken_at'])
        return old


def lose_device(*, user: User, endpoint: str, now: datetime) -> bool:
    """The browser says that it has no subscription any more: notices to it died silently. Whether she had it."""
    way = _device_at(user, endpoint)
    if way is None:
        return False
    ContactWay.objects.filter(pk=way.pk, broken_at=None).update(broken_at=now)
    return True


def remove_way(*, way: ContactWay, now: datetime) -> None:
    """Its address and name are wiped; what was sent by it stays on record."""
    way.address, way.label, way.removed_at = f'removed {way.pk}', '', now
    way.save(update_fields=['address', 'label', 'removed_at'])


def move_way(*, way: ContactWay, up: bool) -> None:
    """One place up or down among her ways; at the end of the list nothing changes."""
    with transaction.atomic():
        own = ContactWay.objects.select_for_update().filter(user=way.user_id, removed_at=None)
        ways = list(own.order_by('position', 'pk'))
        here = ways.index(way)
        there = here - 1 if up else here + 1
        if 0 <= there < len(ways):
            ways[here], ways[there] = ways[there], ways[here]
        for place, each in enumerate(ways):
            each.position = place
        ContactWay.objects.bulk_update(ways, ['position'])


def send_test(*, user: User, way: ContactWay | None, path: str, now: datetime) -> SendFailed | None:
    """Send a test message by one way, or (None) by e-mail, and wait for what comes of it: None when it was taken."""
    channel, address = (way.channel, way.address) if way else (Channel.EMAIL, user.email)
    hands = Hands()
    hands.give(Parcel((), channel, address, Message(path=path, language=user.language, test=True)))
    outcome = hands.take(wait=MOST_SECONDS)
    failure = outcome[0][1] if outcome else SendFailed('no answer', permanent=False)
    if way is not None and (failure is None or failure.permanent):
        ContactWay.objects.filter(pk=way.pk).update(broken_at=now if failure else None)
    return failure


def _mended(way: ContactWay, label: str) -> ContactWay:
    way.broken_at, way.label = None, label or way.label
    way.save(update_fields=['broken_at', 'label'])
    return way


def _device_at(user: User, endpoint: str) -> ContactWay | None:
    devices = ContactWay.objects.filter(user=user, channel=Channel.PUSH, removed_at=None)
    return next((way for way in devices if endpoint and push.endpoint_of(way.address) == endpoint), None)
