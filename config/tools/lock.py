"""The hashed lock: `python -m config.tools.lock write` remakes it, `... check` says whether it fits requirements.in.

Written with uv. pip-compile would put the address of this machine's package index into the file.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.console import complain, say
from config.embedded.paths import REPO

WANTED = REPO / 'requirements.in'
LOCK = REPO / 'requirements.txt'
PIN = re.compile(r'^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)')
DIRECT = re.compile(r'^(?P<name>[A-Za-z0-9._-]+)==')


def write(*, upgrade: bool = False) -> int:
    """Remake the lock in place; versions stay as they are where requirements.in allows it."""
    done = _compile(LOCK, '--upgrade' if upgrade else '')
    if done.returncode:
        complain(done.stderr.strip())
    return done.returncode


def check() -> int:
    """0 when the lock is what uv would write. Without the registry the pins alone are compared, and that is said."""
    with tempfile.TemporaryDirectory() as folder:
        # Seeded with the lock of today, so that newer releases do not count as a difference.
        remade = Path(folder) / LOCK.name
        shutil.copy(LOCK, remade)
        done = _compile(remade)
        if done.returncode and 'No solution found' in done.stderr:
            complain(done.stderr.strip())
            return 1
        if done.returncode:
            say('The package registry cannot be reached: only the versions are compared.')
            return _tell(differences(WANTED.read_text(), LOCK.read_text()))
        same = _bare(remade.read_text()) == _bare(LOCK.read_text())
        return _tell([] if same else ['requirements.txt is not what uv makes of requirements.in'])


def differences(wanted: str, lock: str) -> list[str]:
    """What two texts disagree about, judged by the pins alone."""
    asked = pins(wanted)
    held = pins(lock)
    missing = [f'{name}=={version} is not in the lock' for name, version in asked.items() if held.get(name) != version]
    left = [f'{name} is in the lock but no longer asked for' for name in _direct(lock) if name not in asked]
    return missing + left


def pins(text: str) -> dict[str, str]:
    """Normalised name to version, of a requirements file or a lock."""
    found = (PIN.match(line) for line in text.splitlines())
    return {_normal(pin['name']): pin['version'] for pin in found if pin}


def _direct(lock: str) -> list[str]:
    """The names that the lock says requirements.in asked for."""
    names: list[str] = []
    name = ''
    for line in lock.splitlines():
        start = DIRECT.match(line)
        name = _normal(start['name']) if start else name
        if '-r requirements.in' in line and line.strip().startswith('#') and name:
            names.append(name)
    return names


def _compile(to: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, '-m', 'uv', 'pip', 'compile', '--quiet', '--universal', '--python-version', '3.11']
    command += ['--generate-hashes', '--no-emit-index-url', WANTED.name, '-o', str(to), *filter(None, options)]
    header = ['--custom-compile-command', 'make lock']
    return subprocess.run(command + header, cwd=REPO, capture_output=True, text=True, check=False)  # noqa: S603


def _bare(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith('#')]


def _normal(name: str) -> str:
    return re.sub(r'[-_.]+', '-', name).lower()


def _tell(problems: list[str]) -> int:
    for problem in problems:
        complain(f'{problem}: type `make lock`.')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit({'write': write, 'check': check}[sys.argv[1]]())
