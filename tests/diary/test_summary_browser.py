"""The visit summary in a real browser: a small phone, both colours, large text, and two sheets of paper."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page

from clinic.models import Membership, Patient
from diary.services.questions import keep_questions
from tests.alerts.conftest import BREATHLESS, FEVER, open_alert, told_us
from tests.axe import violations_by_day_and_night
from tests.browser import DESK, PHONE, Opened, fits, sheets
from tests.cast import NOW, user_of
from tests.diary.conftest import write
from tests.diary.treated import give_course, give_dose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content')]
SMALL = {'width': 320, 'height': 640}
DAY = timedelta(days=1)
OFTEN = ('FATIGUE', 'NAUSEA', 'ITCH', 'COUGH', 'ARTHRALGIA', 'HEADACHE', 'APPETITE')
SINCE = '2026-09-14'


@pytest.fixture
def busy(ana: Patient, rosa: Membership) -> Patient:
    """Three cycles of a hard nine weeks: seven symptoms on most days, five alerts, a full list of questions."""
    course = give_course(ana, starts_on=date(2026, 9, 14))
    for day in (date(2026, 9, 14), date(2026, 10, 5), date(2026, 10, 26)):
        give_dose(course, datetime(day.year, day.month, day.day, 13, tzinfo=UTC), amount='200 mg')
    for n in range(1, 63, 2):
        told = {code: {'severity': (n + place) % 4} for place, code in enumerate(OFTEN)}
        write(ana, told, hours_ago=24 * n, weight=80.0 - n / 20, systolic_bp=124)
    for n, outcome in enumerate(('appointment', 'self_care', 'no_action', 'treatment_held')):
        when = NOW - (10 + n * 9) * DAY
        done = {'state': 'resolved', 'outcome': outcome, 'resolved_at': when, 'owner': rosa.user}
        open_alert(ana, at=when, acknowledged_at=when, tier='same_day', **done)
    told_us(ana, FEVER | BREATHLESS)
    asked = [f'May I drive myself home after dose {n}, or should somebody come with me?' for n in range(4, 14)]
    keep_questions(patient=ana, lines=asked, seen=[], by=user_of(ana), now=NOW)
    return ana


def picture(page: Page, name: str) -> None:
    """Only for whoever looks: PICTURES names a folder."""
    if folder := os.environ.get('PICTURES'):
        page.screenshot(path=f'{folder}/{name}.png', full_page=True)


def test_axe_finds_nothing_and_a_small_phone_never_scrolls_sideways(
    opened: Opened, busy: Patient, rosa: Membership
) -> None:
    hers, nurses = f'/diary/summary/?since={SINCE}', f'/patients/{busy.public_id}/summary/?since={SINCE}'
    found = []
    for name, size in (('small', SMALL), ('phone', PHONE), ('desk', DESK)):
        for who, person, path in (
            ('ana', busy, hers),
            ('ana-questions', busy, '/diary/summary/questions/'),
            ('rosa', rosa, nurses),
        ):
            page = opened(person, path, size=size)
            picture(page, f'{who}-{name}')
            found += [f'{path}: {one}' for one in violations_by_day_and_night(page)]
            assert fits(page), f'{path} is wider than {size["width"]} px'
    assert found == []


def test_nine_hard_weeks_print_on_two_sheets(opened: Opened, busy: Patient, rosa: Membership) -> None:
    hers = opened(busy, f'/diary/summary/?since={SINCE}', color_scheme='dark')
    nurses = opened(rosa, f'/patients/{busy.public_id}/summary/?since={SINCE}')
    assert (sheets(hers), sheets(nurses)) == (2, 2)
    picture(hers, 'ana-paper')


def test_on_paper_there_is_no_button_and_every_question(opened: Opened, busy: Patient) -> None:
    page = opened(busy, f'/diary/summary/?since={SINCE}')
    page.emulate_media(media='print')
    assert page.locator('.visit .button:visible').count() == 0
    assert page.locator('.visit-questions li:visible').count() == 10


def test_a_thumb_reaches_everything(opened: Opened, busy: Patient) -> None:
    page = opened(busy, '/diary/summary/', size=PHONE)
    targets = page.locator('.visit :is(a, button, input:not([type="hidden"]))')
    heights = targets.evaluate_all('all => all.map((one) => one.getBoundingClientRect().height)')
    assert heights
    assert min(heights) >= 48
