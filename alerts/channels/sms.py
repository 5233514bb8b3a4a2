"""Text messages, by the service of SMS_URL."""

import re

from django.conf import settings

from alerts.channels.base import Message, SendFailed
from alerts.channels.services import hand_over

_NUMBER = re.compile(r'\+[1-9]\d{6,14}')  # E.164


def reaches(address: str) -> bool:
    return bool(settings.SMS_URL) and _NUMBER.fullmatch(address) is not None


def send(address: str, message: Message) -> None:
    if _NUMBER.fullmatch(address) is None:
        raise SendFailed('no number', permanent=True)
    if not settings.SMS_URL:  # our own fault, which may be mended: her number stays as good as it was
        raise SendFailed('not set up', permanent=False)
    hand_over(settings.SMS_URL.replace('{number}', address.removeprefix('+')), message)
