"""Messages to workers, as hints. Sending one never delays or fails a request: with the broker down or frozen it is dropped.

`.delay()` in a request blocks for seconds when the broker is frozen and raises when it is down (DEPENDENCIES.md), after the
patient's entry was already committed. So a thread per process does the sending from a bounded queue, and the database
knows what is owed: the sweeps find what was dropped.
"""

import logging
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app

log = logging.getLogger(__name__)

_MOST_WAITING = 1000
_lock = threading.Lock()
_silent = 0
_waiting: 'queue.Queue[tuple[str, tuple[int, ...], str]]' = queue.Queue(_MOST_WAITING)
_sender: tuple[int, threading.Thread] | None = None  # (process id, thread): a fork does not inherit threads


@contextmanager
def silent() -> Iterator[None]:
    """Send nothing inside: for work in bulk that leaves nothing owed, such as the demo's past."""
    global _silent
    _silent += 1
    try:
        yield
    finally:
        _silent -= 1


def send(task: str, *args: int, to: str = 'urgent') -> None:
    """Send a message to a queue, soon and perhaps. Never blocks, never raises."""
    if _silent:
        return
    _ensure_sender()
    try:
        _waiting.put_nowait((task, args, to))
    except queue.Full:
        log.warning('a hint for %s was dropped: %s are waiting for the broker', task, _MOST_WAITING)


def _ensure_sender() -> None:
    global _sender
    if _sender is not None and _sender[0] == os.getpid() and _sender[1].is_alive():
        return
    with _lock:
        if _sender is None or _sender[0] != os.getpid() or not _sender[1].is_alive():
            thread = threading.Thread(target=_send_forever, name='hints', daemon=True)
            _sender = (os.getpid(), thread)
            thread.start()


def _send_forever() -> None:
    while True:
        task, args, to = _waiting.get()
        try:
            current_app.send_task(task, args=args, queue=to, retry=False)
        except Exception as error:  # noqa: BLE001  (a hint may fail for any reason; the sweeps do not depend on it)
            log.warning('a hint for %s was not sent: %s', task, type(error).__name__)
        finally:
            _waiting.task_done()
