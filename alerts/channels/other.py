"""A person's own other service (Telegram, Slack, …), by the URL that apprise gives it.

A member types this URL and the server then posts there. So only services are taken whose host she cannot choose
(OTHER_SERVICES): nobody makes the server knock at addresses inside the clinic's network.
"""

from django.conf import settings

from alerts.channels.base import Message, SendFailed
from alerts.channels.services import hand_over, instance


def reaches(address: str) -> bool:
    return scheme_of(address) in settings.OTHER_SERVICES


def send(address: str, message: Message) -> None:
    if not reaches(address):
        raise SendFailed('service not allowed', permanent=True)
    hand_over(address, message)


def scheme_of(address: str) -> str:
    """The service's name in the URL; empty when there is none."""
    scheme, mark, _rest = address.partition('://')
    return scheme.lower() if mark else ''


def is_understood(address: str) -> bool:
    """Whether the URL is complete enough to be sent to."""
    return reaches(address) and instance(address) is not None
