"""The open streams, by clinic. Knows neither the database nor the network."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from config.streams.people import Watcher

# Steps that come together are told once: a bulk acknowledgement is one word.
TOGETHER_SECONDS = 0.1


@dataclass(eq=False)
class Stream:
    """One open stream. News are a flag, not a queue: a browser that reads slowly costs no memory and misses nothing."""

    watcher: Watcher
    news: bool = False
    over: bool = False
    _awake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        self.news = True
        self._awake.set()

    def end(self) -> None:
        self.over = True
        self._awake.set()

    async def wait(self, seconds: float) -> bool:
        """Sleep until there is something to say or `seconds` are over; whether there are news."""
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            return False
        self._awake.clear()
        told, self.news = self.news, False
        return told


@dataclass
class Hub:
    """`ready` while the database is being listened to: what nobody listens to must not look alive."""

    ready: bool = False
    _streams: dict[int, set[Stream]] = field(default_factory=lambda: defaultdict(set))
    _changed: set[int] = field(default_factory=set)

    def join(self, watcher: Watcher) -> Stream:
        stream = Stream(watcher)
        self._streams[watcher.clinic].add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        self._streams[stream.watcher.clinic].discard(stream)

    def all(self) -> list[Stream]:
        return [stream for streams in self._streams.values() for stream in streams]

    def changed(self, clinic: int) -> None:
        """Something changed on a clinic's worklist: its streams are told in a moment."""
        if self._streams.get(clinic) and clinic not in self._changed:
            self._changed.add(clinic)
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._tell, clinic)

    def _tell(self, clinic: int) -> None:
        self._changed.discard(clinic)
        for stream in self._streams[clinic]:
            stream.tell()

    def opened(self) -> None:
        self.ready = True

    def lost(self) -> None:
        """Nobody listens any more: every page falls back to asking by itself."""
        self.ready = False
        self.end(self.all())

    def end(self, streams: Iterable[Stream]) -> None:
        for stream in streams:
            stream.end()
