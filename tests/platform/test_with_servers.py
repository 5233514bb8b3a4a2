"""The throw-away servers under `make test`."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.addresses import check_given_servers
from config.embedded.console import CannotStart
from config.embedded.paths import REPO
from tests.platform.conftest import PATIENCE, all_gone, descendants, environment, wait_until

WRAPPER = [sys.executable, '-m', 'config.embedded.with_servers', '--', sys.executable, '-c']
LOOK = """
import os, psycopg, redis
with psycopg.connect(os.environ['DATABASE_URL']) as connection:
    print(connection.execute('show fsync').fetchone()[0])
with redis.Redis.from_url(os.environ['REDIS_URL']) as client:
    print(client.ping())
print(os.environ['DATA_DIR'])
raise SystemExit(7)
"""


def test_the_command_gets_both_servers_and_its_status_comes_back(place: Path) -> None:
    done = subprocess.run(
        [*WRAPPER, LOOK], cwd=REPO, env=environment(place), capture_output=True, text=True, check=False
    )
    first, *answers, own_place = done.stdout.splitlines()
    assert done.returncode == 7, done.stderr
    assert first.startswith('A throw-away PostgreSQL')
    assert answers == ['off', 'True']
    assert not Path(own_place).exists()
    assert not place.exists()


def test_benchmarks_get_a_database_that_keeps_its_promises(place: Path) -> None:
    durable = [*WRAPPER[:3], '--durable', *WRAPPER[3:], LOOK]
    done = subprocess.run(durable, cwd=REPO, env=environment(place), capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[1] == 'on', done.stderr


def test_servers_that_are_named_are_used_and_none_is_started(place: Path) -> None:
    inner = [*WRAPPER, 'import os; print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])']
    code = f'import os, subprocess; print(os.environ["DATABASE_URL"], flush=True); subprocess.run({inner!r})'
    done = subprocess.run(
        [*WRAPPER, code], cwd=REPO, env=environment(place), capture_output=True, text=True, check=False
    )
    _said, outer, named = done.stdout.splitlines()
    assert named.startswith(f'{outer} unix:///'), done.stderr


@pytest.mark.parametrize(
    ('url', 'line'),
    [
        (
            {'DATABASE_URL': 'postgresql://ana:secret@127.0.0.1:1/x'},
            'The database that DATABASE_URL names does not answer',
        ),
        ({'DATABASE_URL': 'mysql://ana:secret@x'}, 'DATABASE_URL is no PostgreSQL address'),
        ({'REDIS_URL': 'redis://:secret@127.0.0.1:1/0'}, 'The broker that REDIS_URL names does not answer'),
        ({'REDIS_URL': 'amqp://:secret@x'}, 'The broker that REDIS_URL names does not answer'),
    ],
)
def test_a_named_server_that_is_away_gets_one_line(
    url: dict[str, str], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('DATABASE_URL', 'REDIS_URL'):
        monkeypatch.delenv(name, raising=False)
    for name, value in url.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart) as caught:
        check_given_servers()
    assert str(caught.value).startswith(line)
    assert '\n' not in str(caught.value)
    assert 'secret' not in str(caught.value)


@pytest.mark.parametrize('sig', [signal.SIGTERM, signal.SIGKILL])
def test_the_servers_go_and_the_command_go_with_the_wrapper(place: Path, sig: signal.Signals) -> None:
    code = 'import os, time; print(os.environ["DATA_DIR"], flush=True); time.sleep(600)'
    output = place.parent / 'output'
    with output.open('wb') as handle:
        process = subprocess.Popen([*WRAPPER, code], cwd=REPO, env=environment(place), stdout=handle)
    wait_until(lambda: output.read_text().count('\n') == 2)
    family = descendants(process.pid)
    process.send_signal(sig)
    process.wait(PATIENCE)
    wait_until(lambda: all_gone(family))
