"""Whole journeys by keyboard alone, each stop to be seen; and what a screen reader hears of a scale."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from alerts.models import Alert
from diary.models import Entry
from tests import cast
from tests.journeys.conftest import Stage
from tests.journeys.test_main_job import log_a_fever
from tests.live import eventually

pytestmark = pytest.mark.timeout(1200)

# Where the keyboard is: its place has a ring that can be seen, lies on the screen, and nothing lies over it.
STOP = """() => {
  const at = document.activeElement, holder = at.closest('label, .chip, .option, .segment, .photo-way') || at;
  if (at === document.body || at === document.documentElement) return null;
  const ring = [at, holder, ...holder.querySelectorAll('*')].some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = holder.getBoundingClientRect();
  const across = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
  const on = document.elementFromPoint(across, box.y + Math.min(box.height / 2, 60));
  const free = on !== null && (holder.contains(on) || on.contains(holder));
  const what = holder.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60) || at.name || at.tagName;
  return { what, ring, free };
}"""


class Keys:
    """A keyboard and nothing else; every stop on the way must be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, target: Locator, *, back: bool = False) -> None:
        """Go on with Tab until the target has the focus; a circle that never meets it is a trap."""
        stops = []
        for _ in range(260):
            if target.evaluate('each => each === document.activeElement'):
                return
            self.page.keyboard.press('Shift+Tab' if back else 'Tab')
            stop = self.page.evaluate(STOP)
            if stop:
                assert stop['ring'], f'nobody sees where the keyboard is: {stop["what"]} on {self.page.url}'
                assert stop['free'], f'something lies over: {stop["what"]} on {self.page.url}'
                stops.append(stop['what'])
        raise AssertionError(f'the keyboard never comes to {target} on {self.page.url}: {stops[:40]}')

    def press(self, target: Locator, key: str = 'Enter') -> None:
        self.to(target)
        self.page.keyboard.press(key)

    def type(self, target: Locator, text: str) -> None:
        self.to(target)
        self.page.keyboard.type(text)

    def choose(self, group: Locator, value: str) -> None:
        """A group of radio buttons is one stop; the arrows choose."""
        self.to(group.locator('input').first)
        self.page.keyboard.press('Space')
        wanted = group.locator(f'input[value="{value}"]')
        for _ in range(group.locator('input').count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press('ArrowDown')
        raise AssertionError(f'the arrows never choose {value}')


def on_the_step(page: Page) -> None:
    """A new step takes the focus along: the next Tab goes on from its question."""
    assert page.evaluate("document.querySelector('[data-current]').contains(document.activeElement)")


def test_ana_writes_reads_and_signs_out(stage: Stage) -> None:
    page = stage.window(None, 'phone')
    keys = Keys(page)
    stage.go(page, '/account/login/')
    keys.type(page.get_by_label('E-mail address'), 'ana@example.com')
    keys.type(page.get_by_label('Password', exact=True), cast.PASSWORD)
    page.keyboard.press('Enter')
    expect(page.get_by_role('heading', level=1)).not_to_have_text('Sign in')  # says what stands there if it does
    page.wait_for_url('**/today/')

    keys.press(page.locator('main a[href="/entry/new/"]').first)
    page.wait_for_url('**/entry/new/**')
    for name in ('Tiredness', 'Itching', 'Headache'):
        page.keyboard.press('Control+Home')
        keys.type(page.get_by_role('searchbox'), name)
        keys.press(page.get_by_role('checkbox', name=re.compile(f'^{name}')), 'Space')
        keys.to(page.get_by_role('searchbox'), back=True)
        page.keyboard.press('Control+A')
        page.keyboard.press('Delete')
    for _ in range(3):
        keys.press(page.locator('[data-steps-next]'))
        on_the_step(page)
        keys.choose(page.locator('[data-current] fieldset.scale'), '1')
    while page.locator('[data-steps-next]').is_visible():
        keys.press(page.locator('[data-steps-next]'))
        on_the_step(page)
    keys.press(page.locator('[data-steps-submit]'))
    page.wait_for_url('**/advice/')
    expect(page.get_by_role('heading', level=1)).to_be_visible()
    answers = Entry.objects.get().revisions.get().document['answers']
    assert {code: answer['values']['severity'] for code, answer in answers.items()} == dict.fromkeys(
        ('FATIGUE', 'ITCH', 'HEADACHE'), 1
    )

    keys.press(page.get_by_role('navigation').get_by_role('link', name='Diary'))
    page.wait_for_url('**/diary/')
    keys.press(page.locator(f'main a[href="/entry/{Entry.objects.get().public_id}/"]').first)
    expect(page.locator('main')).to_contain_text('Tiredness')
    keys.press(page.get_by_role('navigation').get_by_role('link', name='Me', exact=True))
    page.wait_for_url('**/me/')
    keys.press(page.get_by_role('button', name='Sign out'))
    page.wait_for_url('**/account/login/**')
    stage.go(page, '/account/login/')
    expect(page.get_by_label('Password', exact=True)).to_be_visible()


def test_a_mistake_leads_back_to_its_field(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    keys = Keys(page)
    stage.go(page, '/entry/new/')
    keys.press(page.get_by_role('checkbox', name=re.compile('^Fever')), 'Space')
    keys.press(page.locator('[data-steps-next]'))
    keys.choose(page.locator('[data-current] fieldset.scale'), '1')
    keys.type(page.locator('[name="FEVER.celsius"]'), '102')
    while page.locator('[data-steps-next]').is_visible():
        keys.press(page.locator('[data-steps-next]'))
    keys.press(page.locator('[data-steps-submit]'))
    summary = page.get_by_role('alert')
    expect(summary).to_be_focused()
    keys.press(summary.get_by_role('link').first)
    wrong = page.locator(':focus')
    expect(wrong).to_have_attribute('aria-invalid', 'true')
    told = page.locator(f'#{(wrong.get_attribute("aria-describedby") or "").split()[-1]}')
    expect(told).to_be_visible()
    assert not Entry.objects.exists()
    stage.complaints[:] = [said for said in stage.complaints if '422' not in said]  # the browser notes the status


def test_rosa_answers_an_alert(stage: Stage) -> None:
    log_a_fever(stage.window(stage.ana, 'desk'), stage)
    eventually(lambda: Alert.objects.filter(line='red').exists(), what='the alert')
    page = stage.window(stage.rosa, 'desk')
    keys = Keys(page)
    stage.go(page, '/worklist/')
    row = page.locator('.work-row', has_text='Ana Morales').first
    keys.press(row.get_by_role('button', name=re.compile('Acknowledge')))
    expect(row).to_contain_text('you')
    keys.press(row.locator('a.row-link'))
    expect(page.locator('#preview')).to_contain_text('Ana Morales')
    page.keyboard.press('Enter')  # the first opens it beside the list, the second its page
    page.wait_for_url('**/alerts/**')
    contact = page.locator('form[action$="/contact/"]')
    keys.choose(contact.locator('fieldset'), 'yes')
    keys.type(contact.get_by_role('textbox').first, 'She takes her temperature again at noon.')
    keys.press(contact.get_by_role('button', name='Save the contact'))
    expect(page.locator('main')).to_contain_text('She takes her temperature again at noon.')
    resolve = page.locator('form[action$="/resolve/"]')
    keys.choose(resolve.locator('fieldset').first, 'self_care')
    keys.type(resolve.get_by_role('textbox').first, 'Paracetamol, phones again tonight.')
    keys.press(resolve.get_by_role('button', name='Resolve the alert'))
    expect(page.locator('main')).to_contain_text('Resolved')
    assert Alert.objects.get(line='red').state == 'resolved'


def tree(page: Page) -> list[dict[str, Any]]:
    """What a screen reader gets, in its order: nodes with role, name and level."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send('Accessibility.getFullAXTree')['nodes']
    session.detach()
    return [
        {
            'role': node['role']['value'],
            'name': node.get('name', {}).get('value', ''),
            'id': node['nodeId'],
            'children': node.get('childIds', []),
        }
        for node in nodes
        if not node['ignored'] or node.get('childIds')
    ]


def below(nodes: list[dict[str, Any]], top: dict[str, Any]) -> list[dict[str, Any]]:
    by_id = {node['id']: node for node in nodes}
    found = []
    for child in top['children']:
        if child in by_id:
            found += [by_id[child], *below(nodes, by_id[child])]
    return found


def test_a_scale_is_heard_once_as_question_and_options(stage: Stage) -> None:
    page = stage.window(stage.ana, 'phone')
    stage.go(page, '/entry/new/')
    page.get_by_role('checkbox', name=re.compile('^Tiredness')).check()
    page.locator('[data-steps-next]').click()
    nodes = tree(page)
    scales = [node for node in nodes if node['role'] == 'radiogroup']
    assert [scale['name'] for scale in scales] == ['How bad is the tiredness?']
    inside = below(nodes, scales[0])
    options = [node['name'] for node in inside if node['role'] == 'radio']
    assert options == [
        'None Not tired',
        'Mild I notice it, I do everything',
        'Moderate I do less',
        'Severe I need help with daily things',
        'Very severe I stay in bed nearly all day',
    ]
    assert not [node for node in inside if node['role'] in ('image', 'graphics-symbol', 'img')]
    assert sum(node['name'] == 'How bad is the tiredness?' for node in nodes if node['role'] == 'StaticText') == 1
