"""What a killed run left behind is ended at the next start, and nothing else."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.processes import TOKEN
from config.embedded.sweep import remember, started_at, sweep
from tests.platform.conftest import PATIENCE

SLEEP = [sys.executable, '-c', 'import time; time.sleep(600)']
Begin = Callable[[str], 'subprocess.Popen[bytes]']


def _hear_interrupts() -> None:
    """Where the tests run in the background of a shell, SIGINT is ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Start a sleeper that carries this mark in its environment."""
    running: list[subprocess.Popen[bytes]] = []

    def start(mark: str) -> 'subprocess.Popen[bytes]':
        running.append(subprocess.Popen(SLEEP, env=os.environ | {TOKEN: mark}, preexec_fn=_hear_interrupts))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def write(file: Path, *leaders: tuple[str, int, int | None], token: str = 'ours') -> None:
    keys = ('name', 'pid', 'started')
    file.write_text(json.dumps({'token': token, 'leaders': [dict(zip(keys, each, strict=True)) for each in leaders]}))


def test_a_process_that_was_written_down_is_ended(tmp_path: Path, begin: Begin) -> None:
    process = begin('without a mark')
    write(tmp_path / 'record.json', ('worker', process.pid, started_at(process.pid)))
    assert sweep(tmp_path / 'record.json') == 1
    assert process.wait(PATIENCE) == -signal.SIGKILL
    assert not (tmp_path / 'record.json').exists()


def test_a_helper_that_carries_the_mark_is_ended(tmp_path: Path, begin: Begin) -> None:
    helper = begin('ours')
    write(tmp_path / 'record.json')
    assert sweep(tmp_path / 'record.json') == 1
    assert helper.wait(PATIENCE) == -signal.SIGKILL


def test_a_database_is_asked_to_close_its_files(tmp_path: Path, begin: Begin) -> None:
    process = begin('ours')
    write(tmp_path / 'record.json', ('database', process.pid, started_at(process.pid)))
    sweep(tmp_path / 'record.json')
    assert process.wait(PATIENCE) in {
        -signal.SIGINT,
        1,
    }  # Python ends itself with SIGINT, or with a traceback very early


def test_a_later_process_with_the_same_number_is_left_alone(tmp_path: Path, begin: Begin) -> None:
    stranger = begin('theirs')
    started = started_at(stranger.pid)
    assert started is not None
    write(tmp_path / 'record.json', ('worker', stranger.pid, started - 1))
    assert sweep(tmp_path / 'record.json') == 0
    assert stranger.poll() is None


@pytest.mark.parametrize('text', ['', '{', '[]', '{"token": "ours"}', '{"token": "ours", "leaders": [{}]}'])
def test_a_record_that_cannot_be_read_ends_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / 'record.json').write_text(text)
    assert sweep(tmp_path / 'record.json') == 0


def test_without_a_record_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert sweep(tmp_path / 'record.json') == 0


def test_the_record_holds_no_more_than_marks_and_numbers(tmp_path: Path) -> None:
    remember(tmp_path / 'record.json', 'ours', [])
    assert json.loads((tmp_path / 'record.json').read_text()) == {'token': 'ours', 'leaders': []}
