"""The words of the interface in other languages: `python -m config.tools.messages update|compile|check|todo`.

Messages are found in Python and templates as Django's makemessages finds them, but without GNU gettext: a fresh machine has none.
`locale/<language>/LC_MESSAGES/django.po` is what translators edit; the .mo beside it is made from it and committed with it.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config.embedded.console import complain, say
from config.embedded.paths import REPO

LANGUAGES = ('es',)
BEGAN = datetime(2026, 11, 22, tzinfo=UTC)
APPS = ('clinic', 'diary', 'alerts', 'config')
KEYWORDS = {
    '_': None,
    'gettext': None,
    'gettext_lazy': None,
    'gettext_noop': None,
    'ngettext': (1, 2),
    'ngettext_lazy': (1, 2),
    'pgettext': ((1, 'c'), 2),
    'pgettext_lazy': ((1, 'c'), 2),
    'in_place': ((1, 'c'), 2),
    'npgettext': ((1, 'c'), 2, 3),
    # The engine knows no language: its sentences are told by alerts/words/problems.py.
    'Sentence': None,
    'fail': None,
    'one_of': (2,),
}
NUMBERS = {'n', 'count', 'counter'}
PLACE = re.compile(r'%\((?P<name>\w+)\)(?P<kind>[#0-9.]*[a-z])|%(?P<bare>[sd%])|{(?P<brace>\w*)(?::[^{}]*)?}')


def found() -> Catalog:
    """Every message of the house, with the files that say it."""
    catalog = Catalog(project='Vigil', charset='utf-8')
    for path in _files():
        for _line, message, comments, context in _messages(path):
            catalog.add(message, locations=[(str(path.relative_to(REPO)), 0)], auto_comments=comments, context=context)
    return catalog


def _files() -> Iterator[Path]:
    for app in APPS:
        yield from sorted(p for p in (REPO / app).rglob('*.py') if 'migrations' not in p.parts)
    yield from sorted(p for p in (REPO / 'templates').rglob('*') if p.suffix in ('.html', '.txt', '.js'))


def _messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text(encoding='utf-8')
    if path.suffix != '.py':
        # What Django leaves between the messages is no Python that can be indented.
        text = '\n'.join(line.strip() for line in templatize(text).splitlines())
    yield from extract('python', io.BytesIO(text.encode()), keywords=KEYWORDS)


def po_of(language: str) -> Path:
    return REPO / 'locale' / language / 'LC_MESSAGES' / 'django.po'


def read(language: str) -> Catalog:
    """The translations as they stand; an empty catalog where there are none."""
    path = po_of(language)
    if not path.exists():
        return Catalog(locale=language, project='Vigil', charset='utf-8')
    with path.open('rb') as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """Put in what is new and take out what is gone; what is translated stays."""
    catalog = read(language)
    catalog.update(found(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    store(language, catalog)
    return catalog


def store(language: str, catalog: Catalog) -> None:
    path = po_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    # No dates of today: the file changes when its words do.
    catalog.creation_date = catalog.revision_date = BEGAN
    catalog.header_comment, catalog.fuzzy = (
        f'# Vigil in another language: {language}. Edit the words, then `make messages`.',
        False,
    )
    catalog.last_translator, catalog.language_team = 'the Vigil team', language
    catalog.msgid_bugs_address, catalog.version = '', ''
    with path.open('wb') as file:
        write_po(file, catalog, width=132, sort_output=True, omit_header=False, include_lineno=False)
    path.with_suffix('.mo').write_bytes(compiled(catalog))


def compiled(catalog: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def faults(language: str) -> list[str]:
    """What is wrong with a language: each message that is missing, not said, or says other placeholders than it should."""
    there, wrong = read(language), []
    for message in found():
        if not message.id:
            continue
        translated = there.get(message.id, message.context)
        if translated is None or not _said(translated):
            wrong.append(f'not translated: {_key(message)}')
        elif problem := _places(translated):
            wrong.append(f'{problem}: {_key(message)}')
    return wrong


def _said(message: Message) -> bool:
    return all(_texts(message.string)) and not message.fuzzy


def _texts(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (said or '',) if isinstance(said, str | None) else tuple(said)


def _key(message: Message) -> str:
    return repr(message.id) + (f' ({message.context})' if message.context else '')


def _places(message: Message) -> str:
    """What is wrong with the placeholders: each form has those of its original; the singular may leave its number out."""
    ids, said = _texts(message.id), _texts(message.string)
    known = set().union(*map(_named, ids))
    for place, text in enumerate(said):
        singular = len(said) > 1 and place == 0
        needed = _named(ids[0] if singular else ids[-1]) - (NUMBERS if singular else set())
        if _named(text) - known:
            return 'other placeholders'
        if missing := needed - _named(text):
            return f'without {", ".join(sorted(missing))}'
    return ''


def _named(text: str) -> set[str]:
    return {found['name'] or found['bare'] or found['brace'] or '' for found in PLACE.finditer(text)} - {'%'}


def todo(language: str) -> list[dict[str, object]]:
    """What a translator still has to say, as plain data."""
    there = read(language)
    return [
        {'id': message.id, 'context': message.context, 'where': sorted({place for place, _ in message.locations})}
        for message in found()
        if message.id and ((was := there.get(message.id, message.context)) is None or not _said(was))
    ]


def main(verb: str) -> int:
    if verb == 'update':
        for language in LANGUAGES:
            say(f'{language}: {len(update(language))} messages, {len(todo(language))} to translate')
        return 0
    if verb == 'compile':
        for language in LANGUAGES:
            store(language, read(language))
        return 0
    if verb == 'todo':
        say(json.dumps({language: todo(language) for language in LANGUAGES}, ensure_ascii=False, indent=1))
        return 0
    if verb == 'check':
        wrong = [f'{language}: {fault}' for language in LANGUAGES for fault in faults(language)]
        complain('\n'.join(wrong)) if wrong else None
        return 1 if wrong else 0
    complain(f'Unknown: {verb}. There are update, compile, check and todo.')
    return 2


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:2] or ['check']))
