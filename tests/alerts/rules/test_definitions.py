"""Definitions: what old answers mean when a scale changes, and what breaks when a symptom is retired."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from alerts.engine import compile_rules
from alerts.engine.reading import names, sweeps
from alerts.facts import facts_of, history_of, key
from alerts.models import RuleSet
from alerts.programs import compiled
from alerts.services.rules.checking import read_rules
from alerts.words.evidence import lines
from alerts.words.reasons import names_of
from clinic.models import Membership, Patient, User
from diary.catalogue import current_catalogue, current_scales
from diary.models import Symptom, SymptomVersion
from diary.queries import current_revisions
from diary.services.symptoms import publish_version, readers_of
from tests.cast import NOW, Person, client_of
from tests.diary.conftest import write

pytestmark = pytest.mark.django_db
FEW = ['None', 'A little', 'Some', 'A lot', 'All there is']


def save(person: Person, code: str, **changed: str) -> Any:
    """Open a symptom's page in the admin, change some of it, save."""
    client, path = client_of(person), reverse('admin:diary_symptom_change', args=[Symptom.objects.get(code=code).pk])
    form = client.get(path).context['adminform'].form
    shown = {name: form[name].value() for name in form.fields}
    inline = {'versions-TOTAL_FORMS': '0', 'versions-INITIAL_FORMS': '0'}
    return client.post(path, {k: '' if v is None else v for k, v in (shown | changed).items()} | inline)


def latest(code: str) -> SymptomVersion:
    return SymptomVersion.objects.filter(symptom__code=code).latest('number')


def reword(code: str, *, worth: tuple[int, ...] | None = None) -> SymptomVersion:
    """Other words for the levels each time."""
    now = latest(code)
    words = {'en': now.words['en'] | {'levels': [f'{word} ' for word in now.words['en']['levels']]}}
    return publish_version(
        symptom=now.symptom, group=now.group, answers=now.answers, words=words, facts=now.facts, now=NOW, levels=worth
    )


# -- the admin asks ----------------------------------------------------------------------------------------------------
def test_new_words_for_levels_are_refused_until_it_is_said_what_old_answers_mean(
    grace: Membership, content: RuleSet
) -> None:
    page = save(grace, 'FATIGUE', en_levels='\n'.join(FEW))
    assert 'Say what the old answers mean now' in page.content.decode()
    assert latest('FATIGUE').number == 1


def test_clearer_words_stay_on_the_scale(grace: Membership, content: RuleSet) -> None:
    assert save(grace, 'FATIGUE', en_levels='\n'.join(FEW), scale='same').status_code == 302
    assert (latest('FATIGUE').number, latest('FATIGUE').scale, latest('FATIGUE').level_map) == (2, 1, None)


def test_old_levels_can_be_other_levels_now(grace: Membership, content: RuleSet) -> None:
    chosen = {'worth_1': '1', 'worth_2': '1', 'worth_3': '2', 'worth_4': '3'}
    assert save(grace, 'FATIGUE', en_levels='\n'.join(FEW), scale='map', **chosen).status_code == 302
    assert latest('FATIGUE').level_map == {'0': 0, '1': 1, '2': 1, '3': 2, '4': 3}


def test_a_map_that_turns_worse_into_milder_is_refused(grace: Membership, content: RuleSet) -> None:
    page = save(grace, 'FATIGUE', en_levels='\n'.join(FEW), scale='map', worth_1='3', worth_2='1')
    assert 'cannot become milder' in page.content.decode()
    assert latest('FATIGUE').number == 1


def test_levels_that_cannot_be_compared_begin_a_scale(grace: Membership, content: RuleSet) -> None:
    assert save(grace, 'FATIGUE', en_level_notes='\n'.join(FEW), scale='apart').status_code == 302
    assert (latest('FATIGUE').scale, latest('FATIGUE').level_map) == (2, None)


def test_a_new_question_asks_nothing_about_the_scale(grace: Membership, content: RuleSet) -> None:
    assert save(grace, 'FATIGUE', en_question='How tired are you today?').status_code == 302
    assert latest('FATIGUE').scale == 1


