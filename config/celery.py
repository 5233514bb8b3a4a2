"""The Celery application. Tasks are found in each app's tasks.py; the whole beat schedule stands in config/schedule.py."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_after_setup, task_prerun
from django.db import connections

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')

app = Celery('vigil')
app.config_from_object('django.conf:settings', namespace='CELERY')
app.autodiscover_tasks()


@task_prerun.connect
def begin_on_a_living_connection(**kwargs: Any) -> None:
    """As Django does before a request: a worker that keeps its connection (CELERY_DB_REUSE_MAX) would go on failing with one that a
    restart of the database has ended."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # a task that is called inside a transaction belongs to it
            connection.close_if_unusable_or_obsolete()


@celeryd_after_setup.connect
def share_what_is_loaded(**kwargs: Any) -> None:
    """Before the processes of the pool are forked. The collector writes into every object that it looks at, and the system then
    copies that page for each process; what it leaves alone stays shared."""
    gc.collect()
    gc.freeze()
