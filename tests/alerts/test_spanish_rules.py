"""Rules in Spanish: every condition, title, script and quoted sentence has its words, and what a clinic wrote stays as it is."""

import copy
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from django.utils import translation

from alerts.content import FOLDER, default_catalogue, default_rules, default_sources, read_yaml
from alerts.engine import PhraseBook, RuleError, describe, describe_rule, nodes, parse_phrases
from alerts.engine.describe import over_days
from alerts.models import BETWEEN_TITLES, Alert, RuleSet
from alerts.pages.rules.content_changes import sentence_of
from alerts.translated import parse_translations, translations
from alerts.triage import default_scripts, scripts_for
from alerts.words.books import all_phrases, book_for
from alerts.words.titles import summary_words, title_words
from clinic.models import Membership, Patient, User
from tests.alerts.conftest import FEVER, told_us
from tests.cast import client_of

RULES = default_rules()
SNAPSHOT = Path(__file__).with_name('rules_in_spanish.txt')
ONE_OF_EACH: dict[type, nodes.Node] = {
    type(node): node
    for node in (
        nodes.SeverityAtLeast('FEVER', 2),
        nodes.AnsweredYes('WEAK', 'one_sided'),
        nodes.NumberAtLeast('VOMIT', 'times_24h', 1),
        nodes.OverBaseline('DIARRHEA', 'stools_24h', 4),
        nodes.ReportedAny(('FEVER', 'OTHER')),
        nodes.NewAny(('ITCH',)),
        nodes.Worsened('COUGH', 1),
        nodes.AnyWorsened(2),
        nodes.AnySeverity(3),
        nodes.AllergicSigns(2),
        nodes.SameDayFindings(2),
        nodes.PersistsAnySeverity(1, 3),
        nodes.Persists(3, 1, (nodes.SeverityAtLeast('RASH', 1),)),
        nodes.HoursSinceDose(1),
        nodes.TherapyDay('car_t', 0, 14),
        nodes.InContext('on_steroids'),
        nodes.MeasureBelow('spo2', 92),
        nodes.MeasureDropped('systolic_bp', 30),
        nodes.MeasureChanged('weight', Decimal('7.5')),
    )
}


def spanish_book() -> PhraseBook:
    with translation.override('es'):
        return book_for(default_catalogue())


def told() -> str:
    """The whole default set as a reader of Spanish gets it."""
    with translation.override('es'):
        book = book_for(default_catalogue())
        rules = {**RULES.rules, **RULES.missed}
        return ''.join(
            f'{name}: {title_words(name, rule.title)}\n  {sentence_of(rule, book)}\n' for name, rule in rules.items()
        )


@pytest.mark.django_db
def test_every_default_rule_reads_as_a_reader_of_spanish_has_seen_it() -> None:
    """After a change: write what `told()` says into the file, and read it."""
    assert told() == SNAPSHOT.read_text(encoding='utf-8')


@pytest.mark.django_db
@pytest.mark.parametrize(
    'kind', [kind for kind in get_args(nodes.Node) if kind not in (nodes.Any, nodes.All, nodes.Macro)]
)
def test_every_kind_of_condition_has_words_of_its_own_in_spanish(kind: type) -> None:
    node, english = ONE_OF_EACH[kind], PhraseBook(all_phrases()['en'], default_catalogue())
    with translation.override('es'):
        said = describe(node, book_for(default_catalogue()))
    assert said
    assert said != describe(node, english)
    assert '_' not in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ('node', 'said'),
    [
        (
            nodes.Any((nodes.SeverityAtLeast('COUGH', 1), nodes.AnsweredYes('OTHER', 'worried'))),
            '; u otra cosa: con preocupación',
        ),
        (
            nodes.All((nodes.SeverityAtLeast('COUGH', 1), nodes.Worsened('NAUSEA', 1))),
            'y ganas de vomitar un nivel peor',
        ),
        (nodes.NumberAtLeast('VOMIT', 'times_24h', 1), 'una vez o más en 24 horas'),
        (nodes.HoursSinceDose(1), 'una dosis en la última hora'),
        (nodes.PersistsAnySeverity(1, 3), 'el mismo síntoma de nivel fuerte o peor el día de la anotación'),
        (nodes.TherapyDay('car_t', 3, 3), 'día 3 después de terapia de células CAR-T'),
    ],
)
def test_spanish_joins_and_counts_as_spanish_does(node: nodes.Node, said: str) -> None:
    assert said in describe(node, spanish_book())


