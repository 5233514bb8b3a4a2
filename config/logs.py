"""How a log line looks. Health data never gets into one."""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """Tells where an error happened and of what kind it is, and leaves its message out.

    A database quotes the row that it refused, and an engine the answer that it could not read: what a patient wrote.
    """

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  (the name is logging's)
        return '\n'.join(part for error in reversed(list(_chain(ei[1]))) for part in _told(error))


def _told(error: BaseException) -> Iterator[str]:
    yield from (
        f'  {frame.filename}:{frame.lineno} {frame.name}' for frame in traceback.extract_tb(error.__traceback__)
    )
    yield f'{type(error).__module__}.{type(error).__qualname__}'


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then what led to it, as Python would show them."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
