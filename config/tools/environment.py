"""Makes `.venv` and fills it from the hashed lock: `python3 config/tools/environment.py .venv`.

Runs under whatever `python3` the machine has, so it is written for old ones too: it must be able to say what is missing.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
LOCK = REPO / 'requirements.txt'
OLDEST = (3, 11)


def main(venv: Path) -> int:
    """Bring the environment up to date; the exit status. A second call costs a look at one small file."""
    missing = what_is_missing()
    if missing:
        return _complain(missing)
    with LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once take turns
        stamp = venv / '.installed'
        if _read(stamp) == _stamp(venv):
            return 0
        try:
            _install(venv)
            stamp.write_text(_stamp(venv))
        except subprocess.CalledProcessError as error:
            return _complain(f'The packages could not be installed: `{_words(error.cmd)}` failed. See above.')
        except OSError as error:
            return _complain(f'{venv} cannot be made: {error.strerror}')
        except KeyboardInterrupt:
            return _complain('Stopped. The next `make` goes on from here.')
    return 0


def what_is_missing() -> str:
    """One line that says what to install first; empty when nothing is missing."""
    found = f'{sys.version_info[0]}.{sys.version_info[1]}'
    if sys.version_info < OLDEST:
        return f'Vigil needs Python 3.11 or newer; {sys.executable} is {found}. Try: make PYTHON=python3.11'
    try:
        # Debian leaves them out of its python3; this is how one finds out.
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return f'Python lacks its venv module. On Debian or Ubuntu type: apt-get install python{found}-venv'
    return ''


def _install(venv: Path) -> None:
    python = str(venv / 'bin' / 'python')
    if not _works(venv):
        _make(venv)
    if not _succeeds([python, '-m', 'uv', '--version']):
        _say('Getting uv, which installs the rest ...')
        _bootstrap_uv(python)
    _say('Installing the packages of requirements.txt (the first time this may take a minute) ...')
    _run([python, '-m', 'uv', 'pip', 'sync', '--quiet', '--require-hashes', '--python', python, str(LOCK)])


def _make(venv: Path) -> None:
    """A new environment. An old one that does not work, or was moved, is replaced; anything else is left alone."""
    _say(f'Making {venv} ...')
    if (venv / 'pyvenv.cfg').exists():
        shutil.rmtree(str(venv))
    _run([sys.executable, '-m', 'venv', str(venv)])


def _works(venv: Path) -> bool:
    """Whether the environment runs a Python that is new enough, and its scripts point at this place."""
    python = venv / 'bin' / 'python'
    if not python.exists() or not _succeeds([str(python), '-c', f'import sys; sys.exit(sys.version_info < {OLDEST})']):
        return False
    return str(venv) in _read(venv / 'bin' / 'activate')


def _bootstrap_uv(python: str) -> None:
    """pip fetches uv alone, in the version and with the hashes of the lock."""
    with tempfile.NamedTemporaryFile('w', suffix='.txt') as part:
        part.write(uv_part(_read(LOCK)))
        part.flush()
        _run([python, '-m', 'pip', 'install', '--quiet', '--require-hashes', '--no-deps', '-r', part.name])


def uv_part(lock: str) -> str:
    """The lines of the lock that belong to uv."""
    lines = lock.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith('uv=='))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith(' ')), len(lines))
    return '\n'.join(lines[start:end]) + '\n'


def _settings() -> 'dict[str, str]':
    """uv does not read pip's settings: a mirror that the environment names for pip is meant for uv too."""
    same = {'PIP_INDEX_URL': 'UV_DEFAULT_INDEX', 'PIP_EXTRA_INDEX_URL': 'UV_INDEX', 'PIP_FIND_LINKS': 'UV_FIND_LINKS'}
    settings = {uv: os.environ[pip] for pip, uv in same.items() if pip in os.environ}
    settings['PIP_DISABLE_PIP_VERSION_CHECK'] = '1'
    if not os.access(os.path.expanduser('~'), os.W_OK):
        settings.update(UV_NO_CACHE='1', PIP_NO_CACHE_DIR='1')  # an account without a home
    return {**settings, **os.environ}


def _run(command: 'list[str]') -> None:
    subprocess.run(command, check=True, env=_settings())  # noqa: S603


def _succeeds(command: 'list[str]') -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def _stamp(venv: Path) -> str:
    """Changes when the lock, the Python or the place changes."""
    return f'{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.version.split()[0]} {venv}\n'


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ''


def _words(command: 'list[str]') -> str:
    return ' '.join(command[1:4])


def _say(line: str) -> None:
    sys.stdout.write(line + '\n')
    sys.stdout.flush()


def _complain(line: str) -> int:
    sys.stderr.write(line + '\n')
    return 1


if __name__ == '__main__':
    sys.exit(main(Path(os.path.abspath(sys.argv[1]))))
