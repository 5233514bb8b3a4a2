"""Which patients a request has touched. Nobody has to remember to say it: reading a patient's row says it.

Every Patient that Django makes from a row while a request runs is noted; the GateMiddleware hands the notes to the audit record.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models.signals import post_init

from clinic.models import Patient

_seen: ContextVar[set[int] | None] = ContextVar('patients seen by this request', default=None)


@contextmanager
def witnessed() -> Iterator[set[int]]:
    """The primary keys of the patients whose rows are read inside; filled while it runs."""
    seen: set[int] = set()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def saw(patients: Iterator[int] | list[int] | set[int]) -> None:
    """For the few pages that read patients without their rows (columns, aggregates by name)."""
    seen = _seen.get()
    if seen is not None:
        seen.update(patients)


def _note(instance: Patient, **_kwargs: Any) -> None:
    seen = _seen.get()
    if seen is not None and instance.pk is not None:
        seen.add(instance.pk)


def listen() -> None:
    post_init.connect(_note, sender=Patient, dispatch_uid='clinic.witness')
