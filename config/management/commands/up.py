import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, call_command
from django.db import connection
from environ import Env

from config.embedded.console import CannotStart, complain, say
from config.embedded.processes import tie_to_parent
from config.embedded.supervisor import Supervisor


class Command(BaseCommand):
    """`make run`: everything that Vigil needs, in one terminal, until Ctrl-C."""

    help = 'Start database, broker, worker, beat and web, with made-up people. PORT and DATA_DIR are honoured.'
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument('--servers-only', action='store_true', help='only the database and the broker')
        parser.add_argument('--tied', action='store_true', help='stop when the process that started this one dies')

    def handle(self, *args: Any, servers_only: bool, tied: bool, **options: Any) -> None:
        if tied:
            tie_to_parent(signal.SIGTERM)
        try:
            supervisor = Supervisor(port=port(), stream_port=stream_port())
            supervisor.run(ready=tell_servers if servers_only else tell_people, servers_only=servers_only)
        except CannotStart as problem:
            complain(str(problem))
            sys.exit(1)


def port() -> int:
    """PORT, else 8000. Raises CannotStart."""
    return asked_port('PORT', os.environ.get('PORT') or '8000')


def stream_port() -> int:
    """STREAM_PORT, else 0: the supervisor takes the next free one. Raises CannotStart."""
    asked = os.environ.get('STREAM_PORT')
    return asked_port('STREAM_PORT', asked) if asked else 0


def asked_port(name: str, asked: str) -> int:
    if not asked.isascii() or not asked.isdigit() or not 0 < int(asked) < 65536:
        raise CannotStart(f'{name} is "{asked}"; it has to be a number from 1 to 65535.')
    return int(asked)


def tell_servers(environment: dict[str, str]) -> None:
    say(f'DATABASE_URL={environment["DATABASE_URL"]}')
    say(f'REDIS_URL={environment["REDIS_URL"]}')


def tell_people(environment: dict[str, str]) -> None:
    say('')
    # What Vigil's processes were told, which is more than our own environment says.
    if environment['DEMO_MODE'].lower() in Env.BOOLEAN_TRUE_STRINGS:
        call_command('demo_people')
        connection.close()
    say(f'Vigil is at {environment["BASE_URL"]}   (Ctrl-C stops it; logs are in {environment["DATA_DIR"]}/logs)')
