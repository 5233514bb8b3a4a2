"""What to expect at a point of a treatment: which statements of the documents fit it. Pure: the standard library only.

The statements are data (diary/clinical/expect.yaml). `read_content` refuses one that names no source or no basis, or that lacks a
language; `fitting` chooses by therapy, route, schedule, cycle, days since the dose and what else holds
(docs/decisions/0052-what-to-expect.md). A text never promises: it says what a document says.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

BASES = ('seed', 'recovered', 'substitute', 'guideline')
TOPICS = ('feel', 'works', 'care')
PHASES = ('before', 'cycle', 'after')
SCHEDULES = ('once', 'daily', 'weekly', 'monthly', 'every_n_days', 'cycles')
LONGEST_QUOTE, LONGEST_WORDS = 260, 220  # sentences, never passages

Span = tuple[int, int | None]


class ExpectError(ValueError):
    """The statements cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Document:
    """`publisher` is empty where the title names it."""

    title: str
    publisher: str = ''


@dataclass(frozen=True)
class Source:
    """One document behind a statement. `quote` is its own sentence, empty where only its content is told; `code` is the
    quote's name in alerts/clinical/sources.yaml, where it has one."""

    document: Document
    basis: str
    quote: str = ''
    code: str = ''


@dataclass(frozen=True)
class When:
    """The points that a statement is about: each that is given must fit, None is every one.

    `days` are local days since the latest dose (its day is 0), `cycles` numbers of cycles; both ends included, no end is open.
    """

    phases: frozenset[str] | None = None
    therapies: frozenset[str] | None = None
    not_therapies: frozenset[str] | None = None
    routes: frozenset[str] | None = None
    schedules: frozenset[str] | None = None
    contexts: frozenset[str] | None = None
    days: Span | None = None
    cycles: Span | None = None
    rest: bool | None = None


@dataclass(frozen=True)
class Statement:
    """`words` by language, our own and plain; what they rest on in `sources`, the most important first."""

    name: str
    topic: str
    words: Mapping[str, str]
    sources: tuple[Source, ...]
    when: When


@dataclass(frozen=True)
class Point:
    """Where a patient stands. `cycle` and `days` (since the latest dose) are None where there is none."""

    therapy: str
    route: str
    schedule: str
    phase: str
    cycle: int | None = None
    days: int | None = None
    rest: bool = False
    contexts: frozenset[str] = frozenset()


def fitting(statements: Iterable[Statement], point: Point) -> list[Statement]:
    """Those that are about this point, in their own order."""
    return [statement for statement in statements if fits(statement.when, point)]


def fits(when: When, point: Point) -> bool:
    named = (
        (when.phases, point.phase),
        (when.therapies, point.therapy),
        (when.routes, point.route),
        (when.schedules, point.schedule),
    )
    return (
        all(wanted is None or value in wanted for wanted, value in named)
        and point.therapy not in (when.not_therapies or ())
        and (when.contexts is None or bool(when.contexts & point.contexts))
        and _inside(when.days, point.days)
        and _inside(when.cycles, point.cycle)
        and when.rest in (None, point.rest)
    )


def _inside(span: Span | None, number: int | None) -> bool:
    if span is None:
        return True
    return number is not None and span[0] <= number and (span[1] is None or number <= span[1])


# -- reading -----------------------------------------------------------------------------------------------------------------


def read_content(
    content: Mapping[str, Any], *, languages: Collection[str], known: Mapping[str, Collection[str]]
) -> tuple[Statement, ...]:
    """The statements of expect.yaml. `known` has the names that may stand under therapies, routes and contexts.

    Raises ExpectError for a statement without source, basis, words in every language, or with an unknown or needless word.
    """
    documents = {key: _document(key, found) for key, found in _mapping(content.get('documents'), 'documents').items()}
    found = _mapping(content.get('statements'), 'statements')
    statements = tuple(_statement(name, given, documents, languages, known) for name, given in found.items())
    used = {source.document for statement in statements for source in statement.sources}
    for key, document in documents.items():
        if document not in used:
            raise ExpectError(f'documents.{key}: no statement names it')
    return statements