# -- the rules read ----------------------------------------------------------------------------------------------------
def facts(answers: dict[str, Any]) -> Any:
    return facts_of('e1', NOW, {'answers': answers}, current_scales())


TIRED = {'FATIGUE': {'version': 1, 'values': {'severity': 3}}}


def test_an_old_answer_is_read_by_the_maps_and_what_was_said_stays(content: RuleSet, ana: Patient) -> None:
    entry = write(ana, {'FATIGUE': {'severity': 3}})
    reword('FATIGUE', worth=(0, 1, 1, 2, 2))
    history = history_of(ana, since=entry.about_at, until=None)
    assert history.entries[0].answers == {'FATIGUE': {'severity': 2}}
    assert history.entries[0].scales == {}
    assert current_revisions(ana, since=entry.about_at, until=None)[0].document['answers']['FATIGUE']['values'] == {
        'severity': 3
    }


def test_an_old_answer_beyond_comparison_keeps_its_level_and_names_its_scale(content: RuleSet) -> None:
    reword('FATIGUE', worth=(0, 1, 1, 2, 4))
    reword('FATIGUE')
    found = facts(TIRED | {'COUGH': {'version': 1, 'values': {'severity': 1}}})
    assert found.answers == {'FATIGUE': {'severity': 2}, 'COUGH': {'severity': 1}}
    assert found.scales == {'FATIGUE': 1}
    assert facts({'FATIGUE': {'version': 3, 'values': {'severity': 3}}}).scales == {}


def test_without_changed_scales_the_stored_values_themselves_are_read(content: RuleSet) -> None:
    assert facts(TIRED).answers['FATIGUE'] is TIRED['FATIGUE']['values']


@pytest.mark.parametrize(('worth', 'fires'), [(None, False), ((0, 1, 2, 3, 4), True), ((0, 3, 3, 3, 4), False)])
def test_what_got_worse_is_compared_on_one_scale_alone(
    content: RuleSet, ana: Patient, worth: tuple[int, ...] | None, fires: bool
) -> None:
    why = worsened_over_a_change(ana, content, worth)
    assert why['held'] is fires
    assert why['seen'].get('other_scale') == (None if worth else ['COUGH'])


def test_what_is_not_answered_before_is_new_on_any_scale(content: RuleSet, ana: Patient) -> None:
    write(ana, {'ITCH': {'severity': 1}}, hours_ago=30)
    reword('COUGH')
    assert explained(write(ana, {'COUGH': {'severity': 3}}, hours_ago=2), content)['held']


def test_the_evidence_says_which_scale_was_changed_and_when(content: RuleSet, ana: Patient) -> None:
    why = worsened_over_a_change(ana, content, None)
    said = lines(why, names_of(current_catalogue('en')))
    assert [line.text for line in said] == ['not compared: the scale of Cough was changed on 16 November']


def test_a_finding_beside_it_stands_with_the_reason(content: RuleSet) -> None:
    reword('COUGH')
    apart = {'word': 'worsened', 'asked': {}, 'held': False, 'seen': {'other_scale': ['COUGH']}, 'symptoms': []}
    yes = {'word': 'yes', 'asked': {'field': 'sudden'}, 'held': True, 'seen': {}, 'symptoms': ['DYSPNEA']}
    tree = {'word': 'any', 'held': True, 'children': [yes | {'children': []}, apart | {'children': []}], 'seen': {}}
    first, second = lines(tree, names_of(current_catalogue('en')))
    assert first.text == 'Trouble breathing: sudden'
    assert second.text.startswith('not compared: the scale of Cough')


def worsened_over_a_change(ana: Patient, rule_set: RuleSet, worth: tuple[int, ...] | None) -> dict[str, Any]:
    """Cough from 1 to 3, with other words for its levels between the two."""
    write(ana, {'COUGH': {'severity': 1}}, hours_ago=30)
    reword('COUGH', worth=worth)
    return explained(write(ana, {'COUGH': {'severity': 3}}, hours_ago=2), rule_set)


