"""What is wrong with a file or a case, in Spanish: every sentence has one, and a Spanish admin reads no other."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

import alerts
from alerts.content import default_catalogue, default_sources, read_yaml
from alerts.engine import CaseError, FactError, PlacedError, RuleError, RuleSet
from alerts.engine.exchange import parse_case, read_case
from alerts.engine.sentences import Sentence
from alerts.models import RuleSet as StoredRules
from alerts.plain_yaml import write_yaml
from alerts.services.rules.catalogue_text import catalogue_text, current_versions
from alerts.services.rules.drafting import begin
from alerts.words.problems import in_words, problem_words
from clinic.models import Clinic, Membership, User
from config.tools import messages
from tests.alerts.engine.test_exchange import WRONG, changed
from tests.alerts.engine.test_parse import WRONG_CONDITIONS, rule_set
from tests.alerts.rules.test_exchange_yaml import MALICIOUS
from tests.cast import client_of

HERE = Path(alerts.__file__).parent
CODE = [path for path in HERE.rglob('*.py') if 'migrations' not in path.parts]
MAKERS = {'Sentence': 0, 'fail': 0, 'one_of': 1}  # which of the arguments is the template
# `fail` and `one_of` themselves put on what they were given.
PUT_ON = {('engine/spot.py', 'template'), ('engine/spot.py', 'unknown')}
IN_ENGLISH = (
    'must be',
    'unknown',
    ' is ',
    'line ',
    'nested',
    'allowed',
    'needs',
    ' than ',
    'missing',
    'a mapping',
)


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in the code by file and by the last part of its name."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                yield (
                    str(path.relative_to(HERE)),
                    node.func.id if isinstance(node.func, ast.Name) else node.func.attr,
                    node,
                )


def made() -> list[tuple[str, str, ast.Call]]:
    """Where a sentence is made, with its template; every template is written out."""
    found = []
    for path, name, call in calls():
        if name not in MAKERS:
            continue
        template = call.args[MAKERS[name]]
        if isinstance(template, ast.Name):
            assert (path, template.id) in PUT_ON, f'{path}:{call.lineno} puts a template together'
            continue
        where = f'{path}:{call.lineno}'
        assert isinstance(template, ast.Constant), f'{where} puts a template together'
        assert isinstance(template.value, str), where
        found.append((f'{where} {name}', template.value, call))
    return found


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# -- every sentence ----------------------------------------------------------------------------------------------------
def test_what_stands_in_a_sentence_is_what_its_blanks_name() -> None:
    for where, template, call in made():
        given = {word.arg for word in call.keywords} | ({'found'} if where.endswith('one_of') else set())
        assert None in given or blanks(template) == given, f'{where}: {template}'


@pytest.mark.parametrize('language', messages.LANGUAGES)
def test_every_sentence_has_its_words_with_the_same_blanks(language: str) -> None:
    catalog = messages.read(language)
    templates = {template for _, template, _ in made()}
    assert len(templates) > 100
    for template in templates:
        said = catalog.get(template)
        assert said is not None, template
        assert said.string, template
        assert blanks(str(said.string)) == blanks(template), template


def test_translators_are_given_every_sentence() -> None:
    found = {message.id for message in messages.found()}
    assert {template for _, template, _ in made()} <= found


def test_a_blank_that_a_translation_lacks_is_a_fault() -> None:
    assert messages._named('{n:,} rules; {most} are read') == {'n', 'most'}


def test_only_what_the_diary_says_by_itself_is_taken_as_told_already() -> None:
    assert [path for path, name, _ in calls() if name == 'AlreadyTold'] == ['services/rules/catalogue_importing.py']


# -- every error that the other tests make -----------------------------------------------------------------------------
def caught(what: Callable[[], object]) -> PlacedError:
    with pytest.raises(PlacedError) as error:
        what()
    return error.value


def read_rules(when: Any) -> RuleSet:
    return RuleSet.parse(rule_set(when), default_catalogue(), default_sources().citations)


def errors() -> Iterator[PlacedError]:
    for when, _ in WRONG_CONDITIONS:
        yield caught(lambda when=when: read_rules(when))
    for path, value, _ in WRONG:
        yield caught(lambda path=path, value=value: parse_case(changed(path, value), default_catalogue()))
    for text, _ in MALICIOUS.values():
        if len(text) < 10_000:
            yield caught(lambda text=text: read_yaml(text))
    for line in (
        b'not json',
        b'{"a": 1,}',
        b'{"a" 1}',
        b'{"a": "',
        b'{"a": "\n"}',
        b'{"a": "\\x"}',
        b'[] []',
        b'\xff',
        b'[' * 9999,
    ):
        yield caught(lambda line=line: read_case(line, default_catalogue()))


def unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"|\'[^\']*\'', '', text)


def test_every_error_is_told_in_spanish() -> None:
    for error in errors():
        with translation.override('es'):
            told = problem_words(error)
        assert told.text != error.problem
        assert [words for words in IN_ENGLISH if words in unquoted(f'{told.text} ')] == [], told.text


def test_every_error_is_told_in_english_as_it_says_itself() -> None:
    for error in errors():
        with translation.override('en'):
            assert in_words(error) == str(error)


def test_what_stands_in_a_sentence_is_told_too_and_a_count_has_its_groups() -> None:
    sentence = Sentence('must be a number, not {found}', found=Sentence('a list'))
    many = Sentence('{n:,} rules; at most {most:,} are read', n=120_000, most=1_000)
    why = RuleError(Sentence('line {line}', line=3), Sentence('must be text'))
    with translation.override('es'):
        assert in_words(sentence) == 'debe ser un número, no una lista'
        assert in_words(many) == '120,000 reglas; se leen 1,000 como máximo'
        nested = in_words(Sentence('the rules {rules} could not be read any more: {why}', rules='R 1', why=why))
    assert nested == 'las reglas R 1 ya no se podrían leer: línea 3: debe ser texto'


def test_what_was_typed_is_never_taken_for_a_template() -> None:
    error = caught(lambda: read_rules('{why}{0}{'))
    with translation.override('es'):
        assert in_words(error) == 'rules.E01.when: macro desconocida: "{why}{0}{"'


def test_an_entry_that_does_not_fit_is_told_without_the_words_of_python() -> None:
    error = FactError(Sentence('entry {id}', id='e1'), Sentence('does not fit the catalogue'))
    with translation.override('es'):
        assert in_words(error) == 'anotación e1: no concuerda con el catálogo'


def test_a_moved_error_keeps_what_it_says_and_its_kind() -> None:
    moved = CaseError('a', Sentence('must be text')).moved('b')
    assert (type(moved), str(moved)) == (CaseError, 'b: must be text')


# -- the pages ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def graciela(grace: Membership, content: StoredRules, now: object) -> Membership:
    """Grace, who reads Spanish."""
    User.objects.filter(pk=grace.user.pk).update(language='es')
    grace.user.refresh_from_db()
    return grace


def shown(graciela: Membership, path: str, **sent: str) -> str:
    page = client_of(graciela).post(path, sent)
    assert page.status_code == 422
    return re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', '', unescape(page.content.decode())))


def test_an_imported_file_is_refused_in_spanish(graciela: Membership) -> None:
    page = shown(graciela, '/clinic/rules/import/', pasted='rules: [')
    assert 'línea 1, columna 9: esto no es YAML; revise las sangrías' in page
    page = shown(graciela, '/clinic/rules/import/', pasted='a: 1')
    assert 'clave desconocida: "a"' in page


def test_an_imported_catalogue_is_refused_in_spanish(graciela: Membership) -> None:
    data: Any = read_yaml(catalogue_text(current_versions()))
    data['symptoms']['ITCH']['words']['es']['levels'] = []
    page = shown(graciela, '/clinic/catalogue/import/', pasted=write_yaml(data))
    assert re.search(r'línea \d+, symptoms\.ITCH: ITCH \(es\): hacen falta 5 palabras de nivel con sus notas', page)
    data['symptoms']['ITCH']['colour'] = 'red'
    page = shown(graciela, '/clinic/catalogue/import/', pasted=write_yaml(data))
    assert re.search(r'línea \d+, symptoms\.ITCH: clave desconocida: "colour"', page)


def test_the_text_of_a_rule_is_refused_in_spanish(graciela: Membership, riverside: Clinic, now: Any) -> None:
    draft = begin(clinic=riverside, by=graciela.user, title='Riverside', why='fewer calls', now=now)
    path = reverse('alerts:rule_text_one', args=[draft.pk, 'R02'])
    page = shown(graciela, path, text='tier: red\ntier: red\n', seen=str(draft.edits))
    assert "Línea 2: 'tier' aparece dos veces línea 2, columna 1" in page
    page = shown(graciela, path, text='tier: red\n', seen=str(draft.edits))
    assert 'falta "title"' in page


def test_a_case_is_refused_in_spanish(graciela: Membership, content: StoredRules) -> None:
    path = reverse('alerts:try_it', args=[content.pk])
    assert 'no es JSON en el carácter 1: se espera un valor' in shown(graciela, path, do='paste', line='?')
    line = json.dumps(changed(('patient', 'time_zone'), 'Mars/Olympus'))
    assert 'patient.time_zone: zona horaria desconocida: "Mars/Olympus"' in shown(graciela, path, do='paste', line=line)
