"""Which servers are meant: the embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import os

import psycopg
import redis

from config.embedded import paths
from config.embedded.console import CannotStart

SECONDS = 10


def own_database() -> bool:
    return not os.environ.get('DATABASE_URL')


def own_broker() -> bool:
    return not os.environ.get('REDIS_URL')


def addresses() -> dict[str, str]:
    """The environment that points Vigil's processes at their servers."""
    return {
        'DATA_DIR': str(paths.data_dir()),
        'DATABASE_URL': os.environ.get('DATABASE_URL') or paths.database_url(),
        'REDIS_URL': os.environ.get('REDIS_URL') or paths.redis_url(),
    }


def check_given_servers() -> None:
    """Ask the servers that the environment names whether they are there. Raises CannotStart; never shows a password."""
    if not own_database():
        _check_database(os.environ['DATABASE_URL'])
    if not own_broker():
        _check_broker(os.environ['REDIS_URL'])


def _check_database(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=SECONDS).close()
    except psycopg.ProgrammingError:  # its words would repeat the whole address, with the password
        raise CannotStart('DATABASE_URL is no PostgreSQL address: postgresql://user:password@host/name.') from None
    except psycopg.Error as error:
        reason = ' '.join(str(error).split())
        raise CannotStart(f'The database that DATABASE_URL names does not answer: {reason}') from None


def _check_broker(url: str) -> None:
    try:
        client = redis.Redis.from_url(
            paths.redis_py_url(url), socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=None
        )
        with client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotStart(f'The broker that REDIS_URL names does not answer: {error}') from None
