"""Making the directories that `paths` names, with owners and modes that keep others out."""

import fcntl
import os
import pwd
import stat
from pathlib import Path
from typing import IO

from config.embedded.console import CannotStart
from config.embedded.paths import Account


def make_open(place: Path) -> None:
    """Make a directory that others may pass through but not list: root's database account has to get below it."""
    for part in (*reversed(place.parents), place):
        if not part.exists():
            part.mkdir(exist_ok=True)
            part.chmod(0o711)
    if not place.is_dir():
        raise NotADirectoryError(20, 'Not a directory', str(place))
    if not os.access(place, os.W_OK | os.X_OK):
        raise PermissionError(13, 'Permission denied', str(place))
    if place.parent.stat().st_mode & stat.S_ISVTX and place.lstat().st_uid != os.geteuid():
        raise _somebody_elses(place)  # in a place where everybody writes, a name proves nothing


def make_private(place: Path, *, account: Account | None = None) -> None:
    """Make a directory that its owner alone may enter. A directory of somebody else's with this name is refused."""
    place.mkdir(mode=0o700, exist_ok=True)
    owner = account or Account(os.geteuid(), os.getegid())
    if place.lstat().st_uid not in {owner.uid, os.geteuid()} or place.is_symlink():
        raise _somebody_elses(place)
    if owner.uid != place.stat().st_uid:
        os.chown(place, *owner)
    place.chmod(0o700)


def lock(file: Path, *, busy: str) -> IO[str]:
    """Hold this file for as long as the returned handle lives; the kernel lets go of it however we die.

    Raises CannotStart with `busy`, followed by the holder's process id, when another process holds it.
    """
    handle = file.open('a+')
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with handle:
            handle.seek(0)
            raise CannotStart(f'{busy} (process {handle.read().strip() or "unknown"}).') from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def _somebody_elses(place: Path) -> CannotStart:
    try:
        owner = pwd.getpwuid(place.lstat().st_uid).pw_name
    except KeyError:
        owner = f'number {place.lstat().st_uid}'
    return CannotStart(f'{place} belongs to the account {owner}. Run Vigil as {owner}, or choose another DATA_DIR.')
