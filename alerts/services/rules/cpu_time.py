"""A limit on the computing time of one piece of work: rules that never end must not keep a worker from what is urgent."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn


class TooSlow(Exception):
    """It took more of the processor's time than it may."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises TooSlow inside after so many seconds of this process's own computing; waiting for others costs nothing.

    Only in a process's main thread, where Celery's worker processes run their tasks: elsewhere there is no signal, and no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(number: int, frame: Any) -> NoReturn:
    raise TooSlow