def _document(key: str, found: Any) -> Document:
    place = f'documents.{key}'
    given = _mapping(found, place, {'title', 'publisher'})
    publisher = _text(given['publisher'], f'{place}.publisher') if 'publisher' in given else ''
    return Document(_text(given.get('title'), f'{place}.title'), publisher)


def _statement(
    name: str,
    found: Any,
    documents: Mapping[str, Document],
    languages: Collection[str],
    known: Mapping[str, Collection[str]],
) -> Statement:
    place = f'statements.{name}'
    given = _mapping(found, place, {'topic', 'words', 'sources', 'when'})
    if given.get('topic') not in TOPICS:
        raise ExpectError(f'{place}.topic: one of {", ".join(TOPICS)}')
    words = _mapping(given.get('words'), f'{place}.words', set(languages))
    for language in languages:
        _text(words.get(language), f'{place}.words.{language}', most=LONGEST_WORDS)
    sources = given.get('sources')
    if not isinstance(sources, list) or not sources:
        raise ExpectError(f'{place}.sources: a statement names at least one source')
    return Statement(
        name,
        given['topic'],
        {language: words[language] for language in languages},
        tuple(_source(source, f'{place}.sources[{n}]', documents) for n, source in enumerate(sources)),
        _when(given.get('when', {}), f'{place}.when', known),
    )


def _source(found: Any, place: str, documents: Mapping[str, Document]) -> Source:
    given = _mapping(found, place, {'document', 'basis', 'quote', 'code'})
    if given.get('document') not in documents:
        raise ExpectError(f'{place}.document: {given.get("document")!r} is not among the documents')
    if given.get('basis') not in BASES:
        raise ExpectError(f'{place}.basis: one of {", ".join(BASES)}')
    if given['basis'] in ('seed', 'recovered') and 'quote' not in given:
        raise ExpectError(f'{place}.quote: a founding document is quoted')
    quote = _text(given['quote'], f'{place}.quote', most=LONGEST_QUOTE) if 'quote' in given else ''
    code = _text(given['code'], f'{place}.code') if 'code' in given else ''
    return Source(documents[given['document']], given['basis'], quote, code)


def _when(found: Any, place: str, known: Mapping[str, Collection[str]]) -> When:
    given = _mapping(found, place, {each.name for each in fields(When)})
    choices = {
        'phases': PHASES,
        'schedules': SCHEDULES,
        'therapies': known['therapies'],
        'not_therapies': known['therapies'],
        'routes': known['routes'],
        'contexts': known['contexts'],
    }
    read: dict[str, Any] = {
        name: _names(given[name], f'{place}.{name}', choices[name]) for name in choices if name in given
    }
    read |= {name: _span(given[name], f'{place}.{name}') for name in ('days', 'cycles') if name in given}
    if 'rest' in given:
        if not isinstance(given['rest'], bool):
            raise ExpectError(f'{place}.rest: true or false')
        read['rest'] = given['rest']
    return When(**read)


def _names(found: Any, place: str, allowed: Collection[str]) -> frozenset[str]:
    if not isinstance(found, list) or not found:
        raise ExpectError(f'{place}: a list of names')
    for name in found:
        if name not in allowed:
            raise ExpectError(f'{place}: {name!r} is not one of {", ".join(sorted(allowed))}')
    return frozenset(found)


def _span(found: Any, place: str) -> Span:
    fine = isinstance(found, list) and len(found) == 2 and _whole(found[0]) and (found[1] is None or _whole(found[1]))
    if not fine or (found[1] is not None and found[1] < found[0]):
        raise ExpectError(f'{place}: two numbers, such as [0, 14]; the second may be null')
    return found[0], found[1]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _mapping(found: Any, place: str, allowed: Collection[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ExpectError(f'{place}: must be a mapping')
    strange: Sequence[Any] = [key for key in found if allowed is not None and key not in allowed]
    if strange:
        raise ExpectError(f'{place}: unknown {strange[0]!r}')
    return found


def _text(found: Any, place: str, *, most: int = 200) -> str:
    if not isinstance(found, str) or not found.strip():
        raise ExpectError(f'{place}: needs words')
    if len(found) > most:
        raise ExpectError(f'{place}: {len(found)} characters, at most {most}')
    return found
