"""Start-up checks of the watchers, and of the fault points that tests use."""

from typing import Any

import pytest
from django.core.checks import run_checks

from clinic import faultpoints


def ids() -> set[str | None]:
    return {message.id for message in run_checks()}


def test_told_to_die_outside_debug_is_refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faultpoints.VARIABLE, 'evaluate.locked')
    settings.DEBUG = False
    assert 'vigil.E002' in ids()
    settings.DEBUG = True
    assert 'vigil.E002' not in ids()


@pytest.mark.parametrize('url', ['ftp://monitor.example', 'file:///etc/passwd', 'monitor', 'https://'])
def test_an_outside_monitor_that_is_no_web_address_is_refused(settings: Any, url: str) -> None:
    assert 'vigil.E020' not in ids()
    settings.DEADMAN_URL = url
    assert 'vigil.E020' in ids()


def test_a_drill_that_cannot_be_held_is_refused_and_one_that_is_switched_off_is_told(settings: Any) -> None:
    settings.DRILL_ADDRESS, settings.DRILL_SECONDS, settings.DRILL_DAILY = 'nobody', 0, False
    assert {'vigil.E021', 'vigil.E022', 'vigil.W020'} <= ids()
