"""The symptom catalogue as a file: out, and in again by way of a preview that asks what only a person can know."""

import copy
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from alerts.engine import RuleError
from alerts.plain_yaml import read_yaml, write_yaml
from alerts.services.rules.catalogue_importing import NotYours, import_catalogue, plan_of
from alerts.services.rules.catalogue_text import MOST_SYMPTOMS, catalogue_text, current_versions
from clinic.models import Clinic, Membership, User
from diary.catalogue import current_catalogue, engine_mapping
from diary.models import Symptom, SymptomVersion
from diary.services.symptoms import retire
from tests.cast import NOW, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]
IMPORT = '/clinic/catalogue/import/'
Change = Callable[[dict[str, Any]], object]


def text_with(change: Change) -> str:
    data: Any = read_yaml(catalogue_text(current_versions()))
    change(data['symptoms'])
    return write_yaml(data)


def publish(text: str, by: User, **levels: Any) -> Any:
    return import_catalogue(text=text, levels=levels, by=by, now=NOW)


def versions() -> int:
    return SymptomVersion.objects.count()


def says(code: str, **words: Any) -> Change:
    return lambda symptoms: symptoms[code]['words']['en'].update(words)


FEW = ['None', 'A little', 'Some', 'A lot', 'All there is']
ASK_OTHERWISE = says('COUGH', question='How much do you cough?')
OTHER_LEVELS = says('FATIGUE', levels=FEW)


def test_the_same_catalogue_is_always_the_same_file_and_reading_it_changes_nothing(grace: Membership) -> None:
    client = client_of(grace)
    one, two = (client.get('/clinic/catalogue/symptoms.yaml').content.decode() for _ in range(2))
    assert one == two
    assert 'Grace' not in one
    assert (plan_of(one).changes, plan_of(one).kept) == ((), 46)
    assert publish(one, grace.user).changes == ()
    assert versions() == 46


def test_a_symptom_that_the_file_does_not_name_stays(grace: Membership) -> None:
    text = text_with(lambda symptoms: [symptoms.pop(code) for code in list(symptoms) if code != 'COUGH'])
    assert (plan_of(text).changes, plan_of(text).kept) == ((), 46)


def test_new_words_are_shown_beside_the_old_and_then_published(grace: Membership) -> None:
    client, text = client_of(grace), text_with(ASK_OTHERWISE)
    page = client.post(IMPORT, {'pasted': text})
    (said,) = page.context['plan'].changes[0].said
    assert (said.where, said.before, said.after) == (
        'English · question',
        'How bad is the cough?',
        'How much do you cough?',
    )
    assert versions() == 46
    assert client.post(IMPORT, {'sealed': page.context['sealed']}).status_code == 302
    version = SymptomVersion.objects.get(symptom__code='COUGH', number=2)
    assert (version.created_by, version.scale) == (grace.user, 1)
    assert current_catalogue('en').symptom('COUGH').question == 'How much do you cough?'


def test_a_field_may_be_added_by_a_clinics_admin(grace: Membership) -> None:
    def add(symptoms: dict[str, Any]) -> None:
        symptoms['ITCH']['answers']['at_night'] = 'yes'
        for words in symptoms['ITCH']['words'].values():
            words['fields'] = {'at_night': 'Does it wake you?'}

    assert plan_of(text_with(add)).changes[0].fields_added == ('at_night',)
    publish(text_with(add), grace.user)
    assert current_catalogue('en').symptom('ITCH').fields['at_night'].question == 'Does it wake you?'


def test_other_levels_are_asked_about_before_anything_is_kept(grace: Membership) -> None:
    client = client_of(grace)
    page = client.post(IMPORT, {'pasted': text_with(OTHER_LEVELS)})
    again = client.post(IMPORT, {'sealed': page.context['sealed']})
    assert again.status_code == 422
    assert 'Say what the old answers mean now' in again.content.decode()
    assert versions() == 46
    mapped = {f'FATIGUE-worth_{old}': str(new) for old, new in ((1, 1), (2, 1), (3, 2), (4, 4))}
    kept = client.post(IMPORT, {'sealed': again.context['sealed'], 'FATIGUE-scale': 'map', **mapped})
    assert kept.status_code == 302
    assert SymptomVersion.objects.get(symptom__code='FATIGUE', number=2).level_map == {
        '0': 0,
        '1': 1,
        '2': 1,
        '3': 2,
        '4': 4,
    }


