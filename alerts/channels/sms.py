"""Text messages, by the service of SMS_URL."""

import re

from django.conf import settings

from alerts.channels import services
from alerts.channels.base import Message

_NUMBER = re.compile(r'\+[1-9]\d{6,14}')  # E.164


def reaches(address: str) -> bool:
    return bool(settings.SMS_URL) and _NUMBER.fullmatch(address) is not None


def send(address: str, message: Message) -> None:
    services.send(settings.SMS_URL.replace('{number}', address.removeprefix('+')), message)
