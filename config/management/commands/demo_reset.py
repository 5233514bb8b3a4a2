import shutil
import sys
from typing import Any

from django.core.management import BaseCommand

from config.embedded import paths
from config.embedded.addresses import own_database
from config.embedded.console import CannotStart, complain, say
from config.embedded.places import lock
from config.embedded.sweep import sweep


class Command(BaseCommand):
    """The demo as on the first day. Only ever touches the embedded servers' own files."""

    help = 'Throw away the embedded database and broker of DATA_DIR.'
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reset()
        except CannotStart as problem:
            complain(str(problem))
            sys.exit(1)


def reset() -> None:
    """Raises CannotStart when Vigil runs there, or when the database is somebody else's server."""
    if not own_database():
        raise CannotStart('DATABASE_URL names a server of your own: Vigil does not empty that.')
    data = paths.data_dir()
    if not data.exists():
        say(f'There is no data in {data}.')
        return
    try:
        with lock(data / 'lock', busy=f'Stop Vigil first: it runs on {data}'):
            sweep(data / 'processes.json')
            for place in (paths.servers_dir() / 'postgres', data / 'broker'):
                if place.exists():
                    shutil.rmtree(place)
    except OSError as error:
        raise CannotStart(f'{error.filename} cannot be removed: {error.strerror}.') from None
    say(f'The database and the broker of {data} are gone. `make run` starts afresh.')
