"""The alert's page in a real browser: z opens the snooze at its first question, and the text for the record can be copied."""

import pytest
from playwright.sync_api import expect

from clinic.models import Membership, Patient
from tests.alerts.conftest import TIRED, alert_of, told_us
from tests.browser import Opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]


def test_z_opens_the_snooze_and_the_record_is_copied(opened: Opened, ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, TIRED), 'same_day')
    page = opened(rosa, f'/alerts/{alert.public_id}/')
    page.keyboard.press('z')
    expect(page.get_by_label('Tiredness: expected up to')).to_be_focused()
    page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    page.get_by_role('button', name='Copy').click()
    expect(page.get_by_text('Copied. Paste it into the record.')).to_be_visible()
    copied = page.evaluate('navigator.clipboard.readText()')
    assert copied == page.locator('#record').input_value()
    assert 'Rule S02: Moderate side effect.' in copied


def test_where_copying_is_forbidden_the_text_is_selected(opened: Opened, ana: Patient, rosa: Membership) -> None:
    alert = alert_of(told_us(ana, TIRED), 'same_day')
    page = opened(rosa, f'/alerts/{alert.public_id}/')
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')); }")
    page.get_by_role('button', name='Copy').click()
    expect(page.get_by_text('Selected. Press Ctrl and C to copy it.')).to_be_visible()
    assert page.evaluate('document.activeElement.selectionEnd') == len(page.locator('#record').input_value())
