"""What the tests need from the system, found or installed: a browser."""

import os
import shutil
import subprocess
from dataclasses import dataclass

from config.embedded.console import CannotStart, say


@dataclass(frozen=True)
class Need:
    """One program: the names it goes by, Debian's package, and the variable that names it outright."""

    name: str
    commands: tuple[str, ...]
    package: str
    variable: str = ''


BROWSER = Need(
    'Chromium', ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'), 'chromium', 'CHROMIUM'
)


def needs() -> list[Need]:
    return [BROWSER]


def provide(need: Need) -> str:
    """The program's path. Root installs what is missing; anybody else is told the one command. Raises CannotStart."""
    found = find(need)
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which('apt-get'):
        raise CannotStart(f'The tests need {need.name}. On Debian or Ubuntu type: sudo apt-get install {need.package}')
    say(f'Installing {need.name} (apt-get install {need.package}) …')
    _install(need)
    found = find(need)
    if not found:
        raise CannotStart(f'{need.package} is installed, but none of {", ".join(need.commands)} is there.')
    return found


def find(need: Need) -> str | None:
    """Raises CannotStart when the variable names something that cannot be run."""
    named = os.environ.get(need.variable) if need.variable else None
    if named and not shutil.which(named):
        raise CannotStart(f'{need.variable} is "{named}", which is no program.')
    return next((path for path in map(shutil.which, [named] if named else need.commands) if path), None)


def _install(need: Need) -> None:
    environment = os.environ | {'DEBIAN_FRONTEND': 'noninteractive'}
    try:
        subprocess.run(['apt-get', '-qq', 'update'], check=True, env=environment)  # noqa: S607
        command = ['apt-get', '-qq', 'install', '-y', '--no-install-recommends', need.package]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    except subprocess.CalledProcessError:
        raise CannotStart(f'`apt-get install {need.package}` failed. See above.') from None
