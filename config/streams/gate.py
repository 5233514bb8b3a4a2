"""Questions to the database about people, in one thread with one connection that it closes when nobody waits.

200 browsers that come back at once stand in line here: diary posts keep the database's connections and processors.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from config.streams.people import Watcher, still_admitted, watcher_of

LONGEST_LINE = 2000
Answer = TypeVar('Answer')


class TooMany(Exception):
    """The line is too long; come back later."""


@dataclass
class Gate:
    """`waiting` is how many questions are in the line, the one that is being answered included."""

    waiting: int = 0
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix='gate'))

    async def ask(self, key: str) -> Watcher | None:
        """Who stands behind a session, None for nobody who may come in. Raises TooMany, and what the database raises."""
        if self.waiting >= LONGEST_LINE:
            raise TooMany
        return await self._in_line(lambda: watcher_of(key, now=timezone.now()))

    async def ask_again(self, watchers: Collection[Watcher]) -> set[Watcher]:
        """Those of them who may still listen."""
        return await self._in_line(lambda: still_admitted(watchers, now=timezone.now()))

    async def _in_line(self, question: Callable[[], Answer]) -> Answer:
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, question)
        finally:
            self.waiting -= 1
            if not self.waiting:
                self._thread.submit(_close)


def _close() -> None:
    connection.close()  # the connection of the thread that runs this, which is why it is not handed over itself
