"""`manage.py evaluate_cases` as a real process, as an operator runs it: no database, no broker, nothing in the environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

EXAMPLES = Path(__file__).parent / 'case.example.jsonl'
COMMAND = [sys.executable, 'manage.py', 'evaluate_cases']
SECONDS = 60  # far more than it needs: only a hang fails


def environment() -> dict[str, str]:
    unset = ('DATABASE_URL', 'REDIS_URL', 'SECRET_KEY')
    return {name: value for name, value in os.environ.items() if name not in unset}


def run(*arguments: str, text: bytes = b'') -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=text,
        capture_output=True,
        cwd=settings.BASE_DIR,
        env=environment(),
        timeout=SECONDS,
        check=False,
    )


def test_a_file_is_answered_line_by_line():
    done = run(str(EXAMPLES))
    assert (done.returncode, done.stderr) == (0, b'')
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer['case'] for answer in answers] == ['example-1', 'example-2']


def test_a_dash_is_standard_input():
    done = run('-', text=EXAMPLES.read_bytes())
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)


def test_a_bad_line_is_answered_in_its_place_and_the_exit_status_says_so():
    first, second = EXAMPLES.read_bytes().splitlines()
    done = run(text=b'\n'.join([first, b'\xff\xfe', b'', second.replace(b'HIVES', b'HIVE'), second]))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(answer['case'], 'error' in answer) for answer in answers] == [
        ('example-1', False),
        (None, True),
        ('example-2', True),
        ('example-2', False),
    ]
    assert done.returncode == 1
    assert done.stderr == b'CommandError: 2 lines were not valid\n'


def test_a_missing_file_is_one_clear_line():
    done = run('nowhere.jsonl')
    assert (done.returncode, done.stdout) == (1, b'')
    assert done.stderr == b'CommandError: nowhere.jsonl: No such file or directory\n'


def test_nothing_in_is_nothing_out():
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (0, b'', b'')


def test_a_case_is_answered_before_the_next_one_comes():
    first, second = EXAMPLES.read_bytes().splitlines(keepends=True)
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=settings.BASE_DIR, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in (first, second):
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())['case'] == json.loads(line)['case']
        process.stdin.close()
        assert process.wait(SECONDS) == 0


def test_a_reader_that_goes_away_gets_no_traceback():
    many = EXAMPLES.read_bytes() * 2000
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, complaints = process.communicate(many, timeout=SECONDS)
    assert complaints == b''
