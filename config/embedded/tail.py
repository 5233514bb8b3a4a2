"""The processes' log files, shown on the console as they grow, each line with the name of who wrote it."""

from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.console import say

MOST_BYTES = 64 * 1024


@dataclass
class Tail:
    """Follows one file from its present end. The processes write straight to the file, so a stopped console blocks nobody."""

    name: str
    path: Path
    offset: int = field(init=False)
    rest: bytes = field(init=False, default=b'')

    def __post_init__(self) -> None:
        self.offset = self.path.stat().st_size if self.path.exists() else 0

    def show(self) -> None:
        """Print the lines that came since the last time."""
        for line in self._fresh():
            say(f'{self.name:<6} | {line.decode(errors="replace")}')

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
