"""What every channel offers, and what is said: that something waits, and where. Never about whom or why."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_SECONDS = 10  # no channel may take longer to hand a message over; the sender cuts it off
CONNECT_SECONDS = 4
READ_SECONDS = 8


@dataclass(frozen=True)
class Message:
    """`path` is the page to open; it names an alert by its public id and nothing else may be in it.

    `count` is how many things wait for the person, `language` hers. A drill and a test say that nothing needs doing, a
    reminder that the diary waits.
    """

    path: str
    language: str = 'en'
    count: int = 1
    drill: bool = False
    test: bool = False
    reminder: bool = False

    @property
    def link(self) -> str:
        return f'{settings.BASE_URL.rstrip("/")}{self.path}'

    @property
    def title(self) -> str:
        """One line, in the person's language."""
        with translation.override(self.language):
            if self.test:
                return _('Vigil: a test. Nothing needs doing')
            if self.drill:
                return _('Vigil: a fire drill. Nothing needs doing')
            if self.reminder:
                return _('Vigil: time for your diary')
            words = ngettext('Vigil: something needs you now', 'Vigil: %(count)s things need you now', self.count)
            return words % {'count': self.count}


class SendFailed(Exception):
    """`permanent` says that another try cannot help. `code` is short and free of health data and addresses."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class ChannelModule(Protocol):
    """A module with these two functions is a channel. `address` is what ContactWay.address says of its channel."""

    def reaches(self, address: str) -> bool:
        """Whether the channel is set up here, and could reach the address."""

    def send(self, address: str, message: Message) -> None:
        """Hand the message over. Raises SendFailed. Touches no database: it runs in a thread of its own."""


def http_failure(status: int) -> SendFailed:
    """What an HTTP status says: a refusal is for good, unless it says "later" or is about our own account or a fault of theirs."""
    later = status in (401, 402, 403, 408, 425, 429) or status >= 500
    return SendFailed(f'HTTP {status}', permanent=not later)
