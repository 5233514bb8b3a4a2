"""Where data and sockets go, and how the addresses are spelled."""

import os
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from config.embedded import paths


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, 'geteuid', lambda: 0)


def test_data_is_beside_the_code_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('DATA_DIR', raising=False)
    assert paths.data_dir() == paths.REPO / 'var'
    monkeypatch.setenv('DATA_DIR', 'elsewhere/../here')
    assert paths.data_dir() == paths.REPO / 'here'


@pytest.mark.usefixtures('ordinary')
def test_a_deep_data_directory_gets_short_sockets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DATA_DIR', f'/deep/{"x" * 90}/a')
    first = paths.database_socket_dir() / '.s.PGSQL.5432'
    monkeypatch.setenv('DATA_DIR', f'/deep/{"x" * 90}/b')
    second = paths.database_socket_dir() / '.s.PGSQL.5432'
    assert first != second
    assert len(os.fsencode(first)) < 108
    assert str(paths.servers_dir()) == os.environ['DATA_DIR']


@pytest.mark.usefixtures('ordinary')
def test_the_longest_place_beside_the_data_still_fits_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    room = paths.LONGEST_RUN_DIR - len('/run')
    monkeypatch.setenv('DATA_DIR', '/' + 'x' * (room - 1))
    assert paths.run_dir().is_relative_to(paths.data_dir())
    assert len(os.fsencode(paths.database_socket_dir() / '.s.PGSQL.5432')) < 108
    monkeypatch.setenv('DATA_DIR', '/' + 'x' * room)
    assert not paths.run_dir().is_relative_to(paths.data_dir())


@pytest.mark.usefixtures('root')
def test_roots_database_goes_where_nobody_can_enter(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv('DATA_DIR', str(place))
    assert paths.servers_dir() == place
    place.parent.chmod(0o700)
    monkeypatch.setattr(paths, 'NOBODY', paths.Account(64999, 64999))
    assert not paths.servers_dir().is_relative_to(place)
    assert paths.data_dir() == place


@pytest.mark.usefixtures('root')
def test_a_database_that_is_there_is_never_left_for_an_empty_one(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    (place / 'postgres').mkdir(parents=True)
    place.parent.chmod(0o700)
    monkeypatch.setattr(paths, 'NOBODY', paths.Account(64999, 64999))
    monkeypatch.setenv('DATA_DIR', str(place))
    assert paths.servers_dir() == place


@pytest.mark.usefixtures('ordinary')
def test_the_database_address_survives_odd_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DATA_DIR', '/srv/Ana & Ben?/50 %')
    parts = conninfo_to_dict(paths.database_url())
    assert parts == {'host': '/srv/Ana & Ben?/50 %/run/pg', 'dbname': 'vigil', 'user': 'vigil'}


@pytest.mark.parametrize(
    ('redis_py', 'kombu'),
    [
        ('unix:///run/b.sock?db=0', 'redis+socket:///run/b.sock?virtual_host=0'),
        ('unix:///run/b.sock?db=3&password=x', 'redis+socket:///run/b.sock?virtual_host=3&password=x'),
        ('redis://cache.example:6379/1', 'redis://cache.example:6379/1'),
        ('rediss://cache.example/0', 'rediss://cache.example/0'),
    ],
)
def test_the_broker_is_spelled_for_both_libraries(redis_py: str, kombu: str) -> None:
    assert paths.broker_url(redis_py) == kombu
    assert paths.redis_py_url(kombu) == redis_py
