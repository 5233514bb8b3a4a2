"""Web push: a notice on a device, encrypted for its browser. `address` is the browser's subscription as JSON.

The browser names the host that the server then posts to, and a browser can be made to say anything. So only the push services of
the browsers' makers are taken (PUSH_SERVICES).
"""

import json
import re
from email.utils import parseaddr
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid
from py_vapid.utils import b64urlencode
from pywebpush import WebPushException, webpush

from alerts.channels.base import CONNECT_SECONDS, READ_SECONDS, Message, SendFailed, http_failure

KEEP_SECONDS = 4 * 3600  # how long a push service keeps a notice for a device that is off
_HOST = re.compile(r'[a-z0-9.-]+(:\d{1,5})?')


def reaches(address: str) -> bool:
    return bool(settings.VAPID_PRIVATE_KEY) and is_allowed(endpoint_of(address))


def send(address: str, message: Message) -> None:
    """A subscription that is gone (404, 410) is for good. A push service that does not know our key (401, 403) may yet."""
    if not reaches(address):
        raise SendFailed('push service not allowed', permanent=True)
    try:
        with requests.Session() as session:
            session.max_redirects = 0  # an allowed service must not lead us to an address of ours
            webpush(
                subscription_info=json.loads(address),
                data=json.dumps({'title': message.title, 'url': message.link}),
                vapid_private_key=settings.VAPID_PRIVATE_KEY,
                vapid_claims={'sub': contact()},
                ttl=KEEP_SECONDS,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                headers={'Urgency': 'high'},
                requests_session=session,
            )
    except WebPushException as error:
        if error.status_code is None:
            raise SendFailed('subscription not understood', permanent=True) from error
        raise http_failure(error.status_code) from error
    except requests.RequestException as error:
        raise SendFailed(type(error).__name__, permanent=False) from error
    except ValueError as error:  # keys that are none
        raise SendFailed('subscription not understood', permanent=True) from error


def endpoint_of(address: str) -> str:
    """The push service's URL in a subscription; empty when it has none."""
    try:
        found = json.loads(address)
    except ValueError:
        return ''
    return str(found.get('endpoint', '')) if isinstance(found, dict) else ''


def is_allowed(endpoint: str) -> bool:
    """Whether the URL is at one of the push services that are allowed."""
    parts = urlsplit(endpoint)
    origin = f'{parts.scheme}://{parts.netloc}'
    return _HOST.fullmatch(parts.netloc) is not None and any(
        fnmatchcase(origin, allowed) for allowed in settings.PUSH_SERVICES
    )


def public_key() -> str:
    """What browsers are given to subscribe with (base64url); empty where push is not set up."""
    if not settings.VAPID_PRIVATE_KEY:
        return ''
    key = Vapid.from_string(settings.VAPID_PRIVATE_KEY).public_key
    return str(b64urlencode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)))


def contact() -> str:
    """Whom a push service may write to about our messages."""
    return settings.VAPID_CONTACT or f'mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}'
