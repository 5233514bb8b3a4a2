"""The symptom catalogue as a file: every symptom with its fields, facts and words, in one order; and read again, strictly."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from alerts.engine import Catalogue, RuleError
from alerts.engine.sentences import Sentence
from alerts.engine.spot import Spot, quoted
from alerts.plain_yaml import read_yaml, write_yaml
from diary.fields import SEVERITY
from diary.models import SymptomVersion

MOST_SYMPTOMS = 500
LINES = {'name': 120, 'short': 120, 'search': 300, 'group': 60, 'question': 300, 'help': 300}  # the longest of each
LISTS = ('levels', 'level_notes')
BY_FIELD = ('fields', 'field_help', 'units')
LONGEST = 300
_CODE = re.compile(r'[A-Z][A-Z0-9]{0,19}')
Given = dict[str, Any]  # group, answers, facts, words, retired


def current_versions() -> dict[str, SymptomVersion]:
    """The version in use of every symptom, by code, in their order."""
    rows = SymptomVersion.objects.select_related('symptom').order_by('symptom__position', 'symptom__code', 'number')
    return {row.symptom.code: row for row in rows}


def catalogue_text(versions: Mapping[str, SymptomVersion]) -> str:
    """The same catalogue is always the same text. No person is named in it."""
    body = write_yaml({'symptoms': {code: _written(given_of(row)) for code, row in versions.items()}})
    head = f"""# The symptom catalogue: {len(versions)} symptoms
# SHA-256 of the lines below {hashlib.sha256(body.encode()).hexdigest()}
# Lines that begin with # are for people; an import reads the rest. A symptom that a file does not name stays as it is.
"""
    return head + body


def given_of(row: SymptomVersion) -> Given:
    """A stored version as a file gives it, whole: what is not said is empty."""
    return {
        'group': row.group,
        'retired': row.symptom.retired_at is not None,
        'answers': {name: row.answers[name] for name in sorted(row.answers, key=lambda name: (name != SEVERITY, name))},
        'facts': {name: row.facts[name] for name in sorted(row.facts)},
        'words': {language: _whole(row.words[language]) for language in sorted(row.words)},
    }


def read_catalogue(text: str) -> dict[str, Given]:
    """Every symptom that the file names, whole. Raises RuleError, with its place."""
    root = Spot(read_yaml(text), RuleError)
    root.keyed(('symptoms',))
    found = dict(root.at('symptoms').members())
    if not found:
        root.at('symptoms').fail('at least one symptom is needed')
    if len(found) > MOST_SYMPTOMS:
        root.at('symptoms').fail('{n:,} symptoms; at most {most:,} are read', n=len(found), most=MOST_SYMPTOMS)
    given = {code: _symptom(code, spot) for code, spot in found.items()}
    _check_as_the_rules_do(given)
    return given


def _symptom(code: str, spot: Spot) -> Given:
    if not _CODE.fullmatch(code):
        spot.fail('a symptom is named by up to 20 capital letters and digits')
    found = spot.keyed(('group', 'answers', 'words'), ('facts', 'retired'))
    if not isinstance(found.get('retired', False), bool):
        spot.at('retired').fail('must be true or false')
    languages = {language: _words(each, language) for language, each in spot.at('words').members()}
    return {
        'group': _text(spot.at('group'), LINES['group']),
        'retired': bool(found.get('retired')),
        'answers': {name: _notation(each) for name, each in spot.at('answers').members()},
        'facts': dict(spot.at('facts').mapping()) if 'facts' in found else {},
        'words': languages,
    }


def _notation(spot: Spot) -> str:
    return 'yes' if spot.value is True else _text(spot, 60)


def _words(spot: Spot, language: str) -> dict[str, Any]:
    if language not in dict(settings.LANGUAGES):
        spot.fail('the language is none of {known}', known=', '.join(dict(settings.LANGUAGES)))
    found = spot.keyed(('name', 'question'), (*LINES, *LISTS, *BY_FIELD))
    said: dict[str, Any] = {name: _text(spot.at(name), most) for name, most in LINES.items() if name in found}
    said |= {name: [_text(each, LONGEST) for each in spot.at(name).items()] for name in LISTS if name in found}
    for name in BY_FIELD:
        if name in found:
            said[name] = {field: _text(each, LONGEST) for field, each in spot.at(name).members()}
    return _whole(said)


def _text(spot: Spot, most: int) -> str:
    found = spot.words()
    if len(found) > most or len(found.splitlines()) > 1:
        spot.fail('must be one line of up to {most} characters', most=most)
    return found


def _check_as_the_rules_do(given: Mapping[str, Given]) -> None:
    """The fields and facts, by the engine's own reader: what it cannot read would stop every rule."""
    symptoms = {}
    for code, each in given.items():
        name = each['words'].get('en', {}).get('name', code)
        if own := each['facts'].keys() & {'name', 'group', 'answers'}:
            raise RuleError(f'symptoms.{code}.facts', Sentence('unknown key {key}', key=quoted(min(own))))
        symptoms[code] = {'name': name, 'group': each['group'], 'answers': each['answers'], **each['facts']}
    Catalogue.parse({'symptoms': symptoms, 'measurements': {}, 'therapies': {}, 'contexts': {}})


def _whole(words: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {name: words.get(name, '') for name in LINES}
    said |= {name: list(words.get(name, [])) for name in LISTS}
    return said | {name: _sorted(words.get(name, {})) for name in BY_FIELD}


def _sorted(mapping: Mapping[str, str]) -> dict[str, str]:
    return {name: mapping[name] for name in sorted(mapping)}


def _written(given: Given) -> Given:
    """Without what is empty, which is read as empty again."""
    words = {language: _filled(block.items()) for language, block in given['words'].items()}
    return _filled((given | {'words': words}).items())


def _filled(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if value}
