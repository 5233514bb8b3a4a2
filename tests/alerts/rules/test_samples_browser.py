"""Rating by one key, in a real browser: off while typing, off with the switch, and it is the answer that is stored."""

import pytest
from playwright.sync_api import expect

from clinic.models import Membership, Patient
from tests.alerts.conftest import SICK, told_us
from tests.alerts.rules.sampled import drawn
from tests.browser import DESK, Opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]


def test_a_key_answers_but_not_while_somebody_types_nor_with_the_switch_off(
    opened: Opened, rosa: Membership, ana: Patient
) -> None:
    sample = drawn(told_us(ana, SICK, check=False))
    page = opened(rosa, '/samples/', size=DESK)
    asks = page.get_by_role('heading', name='Would you have wanted to see this?')

    page.get_by_label('Why').press_sequentially('seen 1 of 2')
    expect(asks).to_be_visible()
    expect(page.get_by_label('Why')).to_have_value('seen 1 of 2')

    switch = page.get_by_label('One-key commands')
    switch.uncheck()
    page.keyboard.press('1')
    expect(asks).to_be_visible()
    switch.check()

    with page.expect_navigation():
        page.keyboard.press('1')
    sample.refresh_from_db()
    assert (sample.rating, sample.rated_by) == ('nothing', rosa.user)
