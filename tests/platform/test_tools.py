"""The lock, the environment and the system's packages: what is found missing is said in one line."""

import os
import sys
from pathlib import Path

import pytest

from config.embedded.console import CannotStart
from config.tools import environment, lock, needs
from config.tools.checks import Check, run

WANTED = 'celery[redis]==5.7.0\n# a comment\nDjango==5.2.19\n'
LOCK = """# made by uv
celery==5.7.0 \\
    --hash=sha256:aa
    # via -r requirements.in
django==5.2.19 \\
    --hash=sha256:bb
    # via
    #   -r requirements.in
    #   crispy
kombu==5.7.0 ; sys_platform != 'win32' \\
    --hash=sha256:cc
    # via celery
"""


def test_a_lock_that_fits_has_no_differences() -> None:
    assert lock.differences(WANTED, LOCK) == []


def test_a_version_that_moved_is_named() -> None:
    assert lock.differences(WANTED.replace('5.2.19', '5.2.20'), LOCK) == ['django==5.2.20 is not in the lock']


def test_a_package_that_was_added_is_named() -> None:
    assert lock.differences(WANTED + 'redis==8.1.0\n', LOCK) == ['redis==8.1.0 is not in the lock']


def test_a_package_that_was_taken_out_is_named() -> None:
    assert lock.differences('django==5.2.19\n', LOCK) == ['celery is in the lock but no longer asked for']


def test_the_projects_own_lock_fits() -> None:
    assert lock.differences(lock.WANTED.read_text(), lock.LOCK.read_text()) == []
    assert lock.pins(lock.WANTED.read_text())['django'].startswith('5.2.')


def test_the_lock_names_no_package_index() -> None:
    assert '://' not in lock.LOCK.read_text()


def test_uv_is_taken_from_the_lock_with_its_hashes() -> None:
    part = environment.uv_part(
        'urllib3==2 \\\n    --hash=sha256:aa\nuv==1.2 \\\n    --hash=sha256:bb\n    # via x\nvine==5\n'
    )
    assert part == 'uv==1.2 \\\n    --hash=sha256:bb\n    # via x\n'


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, 'version_info', (3, 9, 2))
    assert environment.what_is_missing().startswith('Vigil needs Python 3.11 or newer;')


def test_a_python_without_venv_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'ensurepip', None)
    version = '.'.join(map(str, sys.version_info[:2]))
    assert environment.what_is_missing().endswith(f'apt-get install python{version}-venv')


def test_pips_mirror_is_uvs_mirror_unless_uv_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PIP_INDEX_URL', 'https://mirror.example/simple')
    monkeypatch.delenv('UV_DEFAULT_INDEX', raising=False)
    assert environment._settings()['UV_DEFAULT_INDEX'] == 'https://mirror.example/simple'
    monkeypatch.setenv('UV_DEFAULT_INDEX', 'https://own.example/simple')
    assert environment._settings()['UV_DEFAULT_INDEX'] == 'https://own.example/simple'


def test_somebody_who_is_not_root_is_told_the_one_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    monkeypatch.delenv('CHROMIUM', raising=False)
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    with pytest.raises(CannotStart, match=r'type: sudo apt-get install chromium$'):
        needs.provide(needs.BROWSER)


def test_the_browser_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / 'my-browser'
    browser.touch(mode=0o755)
    monkeypatch.setenv('CHROMIUM', str(browser))
    assert needs.provide(needs.BROWSER) == str(browser)
    monkeypatch.setenv('CHROMIUM', str(tmp_path / 'no-browser'))
    with pytest.raises(CannotStart, match='which is no program'):
        needs.provide(needs.BROWSER)


def test_every_check_runs_and_each_failure_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = 'print("oh no"); raise SystemExit(2)', 'print("fine")'
    checks = [Check('first', [sys.executable, '-c', bad]), Check('second', [sys.executable, '-c', good])]
    assert run(checks) == ['first']
    said = capsys.readouterr()
    assert 'oh no' in said.err
    assert 'fine' not in said.out + said.err
    assert 'Checks: 1 passed, 1 failed' in said.out
