"""Every check that is not a test, side by side: `python -m config.tools.checks [name …]`. All run, whatever one of them says."""

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.console import complain, say
from config.embedded.paths import REPO

PYTHON = sys.executable
# As a clinic would run it. The key is for this check alone.
PRODUCTION = {
    'DEBUG': 'false',
    'DEMO_MODE': 'false',
    'ALLOWED_HOSTS': 'vigil.example',
    'BASE_URL': 'https://vigil.example',
    'SECRET_KEY': 'a-key-for-the-deployment-check-alone-0123456789-abcdefghijklmnop',
}


@dataclass(frozen=True)
class Check:
    """One command. Its output is shown when it fails."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            self.argv,
            cwd=REPO,
            env=os.environ | self.env,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


LINT = [
    Check('ruff', [PYTHON, '-m', 'ruff', 'check', '--quiet', '.']),
    Check('format', [PYTHON, '-m', 'ruff', 'format', '--check', '--quiet', '.']),
    # Unclosed tags, missing alternatives, double attributes. Its rules of layout and quotes are not ours.
    Check('templates', [PYTHON, '-m', 'djlint', '--lint', '--quiet', '--ignore', 'H015,H043,H054,T002', 'templates']),
    Check('imports', [str(Path(PYTHON).with_name('lint-imports'))]),
    Check('lock', [PYTHON, '-m', 'config.tools.lock', 'check']),
    Check('messages', [PYTHON, '-m', 'config.tools.messages', 'check']),
]
TYPES = [Check('types', [PYTHON, '-m', 'mypy'])]
DJANGO = [
    Check('deploy', [PYTHON, 'manage.py', 'check', '--deploy', '--fail-level', 'WARNING'], PRODUCTION),
    Check('migrations', [PYTHON, 'manage.py', 'makemigrations', '--check', '--dry-run']),
]


def everything() -> list[Check]:
    """The slowest first, so that two cores finish together."""
    return TYPES + DJANGO + LINT


def run(checks: Iterable[Check]) -> list[str]:
    """Run them two at a time; show what failed. The names of those that did."""
    checks = list(checks)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(zip(checks, pool.map(Check.run, checks), strict=True))
    failed = [check.name for check, result in results if result.returncode]
    for check, result in results:
        if result.returncode:
            complain(f'── {check.name} ──\n{result.stdout.rstrip()}')
    say(f'Checks: {len(checks) - len(failed)} passed, {len(failed)} failed ({_names(checks)})')
    return failed


def _names(checks: list[Check]) -> str:
    return ', '.join(check.name for check in checks)


if __name__ == '__main__':
    groups = {'lint': LINT, 'types': TYPES, 'django': DJANGO}
    sys.exit(1 if run([check for name in sys.argv[1:] for check in groups[name]]) else 0)
