"""Throwing the demo's data away: only ours, and only while nobody uses it."""

from pathlib import Path

import pytest

from config.embedded.console import CannotStart
from config.embedded.places import lock
from config.management.commands.demo_reset import reset


@pytest.fixture
def data(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DATA_DIR with a database, a broker and somebody's own file."""
    monkeypatch.setenv('DATA_DIR', str(place))
    monkeypatch.delenv('DATABASE_URL', raising=False)
    for name in ('postgres', 'broker', 'logs'):
        (place / name).mkdir(parents=True)
    (place / 'my-notes').touch()
    return place


def test_database_and_broker_go_and_the_rest_stays(data: Path) -> None:
    reset()
    assert {each.name for each in data.iterdir()} == {'logs', 'my-notes', 'lock'}


def test_nothing_is_removed_while_vigil_runs(data: Path) -> None:
    with lock(data / 'lock', busy='busy'), pytest.raises(CannotStart, match='Stop Vigil first'):
        reset()
    assert (data / 'postgres').exists()


def test_a_server_of_ones_own_is_never_emptied(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DATABASE_URL', 'postgresql://db.example/clinic')
    with pytest.raises(CannotStart, match='Vigil does not empty that'):
        reset()
    assert (data / 'postgres').exists()
