"""All benchmarks in one run: `make bench`, or some: `make bench ARGS="latency post_cpu"`. Writes docs/benchmarks.md.

`simulate_clinic` and `replay` are played when they are asked for; they take arguments of their own (`bench/simulate_clinic.py`,
`bench/replay.py`).

Runs on throw-away servers (`python -m config.embedded.with_servers -- python -m bench`). Absolute figures belong to the machine
that they were taken on; what carries over are the ratios of two things measured side by side in the same run.
"""

import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

NAMES = ('engine', 'post_cpu', 'broker_away', 'latency', 'worklist', 'streams', 'slow_phone')
SIMULATION = 'simulate_clinic'
REPLAY = 'replay'
APART = (SIMULATION, REPLAY)  # played when asked for; they take arguments of their own
PAGE = Path(__file__).parent.parent / 'docs' / 'benchmarks.md'


def main(chosen: list[str]) -> None:
    chosen, options = (chosen[:1], chosen[1:]) if chosen[:1] and chosen[0] in APART else (chosen, [])
    unknown = set(chosen) - {*NAMES, *APART}
    if unknown:
        sys.exit(f'Unknown benchmark: {", ".join(sorted(unknown))}. There are: {", ".join((*NAMES, *APART))}.')
    with tempfile.TemporaryDirectory(prefix='vigil-bench-') as static:
        os.environ |= {
            'DJANGO_SETTINGS_MODULE': 'bench.settings',
            'SECRET_KEY': secrets.token_urlsafe(50),
            'SECURE_COOKIES': 'false',
            'STATIC_ROOT': static,
        }
        figures = _measure(chosen or list(NAMES), options)
    print(json.dumps(figures, indent=2))
    if not chosen:
        _write(figures)


def _measure(names: list[str], options: list[str]) -> dict[str, Any]:
    if names != ['engine']:
        _prepare()
    figures = {}
    for name in names:
        print(f'-- {name}', file=sys.stderr)
        figures[name] = _runner(name)(*([options] if name in APART else []))
    return figures


def _prepare() -> None:
    django.setup()
    for command in ('migrate', 'createcachetable', 'load_content', 'collectstatic'):
        call_command(
            command, verbosity=0, **({'interactive': False} if command in ('migrate', 'collectstatic') else {})
        )
    _module('latency').prepare()


def _runner(name: str) -> Callable[..., dict[str, Any]]:
    return _engine if name == 'engine' else _module(name).run


def _module(name: str) -> Any:
    return __import__(f'bench.{name}', fromlist=['run'])


def _engine() -> dict[str, Any]:
    """In a process of its own: it needs neither Django nor a server."""
    done = subprocess.run([sys.executable, '-m', 'bench.engine_speed'], stdout=subprocess.PIPE, text=True, check=True)
    return {row.pop('what'): row for row in map(json.loads, done.stdout.splitlines())}


def _write(figures: dict[str, Any]) -> None:
    before, mark, _ = PAGE.read_text().partition('<!-- figures -->\n')
    shape = f'Taken on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.'
    PAGE.write_text(f'{before}{mark}\n{shape}\n\n```json\n{json.dumps(figures, indent=2)}\n```\n')


if __name__ == '__main__':
    main(sys.argv[1:])
