"""The ASGI application: `GET /worklist/stream/`, and nothing else."""

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, LifespanScope, Scope
from django.db import DatabaseError

from config.streams.gate import Gate, TooMany
from config.streams.hub import Hub, Stream
from config.streams.listener import listen_for_ever
from config.streams.people import session_key

PATH = '/worklist/stream/'
BEAT_SECONDS = 20.0
AGAIN_SECONDS = 20.0  # how long somebody who was signed out may still hear that something changed
STUCK_SECONDS = 20.0  # a browser that takes nothing for so long is gone
BEAT, CHANGED = b': still here\n\n', b'data: changed\n\n'
Headers = list[tuple[bytes, bytes]]
log = logging.getLogger(__name__)


@dataclass
class Streams:
    """`origin` is the one foreign origin whose pages may read a stream: the site itself, where it has another port."""

    origin: str
    hub: Hub = field(default_factory=Hub)
    gate: Gate = field(default_factory=Gate)

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope['type'] == 'lifespan':
            await self._live(scope, receive, send)
        elif scope['type'] == 'http':
            await self._answer(scope, receive, send)

    async def _live(self, scope: LifespanScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await receive()
        tasks = [asyncio.create_task(listen_for_ever(self.hub)), asyncio.create_task(self._ask_again_for_ever())]
        await send({'type': 'lifespan.startup.complete'})
        await receive()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await send({'type': 'lifespan.shutdown.complete'})

    async def _ask_again_for_ever(self) -> None:
        """Whoever was signed out or is no nurse here any more hears no more."""
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            await self._ask_again()

    async def _ask_again(self) -> None:
        streams = self.hub.all()
        if not streams:
            return
        try:
            admitted = await self.gate.ask_again({stream.watcher for stream in streams})
        except DatabaseError as error:
            log.warning('Nobody can be asked for again (%s): all streams end.', type(error).__name__)
            admitted = set()
        self.hub.end(stream for stream in streams if stream.watcher not in admitted)

    async def _answer(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        given = {name: value.decode('latin-1') for name, value in scope['headers']}
        status, headers = self._refusal(scope, given), self._headers(given)
        if status:
            await _refuse(send, status, headers)
            return
        try:
            watcher = await self.gate.ask(session_key(given.get(b'cookie', '')))
        except (TooMany, DatabaseError) as error:
            log.warning('A visitor cannot be asked for (%s): told to come back.', type(error).__name__)
            await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, headers)
            return
        if watcher is None:
            await _refuse(send, HTTPStatus.FORBIDDEN, headers)
            return
        await self._stream(self.hub.join(watcher), headers, receive, send)

    def _refusal(self, scope: HTTPScope, given: dict[bytes, str]) -> HTTPStatus | None:
        """What is refused before anybody is asked who she is."""
        if scope['path'] != PATH:
            return HTTPStatus.NOT_FOUND
        if scope['method'] != 'GET':
            return HTTPStatus.METHOD_NOT_ALLOWED
        if given.get(b'origin', self.origin) != self.origin or not session_key(given.get(b'cookie', '')):
            return HTTPStatus.FORBIDDEN
        return None if self.hub.ready else HTTPStatus.SERVICE_UNAVAILABLE

    def _headers(self, given: dict[bytes, str]) -> Headers:
        if given.get(b'origin') != self.origin:
            return []
        return [
            (b'access-control-allow-origin', self.origin.encode()),
            (b'access-control-allow-credentials', b'true'),
            (b'vary', b'origin'),
        ]

    async def _stream(
        self, stream: Stream, headers: Headers, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        leaving = asyncio.create_task(_end_when_gone(stream, receive))
        try:
            with suppress(TimeoutError, OSError):
                await _begin(send, headers)
                while not stream.over and self.hub.ready:
                    news = await stream.wait(BEAT_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311
                    if not stream.over:
                        await _say(send, CHANGED if news else BEAT)
                await _say(send, b'', more=False)
        finally:
            self.hub.leave(stream)
            leaving.cancel()


async def _end_when_gone(stream: Stream, receive: ASGIReceiveCallable) -> None:
    while (await receive())['type'] != 'http.disconnect':
        pass
    stream.end()


async def _begin(send: ASGISendCallable, headers: Headers) -> None:
    """`retry` differs from stream to stream, so that they do not all come back in the same moment."""
    ours: Headers = [
        (b'content-type', b'text/event-stream; charset=utf-8'),
        (b'cache-control', b'no-store'),
        (b'x-accel-buffering', b'no'),
    ]
    await send({'type': 'http.response.start', 'status': 200, 'headers': ours + headers, 'trailers': False})
    await _say(send, b'retry: %d\n\n' % random.randint(1000, 8000))  # noqa: S311


async def _say(send: ASGISendCallable, words: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(STUCK_SECONDS):
        await send({'type': 'http.response.body', 'body': words, 'more_body': more})


async def _refuse(send: ASGISendCallable, status: HTTPStatus, headers: Headers) -> None:
    plain: Headers = [(b'content-type', b'text/plain; charset=utf-8'), (b'cache-control', b'no-store')]
    await send({'type': 'http.response.start', 'status': status, 'headers': plain + headers, 'trailers': False})
    await send({'type': 'http.response.body', 'body': status.phrase.encode() + b'\n', 'more_body': False})
