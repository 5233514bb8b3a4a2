"""What the streams answer while they cannot hear the database: our own page can read why, a foreign one cannot."""

import asyncio
from typing import Any

import pytest
from django.conf import settings

from config.streams.app import PATH, Streams

SITE = 'https://vigil.example'


def answer(**headers: str) -> dict[bytes, bytes | int]:
    """Status and headers of an answer to a browser with a session."""
    sent: list[Any] = []
    given = {'cookie': f'{settings.SESSION_COOKIE_NAME}={"a" * 32}', **headers}

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        raise AssertionError('a refusal waits for nothing')

    scope: Any = {
        'type': 'http',
        'path': PATH,
        'method': 'GET',
        'headers': [(name.encode(), value.encode()) for name, value in given.items()],
    }
    asyncio.run(Streams(origin=SITE)(scope, receive, send))
    return dict(sent[0]['headers']) | {b'status': sent[0]['status']}


def test_our_page_may_read_that_the_streams_are_not_ready() -> None:
    said = answer(origin=SITE)
    assert said[b'status'] == 503
    assert said[b'access-control-allow-origin'] == SITE.encode()
    assert said[b'access-control-allow-credentials'] == b'true'


@pytest.mark.parametrize('headers', [{'origin': 'https://elsewhere.example'}, {}])
def test_nobody_else_is_named(headers: dict[str, str]) -> None:
    assert b'access-control-allow-origin' not in answer(**headers)
