"""How often a thumb touches the phone until a day is told. The same walks are timed on a slow phone by bench/slow_phone.py."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bench.slow_phone import ADVICE, Thumb, nothing_new, one_change, three_symptoms
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.models import Revision
from diary.services.entries import record_entry
from tests.journeys.conftest import Stage

pytestmark = pytest.mark.timeout(240)


def phone(stage: Stage) -> Page:
    page = stage.window(stage.ana, 'phone', has_touch=True, is_mobile=True)
    stage.go(page, '/today/')
    return page


def severities() -> dict[str, int]:
    newest = Revision.objects.order_by('pk').last()
    assert newest
    return {code: answer['values']['severity'] for code, answer in newest.document['answers'].items()}


def test_nothing_new_is_one_tap_and_three_symptoms_are_twelve_at_most(stage: Stage) -> None:
    page = phone(stage)
    thumb = Thumb(page)
    nothing_new(thumb)
    expect(page.locator(ADVICE)).to_be_visible()
    assert (thumb.taps, severities()) == (1, {})

    stage.go(page, '/today/')
    thumb = Thumb(page)
    three_symptoms(thumb)
    expect(page.locator(ADVICE)).to_be_visible()
    assert thumb.taps <= 12
    assert severities() == {'FATIGUE': 1, 'NAUSEA': 1, 'HEADACHE': 1}


def test_as_last_time_with_one_change_is_a_line_a_level_and_save(stage: Stage) -> None:
    at = timezone.now() - timedelta(days=1)
    document = make_document({'FATIGUE': {'severity': 1}, 'ITCH': {'severity': 1}}, current_catalogue('en'))
    by = stage.ana.user
    assert by
    record_entry(patient=stage.ana, by=by, client_uuid=uuid4(), about_at=at, recorded_at=at, now=at, document=document)
    page = phone(stage)
    thumb = Thumb(page)
    one_change(thumb)
    expect(page.locator(ADVICE)).to_be_visible()
    assert thumb.taps <= 4
    assert severities() == {'FATIGUE': 2, 'ITCH': 1}


def test_keys_walk_through_a_scale_without_being_led_on(stage: Stage) -> None:
    page = phone(stage)
    stage.go(page, '/entry/new/')
    page.locator('[name="NAUSEA.on"]').check()
    page.locator('[data-steps-next]').click()
    page.locator('[data-current] [name="NAUSEA.severity"][value="0"]').focus()
    for _ in range(3):
        page.keyboard.press('ArrowDown')
        page.wait_for_timeout(300)  # longer than a thumb's choice is shown
    assert page.locator('[data-current] [name="NAUSEA.severity"]:checked').input_value() == '3'
