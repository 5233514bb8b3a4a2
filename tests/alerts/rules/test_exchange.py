"""A whole rule set as a file: out and in again, looked at before it is kept, and nobody's file can do harm."""

import copy
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from alerts.engine import RuleError
from alerts.models import RuleSet, RuleSetEvent
from alerts.plain_yaml import write_yaml
from alerts.services.rules.importing import MOST_RULES, export, import_rules, read_file
from clinic.models import Clinic, Membership
from tests import cast
from tests.alerts.rules.test_exchange_yaml import MALICIOUS

pytestmark = pytest.mark.django_db
IMPORT = '/clinic/rules/import/'
NAMED = {'title': 'From the file', 'why': 'The vendor sent it.'}
Change = Callable[[dict[str, Any]], object]


def text_of(rule_set: RuleSet, change: Change | None = None) -> str:
    content = copy.deepcopy(rule_set.content)
    if change:
        change(content)
    return write_yaml(content)


def preview(client: Client, text: str) -> Any:
    return client.post(IMPORT, {'pasted': text})


def keep(client: Client, shown: Any, **named: str) -> Any:
    return client.post(IMPORT, {'sealed': shown.context['sealed'], **(NAMED | named)})


def drafts() -> int:
    return RuleSet.objects.filter(status='draft').count()


# -- out ---------------------------------------------------------------------------------------------------------------
def test_the_same_rules_are_always_the_same_file_and_it_names_no_person(
    content: RuleSet, grace: Membership, now: object
) -> None:
    path = reverse('alerts:rules_export', args=[content.pk])
    one, two = (cast.client_of(grace).get(path) for _ in range(2))
    text = one.content.decode()
    assert one.content == two.content
    assert one.headers['Content-Disposition'] == f'attachment; filename="rules-shared-{content.version}.yaml"'
    assert content.digest in text
    assert 'Grace' not in text
    assert read_file(text).content == content.content


def test_what_was_exported_changes_nothing(content: RuleSet, grace: Membership) -> None:
    page = preview(cast.client_of(grace), export(content, whose='everybody'))
    assert page.context['preview'].is_same
    assert (page.context['preview'].changes, page.context['preview'].numbers) == ([], [])
    assert 'There is nothing to import' in page.content.decode()


def test_a_title_cannot_break_out_of_the_head_of_a_file(content: RuleSet) -> None:
    content.title = 'x\nrules: {}\u2028missed: {}\x85y'
    text = export(content, whose='Riverside\nmacros: {}')
    assert read_file(text).content == content.content


def test_a_file_of_another_clinic_is_not_there(content: RuleSet, grace: Membership, sam: Membership) -> None:
    draft = import_rules(clinic=grace.clinic, by=grace.user, text=text_of(content), title='Ours', why='', now=cast.NOW)
    path = reverse('alerts:rules_export', args=[draft.pk])
    assert cast.client_of(grace).get(path).status_code == 200
    assert cast.client_of(sam).get(path).status_code == 404


# -- in ----------------------------------------------------------------------------------------------------------------
def add_change_remove(content: dict[str, Any]) -> None:
    content['rules']['X99'] = copy.deepcopy(content['rules']['R01']) | {'title': '<script>alert(1)</script>'}
    content['rules']['E01']['when'] = {'symptom': 'DYSPNEA', 'gte': 4}
    del content['rules']['S02']
    content['acknowledge_within_minutes']['urgent'] = 45


def test_a_preview_tells_what_is_added_changed_and_taken_out(content: RuleSet, grace: Membership) -> None:
    page = preview(cast.client_of(grace), text_of(content, add_change_remove))
    shown, html = page.context['preview'], page.content.decode()
    assert [[one.rule for one in part] for part in (shown.added, shown.changed, shown.removed)] == [
        ['X99'],
        ['E01'],
        ['S02'],
    ]
    assert ''.join(run.text for run in shown.changed[0].after) == (
        'Call the emergency number now for trouble breathing: very severe.'
    )
    assert shown.weaker == ('E01',)
    assert '<script>alert(1)</script>' not in html
    assert '&lt;script&gt;alert(1)&lt;/script&gt;' in html
    assert drafts() == 0


def test_what_was_shown_becomes_a_draft_with_its_history(
    content: RuleSet, grace: Membership, riverside: Clinic, now: object
) -> None:
    client, text = cast.client_of(grace), text_of(content, add_change_remove)
    response = keep(client, preview(client, text))
    draft = RuleSet.objects.get(status='draft')
    assert response.url == reverse('alerts:rule_set', args=[draft.pk])
    assert draft.content == read_file(text).content
    assert (draft.clinic, draft.created_by, draft.title, draft.why) == (riverside, grace.user, *NAMED.values())
    assert list(RuleSetEvent.objects.filter(rule_set=draft).values_list('kind', flat=True)) == ['begun', 'changed']