@pytest.mark.parametrize(
    ('node', 'said'),
    [
        (nodes.NumberAtLeast('VOMIT', 'times_24h', 1), 'vomiting: once or more in 24 hours'),
        (nodes.NumberAtLeast('VOMIT', 'times_24h', 2), 'vomiting: 2 times or more in 24 hours'),
        (nodes.HoursSinceDose(1), 'a dose in the last hour'),
        (nodes.PersistsAnySeverity(1, 3), 'the same symptom severe or worse on the day of the entry'),
        (nodes.TherapyDay('car_t', 3, 3), 'day 3 after CAR T-cell therapy'),
        (nodes.AnyWorsened(1), 'any symptom 1 level worse than in the previous entry'),
    ],
)
def test_english_says_one_as_one(node: nodes.Node, said: str) -> None:
    assert describe(node, PhraseBook(all_phrases()['en'], default_catalogue())) == said


@pytest.mark.django_db
def test_an_outline_speaks_spanish() -> None:
    assert over_days(3, 2, [], spanish_book()).text == 'en cada uno de los últimos 3 días 2 o más de estas'


def test_a_title_that_a_clinic_wrote_stays_as_it_wrote_it() -> None:
    with translation.override('es'):
        assert title_words('E01', RULES.rules['E01'].title) == 'Dificultad para respirar fuerte o repentina'
        assert title_words('E01', 'Out of breath') == 'Out of breath'
        assert title_words('OURS', 'Out of breath') == 'Out of breath'


def test_the_titles_in_a_stored_summary_are_told_one_by_one() -> None:
    titles = [RULES.rules[name].title for name in ('E01', 'R04')]
    with translation.override('es'):
        told = [title_words(name, RULES.rules[name].title) for name in ('E01', 'R04')]
        assert summary_words(' · '.join(titles)) == ' · '.join(told)
        assert summary_words(f'Out of breath · {titles[1]}') == f'Out of breath · {told[1]}'
        assert summary_words(f'{titles[0]} · {titles[1][:-5]}…') == ' · '.join(told), 'one that had no room'
        assert summary_words('') == ''


def test_no_two_titles_are_alike_and_none_looks_like_two() -> None:
    titles = [rule.title for rule in (*RULES.rules.values(), *RULES.missed.values())]
    assert len(titles) == len(set(titles))
    assert not any(BETWEEN_TITLES in title for title in titles)


@pytest.mark.django_db
def test_a_nurse_reads_no_english_title_on_her_lists(
    ana: Patient, rosa: Membership, content: RuleSet, now: datetime
) -> None:
    told_us(ana, FEVER)
    User.objects.filter(pk=rosa.user.pk).update(language='es')
    alert = Alert.objects.get(line='red')
    hers = f'/patients/{ana.public_id}/'
    pages = {
        path: client_of(rosa).get(path).content.decode()
        for path in ('/worklist/', hers, f'/alerts/{alert.public_id}/', '/on-call/hand-over/', '/hidden/')
    }
    assert not [path for path, page in pages.items() if alert.summary in page]
    assert not [path for path in ('/worklist/', hers) if summary_words_in_spanish(alert) not in pages[path]]


def summary_words_in_spanish(alert: Alert) -> str:
    with translation.override('es'):
        return summary_words(alert.summary)


