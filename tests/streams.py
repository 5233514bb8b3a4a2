"""Many nurses' browsers with an open stream, in one thread."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CHANGED = 'data: changed'


@dataclass
class Listener:
    """One browser. `session` is its cookie's value; `heard` when it heard of a change (monotonic), `status` the last answer's."""

    session: str
    origin: str = ''
    heard: list[float] = field(default_factory=list)
    status: int = 0
    opened: int = 0
    is_open: bool = False


@dataclass
class Listeners:
    """Opens a stream for each, and again when it ends, as EventSource does; `again` is the pause in seconds (None: never)."""

    url: str
    people: Sequence[Listener]
    again: float | None = 0.2
    _leave: threading.Event = field(default_factory=threading.Event)

    def open_now(self) -> int:
        return sum(each.is_open for each in self.people)

    async def _all(self) -> None:
        tasks = [asyncio.create_task(self._keep(each)) for each in self.people]
        while not self._leave.is_set():
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, person: Listener) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._read(person)
            person.is_open = False
            if self.again is None:
                return
            await asyncio.sleep(self.again)

    async def _read(self, person: Listener) -> None:
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            writer.write(_request(where.path, where.netloc, person))
            await writer.drain()
            person.status = int((await reader.readuntil(b'\r\n\r\n')).split()[1])
            if person.status == 200:
                person.is_open, person.opened = True, person.opened + 1
                await _listen(reader, person)
        finally:
            writer.close()


def _request(path: str, host: str, person: Listener) -> bytes:
    lines = [
        f'GET {path} HTTP/1.1',
        f'Host: {host}',
        f'Cookie: sessionid={person.session}',
        'Accept: text/event-stream',
    ]
    lines += [f'Origin: {person.origin}'] if person.origin else []
    return '\r\n'.join([*lines, '', '']).encode()


async def _listen(reader: asyncio.StreamReader, person: Listener) -> None:
    while line := await reader.readline():
        if line.decode().strip() == CHANGED:
            person.heard.append(time.monotonic())


@contextmanager
def listening(url: str, people: Sequence[Listener], *, again: float | None = 0.2) -> Iterator[Listeners]:
    """Streams for all of them, until the block ends."""
    crowd = Listeners(url, people, again)
    thread = threading.Thread(target=_run, args=(crowd._all(),), daemon=True)
    thread.start()
    try:
        yield crowd
    finally:
        crowd._leave.set()
        thread.join()


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)
