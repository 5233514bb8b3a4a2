"""Text messages, by the service of SMS_URL."""

import re

from django.conf import settings

from alerts.channels.base import Message
from alerts.channels.services import hand_over

_NUMBER = re.compile(r'\+[1-9]\d{6,14}')  # E.164


def reaches(address: str) -> bool:
    return bool(settings.SMS_URL) and _NUMBER.fullmatch(address) is not None


def send(address: str, message: Message) -> None:
    hand_over(settings.SMS_URL.replace('{number}', address.removeprefix('+')), message)
