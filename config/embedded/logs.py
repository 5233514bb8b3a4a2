"""Reading a server's log for the one line that tells why it did not start."""

import re
from pathlib import Path

# What tells most comes first. PostgreSQL writes the first three, Valkey marks its warnings with `#`.
TELLING = ('PANIC', 'FATAL', 'error:', ' # ')
PREFIX = re.compile(r'^.*?(PANIC|FATAL|error|#):?\s+')


def size(log: Path) -> int:
    """Where the log ends now, in bytes: what comes after it belongs to the next start."""
    return log.stat().st_size if log.exists() else 0


def reason(log: Path, offset: int) -> str:
    """Why the server stopped, from what it wrote since `offset`."""
    with log.open('rb') as handle:
        handle.seek(offset)
        return telling_line(handle.read().decode(errors='replace'))


def telling_line(text: str) -> str:
    """The most telling line without time and process number, as a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [line for mark in TELLING for line in lines if mark in f' {line}' and 'WARNING' not in line]
    line = (found or lines[-1:] or ['it said nothing'])[0]
    return PREFIX.sub('', line).strip('.* ') + '.'