def explained(entry: Any, rule_set: RuleSet) -> dict[str, Any]:
    """Whether, and why, some symptom got two levels worse."""
    revision = entry.revisions.get()
    history = history_of(entry.patient, since=entry.about_at - timedelta(days=3), until=None)
    content = rule_set.content | {'rules': {'X1': rule_set.content['rules']['R01'] | {'when': {'any_worsened_by': 2}}}}
    program = compile_rules(read_rules(content))
    flagged = 'X1' in program.evaluate(history.patient, history.entries)[-1].rule_ids
    why = program.explain(history.patient, history.entries, key(revision), 'X1').as_json()
    assert why['held'] is flagged
    return why


# -- retiring ----------------------------------------------------------------------------------------------------------
def test_what_reads_a_symptom_is_told_rule_by_rule(content: RuleSet) -> None:
    lines = readers_of('DYSPNEA')
    assert any('E01 Severe or sudden trouble breathing. Call the emergency number now for' in line for line in lines)
    assert all(line.startswith(f'Rules of all clinics, version {content.version} (published): ') for line in lines)
    assert any('It looks at every symptom' in line for line in lines)


def test_rules_that_look_at_every_symptom_read_what_they_can(content: RuleSet) -> None:
    rules, view = compiled(content).rules, compiled(content).rules.catalogue
    swept = [rule.id for rule in rules.rules.values() if sweeps(rule.when, view.symptoms['BLISTER'])]
    assert all('BLISTER' not in swept for swept in swept)
    assert names(rules.rules['E01'].when, 'DYSPNEA')
    assert not names(rules.rules['E01'].when, 'COUGH')


def test_retiring_first_shows_what_it_breaks_and_then_needs_a_yes(superuser: User, content: RuleSet) -> None:
    page = save(superuser, 'DYSPNEA', retired='on', retire_confirmed='on')
    assert 'E01 Severe or sudden trouble breathing' in page.content.decode()
    assert 'DYSPNEA' in current_catalogue('en').offered({})
    seen = page.context['adminform'].form['retire_seen'].value()
    assert save(superuser, 'DYSPNEA', retired='on', retire_seen=seen).status_code == 200
    assert save(superuser, 'DYSPNEA', retired='on', retire_confirmed='on', retire_seen=seen).status_code == 302
    assert 'DYSPNEA' not in current_catalogue('en').offered({})
    assert Symptom.objects.get(code='DYSPNEA').retired_by == superuser


def test_rules_that_changed_since_they_were_seen_are_shown_again(superuser: User, content: RuleSet) -> None:
    seen = save(superuser, 'DYSPNEA', retired='on').context['adminform'].form['retire_seen'].value()
    other = content.content | {'rules': {k: v for k, v in content.content['rules'].items() if k != 'E01'}}
    RuleSet.objects.create(version=content.version + 1, title='D', content=other, digest='d', created_at=NOW)
    page = save(superuser, 'DYSPNEA', retired='on', retire_confirmed='on', retire_seen=seen)
    assert page.status_code == 200
    assert Symptom.objects.get(code='DYSPNEA').retired_at is None


def test_a_retired_symptom_is_asked_again_when_the_tick_is_taken_out(superuser: User, content: RuleSet) -> None:
    seen = save(superuser, 'FLUSH', retired='on').context['adminform'].form['retire_seen'].value()
    save(superuser, 'FLUSH', retired='on', retire_confirmed='on', retire_seen=seen)
    assert save(superuser, 'FLUSH', en_question='Is it red?').status_code == 302
    assert 'FLUSH' not in current_catalogue('en').offered({})
    assert save(superuser, 'FLUSH', retired='').status_code == 302
    assert 'FLUSH' in current_catalogue('en').offered({})


def test_a_clinics_admin_retires_nothing(grace: Membership, content: RuleSet) -> None:
    assert save(grace, 'FLUSH', retired='on', retire_confirmed='on').status_code == 302
    assert 'FLUSH' in current_catalogue('en').offered({})
