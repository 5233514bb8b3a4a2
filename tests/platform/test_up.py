"""`make run` on the embedded servers alone: starting, stopping, dying, starting again."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from config.embedded.console import CannotStart
from config.embedded.paths import REPO
from config.management.commands.up import port, tell_people
from tests.platform.conftest import PATIENCE, Run, all_gone, descendants, environment, wait_until

READY = 'REDIS_URL='
Up = Callable[..., Run]


def address(run: Run) -> str:
    line = next(line for line in run.text().splitlines() if line.startswith('DATABASE_URL='))
    return line.removeprefix('DATABASE_URL=')


def leaders(place: Path) -> dict[str, int]:
    return {each['name']: each['pid'] for each in json.loads((place / 'processes.json').read_text())['leaders']}


def test_sigterm_stops_everything_cleanly(up: Up) -> None:
    run = up('--servers-only')
    run.wait_for(READY)
    family = run.family()
    assert run.ends(signal.SIGTERM) == 0
    assert 'Stopped.' in run.text()
    assert all_gone(family)


def test_the_second_start_finds_the_data_of_the_first(up: Up) -> None:
    first = up('--servers-only')
    first.wait_for(READY)
    with psycopg.connect(address(first)) as connection:
        connection.execute('create table kept (word text)')
        connection.execute("insert into kept values ('still here')")
    assert first.ends(signal.SIGINT) == 0
    second = up('--servers-only')
    second.wait_for(READY)
    with psycopg.connect(address(second)) as connection:
        assert connection.execute('select word from kept').fetchone() == ('still here',)


def test_nothing_outlives_a_killed_supervisor_and_committed_rows_do(up: Up) -> None:
    first = up('--servers-only')
    first.wait_for(READY)
    family = first.family()
    with psycopg.connect(address(first)) as connection:
        connection.execute('create table kept ()')
    first.ends(signal.SIGKILL)
    wait_until(lambda: all_gone(family))
    second = up('--servers-only')
    second.wait_for(READY)
    with psycopg.connect(address(second)) as connection:
        assert connection.execute("select to_regclass('kept')::text").fetchone() == ('kept',)


def test_it_stops_when_the_make_that_started_it_is_killed(place: Path) -> None:
    command = [sys.executable, 'manage.py', 'up', '--servers-only', '--tied']
    with subprocess.Popen(['sh', '-c', f'{shlex.join(command)}; true'], cwd=REPO, env=environment(place)) as make:
        wait_until(lambda: (place / 'processes.json').exists() and 'broker' in leaders(place))
        family = descendants(make.pid)
        assert set(leaders(place).values()) < family
        make.kill()
    wait_until(lambda: all_gone(family))


def test_a_second_run_at_the_same_time_gets_one_line(up: Up, place: Path) -> None:
    first = up('--servers-only')
    first.wait_for(READY)
    second = up('--servers-only')
    assert second.process.wait(PATIENCE) == 1
    assert second.text() == f'Vigil already runs on {place} (process {first.process.pid}).\n'
    assert first.process.poll() is None


def test_the_death_of_the_database_stops_everything_with_one_line(up: Up, place: Path) -> None:
    run = up('--servers-only')
    run.wait_for(READY)
    family = run.family()
    os.kill(leaders(place)['database'], signal.SIGKILL)
    assert run.process.wait(PATIENCE) == 1
    assert 'The database was ended by signal 9. Everything is stopped' in run.text()
    wait_until(lambda: all_gone(family))


def test_a_broker_that_dies_is_started_again(up: Up, place: Path) -> None:
    run = up('--servers-only')
    run.wait_for(READY)
    os.kill(leaders(place)['broker'], signal.SIGKILL)
    run.wait_for('The broker runs again.')


@pytest.mark.django_db
@pytest.mark.parametrize(('mode', 'told'), [('true', True), ('1', True), ('false', False), ('', False)])
def test_who_can_sign_in_is_told_in_demo_mode_alone(
    mode: str, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(connection, 'close', lambda: None)  # the test's own
    tell_people({'DEMO_MODE': mode, 'BASE_URL': 'http://localhost:8000', 'DATA_DIR': '/srv/vigil'})
    said = capsys.readouterr().out
    assert ('made-up people' in said) is told
    assert said.endswith('Vigil is at http://localhost:8000   (Ctrl-C stops it; logs are in /srv/vigil/logs)\n')


def test_a_port_in_use_gets_one_line(up: Up, place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = up(PORT=str(port))
        assert run.process.wait(PATIENCE) == 1
    assert run.text().startswith(f'Port {port} cannot be used: Address already in use.')
    assert run.text().count('\n') == 1
    assert not (place / 'postgres').exists()


def test_a_port_that_is_no_port_gets_one_line(up: Up) -> None:
    run = up(PORT='eight')
    assert run.process.wait(PATIENCE) == 1
    assert run.text() == 'PORT is "eight"; it has to be a number from 1 to 65535.\n'


@pytest.mark.parametrize('words', ['0', '65536', '-1', '8000.0', '٨٠٠٠'])
def test_odd_ports_are_refused(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PORT', words)
    with pytest.raises(CannotStart, match='has to be a number'):
        port()


def a_file(place: Path) -> None:
    place.write_text('')


def a_damaged_database(place: Path) -> None:
    (place / 'postgres').mkdir(parents=True)
    (place / 'postgres' / 'PG_VERSION').write_text('18\n')


@pytest.mark.parametrize(
    ('breakage', 'words'),
    [
        (a_file, 'Not a directory'),
        (a_damaged_database, 'The database did not start'),
    ],
)
def test_a_broken_data_directory_gets_one_line(
    up: Up, place: Path, breakage: Callable[[Path], None], words: str
) -> None:
    breakage(place)
    run = up('--servers-only')
    assert run.process.wait(PATIENCE) == 1
    assert words in run.text()
    assert run.text().count('\n') == 1
