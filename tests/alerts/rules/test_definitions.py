"""Definitions: what old answers mean when a scale changes, and what breaks when a symptom is retired."""

from typing import Any

import pytest
from django.urls import reverse

from alerts.engine.reading import names, sweeps
from alerts.facts import facts_of, history_of
from alerts.models import RuleSet
from alerts.programs import compiled
from alerts.services.finding import compute
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


def test_a_rule_for_what_got_worse_does_not_compare_across_scales(content: RuleSet, ana: Patient) -> None:
    before = write(ana, {'COUGH': {'severity': 1}}, hours_ago=30)
    reword('COUGH')
    after = write(ana, {'COUGH': {'severity': 3}}, hours_ago=2)
    assert not worse(after, content)
    assert not worse(before, content)


def test_a_rule_for_what_got_worse_compares_by_the_map(content: RuleSet, ana: Patient) -> None:
    write(ana, {'COUGH': {'severity': 1}}, hours_ago=30)
    reword('COUGH', worth=(0, 1, 2, 3, 4))
    assert worse(write(ana, {'COUGH': {'severity': 3}}, hours_ago=2), content)


def worse(entry: Any, rule_set: RuleSet) -> bool:
    """Whether some rule says that the cough got worse, as its explanation has it."""
    finding = compute(revision=entry.revisions.get(), rule_set=rule_set)
    rules = compiled(rule_set).rules.rules
    return any(
        'any_worsened' in str(finding.evidence(flag.rule_id)) and _held(finding.evidence(flag.rule_id))
        for flag in finding.result.flags
        if flag.rule_id in rules
    )


def _held(tree: dict[str, Any]) -> bool:
    own = tree['word'] in ('worsened', 'any_worsened') and tree['held']
    return bool(own) or any(_held(child) for child in tree['children'])


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
