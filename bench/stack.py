"""The real processes (web, worker, beat, broker) for a benchmark, in production settings."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live import Stack, stack


@contextmanager
def processes(*names: str, settings: str = 'bench.settings') -> Iterator[Stack]:
    """As `make run` starts them. `bench.settings_bare` has the bare views, behind Django's own middleware alone."""
    env = {
        'DJANGO_SETTINGS_MODULE': settings,
        'DEBUG': 'false',
        'SECURE_COOKIES': 'false',
        'SECRET_KEY': os.environ['SECRET_KEY'],
        'STATIC_ROOT': os.environ['STATIC_ROOT'],
        'LOG_LEVEL': 'WARNING',
        'EMAIL_URL': 'dummymail://',
    }
    with stack(*names, **env) as running:
        yield running
