"""The editor's pages as a browser without JavaScript meets them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts.content import default_rules, rules_mapping
from alerts.models import RuleSet, RuleSetEvent
from alerts.services.rules.drafting import begin
from clinic.models import Clinic, Membership
from tests.alerts.rules.editor_form import Form, form_of
from tests.cast import NOW, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(riverside: Clinic, grace: Membership, content: RuleSet, now: Any) -> RuleSet:
    return begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)


@pytest.fixture
def browser(grace: Membership) -> Client:
    return client_of(grace)


def opened(browser: Client, draft: RuleSet, rule: str) -> Form:
    return form_of(browser.get(reverse('alerts:rule_edit', args=[draft.pk, rule])))


@pytest.mark.parametrize('rule', sorted(default_rules().rules))
def test_a_default_rule_saved_unchanged_stays_just_as_it_is(browser: Client, draft: RuleSet, rule: str) -> None:
    form = opened(browser, draft, rule)
    answer = form.press(browser, 'save')
    assert (answer.status_code, answer.headers.get('Location')) == (302, reverse('alerts:rule_set', args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.content == rules_mapping()
    assert draft.edits == 0
    assert RuleSetEvent.objects.filter(rule_set=draft, kind='changed').count() == 0


WORDS: list[tuple[str, dict[str, str | list[str]], Any]] = [
    ('symptom', {'symptom': 'DIARRHEA', 'test': 'gte:2'}, {'symptom': 'DIARRHEA', 'gte': 2}),
    ('symptom', {'symptom': 'DIARRHEA', 'test': 'yes:at_night'}, {'symptom': 'DIARRHEA', 'field': 'at_night'}),
    (
        'symptom',
        {'symptom': 'FEVER', 'test': 'least:celsius', 'n': '38,3'},
        {'symptom': 'FEVER', 'field': 'celsius', 'gte': 38.3},
    ),
    (
        'symptom',
        {'symptom': 'DIARRHEA', 'test': 'over:stools_24h', 'n': '4'},
        {'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 4},
    ),
    ('worsened', {'symptom': 'COUGH', 'by': '2'}, {'worsened': 'COUGH', 'by': 2}),
    ('any_worsened', {'by': '1'}, {'any_worsened_by': 1}),
    ('any_severity', {'gte': '4'}, {'any_severity_gte': 4}),
    ('reported', {'chosen': ['HIVES', 'ITCH']}, {'reported_any': ['HIVES', 'ITCH']}),
    ('new', {'chosen': ['FLUSH']}, {'new_any': ['FLUSH']}),
    ('allergic', {'n': '3'}, {'allergic_signs_gte': 3}),
    ('findings', {'n': '2'}, {'same_day_findings_24h_gte': 2}),
    ('persists_any', {'gte': '3', 'days': '5'}, {'persists_any_severity': {'days': 5, 'gte': 3}}),
    ('hours', {'n': '36'}, {'hours_since_dose': {'lte': 36}}),
    (
        'therapy',
        {'therapy': 'car_t', 'first': '1', 'last': '9'},
        {'therapy': 'car_t', 'day_gte': 1, 'day_lte': 9},
    ),
    ('context', {'context': 'on_steroids'}, {'context': 'on_steroids'}),
    ('measure', {'measure': 'spo2', 'test': 'lt', 'n': '91'}, {'measure': 'spo2', 'lt': 91}),
    ('measure', {'measure': 'weight', 'test': 'drop', 'n': '5'}, {'measure': 'weight', 'drop_percent_gt': 5}),
    ('measure', {'measure': 'weight', 'test': 'change', 'n': '7.5'}, {'measure': 'weight', 'change_percent_gte': 7.5}),
    ('macro', {'name': 'fever38'}, 'fever38'),
]


@pytest.mark.parametrize(('word', 'typed', 'written'), WORDS, ids=[str(written) for *_, written in WORDS])
def test_every_word_can_be_added_by_buttons_and_fields_alone(
    browser: Client, draft: RuleSet, word: str, typed: dict[str, Any], written: Any
) -> None:
    form = opened(browser, draft, 'R04').then(browser, f'add::{word}')
    assert form.focus.startswith('c-3-')
    for slot, value in typed.items():  # one field after the other: what can be chosen depends on what was chosen before
        form = form.put({f'c.3.{slot}': value}).then(browser, 'look')
    answer = form.press(browser, 'save')
    assert answer.status_code == 302, form_of(answer).text
    draft.refresh_from_db()
    assert draft.content['rules']['R04']['when']['any'][3] == written
    assert draft.edits == 1


def test_groups_and_what_goes_on_can_be_nested(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'R05')  # one condition that stands alone
    form = form.then(browser, 'also::all').put({'c.1.symptom': 'FEVER'}).then(browser, 'look')
    form = form.put({'c.1.test': 'gte:1'}).then(browser, 'wrap:1:any')
    form = form.then(browser, 'add:1:persists').put({'c.1.1.0.symptom': 'RASH'}).then(browser, 'look')
    form = form.put({'c.1.1.0.test': 'gte:1', 'c.1.1.days': '7'}).then(browser, 'add:1.1:context')
    form = form.put({'c.1.1.1.context': 'on_steroids', 'c.1.1.at_least': '2'})
    assert form.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    persists = {'days': 7, 'at_least': 2, 'of': [{'symptom': 'RASH', 'gte': 1}, {'context': 'on_steroids'}]}
    assert draft.content['rules']['R05']['when'] == {
        'all': [{'symptom': 'CONFUSION', 'gte': 1}, {'any': [{'symptom': 'FEVER', 'gte': 1}, {'persists': persists}]}]
    }


def test_conditions_are_moved_copied_removed_and_their_groups_dissolved(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'E03').then(browser, 'up:2')
    assert form.focus == 'c-1-up'
    assert 'Moved: now condition 2 of 3.' in form.text
    form = form.then(browser, 'unwrap:1').then(browser, 'remove:0').then(browser, 'copy:0')
    assert form.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    chest = {'symptom': 'CHESTPAIN', 'gte': 1}
    assert [one for one in draft.content['rules']['E03']['when']['any'] if one == chest] == [chest, chest]
    assert {'symptom': 'CHESTPAIN', 'gte': 2} not in draft.content['rules']['E03']['when']['any']


def test_looking_saves_nothing(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'R04').then(browser, 'remove:0').fill(title='Other').then(browser, 'look')
    assert form.value('title') == 'Other'
    draft.refresh_from_db()
    assert (draft.content, draft.edits) == (rules_mapping(), 0)


def test_an_error_stands_at_its_condition_and_the_summary_leads_there(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'T05').put({'c.1.0.n': '99'}).then(browser, 'add:1:reported')
    answer = form.fill(title=' ').press(browser, 'save')
    text = answer.content.decode()
    assert answer.status_code == 422
    assert '<a href="#h-title">Title: Say in a few words what this rule finds.</a>' in text
    assert '<a href="#c-1-0-n">Condition 2.1: Write a number from 30 to 45 °C.</a>' in text
    assert '<a href="#c-1-2-chosen">Condition 2.3: Tick at least one symptom.</a>' in text
    assert 'id="c-1-0-n-error"' in text
    assert text.count('class="field-error"') == 3
    again = form_of(answer)
    assert again.value('c.1.0.n') == '99'  # what was typed stays
    draft.refresh_from_db()
    assert draft.edits == 0


def test_a_new_condition_is_not_scolded_before_somebody_tries_to_save(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'R04').then(browser, 'add::symptom')
    assert 'Choose a symptom.' not in form.text
    assert '1 condition is not finished.' in form.text
    assert 'Choose a symptom.' in form_of(form.press(browser, 'save')).text


@pytest.mark.parametrize('field', ['cites', 'basis'])
def test_a_rule_without_a_citation_or_a_basis_is_not_saved(browser: Client, draft: RuleSet, field: str) -> None:
    form = opened(browser, draft, 'R05')
    form.fields = [(name, value) for name, value in form.fields if name != field]
    answer = form.press(browser, 'save')
    assert answer.status_code == 422
    assert f'href="#h-{field}"' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.edits == 0


def test_a_sentence_is_cited_and_let_go_of(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'R05').then(browser, 'cite:penn-common').then(browser, 'uncite:cleveland-call')
    assert form.values('cites') == ['cleveland-call-5', 'penn-common']
    assert form.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    assert draft.content['rules']['R05']['cites'] == ['cleveland-call-5', 'penn-common']


def test_a_rule_can_be_for_the_people_of_one_therapy(browser: Client, draft: RuleSet) -> None:
    form = opened(browser, draft, 'R05').fill(therapy='car_t')
    assert form.press(browser, 'save').status_code == 302
    draft.refresh_from_db()
    people = {'therapy': 'car_t', 'day_gte': 0, 'day_lte': 3660}
    assert draft.content['rules']['R05']['when'] == {'all': [people, {'symptom': 'CONFUSION', 'gte': 1}]}
    again = opened(browser, draft, 'R05')
    assert again.value('therapy') == 'car_t'
    assert again.value('c.word') == 'symptom'


def test_a_new_rule_gets_a_free_name_and_a_copy_starts_from_another_rule(browser: Client, draft: RuleSet) -> None:
    new = reverse('alerts:rule_new', args=[draft.pk])
    form = form_of(browser.get(new + '?copy=R05'))
    assert (form.value('id'), form.value('title')) == ('L01', 'Altered mental status')
    assert form.press(browser, 'save').status_code == 302
    assert form_of(browser.get(new)).value('id') == 'L02'
    taken = form_of(browser.get(new)).fill(id='R05').press(browser, 'save')
    assert 'The draft has a rule R05 already. L02 is free.' in taken.content.decode()
    draft.refresh_from_db()
    assert draft.content['rules']['L01'] == draft.content['rules']['R05']
    event = RuleSetEvent.objects.get(rule_set=draft, kind='changed')
    assert (event.rule, event.detail['before']) == ('L01', None)


def test_a_rule_is_taken_out_after_asking(browser: Client, draft: RuleSet) -> None:
    place = reverse('alerts:rule_delete', args=[draft.pk, 'E01'])
    asked = browser.get(place).content.decode()
    assert 'emergency rule of the shared default' in asked
    assert browser.post(place, {'seen': '7'}).status_code == 200  # seen before somebody changed it: asked again
    assert browser.post(place, {'seen': '0'}).status_code == 302
    draft.refresh_from_db()
    assert 'E01' not in draft.content['rules']
    assert browser.get(place).status_code == 404