def test_a_file_is_taken_like_its_text(content: RuleSet, grace: Membership) -> None:
    text = text_of(content, add_change_remove).replace('\n', '\r\n')
    file = SimpleUploadedFile('rules.yaml', b'\xef\xbb\xbf' + text.encode())
    page = cast.client_of(grace).post(IMPORT, {'file': file, 'pasted': ''})
    assert [one.rule for one in page.context['preview'].added] == ['X99']


def test_what_was_not_shown_to_this_person_or_no_longer_holds_is_not_kept(
    content: RuleSet, grace: Membership, riverside: Clinic
) -> None:
    other = cast.make_member(riverside, 'Nora Lind', is_admin=True)
    client = cast.client_of(grace)
    with time_machine.travel(cast.NOW, tick=False):
        shown = preview(client, text_of(content, add_change_remove))
        forged = client.post(IMPORT, {'sealed': shown.context['sealed'][:-3] + 'abc', **NAMED})
        assert (forged.status_code, forged.url) == (302, IMPORT)
        assert keep(cast.client_of(other), shown).url == IMPORT
    with time_machine.travel(cast.NOW + timedelta(hours=2), tick=False):
        assert keep(cast.client_of(grace), shown).url in (IMPORT, f'/accounts/login/?next={IMPORT}')
    with time_machine.travel(cast.NOW, tick=False):
        RuleSet.objects.filter(pk=content.pk).update(status='retired')
        RuleSet.objects.create(
            version=content.version + 1,
            status='published',
            title='Newer',
            content=content.content,
            digest='other',
            created_at=cast.NOW,
        )
        assert keep(client, shown).url == IMPORT
    assert drafts() == 0


def test_without_a_name_and_a_reason_nothing_is_kept_and_nothing_is_lost(content: RuleSet, grace: Membership) -> None:
    client = cast.client_of(grace)
    again = keep(client, preview(client, text_of(content, add_change_remove)), why='')
    assert (again.status_code, drafts()) == (422, 0)
    assert keep(client, again).status_code == 302


# -- harm --------------------------------------------------------------------------------------------------------------
def when(condition: Any) -> Change:
    return lambda content: content['rules']['E01'].update(when=condition)


def nested(depth: int) -> Any:
    condition: Any = {'symptom': 'FEVER', 'gte': 1}
    for _ in range(depth):
        condition = {'any': [condition]}
    return condition


def doubling(content: dict[str, Any]) -> None:
    """Names of conditions that each use the one before twice: a bomb without an alias."""
    content['macros'] |= {f'm{n}': {'any': [f'm{n - 1}', f'm{n - 1}']} for n in range(1, 60)} | {'m0': nested(0)}
    content['rules']['E01']['when'] = 'm59'


def renamed(name: str) -> Change:
    return lambda content: content['rules'].update({name: content['rules'].pop('E01')})


def titled(title: str) -> Change:
    return lambda content: content['rules']['E01'].update(title=title)


def endless(content: dict[str, Any]) -> None:
    content['macros'] |= {'a': 'b', 'b': 'a'}


HARM: dict[str, tuple[Change, str]] = {
    'conditions deeper than any': (when(nested(55)), 'nested more than 50 levels deep'),
    'a bomb of names': (doubling, 'more than 20000 conditions'),
    'a name in itself': (endless, 'contains itself'),
    'an unknown word': (when({'eval': '1'}), 'no word of the rule language among "eval"'),
    'an unknown symptom': (when({'symptom': 'NO', 'gte': 1}), 'rules.E01.when.symptom: unknown symptom "NO"'),
    'an unknown field': (when({'symptom': 'FEVER', 'field': '__class__'}), 'unknown field of FEVER "__class__"'),
    'a level that is none': (when({'symptom': 'FEVER', 'gte': 99_999_999_999_999_999_999}), 'is outside 1 to 4'),
    'a condition that is a number': (when(7), 'rules.E01.when: must be a mapping'),
    'a proto': (renamed('__proto__'), 'rules.__proto__: a rule is named by capital letters'),
    'a long id': (renamed('E' * 5_000), 'a rule is named by capital letters'),
    'a title without end': (titled('x' * 5_000), 'is longer than 200 characters'),
    'an unknown key': (lambda content: content.update(clinic=7), 'unknown key "clinic"'),
    'an unknown citation': (lambda content: content['rules']['E01'].update(cites=['me']), 'unknown citation "me"'),
    'no citation': (lambda content: content['rules']['E01'].update(cites=[]), 'at least one citation is needed'),
    'no rules': (lambda content: content.update(rules={}), 'at least one rule is needed'),
    'rules that are a list': (lambda content: content.update(rules=[1]), 'rules: must be a mapping'),
}


