"""Which servers are meant: the embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import os

from config.embedded import paths


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
