"""Ana shows her rash: from the phone's camera to her nurse's screen."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from alerts.models import Alert
from diary.models import Entry, EntryPhoto
from tests.axe import violations
from tests.diary.pictured import MAKER, from_a_phone, jpeg
from tests.journeys.conftest import Stage
from tests.live import eventually

pytestmark = pytest.mark.timeout(280)


def shot(data: bytes) -> FilePayload:
    return {'name': 'IMG_0001.JPG', 'mimeType': 'image/jpeg', 'buffer': data}


def next_step(page: Page) -> None:
    page.get_by_role('button', name='Next').click()


def to_the_rash(page: Page, stage: Stage) -> None:
    """A painful rash, as far as its photos."""
    stage.go(page, '/entry/new/')
    page.get_by_role('checkbox', name=re.compile('^Skin rash')).check()
    next_step(page)
    page.locator('[name="RASH.severity"][value="3"]').check()
    page.locator('[name="RASH.painful"][value="yes"]').check()


def save(page: Page) -> None:
    next_step(page)
    page.get_by_role('button', name='Save').click()
    page.wait_for_url('**/advice/')


def test_from_the_camera_to_the_nurse(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    to_the_rash(page, stage)
    camera = page.locator('[name="RASH.photo"][capture]')
    camera.set_input_files(shot(jpeg(size=(3000, 2000))))
    expect(page.get_by_text('1 of 4 photos')).to_be_visible()
    camera.set_input_files(shot(from_a_phone(turned=6)))
    expect(page.get_by_text('2 of 4 photos')).to_be_visible()
    assert violations(page) == []
    sent: list[bytes] = []
    page.on(
        'request', lambda request: sent.append(request.post_data_buffer or b'') if request.method == 'POST' else None
    )
    save(page)
    # The phone has made it small already, and kept for itself where it was taken.
    assert b'IMG_0001' not in sent[0]
    assert MAKER.encode() not in sent[0]
    assert len(sent[0]) < len(jpeg(size=(3000, 2000)))
    photos = EntryPhoto.objects.order_by('position')
    assert [(photo.width, photo.height) for photo in photos] == [(1600, 1067), (480, 640)]

    entry = Entry.objects.get().public_id
    stage.go(page, f'/entry/{entry}/')
    shown(page, 2)
    assert violations(page) == []

    eventually(lambda: Alert.objects.filter(line='red').exists(), what='the alert')
    desk = stage.window(stage.rosa, 'desk')
    for path in (
        f'/patients/{stage.ana.public_id}/entries/{entry}/',
        f'/alerts/{Alert.objects.get(line="red").public_id}/',
    ):
        stage.go(desk, path)
        shown(desk, 2)
        assert violations(desk) == []
    before = list(stage.complaints)
    with desk.expect_response('**/photos/*/') as answer:
        desk.get_by_role('link', name='photo 1: open it large').click()
    assert Image.open(BytesIO(answer.value.body())).size == (1600, 1067)
    desk.wait_for_load_state()
    desk.context.close()  # says what it still has to say
    # Around a bare picture stands a page of the browser's own; our policy and its wish for an icon are at odds there.
    stage.complaints[:] = before


def shown(page: Page, count: int) -> None:
    """So many photos, and the browser could draw each."""
    photos = page.locator('.photo-wall img')
    expect(photos).to_have_count(count)
    for n in range(count):
        photos.nth(n).scroll_into_view_if_needed()
        expect(photos.nth(n)).to_have_js_property('complete', True)
        assert photos.nth(n).evaluate('image => image.naturalWidth') > 100


def test_a_fifth_photo_is_told_and_one_can_be_left_out_again(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    to_the_rash(page, stage)
    chosen = page.locator('[name="RASH.photo"][multiple]')
    chosen.set_input_files([shot(jpeg(spots=n)) for n in range(5)])
    expect(page.get_by_text('Only the first 4 photos are kept.')).to_be_visible()
    page.get_by_role('button', name='Take photo 2 away').click()
    expect(page.get_by_text('3 of 4 photos')).to_be_visible()
    save(page)
    assert EntryPhoto.objects.count() == 3


def test_without_javascript_the_fields_alone_do(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone', java_script_enabled=False)
    stage.go(page, '/entry/new/')
    page.get_by_role('checkbox', name=re.compile('^Skin rash')).check()
    page.locator('[name="RASH.severity"][value="1"]').check()
    page.locator('[name="RASH.photo"][capture]').set_input_files(shot(from_a_phone()))
    page.locator('[name="RASH.photo"][multiple]').set_input_files([shot(jpeg(spots=n)) for n in (1, 2)])
    page.get_by_role('button', name='Save').click()
    page.wait_for_url('**/advice/')
    assert EntryPhoto.objects.count() == 3


def test_what_the_phone_cannot_draw_is_sent_and_told(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    to_the_rash(page, stage)
    page.locator('[name="RASH.photo"][capture]').set_input_files(shot(b'no picture at all'))
    expect(page.get_by_text('1 of 4 photos')).to_be_visible()
    save(page)
    expect(page.get_by_text('Your entry is saved. A photo is not.')).to_be_visible()
    assert Entry.objects.count() == 1
