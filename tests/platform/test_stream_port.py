"""Where the streams of `make run` listen."""

import socket

import pytest

from config.embedded.console import CannotStart
from config.embedded.supervisor import free_port
from config.management.commands.up import stream_port


def test_it_can_be_chosen_and_is_free_to_choose_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('STREAM_PORT', raising=False)
    assert stream_port() == 0
    monkeypatch.setenv('STREAM_PORT', '8123')
    assert stream_port() == 8123
    monkeypatch.setenv('STREAM_PORT', 'next')
    with pytest.raises(CannotStart, match='STREAM_PORT is "next"'):
        stream_port()


def test_a_port_that_somebody_has_is_left_alone() -> None:
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in (0, port)
    assert free_port(65536) > 0
