"""What every channel offers."""

from dataclasses import dataclass
from typing import Protocol

from clinic.models import User


@dataclass(frozen=True)
class Message:
    """What is said: that something waits, and where. `path` names the alert by its public id; nothing else may be in it."""

    path: str


class SendFailed(Exception):
    """`permanent` says that another try cannot help. `code` is short and free of health data and addresses."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class ChannelModule(Protocol):
    """A module with these two functions is a channel."""

    def reaches(self, person: User) -> bool:
        """Whether the person has an address there."""

    def send(self, person: User, message: Message) -> None:
        """Hand the message over. Raises SendFailed."""
