"""The pages about rules by Tab alone: everything that can be pressed is reached, in the page's order, seen, and left again."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from alerts.models import RuleSet
from alerts.services.rules.drafting import begin, change_rule
from clinic.models import Clinic, Membership, Patient
from diary.models import Symptom
from tests.alerts.conftest import FEVER, told_us
from tests.alerts.rules.sampled import missed
from tests.browser import DESK, Opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures('content'), pytest.mark.timeout(280)]

# What Tab should reach, in the order of the page. Of a group of radio buttons it reaches one; what is folded away it does not.
WANTED = """() => {
  const seen = new Set();
  const can = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]';
  window.walk = [...document.querySelectorAll(can)].filter((each) => {
    if (each.disabled || each.tabIndex < 0 || !each.checkVisibility({ visibilityProperty: true })) return false;
    if (each.type !== 'radio') return true;
    const group = [...(each.form || document).querySelectorAll('input[type="radio"]')].filter((one) => one.name === each.name);
    const chosen = group.find((one) => one.checked);
    if (chosen ? chosen !== each : seen.has(each.name)) return false;
    seen.add(each.name);
    return true;
  });
  return window.walk.length;
}"""
HERE = """() => {
  const it = document.activeElement;
  const style = getComputedStyle(it);
  const box = it.getBoundingClientRect();
  const around = it.closest('label, .option, .choice, .chip') || it;
  const rings = [style, getComputedStyle(around)].map((one) => one.outlineStyle !== 'none' || one.boxShadow !== 'none');
  return {
    place: window.walk.indexOf(it),
    parts: ['date', 'time', 'datetime-local'].includes(it.type),
    seen: rings.includes(true),
    inside: box.bottom > 0 && box.top < innerHeight,
    what: it.outerHTML.slice(0, 160),
  };
}"""


def walk(page: Page) -> list[str]:
    """Tab from the first to the last; what is wrong on the way."""
    wrong, last = [], -1
    count = page.evaluate(WANTED)
    while last < count - 1:
        page.keyboard.press('Tab')
        here = page.evaluate(HERE)
        if here['place'] == last >= 0 and here['parts']:  # day, month and year of a date are a stop each
            continue
        if here['place'] != last + 1:
            missing = page.evaluate('(n) => window.walk[n].outerHTML.slice(0, 160)', last + 1)
            return [*wrong, f'{page.url}: not reached: {missing}, but {here["what"]}']
        last = here['place']
        wrong += [f'{page.url}: {name}: {here["what"]}' for name in ('seen', 'inside') if not here[name]]
    return wrong


@pytest.fixture
def draft(riverside: Clinic, grace: Membership, content: RuleSet) -> RuleSet:
    begun = begin(clinic=riverside, by=grace.user, title='Riverside', why='fewer calls', now=timezone.now())
    after = begun.content['rules']['R02'] | {'title': 'Fever'}
    return change_rule(draft=begun, rule='R02', after=after, by=grace.user, seen=begun.edits, now=timezone.now())


Addresses = Callable[[RuleSet], str]


@pytest.mark.parametrize(
    'where',
    [
        pytest.param(lambda draft: reverse('alerts:rules_import'), id='import'),
        pytest.param(lambda draft: reverse('alerts:catalogue_import'), id='import symptoms'),
        pytest.param(lambda draft: reverse('alerts:rules_begin'), id='begin'),
        pytest.param(lambda draft: reverse('alerts:rule_set', args=[draft.pk]), id='a draft'),
        pytest.param(lambda draft: reverse('alerts:replays', args=[draft.pk]), id='replay'),
        pytest.param(lambda draft: reverse('alerts:trial', args=[draft.pk]), id='silent run'),
        pytest.param(lambda draft: reverse('alerts:try_it', args=[draft.pk]), id='try it'),
        pytest.param(lambda draft: reverse('alerts:budget'), id='budget'),
        pytest.param(lambda draft: reverse('alerts:budget_limits'), id='limits'),
        pytest.param(lambda draft: reverse('alerts:misses'), id='misses'),
        pytest.param(lambda draft: f'/admin/diary/symptom/{Symptom.objects.get(code="ITCH").pk}/change/', id='words'),
    ],
)
def test_tab_reaches_everything_in_order_and_shows_where_it_is(
    opened: Opened, grace: Membership, rosa: Membership, ana: Patient, draft: RuleSet, where: Addresses
) -> None:
    missed(told_us(ana, FEVER, check=False), by=rosa)
    assert walk(opened(grace, where(draft), size=DESK)) == []


def test_a_file_is_brought_in_by_keyboard_alone(opened: Opened, grace: Membership, content: RuleSet) -> None:
    page = opened(grace, reverse('alerts:rules_import'), size=DESK)
    text = page.request.get(reverse_on(page, 'alerts:rules_export', content.pk)).text()
    box = page.locator('textarea[name="pasted"]')
    to(page, box)
    page.keyboard.insert_text(text.replace('Diarrhea, many stools', 'Loose stools, many'))
    to(page, page.get_by_role('button', name='See what it changes'))
    page.keyboard.press('Enter')
    expect(page.get_by_text('Loose stools, many').first).to_be_visible()
    to(page, page.locator('input[name="title"]'))
    page.keyboard.type('From a file')
    to(page, page.locator('textarea[name="why"]'))
    page.keyboard.type('Our words.')
    page.keyboard.press('Tab')
    with page.expect_navigation():
        page.keyboard.press('Enter')
    assert RuleSet.objects.filter(title='From a file', status='draft').exists()


def reverse_on(page: Page, name: str, pk: int) -> str:
    return page.url.split('/clinic/')[0] + reverse(name, args=[pk])


def to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        if wanted.evaluate('(each) => each === document.activeElement'):
            return
        page.keyboard.press('Tab')
    raise AssertionError('Tab never came there')
