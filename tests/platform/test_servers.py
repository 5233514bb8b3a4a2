"""Starting one server: what is refused before anything runs, and how a log is read."""

from pathlib import Path

import pytest

from config.embedded.broker import start_broker
from config.embedded.console import CannotStart
from config.embedded.logs import telling_line
from config.embedded.postgres import start_postgres


@pytest.fixture
def data(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv('DATA_DIR', str(place))
    return place


def test_a_database_of_another_version_is_refused(data: Path) -> None:
    (data / 'postgres').mkdir(parents=True)
    (data / 'postgres' / 'PG_VERSION').write_text('15\n')
    with pytest.raises(CannotStart, match='was written by PostgreSQL 15, and this Vigil brings PostgreSQL 18'):
        start_postgres(log=data / 'log', environment={})


def test_a_folder_that_is_no_database_is_refused_and_kept(data: Path) -> None:
    (data / 'postgres' / 'holiday').mkdir(parents=True)
    with pytest.raises(CannotStart, match='is not a PostgreSQL database'):
        start_postgres(log=data / 'log', environment={})
    assert (data / 'postgres' / 'holiday').exists()


def test_what_an_interrupted_first_start_left_is_replaced(data: Path) -> None:
    (data / 'postgres.new').mkdir(parents=True)
    (data / 'postgres.new' / 'PG_VERSION').write_text('18\n')
    child = start_postgres(log=data / 'log', environment={}, throw_away=True)
    assert child.stop()
    assert (data / 'postgres' / 'global' / 'pg_control').exists()
    assert not (data / 'postgres.new').exists()


def test_a_broken_broker_file_is_named(data: Path) -> None:
    manifest = data / 'broker' / 'appendonlydir' / 'appendonly.aof.manifest'
    manifest.parent.mkdir(parents=True)
    manifest.write_text('garbage\n')
    with pytest.raises(CannotStart, match=f'If its data is broken, remove {data}/broker'):
        start_broker(log=data / 'log', environment={})


@pytest.mark.parametrize(
    ('log', 'line'),
    [
        ('', 'it said nothing.'),
        ('2026-11-22 UTC [7] LOG:  hello\n2026-11-22 UTC [7] FATAL:  no room left\nbye\n', 'no room left.'),
        ('initdb: error: could not create directory: No space left\n', 'could not create directory: No space left.'),
        ('7:M 21 Nov # WARNING Memory\n7:M 21 Nov # Bad file format\n7:M bye', 'Bad file format.'),
        ('first\nlast\n', 'last.'),
    ],
)
def test_the_most_telling_line_of_a_log(log: str, line: str) -> None:
    assert telling_line(log) == line