def complaint_of(page: Any) -> str:
    wrong: RuleError = page.context['wrong']
    return str(wrong)


@pytest.mark.parametrize(('change', 'complaint'), HARM.values(), ids=HARM)
def test_rules_that_mean_harm_are_refused_at_their_place(
    content: RuleSet, grace: Membership, change: Change, complaint: str
) -> None:
    page = preview(cast.client_of(grace), text_of(content, change))
    assert page.status_code == 422
    assert complaint in complaint_of(page)
    assert drafts() == 0


SMALL = {name: pair for name, pair in MALICIOUS.items() if len(pair[0].encode('utf-8', 'replace')) < 150_000}


@pytest.mark.parametrize('name', SMALL)
def test_text_that_means_harm_is_refused_on_the_page(content: RuleSet, grace: Membership, name: str) -> None:
    file = SimpleUploadedFile('x.yaml', SMALL[name][0].encode('utf-8', 'replace'))
    page = cast.client_of(grace).post(IMPORT, {'file': file})
    assert page.status_code == 422
    assert 'Nothing was kept' in page.content.decode()
    assert '\u202e' not in re.sub(r'<textarea.*?</textarea>', '', page.content.decode(), flags=re.DOTALL)
    assert drafts() == 0


def test_a_hundred_thousand_nested_conditions_stop_at_once(content: RuleSet, grace: Membership) -> None:
    deep = 'rules: {E01: {when: ' + '{any: [' * 20_000
    page = cast.client_of(grace).post(IMPORT, {'file': SimpleUploadedFile('x.yaml', deep.encode()[:150_000])})
    assert 'nested too deeply' in complaint_of(page)
    with pytest.raises(RuleError, match='nested too deeply'):
        read_file('rules: {E01: {when: ' + '{any: [' * 100_000)


def test_a_hundred_thousand_rules_are_too_many(content: RuleSet) -> None:
    with pytest.raises(RuleError, match=f'at most {MOST_RULES:,} are read'):
        read_file('rules:\n' + ''.join(f'  R{n}: x\n' for n in range(MOST_RULES + 1)))
    with pytest.raises(RuleError, match='bytes of text; at most'):
        read_file('rules:\n' + ''.join(f'  R{n}: x\n' for n in range(100_000)))


def test_a_file_of_fifty_megabytes_is_refused_unread_and_the_limit_is_told(content: RuleSet, grace: Membership) -> None:
    file = SimpleUploadedFile('big.yaml', b'x' * 50_000_000)
    page = cast.client_of(grace).post(IMPORT, {'file': file})
    assert page.status_code == 422
    assert '50,000 KB is too much: at most 150 KB are read' in page.content.decode()


def test_a_pasted_text_that_is_too_long_is_told_its_limit(content: RuleSet, grace: Membership) -> None:
    page = preview(cast.client_of(grace), 'x' * 160_000)
    assert 'at most 150 KB are read' in page.content.decode()


@pytest.mark.parametrize('encoding', ['utf-16', 'latin-1'])
def test_a_file_in_another_encoding_is_refused_with_the_byte(
    content: RuleSet, grace: Membership, encoding: str
) -> None:
    file = SimpleUploadedFile('x.yaml', 'title: Übelkeit'.encode(encoding))
    page = cast.client_of(grace).post(IMPORT, {'file': file})
    assert 'This is no UTF-8 text (byte ' in page.content.decode()


def test_neither_or_both_are_refused(content: RuleSet, grace: Membership) -> None:
    client = cast.client_of(grace)
    assert 'Choose a file, or paste its text' in client.post(IMPORT, {}).content.decode()
    both = {'file': SimpleUploadedFile('x.yaml', b'a: 1'), 'pasted': 'a: 1'}
    assert 'Give one of them' in client.post(IMPORT, both).content.decode()


def test_an_error_names_the_line(content: RuleSet) -> None:
    text = text_of(content, when({'symptom': 'NOPE', 'gte': 1}))
    line = next(n for n, each in enumerate(text.split('\n'), 1) if 'symptom: NOPE' in each)
    with pytest.raises(RuleError, match=f'^line {line}, rules.E01.when.symptom: unknown symptom'):
        read_file(text)
