"""Evaluate cases of the exchange format with the default rules. Needs no database."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.core.management.base import BaseCommand, CommandError

from alerts.content import default_program
from alerts.engine.exchange import answer_lines

# Memory stays bounded whatever comes: a case of 64 MB is some 400,000 entries of one patient.
LONGEST_LINE = 64 * 1024 * 1024


class Command(BaseCommand):
    help = 'Read cases (JSON lines) from FILE or standard input and write what the default rules answer.'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument('file', nargs='?', metavar='FILE', help='JSON lines; standard input when left out or -')

    def handle(self, *args: Any, file: str | None, **options: Any) -> None:
        bad = 0
        try:
            with _opened(file) as stream:
                for answer in answer_lines(_lines(stream), default_program()):
                    bad += not answer.good
                    self.stdout.write(answer.line)
                    self.stdout.flush()
        except BrokenPipeError:
            _leave_quietly()
        except OSError as error:
            raise CommandError(f'{error.filename or "standard input"}: {error.strerror}') from error
        if bad:
            raise CommandError(f'{bad} {"line was" if bad == 1 else "lines were"} not valid')


def _leave_quietly() -> NoReturn:
    """The reader went away (`| head`): nothing more can be said, not even by Python's own last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _opened(file: str | None) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file in (None, '-') else Path(file).open('rb')


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long the beginning, which is no JSON, so that its answer is an error."""
    while line := stream.readline(LONGEST_LINE):
        yield line
        while len(line) == LONGEST_LINE and not line.endswith(b'\n'):
            line = stream.readline(LONGEST_LINE)
