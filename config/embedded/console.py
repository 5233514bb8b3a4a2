"""What the person at the terminal reads: one line at a time."""

import sys


class CannotStart(Exception):
    """Something outside the program is wrong; the message is the one line that the person needs."""


def say(line: str) -> None:
    sys.stdout.write(line + '\n')
    sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(line + '\n')
    sys.stderr.flush()