def test_levels_without_an_answer_are_not_published_behind_the_page(grace: Membership) -> None:
    with pytest.raises(KeyError):
        publish(text_with(OTHER_LEVELS), grace.user)
    publish(text_with(OTHER_LEVELS), grace.user, FATIGUE=None)
    assert SymptomVersion.objects.get(symptom__code='FATIGUE', number=2).scale == 2


def test_a_catalogue_that_changed_since_it_was_shown_is_shown_again(grace: Membership) -> None:
    client = client_of(grace)
    page = client.post(IMPORT, {'pasted': text_with(ASK_OTHERWISE)})
    publish(text_with(says('ITCH', question='Does it itch?')), grace.user)
    assert client.post(IMPORT, {'sealed': page.context['sealed']}).url == IMPORT
    assert not SymptomVersion.objects.filter(symptom__code='COUGH', number=2).exists()
    assert client.post(IMPORT, {'sealed': 'made up'}).url == IMPORT


# -- what is the same for every clinic ---------------------------------------------------------------------------------
def retired(code: str) -> Change:
    return lambda symptoms: symptoms[code].update(retired=True)


def added(symptoms: dict[str, Any]) -> None:
    symptoms['HICCUP'] = copy.deepcopy(symptoms['COUGH']) | {'facts': {}}
    symptoms['HICCUP']['words']['en']['name'] = 'Hiccups'


FOR_SERVER: dict[str, Change] = {
    'a new symptom': added,
    'it is retired': retired('FLUSH'),
    'what counts as plausible': lambda symptoms: symptoms['FEVER']['answers'].update(celsius='C 31-45'),
    'the facts that rules read, or the group': lambda symptoms: symptoms['COUGH'].update(facts={}),
}


@pytest.mark.parametrize(('what', 'change'), FOR_SERVER.items(), ids=FOR_SERVER)
def test_only_whoever_runs_the_server_may_do_it(grace: Membership, superuser: User, what: str, change: Change) -> None:
    text = text_with(change)
    page = client_of(grace).post(IMPORT, {'pasted': text})
    assert page.context['plan'].changes[0].for_server == (what,)
    assert 'Publish these words' not in page.content.decode()
    with pytest.raises(NotYours):
        publish(text, grace.user)
    assert versions() == 46
    publish(text, superuser)
    assert plan_of(text).changes == ()


def test_a_new_symptom_stands_last_and_is_asked(superuser: User) -> None:
    publish(text_with(added), superuser)
    assert list(current_catalogue('en').offered({}))[-1] == 'HICCUP'


def test_retiring_by_a_file_shows_the_rules_and_wants_a_yes(grace: Membership) -> None:
    grace.user.is_superuser = True
    grace.user.save()
    client = client_of(grace)
    page = client.post(IMPORT, {'pasted': text_with(retired('DYSPNEA'))})
    assert 'E01 Severe or sudden trouble breathing' in page.content.decode()
    again = client.post(IMPORT, {'sealed': page.context['sealed']})
    assert 'Read what the rules lose' in again.content.decode()
    assert 'DYSPNEA' in current_catalogue('en').offered({})
    assert client.post(IMPORT, {'sealed': again.context['sealed'], 'read': 'on'}).status_code == 302
    assert 'DYSPNEA' not in current_catalogue('en').offered({})
    assert 'DYSPNEA' in engine_mapping()['symptoms']


def test_what_is_retired_goes_out_as_retired_and_can_be_asked_again(superuser: User) -> None:
    retire(symptom=Symptom.objects.get(code='FLUSH'), by=superuser, now=NOW)
    text = catalogue_text(current_versions())
    assert plan_of(text).changes == ()
    publish(text.replace('retired: true', 'retired: false'), superuser)
    assert 'FLUSH' in current_catalogue('en').offered({})


def test_a_range_that_a_rule_needs_is_not_narrowed(superuser: User) -> None:
    with pytest.raises(RuleError, match='could not be read any more'):
        publish(text_with(lambda symptoms: symptoms['FEVER']['answers'].update(celsius='C 30-37')), superuser)
    assert versions() == 46


