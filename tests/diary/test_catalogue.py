"""The catalogue as data: loaded once, versioned, in words for everything."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from clinic.models import User
from diary.catalogue import CatalogueView, UnknownSymptomError, current_catalogue, current_scales, engine_mapping
from diary.fields import FieldKind
from diary.models import Agent, MeasurementKind, Symptom, SymptomVersion, Therapy
from diary.scales import Scales
from diary.services.symptoms import (
    CatalogueError,
    load_catalogue,
    publish_version,
    retire,
    revive,
    words_mapping,
)
from tests import cast
from tests.diary.conftest import catalogue_mapping

LATER = cast.NOW + timedelta(days=1)


def load(*, mapping: dict[str, Any] | None = None, words: dict[str, Any] | None = None) -> None:
    load_catalogue(mapping=mapping or catalogue_mapping(), words=words or words_mapping(), now=LATER)


def republish(code: str, **changes: Any) -> SymptomVersion:
    latest = SymptomVersion.objects.filter(symptom__code=code).order_by('number').last()
    assert latest
    kept = {key: copy.deepcopy(getattr(latest, key)) for key in ('group', 'answers', 'words', 'facts')}
    return publish_version(symptom=latest.symptom, now=LATER, **(kept | changes))


def test_the_whole_founding_catalogue_is_loaded(catalogue: CatalogueView) -> None:
    assert len(catalogue.symptoms) == 46
    assert list(catalogue.measurements) == ['weight', 'systolic_bp', 'spo2', 'pulse']
    assert Therapy.objects.count() == 7
    assert Agent.objects.get(name='pembrolizumab').therapy.code == 'checkpoint_inhibitor'


def test_loading_it_again_changes_nothing(catalogue: CatalogueView) -> None:
    before = list(SymptomVersion.objects.values_list('pk', flat=True))
    load()
    assert list(SymptomVersion.objects.values_list('pk', flat=True)) == before
    assert current_catalogue('en') is catalogue


def test_every_symptom_has_a_question_and_every_field_its_own(catalogue: CatalogueView) -> None:
    for spec in catalogue.symptoms.values():
        assert spec.name
        assert spec.question
        assert [level.value for level in spec.levels] == ([0, 1, 2, 3, 4] if spec.has_severity else [])
        assert all(level.note for level in spec.levels)
        assert all(field.question for field in spec.fields.values() if field.kind is not FieldKind.SEVERITY), spec.code


def test_a_step_that_shows_only_its_question_names_the_symptom_in_it(catalogue: CatalogueView) -> None:
    asked = [spec.question for spec in catalogue.symptoms.values() if spec.has_severity]
    assert len(set(asked)) == len(asked)


def test_no_question_holds_the_help_of_another_key(catalogue: CatalogueView) -> None:
    assert not [
        f.question for spec in catalogue.symptoms.values() for f in spec.fields.values() if 'help:' in f.question
    ]


def test_numbers_know_their_unit_and_range(catalogue: CatalogueView) -> None:
    celsius = catalogue.symptom('FEVER').fields['celsius']
    assert (celsius.kind, celsius.unit, celsius.low, celsius.high) == (FieldKind.NUMBER, 'C', 30, 45)
    assert catalogue.symptom('DIARRHEA').fields['stools_24h'].kind is FieldKind.COUNT
    assert catalogue.symptom('RASH').fields['percent_body'].kind is FieldKind.PERCENT
    assert catalogue.measurements['weight'].also == 'lb'


def test_a_usual_side_effect_stands_in_a_sentence_of_a_founding_document(catalogue: CatalogueView) -> None:
    documents = {'penn-common': 'penn', 'ctca-flu-like': 'ctca', 'ctca-rash': 'ctca'}
    for code, given in words_mapping()['therapies'].items():
        cited = {documents[quote] for quote in given['cites']}
        for symptom in given['usual']:
            assert cited & set(catalogue_mapping()['symptoms'][symptom]['seen_in']), (code, symptom)
        assert Therapy.objects.get(code=code).usual_symptoms == given['usual']


def test_the_writing_check_is_only_for_the_first_thirty_days_after_car_t(catalogue: CatalogueView) -> None:
    assert 'WRITING' not in catalogue.offered({})
    assert 'WRITING' not in catalogue.offered({'checkpoint_inhibitor': 3})
    assert 'WRITING' in catalogue.offered({'car_t': 0})
    assert 'WRITING' in catalogue.offered({'car_t': 30})
    assert 'WRITING' not in catalogue.offered({'car_t': 31})


def test_a_changed_wording_is_a_new_version_and_the_old_one_stays(catalogue: CatalogueView) -> None:
    words = copy.deepcopy(words_mapping())
    words['en']['symptoms']['COUGH']['question'] = 'How much do you cough?'
    load(words=words)
    assert list(SymptomVersion.objects.filter(symptom__code='COUGH').values_list('number', flat=True)) == [2, 1]
    view = current_catalogue('en')
    assert view.symptom('COUGH').question == 'How much do you cough?'
    assert view.version('COUGH', 1).question == 'How bad is the cough?'
    assert view.symptom('FEVER').number == 1


def test_a_symptom_that_is_left_out_retires_and_its_old_answers_stay_readable(catalogue: CatalogueView) -> None:
    mapping = copy.deepcopy(catalogue_mapping())
    del mapping['symptoms']['FLUSH']
    load(mapping=mapping)
    view = current_catalogue('en')
    assert 'FLUSH' not in view.offered({})
    assert view.version('FLUSH', 1).name == 'Sudden hot red face or skin'
    assert 'FLUSH' in engine_mapping()['symptoms']


def test_the_engine_gets_back_what_the_catalogue_file_says(catalogue: CatalogueView) -> None:
    given, mapping = catalogue_mapping(), engine_mapping()
    assert list(mapping['symptoms']) == list(given['symptoms'])
    for code, symptom in given['symptoms'].items():
        answers = {name: 'yes' if kind is True else kind for name, kind in symptom['answers'].items()}
        assert mapping['symptoms'][code]['answers'] == answers
        for fact in symptom.keys() - {'name', 'answers'}:
            assert mapping['symptoms'][code][fact] == symptom[fact]
    assert mapping['measurements'] == given['measurements']
    assert mapping['therapies'] == given['therapies']
    assert set(mapping['contexts']) == set(given['contexts'])


def test_fields_may_be_added(catalogue: CatalogueView) -> None:
    version = SymptomVersion.objects.get(symptom__code='ITCH')
    words = copy.deepcopy(version.words)
    words['en']['fields'] = {'at_night': 'Does it wake you?'}
    words['es']['fields'] = {'at_night': '¿Le despierta?'}
    republish('ITCH', answers={**version.answers, 'at_night': 'yes'}, words=words)
    assert current_catalogue('en').symptom('ITCH').fields['at_night'].question == 'Does it wake you?'


@pytest.mark.parametrize(
    'answers',
    [
        {'severity': '0-4'},
        {'severity': '0-4', 'at_rest': 'yes'},
        {'severity': '0-4', 'at_rest': 'count 0-9', 'sudden': 'yes'},
    ],
)
def test_fields_may_not_be_taken_away_or_retyped(catalogue: CatalogueView, answers: dict[str, str]) -> None:
    with pytest.raises(CatalogueError, match=r'DYSPNEA: the field (at_rest|sudden) cannot'):
        republish('DYSPNEA', answers=answers)


@pytest.mark.parametrize(
    ('change', 'complaint'),
    [
        ({'words': {'es': {}}}, 'English words are missing'),
        ({'words': {'en': {'name': 'Cough'}}}, 'a name and a question'),
        ({'words': {'en': {'name': 'Cough', 'question': 'How bad?', 'levels': ['None']}}}, '5 level words'),
        ({'answers': {'severity': '0-5'}}, 'severity is always 0-4'),
        ({'facts': {'only_for': 'Herbal tea, day 0 to 3'}}, 'only_for'),
    ],
)
def test_an_incomplete_version_is_refused(catalogue: CatalogueView, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CatalogueError, match=complaint):
        republish('COUGH', **change)
    assert SymptomVersion.objects.filter(symptom__code='COUGH').count() == 1


def test_a_catalogue_without_words_changes_nothing(catalogue: CatalogueView) -> None:
    mapping = copy.deepcopy(catalogue_mapping())
    mapping['symptoms']['HICCUP'] = {'name': 'Hiccups', 'group': 'whole body', 'answers': {'severity': '0-4'}}
    with pytest.raises(CatalogueError, match='words are missing'):
        load(mapping=mapping)
    assert not Symptom.objects.filter(code='HICCUP').exists()


def test_the_database_refuses_to_change_a_version(catalogue: CatalogueView) -> None:
    with pytest.raises(IntegrityError, match='never changed'):
        SymptomVersion.objects.filter(symptom__code='COUGH').update(name='Hiccups')


def test_a_changed_measurement_is_seen_at_once(catalogue: CatalogueView) -> None:
    MeasurementKind.objects.filter(code='pulse').update(high=300)
    assert current_catalogue('en').measurements['pulse'].field.high == 300


def test_a_language_without_words_is_answered_in_english(catalogue: CatalogueView) -> None:
    assert current_catalogue('fr').symptom('COUGH').name == 'Cough'


def test_each_language_has_its_own_words(catalogue: CatalogueView) -> None:
    cough = current_catalogue('es').symptom('COUGH')
    assert (cough.name, cough.levels[3].word, cough.levels[3].note) == ('Tos', 'Fuerte', 'Casi todo el tiempo')
    assert current_catalogue('es').measurements['weight'].name == 'Peso'


def test_an_unknown_symptom_or_version_raises(catalogue: CatalogueView) -> None:
    with pytest.raises(UnknownSymptomError):
        catalogue.symptom('HICCUP')
    with pytest.raises(UnknownSymptomError):
        catalogue.version('COUGH', 7)


@pytest.mark.parametrize(
    ('code', 'values', 'expected'),
    [
        ('FEVER', {'celsius': 37.9}, False),
        ('FEVER', {'celsius': 38.0}, True),
        ('FEVER', {'severity': 1}, True),
        ('FEVER', {'hours_at_or_above_38': 5}, False),
        ('DIARRHEA', {'severity': 0, 'stools_24h': 1}, True),
        ('DIARRHEA', {'severity': 0, 'at_night': False}, False),
        ('RASH', {'severity': 0, 'percent_body': 9.5}, False),
        ('HIVES', {'present': True}, True),
        ('OTHER', {'text': 'hiccups'}, False),
    ],
)
def test_reported_means_what_the_rule_language_says(
    catalogue: CatalogueView, code: str, values: dict[str, Any], expected: bool
) -> None:
    assert catalogue.symptom(code).reported(values) is expected


# -- scales ------------------------------------------------------------------------------------------------------------
FEW = ['None', 'A little', 'Some', 'A lot', 'All there is']


def reword(code: str, levels: list[str], *, worth: Any = None) -> SymptomVersion:
    """New words for the five levels; `worth` says what each old level is now."""
    words = copy.deepcopy(SymptomVersion.objects.filter(symptom__code=code).latest('number').words)
    words['en']['levels'] = levels
    return republish(code, words=words, levels=worth)


def answered(code: str, version: int, severity: int) -> tuple[int, dict[str, int]]:
    """The level that an answer to a version is read as now, and the scale on which it stands apart."""
    answers: dict[str, Any] = {code: {'severity': severity}}
    apart = current_scales().read(answers, {code: {'version': version, 'values': answers[code]}})
    return answers[code]['severity'], apart


def test_a_catalogue_whose_scales_never_changed_has_nothing_to_read(catalogue: CatalogueView) -> None:
    republish('FATIGUE', group='other')
    assert current_scales() == Scales()


def test_clearer_words_for_the_same_levels_change_nothing_of_old_answers(catalogue: CatalogueView) -> None:
    version = reword('FATIGUE', FEW, worth=(0, 1, 2, 3, 4))
    assert (version.scale, version.level_map) == (1, None)
    assert answered('FATIGUE', 1, 3) == (3, {})


def test_old_answers_are_read_through_the_whole_chain_of_maps(catalogue: CatalogueView) -> None:
    reword('FATIGUE', FEW, worth=(0, 1, 1, 2, 3))
    version = reword('FATIGUE', FEW[::-1], worth=(0, 2, 3, 4, 4))
    assert (version.scale, version.level_map) == (1, {'0': 0, '1': 2, '2': 3, '3': 4, '4': 4})
    assert [answered('FATIGUE', 1, n)[0] for n in range(5)] == [0, 2, 2, 3, 4]
    assert [answered('FATIGUE', 2, n)[0] for n in range(5)] == [0, 2, 3, 4, 4]
    assert answered('FATIGUE', 3, 1) == (1, {})


def test_levels_without_a_map_stand_on_a_scale_of_their_own(catalogue: CatalogueView) -> None:
    reword('FATIGUE', FEW, worth=(0, 1, 1, 2, 3))
    assert reword('FATIGUE', FEW[::-1]).scale == 2
    reword('FATIGUE', FEW, worth=(0, 1, 2, 2, 2))
    assert answered('FATIGUE', 1, 4) == (3, {'FATIGUE': 1})
    assert answered('FATIGUE', 2, 4) == (4, {'FATIGUE': 1})
    assert answered('FATIGUE', 3, 4) == (2, {})
    assert answered('FATIGUE', 4, 4) == (4, {})
    assert answered('COUGH', 1, 4) == (4, {})
    assert current_scales().begun['FATIGUE'][2] == LATER


def test_an_answer_without_a_severity_stands_on_no_scale(catalogue: CatalogueView) -> None:
    reword('DIARRHEA', FEW)
    answers: dict[str, Any] = {'DIARRHEA': {'stools_24h': 5}}
    assert current_scales().read(answers, {'DIARRHEA': {'version': 1}}) == {}
    assert answers == {'DIARRHEA': {'stools_24h': 5}}


def test_an_answer_to_a_version_that_nobody_knows_is_not_read(catalogue: CatalogueView) -> None:
    reword('FATIGUE', FEW)
    with pytest.raises(KeyError):
        answered('FATIGUE', 7, 1)


@pytest.mark.parametrize('worth', [(0, 1, 2, 3), (0, 1, 2, 3, 5), (1, 1, 2, 3, 4), (0, 0, 1, 2, 3), (0, 1, 3, 2, 4)])
def test_a_map_that_no_change_of_words_can_mean_is_refused(catalogue: CatalogueView, worth: tuple[int, ...]) -> None:
    with pytest.raises(CatalogueError, match='FATIGUE: '):
        reword('FATIGUE', FEW, worth=worth)
    assert SymptomVersion.objects.filter(symptom__code='FATIGUE').count() == 1


def test_a_note_that_changed_is_a_scale_that_changed_and_another_language_is_not(catalogue: CatalogueView) -> None:
    words = copy.deepcopy(SymptomVersion.objects.get(symptom__code='FATIGUE').words)
    assert republish('FATIGUE', words=words | {'fr': words['en']}).scale == 1
    words['en']['level_notes'][4] = 'I sleep all day'
    assert republish('FATIGUE', words=words).scale == 2


def test_words_of_the_files_that_change_levels_are_not_compared(catalogue: CatalogueView) -> None:
    words = copy.deepcopy(words_mapping())
    words['en']['symptoms']['COUGH']['levels'][2] = 'I cough at night too'
    load(words=words)
    assert SymptomVersion.objects.get(symptom__code='COUGH', number=2).scale == 2


# -- retiring ----------------------------------------------------------------------------------------------------------
def without(code: str) -> dict[str, Any]:
    mapping = copy.deepcopy(catalogue_mapping())
    del mapping['symptoms'][code]
    return mapping


def is_asked(code: str) -> bool:
    return code in current_catalogue('en').offered({})


def test_a_symptom_that_a_person_retired_stays_retired_at_the_next_start(
    catalogue: CatalogueView, superuser: User
) -> None:
    retire(symptom=Symptom.objects.get(code='FLUSH'), by=superuser, now=cast.NOW)
    load()
    assert not is_asked('FLUSH')
    assert Symptom.objects.get(code='FLUSH').retired_by == superuser


def test_files_that_name_a_symptom_again_bring_it_back(catalogue: CatalogueView, superuser: User) -> None:
    retire(symptom=Symptom.objects.get(code='FLUSH'), by=superuser, now=cast.NOW)
    load(mapping=without('FLUSH'))
    load()
    assert is_asked('FLUSH')


def test_a_symptom_that_the_files_left_out_and_a_person_revived_stays(catalogue: CatalogueView) -> None:
    load(mapping=without('FLUSH'))
    revive(symptom=Symptom.objects.get(code='FLUSH'))
    load(mapping=without('FLUSH'))
    assert is_asked('FLUSH')


def test_a_symptom_of_a_person_of_its_own_is_not_the_files_to_retire(catalogue: CatalogueView, superuser: User) -> None:
    cough = SymptomVersion.objects.get(symptom__code='COUGH')
    hiccup = Symptom.objects.create(code='HICCUP', position=99)
    publish_version(
        symptom=hiccup, group='x', answers=cough.answers, words=cough.words, facts={}, now=LATER, by=superuser
    )
    load()
    assert is_asked('HICCUP')


def test_the_order_of_the_files_is_kept(catalogue: CatalogueView) -> None:
    load()
    assert list(current_catalogue('en').symptoms) == list(catalogue_mapping()['symptoms'])
