"""Everything that apprise can talk to, for text messages and for a person's other service."""

import logging
import re
import threading

from apprise import Apprise, AppriseAsset
from apprise.plugins import NotifyBase
from django.conf import settings

from alerts.channels.base import CONNECT_SECONDS, READ_SECONDS, Message, SendFailed, http_failure

_STATUS = re.compile(r'error=(\d{3})\b')
_log = logging.getLogger('apprise')


class _Status(logging.Handler):
    """apprise says yes or no; the HTTP status of a no stands only in what it logs, in the thread that sends."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread, self.status = threading.get_ident(), 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread and (found := _STATUS.search(record.getMessage())):
            self.status = int(found[1])


def instance(url: str) -> NotifyBase | None:
    """What apprise makes of a URL; None when it can make nothing of it."""
    asset = AppriseAsset(
        app_id='Vigil',
        app_desc='Vigil',
        app_url=settings.BASE_URL,
        image_url_mask='',
        image_url_logo='',
        http_redirects=False,  # an allowed service must not lead us to an address of ours
        async_mode=False,
    )
    made = Apprise.instantiate(url, asset=asset)
    return made if isinstance(made, NotifyBase) else None


def hand_over(url: str, message: Message) -> None:
    """Raises SendFailed; what apprise cannot read is for good, a refusal as http_failure says, anything else may pass."""
    service = instance(url)
    if service is None:
        raise SendFailed('address not understood', permanent=True)
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    seen = _Status()
    _log.addHandler(seen)
    try:
        done = service.notify(title=message.title, body=message.link)
    finally:
        _log.removeHandler(seen)
    if not done:
        raise http_failure(seen.status) if seen.status else SendFailed('not taken', permanent=False)
