"""The one database connection of this process: it hears which clinic's worklist changed (a trigger on alerts_alert speaks)."""

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from config.streams.hub import Hub

CHANNEL = 'vigil_worklist'
QUIET_SECONDS = 15.0  # after so long without a word the connection is tried: a dead network says nothing
LONGEST_PAUSE = 15.0
log = logging.getLogger(__name__)


async def listen_for_ever(hub: Hub) -> None:
    """Listen, and begin again with growing pauses whenever the database goes away."""
    pause = 0.5
    while True:
        try:
            await _listen(hub)
        except (psycopg.Error, OSError, TimeoutError) as error:
            pause = 0.5 if hub.ready else min(2 * pause, LONGEST_PAUSE)
            log.warning('The database cannot be heard (%s); trying again in about %.0f s.', type(error).__name__, pause)
        finally:
            hub.lost()
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311


async def _listen(hub: Hub) -> None:
    async with await psycopg.AsyncConnection.connect(address(), autocommit=True) as database:
        await database.execute(f'LISTEN {CHANNEL}')
        hub.opened()
        while True:
            async for notice in database.notifies(timeout=QUIET_SECONDS):
                with suppress(ValueError):  # anybody in the database may use the channel
                    hub.changed(int(notice.payload))
            async with asyncio.timeout(QUIET_SECONDS):
                await database.execute('SELECT 1')


def address() -> str:
    """The same database as Django's."""
    given: dict[str, Any] = connection.settings_dict
    names = {'dbname': 'NAME', 'user': 'USER', 'password': 'PASSWORD', 'host': 'HOST', 'port': 'PORT'}
    known = {libpq: given[name] for libpq, name in names.items() if given[name]}
    asked = {'connect_timeout': 10, 'keepalives_idle': 30}
    return make_conninfo(**(asked | known | given['OPTIONS']))