# -- harm --------------------------------------------------------------------------------------------------------------
HARM: dict[str, tuple[Change, str]] = {
    'a field taken away': (lambda s: s['DYSPNEA']['answers'].pop('sudden'), 'the field sudden cannot be taken away'),
    'a field retyped': (
        lambda s: s['DYSPNEA']['answers'].update(sudden='count 0-9'),
        'symptoms.DYSPNEA: the field sudden cannot become',
    ),
    'an unknown notation': (lambda s: s['ITCH']['answers'].update(x='eval'), 'symptoms.ITCH.answers.x: expected yes'),
    'a span of a million digits': (lambda s: s['ITCH']['answers'].update(x='9' * 9_000), 'up to 60 characters'),
    'a proto': (lambda s: s.update(__proto__=s['ITCH']), 'symptoms.__proto__: a symptom is named by'),
    'a long code': (lambda s: s.update({'X' * 999: s['ITCH']}), 'a symptom is named by up to 20'),
    'an unknown key': (lambda s: s['ITCH'].update(clinic=1), 'symptoms.ITCH: unknown key "clinic"'),
    'an unknown word key': (says('ITCH', onclick='x'), 'symptoms.ITCH.words.en: unknown key "onclick"'),
    'a fact over the name': (lambda s: s['ITCH']['facts'].update(answers={}), 'unknown key "answers"'),
    'an unknown allergic class': (lambda s: s['ITCH']['facts'].update(allergic='all'), 'unknown allergic class "all"'),
    'an unknown therapy': (lambda s: s['ITCH']['facts'].update(only_for='Tea, day 0 to 3'), 'only_for: “Tea, day'),
    'four levels': (says('ITCH', levels=['a', 'b', 'c', 'd']), '5 level words with their notes are needed'),
    'an unknown language': (lambda s: s['ITCH']['words'].update(xx={}), 'the language is none of'),
    'no English': (lambda s: s['ITCH'].update(words={}), 'symptoms.ITCH.words: the words in en'),
    'a name in two lines': (says('ITCH', name='a\nb'), 'must be one line of up to 120'),
    'a name without end': (says('ITCH', name='x' * 121), 'must be one line of up to 120'),
    'words that are numbers': (says('ITCH', question=7), 'symptoms.ITCH.words.en.question: must be text'),
    'retired maybe': (lambda s: s['ITCH'].update(retired='maybe'), 'symptoms.ITCH.retired: must be true or false'),
    'nothing': (lambda s: s.clear(), 'at least one symptom is needed'),
    'too many': (lambda s: s.update({f'X{n}': 1 for n in range(MOST_SYMPTOMS)}), f'at most {MOST_SYMPTOMS} are read'),
}


@pytest.mark.parametrize(('change', 'complaint'), HARM.values(), ids=HARM)
def test_a_catalogue_that_means_harm_is_refused_at_its_place(grace: Membership, change: Change, complaint: str) -> None:
    page = client_of(grace).post(IMPORT, {'pasted': text_with(change)})
    assert page.status_code == 422
    assert complaint in str(page.context['wrong'])
    assert re.match(r'line \d+, |symptoms', str(page.context['wrong']))
    assert versions() == 46


def test_html_in_words_is_shown_as_text(grace: Membership) -> None:
    page = client_of(grace).post(IMPORT, {'pasted': text_with(says('ITCH', name='<img src=x onerror=alert(1)>'))})
    assert '<img src=x' not in page.content.decode()
    assert '&lt;img src=x' in page.content.decode()


def test_whom_else_a_change_reaches_is_said_by_name_wherever_words_are_changed(
    grace: Membership, riverside: Clinic, lakeside: Clinic
) -> None:
    itch = Symptom.objects.get(code='ITCH')
    client = client_of(grace)
    pages = [
        client.get(IMPORT),
        client.post(IMPORT, {'pasted': text_with(says('ITCH', name='Itchy skin'))}),
        client.get(f'/admin/diary/symptom/{itch.pk}/change/'),
    ]
    for page in pages:
        assert f'changes for {lakeside.name} too' in unescape(page.content.decode())


def test_a_clinic_alone_on_its_server_is_told_of_nobody(grace: Membership) -> None:
    assert 'All clinics of this server' not in client_of(grace).get(IMPORT).content.decode()
