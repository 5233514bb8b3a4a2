"""How Vigil's own processes are started: the web server, the streams, the worker and beat."""

import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from config.embedded import paths
from config.embedded.processes import Program
from config.embedded.push_key import new_push_key

QUEUES = ('urgent', 'default', 'reports')
# Where root tries Vigil out, the worker's words about that are no news.
AS_ROOT = "ignore:You're running the worker with superuser privileges"
CELERY = [sys.executable, '-W', AS_ROOT, '-m', 'celery', '--quiet', '-A', 'config']
LOOPBACK = '127.0.0.1'


def web(env: dict[str, str], *, logs: Path, port: int) -> Program:
    """gunicorn with threads. Its control socket would open in the home directory, its access log would hold addresses."""
    argv = [sys.executable, '-m', 'gunicorn', 'config.wsgi:application', '--bind', f'{LOOPBACK}:{port}']
    argv += ['--worker-class', 'gthread', '--workers', '2', '--threads', '8', '--graceful-timeout', '10']
    argv += ['--preload', '--no-control-socket']
    # On our death a quick stop, which takes its workers along; a killed master would leave them for a second.
    return _program('web', argv, env, logs, death_signal=signal.SIGQUIT)


def streams(env: dict[str, str], *, logs: Path, port: int) -> Program:
    """uvicorn with the worklist's streams. They never end by themselves, so it does not wait for them when it is stopped."""
    argv = [sys.executable, '-m', 'uvicorn', 'config.asgi:application', '--host', LOOPBACK, '--port', str(port)]
    argv += ['--loop', 'asyncio', '--no-access-log', '--no-server-header', '--no-use-colors']
    argv += ['--timeout-graceful-shutdown', '1', '--log-level', 'warning']
    return _program('streams', argv, env, logs)


def worker(env: dict[str, str], *, logs: Path) -> Program:
    """A Celery worker on every queue. Asked to stop it finishes what it has begun."""
    argv = [*CELERY, 'worker', '--queues', ','.join(QUEUES), '--concurrency', '2', '--loglevel', 'INFO']
    argv += ['--without-gossip', '--without-mingle']
    return _program('worker', argv, env, logs, patience=60)


def beat(env: dict[str, str], *, logs: Path) -> Program:
    return _program('beat', [*CELERY, 'beat', '--pidfile=', '--loglevel', 'INFO'], env, logs)


def prepare(env: dict[str, str]) -> Program:
    """Tables, clinical content, made-up people, static files: everything that must be there before the first request."""
    argv = [sys.executable, 'manage.py', 'prepare']
    return Program(name='prepare', argv=argv, env=env, cwd=paths.REPO, patience=10)


def demo_environment(given: dict[str, str], *, port: int, stream_port: int, data: Path) -> dict[str, str]:
    """What `make run` is unless the environment says otherwise: a demo with made-up people, on this machine only."""
    ours = {
        'DEMO_MODE': 'true',
        'DEMO_MODE_ASKED': 'true',
        'SECURE_COOKIES': 'false',
        'BASE_URL': f'http://localhost:{port}',
        'STREAM_URL': f'http://localhost:{stream_port}/worklist/stream/',
        'STATIC_ROOT': str(data / 'static'),
        'PYTHONUNBUFFERED': '1',
    }
    key = given.get('SECRET_KEY') or secret_key(data / 'secret-key')
    push = given.get('VAPID_PRIVATE_KEY') or kept(data / 'push-key', new_push_key)
    return ours | given | {'SECRET_KEY': key, 'VAPID_PRIVATE_KEY': push}


def secret_key(file: Path) -> str:
    """Kept, so that sessions outlive a restart."""
    return kept(file, lambda: secrets.token_urlsafe(50))


def kept(file: Path, make: Callable[[], str]) -> str:
    """What the file holds, for our eyes only; made when it is not there yet."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(make())
    return file.read_text().strip()


def _program(
    name: str,
    argv: list[str],
    env: dict[str, str],
    logs: Path,
    *,
    death_signal: signal.Signals = signal.SIGKILL,
    patience: float = 30,
) -> Program:
    return Program(
        name=name,
        argv=argv,
        env=env,
        cwd=paths.REPO,
        log=logs / f'{name}.log',
        death_signal=death_signal,
        patience=patience,
    )
