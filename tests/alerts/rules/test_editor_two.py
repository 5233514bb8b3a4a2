"""Two people at one draft, strangers at its door, and people who send what no form sends."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.content import rules_mapping
from alerts.models import RuleSet, RuleSetStatus
from alerts.services.rules.drafting import begin, change_rule
from alerts.services.rules.texts import rules_as_text
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import TIRED, alert_of, told_us
from tests.alerts.rules.editor_form import Form, form_of
from tests.cast import NOW, client_of, make_member

pytestmark = pytest.mark.django_db
PLACES = ['rule_new', 'rule_edit', 'rule_delete', 'rule_text', 'rule_text_one']


@pytest.fixture
def draft(riverside: Clinic, grace: Membership, content: RuleSet, now: Any) -> RuleSet:
    return begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)


@pytest.fixture
def hugo(riverside: Clinic) -> Membership:
    return make_member(riverside, 'Hugo Lang', is_admin=True)


@pytest.fixture
def browser(grace: Membership) -> Client:
    return client_of(grace)


def place(name: str, draft: RuleSet, rule: str = 'R04') -> str:
    args: list[Any] = [draft.pk] if name in ('rule_new', 'rule_text') else [draft.pk, rule]
    return reverse(f'alerts:{name}', args=args)


def opened(browser: Client, draft: RuleSet, rule: str = 'R04') -> Form:
    return form_of(browser.get(place('rule_edit', draft, rule)))


def change(draft: RuleSet, rule: str, by: Membership, **what: Any) -> None:
    seen = RuleSet.objects.get(pk=draft.pk).edits
    after = {**rules_mapping()['rules'][rule], **what} if what else None
    change_rule(draft=draft, rule=rule, after=after, by=by.user, seen=seen, now=NOW)


def test_what_another_person_changed_is_shown_and_what_was_typed_is_kept(
    browser: Client, draft: RuleSet, hugo: Membership
) -> None:
    form = opened(browser, draft).fill(title='Mine').put({'c.0.n': '3'})
    change(draft, 'R04', hugo, title='Hers', when={'symptom': 'DIARRHEA', 'gte': 2})
    answer = form.press(browser, 'save')
    assert answer.status_code == 409
    again = form_of(answer)
    assert 'Hugo Lang changed R04' in again.text
    assert '“Hers”' in again.text
    assert 'loose or watery stools: moderate or worse' in again.text
    assert (again.value('title'), again.value('c.0.n')) == ('Mine', '3')
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['title'] == 'Hers'
    assert again.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['title'] == 'Mine'
    assert draft.content['rules']['R04']['when']['any'][0]['over_baseline_gte'] == 3


def test_a_change_of_another_rule_stays_beside_mine(browser: Client, draft: RuleSet, hugo: Membership) -> None:
    form = opened(browser, draft).fill(title='Mine')
    change(draft, 'R05', hugo, title='Hers')
    again = form_of(form.press(browser, 'save'))
    assert 'Hugo Lang changed R05' in again.text
    assert 'This rule is as you found it.' in again.text
    assert again.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    assert [draft.content['rules'][rule]['title'] for rule in ('R04', 'R05')] == ['Mine', 'Hers']


def test_a_rule_that_was_taken_out_meanwhile_is_not_lost(browser: Client, draft: RuleSet, hugo: Membership) -> None:
    form = opened(browser, draft).fill(title='Mine')
    change(draft, 'R04', hugo)
    again = form_of(form.press(browser, 'save'))
    assert 'They took this rule out of the draft.' in again.text
    assert again.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['title'] == 'Mine'


def test_a_draft_that_was_handed_in_meanwhile_keeps_what_was_typed_on_the_page(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft).fill(title='Mine')
    RuleSet.objects.filter(pk=draft.pk).update(status=RuleSetStatus.IN_REVIEW, submitted_at=NOW)
    answer = form.press(browser, 'save')
    assert answer.status_code == 409
    assert 'no draft any more' in form_of(answer).text
    assert form_of(answer).value('title') == 'Mine'
    assert browser.get(place('rule_edit', draft)).headers['Location'] == reverse('alerts:rule_set', args=[draft.pk])


def test_text_is_saved_as_it_is_shown_and_shown_as_it_was_saved(browser: Client, draft: RuleSet) -> None:
    shown = browser.get(place('rule_text', draft)).context['text']
    assert browser.post(place('rule_text', draft), {'text': shown.text, 'seen': shown.seen}).status_code == 302
    draft.refresh_from_db()
    assert (draft.content, draft.edits) == (rules_mapping(), 0)
    mine = shown.text.replace('over_baseline_gte: 4', 'over_baseline_gte: 3')
    sent = mine.replace('\n', '\r\n')
    assert browser.post(place('rule_text', draft), {'text': sent, 'seen': shown.seen}).status_code == 302
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['when']['any'][0]['over_baseline_gte'] == 3
    assert browser.get(place('rule_text', draft)).context['text'].text == mine


def test_one_rule_is_changed_as_text(browser: Client, draft: RuleSet) -> None:
    page = browser.get(place('rule_text_one', draft)).context['text']
    assert page.text == rules_as_text(rules_mapping()['rules']['R04'])
    sent = page.text.replace('tier: urgent', 'tier: emergency')
    assert browser.post(place('rule_text_one', draft), {'text': sent, 'seen': page.seen}).status_code == 302
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['tier'] == 'emergency'


@pytest.mark.parametrize(
    ('old', 'new', 'line', 'said'),
    [
        ('at_night}', 'at_noon}', 8, 'unknown field of DIARRHEA'),
        ('tier: urgent', 'tier: red', 1, 'unknown tier'),
        ('when:', 'when: {', 7, ''),
        ('- {symptom: BLOODSTOOL', '- *x', 9, 'aliases are not allowed'),
        ('basis: recovered\n', '', 1, 'is missing'),
    ],
)
def test_an_error_in_the_text_is_told_with_its_line(
    browser: Client, draft: RuleSet, old: str, new: str, line: int, said: str
) -> None:
    text = rules_as_text(rules_mapping()['rules']['R04'])
    assert old in text
    sent = text.replace(old, new)
    answer = browser.post(place('rule_text_one', draft), {'text': sent, 'seen': '0'})
    assert answer.status_code == 422
    assert answer.context['text'].line == line, answer.context['text']
    assert said in answer.context['text'].problem
    assert answer.context['text'].text == sent
    draft.refresh_from_db()
    assert draft.edits == 0


def test_text_over_somebody_elses_change_is_asked_about_and_kept(
    browser: Client, draft: RuleSet, hugo: Membership
) -> None:
    page = browser.get(place('rule_text', draft)).context['text']
    change(draft, 'R05', hugo, title='Hers')
    sent = {'text': page.text.replace('Skin rash', 'Rash'), 'seen': page.seen}
    answer = browser.post(place('rule_text', draft), sent)
    assert answer.status_code == 409
    assert 'Hugo Lang changed R05' in answer.content.decode()
    assert answer.context['text'].text == sent['text']


@pytest.mark.parametrize('name', PLACES)
def test_a_nurse_and_another_clinics_admin_find_nothing(
    draft: RuleSet, rosa: Membership, lakeside: Clinic, name: str
) -> None:
    stranger = make_member(lakeside, 'Ida Berg', is_admin=True)
    for person in (rosa, stranger):
        assert client_of(person).get(place(name, draft)).status_code == 404
        assert client_of(person).post(place(name, draft), {'do': 'save', 'seen': '0'}).status_code == 404
    draft.refresh_from_db()
    assert draft.edits == 0


@pytest.mark.parametrize('name', ['rule_new', 'rule_edit', 'rule_delete'])
def test_the_shared_default_cannot_be_changed(browser: Client, content: RuleSet, name: str) -> None:
    answer = browser.get(place(name, content))
    assert (answer.status_code, answer.headers['Location']) == (302, reverse('alerts:rule_set', args=[content.pk]))
    assert browser.post(place('rule_text', content), {'text': '{}', 'seen': '0'}).status_code in (409, 422)
    content.refresh_from_db()
    assert content.content == rules_mapping()


def deep(levels: int) -> dict[str, str]:
    names = ['c' + '.0' * level for level in range(levels)]
    return {f'{name}.word': 'any' for name in names}


@pytest.mark.parametrize('levels', [9, 60, 300])
def test_conditions_nested_deeper_than_the_form_are_refused_clearly(
    browser: Client, draft: RuleSet, levels: int
) -> None:
    answer = browser.post(place('rule_edit', draft), {'do': 'look', 'seen': '0', **deep(levels)})
    assert answer.status_code == 422
    assert 'too large for the form' in answer.content.decode()


@pytest.mark.parametrize('many', [150, 100_000])
def test_more_conditions_than_the_form_takes_are_refused_clearly(browser: Client, draft: RuleSet, many: int) -> None:
    words = {f'c.{n}.word': 'any_severity' for n in range(many)}
    answer = browser.post(place('rule_edit', draft), {'c.word': 'any', **words, 'do': 'save'})
    assert answer.status_code in (400, 413, 422)
    draft.refresh_from_db()
    assert draft.edits == 0


def test_a_hundred_thousand_nested_conditions_as_text_are_refused_clearly(browser: Client, draft: RuleSet) -> None:
    for text in ('when: ' + '{any: [' * 20_000, 'when: ' + '[' * 100_000):
        answer = browser.post(place('rule_text_one', draft), {'text': text, 'seen': '0'})
        assert answer.status_code == 422
    assert browser.post(place('rule_text', draft), {'text': 'x' * 400_000, 'seen': '0'}).status_code in (400, 413)


def test_a_rule_too_large_for_the_form_is_opened_as_text(browser: Client, draft: RuleSet, grace: Membership) -> None:
    when: Any = {'any_severity_gte': 1}
    for _ in range(12):
        when = {'any': [when]}
    change(draft, 'R05', grace, when=when)
    answer = browser.get(place('rule_edit', draft, 'R05'))
    assert answer.status_code == 200
    assert place('rule_text_one', draft, 'R05') in answer.content.decode()


ODD = ['\x00', 'c.0', '-1', '9' * 400, '\ud7ff', '1e999', 'NaN', "'; DROP TABLE", '../..', '\u202e']


@pytest.mark.parametrize('value', ODD, ids=ascii)
def test_odd_values_in_every_field_are_no_error_of_ours(browser: Client, draft: RuleSet, value: str) -> None:
    form = opened(browser, draft, 'E04')
    names = {name for name, _ in form.fields}
    for sent in (dict.fromkeys(names, value), {name: value for name in names if not name.endswith('.word')}):
        for do in ('save', 'look', f'add:{value}:symptom', f'turn:0:{value}', 'up:', 'remove:0.0.0', f'cite:{value}'):
            answer = browser.post(place('rule_edit', draft, 'E04'), {**sent, 'do': do})
            assert answer.status_code in (200, 409, 422)
    draft.refresh_from_db()
    assert draft.edits == 0


def test_a_rule_of_the_clinics_own_raises_an_alert_whose_page_opens(
    browser: Client, draft: RuleSet, hugo: Membership, rosa: Membership, ana: Patient
) -> None:
    form = form_of(browser.get(place('rule_new', draft) + '?copy=S02')).fill(title='Tired, our own', tier='urgent')
    assert form.press(browser, 'save').status_code == 302
    reviewed = {'submitted_at': NOW, 'reviewed_by': hugo.user, 'reviewed_at': NOW}
    RuleSet.objects.filter(pk=draft.pk).update(status=RuleSetStatus.IN_REVIEW, **reviewed)
    published = {'status': RuleSetStatus.PUBLISHED, 'published_by': hugo.user, 'published_at': NOW}
    RuleSet.objects.filter(pk=draft.pk).update(**published)
    entry = told_us(ana, TIRED, at=timezone.now())
    page = client_of(rosa).get(reverse('alerts:alert', args=[alert_of(entry, 'urgent').public_id]))
    assert page.status_code == 200
    assert 'Tired, our own' in page.content.decode()
