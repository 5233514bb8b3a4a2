"""The real processes (web, worker, beat, broker) for a benchmark, in production settings."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live import Stack, stack


@contextmanager
def processes(*names: str, web_workers: int = 2) -> Iterator[Stack]:
    """As `make run` starts them, but with the bare views and tasks beside ours and without DEBUG."""
    env = {
        'DJANGO_SETTINGS_MODULE': 'bench.settings',
        'DEBUG': 'false',
        'SECURE_COOKIES': 'false',
        'SECRET_KEY': os.environ['SECRET_KEY'],
        'WEB_CONCURRENCY': str(web_workers),
        'STATIC_ROOT': os.environ['STATIC_ROOT'],
        'LOG_LEVEL': 'WARNING',
        'EMAIL_URL': 'dummymail://',
    }
    with stack(*names, **env) as running:
        yield running
