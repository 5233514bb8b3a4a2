"""The processes' log files, shown on the console as they grow, each line with the name of who wrote it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.console import say

MOST_BYTES = 64 * 1024
# Every message that comes and goes, every worker that boots: in the file, not before the eyes.
ROUTINE = re.compile(r'^\S+ \S+ (DEBUG|INFO) celery|\[(DEBUG|INFO)\] |^celery beat .* starting|^\s*$')


@dataclass
class Tail:
    """Follows one file from its present end, leaving out the routine.

    The processes write straight to the file, so a stopped console blocks nobody.
    """

    name: str
    path: Path
    offset: int = field(init=False)
    rest: bytes = field(init=False, default=b'')

    def __post_init__(self) -> None:
        self.offset = self.path.stat().st_size if self.path.exists() else 0

    def show(self) -> None:
        """Print the lines that came since the last time."""
        for line in self._fresh():
            text = line.decode(errors='replace')
            if not ROUTINE.search(text):
                say(f'{self.name:<6} | {text}')

    def _fresh(self) -> list[bytes]:
        if not self.path.exists():
            return []
        with self.path.open('rb') as handle:
            if handle.seek(0, 2) < self.offset:
                self.offset = 0  # the log was turned over
            handle.seek(self.offset)
            read = handle.read(MOST_BYTES)
            self.offset = handle.tell()
        *lines, self.rest = (self.rest + read).split(b'\n')
        return lines
