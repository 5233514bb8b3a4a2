"""A phone for each module of tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.alerts.offline.phone import phone


@pytest.fixture(scope='module')
def page() -> Iterator[Page]:
    with phone() as found:
        yield found
