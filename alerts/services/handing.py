"""Handing messages to their channels: each in a thread of its own, so that one that hangs keeps no other back."""

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from alerts.channels import CHANNELS, Message, SendFailed
from alerts.channels.base import MOST_SECONDS

PER_CHANNEL = 4  # at once: what hangs in one channel never takes the hands of another
SLOW_SECONDS = 3  # a failure that took so long says that the channel is ill, not the message


@dataclass(frozen=True)
class Parcel:
    """One message for one person or number, and the rows that it delivers."""

    rows: tuple[int, ...]
    channel: str
    address: str
    message: Message


Outcome = tuple[Parcel, SendFailed | None]


class Hands:
    """Threads that send. They touch no database. One that is not back after MOST_SECONDS is given up: it failed."""

    def __init__(self) -> None:
        self._tickets = itertools.count()  # never given twice: a late thread may come back with an old one
        self._out: dict[int, tuple[Parcel, float]] = {}
        self._back: SimpleQueue[tuple[int, SendFailed | None]] = SimpleQueue()
        self._ill: set[str] = set()

    @property
    def busy(self) -> bool:
        return bool(self._out)

    def free(self) -> list[str]:
        """The channels that may be given another message: neither full nor ill."""
        out = Counter(parcel.channel for parcel, _began in self._out.values())
        return [name for name in CHANNELS if out[name] < PER_CHANNEL and name not in self._ill]

    def give(self, parcel: Parcel) -> None:
        ticket = next(self._tickets)
        self._out[ticket] = (parcel, time.monotonic())
        threading.Thread(target=self._send, args=(ticket, parcel), name=f'send {parcel.channel}', daemon=True).start()

    def take(self, *, wait: float) -> list[Outcome]:
        """What came back within `wait` seconds, or is given up; the first one ends the waiting."""
        back = self._returned(wait)
        late = [ticket for ticket, (_parcel, began) in self._out.items() if time.monotonic() - began > MOST_SECONDS]
        given_up = [(ticket, SendFailed('no answer', permanent=False)) for ticket in late]
        return [self._outcome(*each) for each in [*back, *given_up] if each[0] in self._out]

    def _send(self, ticket: int, parcel: Parcel) -> None:
        failure = None
        try:
            CHANNELS[parcel.channel].send(parcel.address, parcel.message)
        except SendFailed as error:
            failure = error
        except BaseException as error:  # noqa: BLE001  (whatever a library raises; it must not keep the others back)
            failure = SendFailed(type(error).__name__, permanent=False)
        self._back.put((ticket, failure))

    def _returned(self, wait: float) -> list[tuple[int, SendFailed | None]]:
        found = []
        try:
            found.append(self._back.get(timeout=wait) if wait else self._back.get_nowait())
            while True:
                found.append(self._back.get_nowait())
        except Empty:
            return found

    def _outcome(self, ticket: int, failure: SendFailed | None) -> Outcome:
        parcel, began = self._out.pop(ticket)
        if failure is not None and time.monotonic() - began > SLOW_SECONDS:
            self._ill.add(parcel.channel)
        return parcel, failure
