"""What the person at the terminal reads: one line at a time."""

import contextlib
import sys
from typing import TextIO


class CannotStart(Exception):
    """Something outside the program is wrong; the message is the one line that the person needs."""


def say(line: str) -> None:
    _write(sys.stdout, line)


def complain(line: str) -> None:
    _write(sys.stderr, line)


def _write(stream: TextIO, line: str) -> None:
    """A terminal that was closed is no reason to fall over in the middle of stopping a database."""
    with contextlib.suppress(OSError):
        stream.write(line + '\n')
        stream.flush()