def test_every_script_is_there_line_for_line_in_spanish() -> None:
    for rule, script in default_scripts().items():
        (there,) = scripts_for([rule], 'es')
        assert len(there.ask) == len(script.ask)
        assert not {*there.ask, there.send} & {*script.ask, script.send}
        assert there.send.endswith('.')


def test_every_quoted_sentence_has_our_reading() -> None:
    quoted = {code for code, one in default_sources().citations.items() if one.quote}
    assert set(translations()['es'].quotes) == quoted


# -- a gap is an error, at the start and in CI -----------------------------------------------------------------------------


def content(name: str) -> dict[str, Any]:
    found = read_yaml((FOLDER / name).read_text(encoding='utf-8'))
    assert isinstance(found, dict)
    return copy.deepcopy(found)


@pytest.mark.parametrize(
    ('change', 'problem'),
    [
        (lambda es: es['said'].pop('new'), 'es.said: "new" is missing'),
        (lambda es: es['said'].update(new='nuevo'), 'es.said.new: puts in nothing instead of symptoms'),
        (lambda es: es['said'].update(new='{sintomas}'), 'puts in sintomas instead of symptoms'),
        (lambda es: es['counted'].update(since_dose=['una']), 'two forms are needed'),
        (lambda es: es['levels'].pop(), 'four levels are needed'),
        (lambda es: es['fields'].pop('sudden'), 'es.fields: "sudden" is missing'),
        (lambda es: es['numbers'].update(more='{n}'), 'unknown key "more"'),
    ],
)
def test_a_phrase_book_with_a_gap_is_refused(change: Callable[[dict[str, Any]], object], problem: str) -> None:
    found = content('phrases.yaml')
    change(found['es'])
    with pytest.raises(RuleError) as told:
        parse_phrases(found)
    assert problem in str(told.value)


@pytest.mark.parametrize(
    ('change', 'problem'),
    [
        (lambda es: es['titles'].pop('E01'), 'es.titles: "E01" is missing'),
        (lambda es: es['titles'].update(E99='x'), 'unknown key "E99"'),
        (lambda es: es['scripts'].pop('rash'), 'es.scripts: "rash" is missing'),
        (lambda es: es['scripts']['rash']['ask'].pop(), 'es.scripts.rash.ask: 3 lines stand for 4'),
        (lambda es: es['quotes'].pop('cleveland-call-1'), '"cleveland-call-1" is missing'),
        (lambda es: es['quotes'].update({'sub-a-signs': 'silbidos'}), 'another number of parts'),
    ],
)
def test_words_with_a_gap_are_refused(change: Callable[[dict[str, Any]], object], problem: str) -> None:
    found, scripts = content('words.yaml'), content('triage.yaml')['scripts']
    change(found['es'])
    with pytest.raises(RuleError) as told:
        parse_translations(found, {name: len(script['ask']) for name, script in scripts.items()})
    assert problem in str(told.value)


def test_every_field_of_the_catalogue_that_is_answered_by_yes_has_words() -> None:
    """English falls back to a field's name; in Spanish that would be English."""
    fields = {field.name for symptom in default_catalogue().symptoms.values() for field in symptom.fields.values()}
    known = {*all_phrases()['es'].fields, *all_phrases()['es'].numbers}
    assert fields - known == {'severity', 'text'}
    assert set(default_catalogue().measurements) == set(all_phrases()['es'].measures)
    assert set(default_catalogue().contexts) == set(all_phrases()['es'].contexts)


@pytest.mark.django_db
def test_no_sentence_of_the_default_rules_keeps_an_english_word() -> None:
    english = {' or ', ' and ', ' the ', ' worse', ' with ', ' day ', ' last '}
    with translation.override('es'):
        book = book_for(default_catalogue())
        said = [describe_rule(rule, book) for rule in RULES.rules.values()]
    assert [sentence for sentence in said if any(word in sentence for word in english)] == []
