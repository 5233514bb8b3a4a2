"""The main job in a real browser, on real servers: a patient logs a fever, her nurse answers, the patient sees it."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from alerts.models import Alert, Notification
from diary.models import Entry
from tests import cast
from tests.journeys.conftest import Stage, treat
from tests.live import eventually

pytestmark = pytest.mark.timeout(240)


def log_a_fever(page: Page, stage: Stage, *, degrees: str = '38.6') -> None:
    """Step by step on a phone with JavaScript; on one page otherwise. Both are the same form."""
    stage.go(page, '/today/')
    expect(page.locator('main')).to_contain_text('Cycle 3 · day 3')
    page.locator('main a[href="/entry/new/"]').first.click()
    page.get_by_role('checkbox', name=re.compile('^Fever')).check()
    step(page)
    page.locator('[name="FEVER.severity"][value="2"]').check()
    page.locator('[name="FEVER.celsius"]').fill(degrees)
    while step(page):
        pass
    page.get_by_role('button', name='Save').click()


def step(page: Page) -> bool:
    """Go to the next step where there are steps; whether there was one."""
    onward = page.locator('[data-steps-next]')
    if onward.count() == 0 or not onward.is_visible():
        return False
    onward.click()
    return True


@pytest.mark.parametrize('javascript', [True, False], ids=['with JavaScript', 'without JavaScript'])
@pytest.mark.parametrize('size', ['phone', 'desk'])
def test_a_fever_two_days_after_a_dose_is_answered(stage: Stage, size: str, javascript: bool) -> None:
    nurse = stage.window(stage.rosa, size)
    stage.go(nurse, '/worklist/')
    expect(nurse.locator('main')).to_contain_text('No open alerts')

    patient = stage.window(stage.ana, size, java_script_enabled=javascript)
    log_a_fever(patient, stage)
    expect(patient.get_by_role('heading', level=1)).to_have_text('Phone your team now')
    assert re.fullmatch(r'tel:\+12125550(100|199)', patient.locator('.advice a.tel').first.get_attribute('href') or '')
    expect(patient.locator('main')).to_contain_text('38.6 °C')

    # The nurse's open worklist shows it by itself: nobody reloads the page.
    row = nurse.locator('.work-row', has_text='Ana Morales').first
    expect(row).to_contain_text('fever', ignore_case=True)
    eventually(lambda: Notification.objects.filter(status='sent').exists(), what='telling who is on call')
    row.get_by_role('button', name=re.compile('Acknowledge')).click()
    expect(nurse.locator('.work-row', has_text='Ana Morales').first).to_contain_text('you')

    patient.goto(patient.url)
    expect(patient.locator('main')).to_contain_text('Seen by your team')

    alert = Alert.objects.get(line='red')
    stage.go(nurse, f'/alerts/{alert.public_id}/')
    resolve(nurse)
    alert.refresh_from_db()
    assert (alert.state, alert.outcome) == ('resolved', 'appointment')

    entry = Entry.objects.get()
    stage.go(patient, f'/entry/{entry.public_id}/')
    expect(patient.locator('main')).to_contain_text(re.compile('answered', re.IGNORECASE))


def resolve(nurse: Page) -> None:
    form = nurse.locator('form[action$="/resolve/"]')
    if not form.is_visible():
        nurse.locator('#resolve > summary').click()
    form.get_by_label('Appointment').check()
    form.get_by_role('textbox').fill('Comes in this afternoon.')
    form.get_by_role('button', name='Resolve').click()
    expect(nurse.locator('main')).to_contain_text('Resolved')


def test_102_degrees_celsius_is_asked_again_with_what_it_likely_means(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone', java_script_enabled=False)
    log_a_fever(page, stage, degrees='102')
    expect(page.locator('main')).to_contain_text('102 °F')
    assert not Entry.objects.exists(), 'nothing is stored before it is clear'
    page.get_by_role('radio', name=re.compile('102 °F')).check()
    page.get_by_role('button', name='Save').click()
    expect(page.get_by_role('heading', level=1)).to_have_text('Phone your team now')
    answer = Entry.objects.get().revisions.get().document['answers']['FEVER']
    assert answer['values']['celsius'] == pytest.approx(38.9, abs=0.05)
    assert answer['raw']['celsius'] == ['102', 'F']
    stage.complaints[:] = [said for said in stage.complaints if '422' not in said]  # the browser notes the status


def test_nothing_new_is_one_tap(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    stage.go(page, '/today/')
    page.get_by_role('button', name=re.compile('Nothing new today')).click()
    expect(page.locator('main')).to_contain_text('Saved')
    assert Entry.objects.get().revisions.get().nothing_new is True


def test_two_nurses_at_once_one_wins_and_the_other_is_told_who(stage: Stage) -> None:
    patient = stage.window(stage.ana, 'phone', java_script_enabled=False)
    log_a_fever(patient, stage)
    eventually(lambda: Alert.objects.filter(line='red').exists(), what='the alert')
    path = f'/alerts/{Alert.objects.get(line="red").public_id}/'
    rosa, tom = stage.window(stage.rosa, 'desk'), stage.window(stage.tom, 'desk')
    stage.go(rosa, path)
    stage.go(tom, path)
    rosa.get_by_role('button', name=re.compile('Acknowledge')).click()
    expect(rosa.locator('main')).to_contain_text('You have it')
    tom.get_by_role('button', name=re.compile('Acknowledge')).click()
    expect(tom.locator('body')).to_contain_text('Rosa Diaz')
    assert Alert.objects.get(line='red').owner == stage.rosa.user
    stage.complaints[:] = [said for said in stage.complaints if '409' not in said]


def test_a_caregiver_writes_in_her_name_and_it_says_so(stage: Stage) -> None:
    page = stage.window(stage.luis, 'phone')
    stage.go(page, '/today/')
    expect(page.locator('body')).to_contain_text('Ana')
    page.get_by_role('button', name=re.compile('Nothing new')).click()
    expect(page.locator('main')).to_contain_text('Saved')
    stage.go(page, f'/entry/{Entry.objects.get().public_id}/')
    expect(page.locator('main')).to_contain_text('Luis')


def test_the_worklist_keeps_focus_and_place_when_a_row_arrives(stage: Stage) -> None:
    ben = cast.make_patient(stage.clinic, 'Ben Katz', record_number='R-1002', primary_nurse=stage.rosa)
    treat(ben, stage.rosa)
    his = stage.window(ben, 'phone', java_script_enabled=False)
    stage.go(his, '/entry/new/')
    his.get_by_role('checkbox', name=re.compile('^Skin rash')).check()
    his.locator('[name="RASH.severity"][value="1"]').check()
    his.get_by_role('button', name='Save').click()
    page = stage.window(stage.ana, 'phone', java_script_enabled=False)
    nurse = stage.window(stage.rosa, 'desk')
    stage.go(nurse, '/worklist/')
    button = nurse.get_by_role('button', name=re.compile('Acknowledge')).first
    expect(button).to_be_visible()
    button.focus()
    focused = nurse.evaluate('document.activeElement.id')
    log_a_fever(page, stage)
    expect(nurse.locator('.work-row')).to_have_count(2)
    time.sleep(0.5)
    assert nurse.evaluate('document.activeElement.id') == focused
