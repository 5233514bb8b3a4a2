"""A condition in plain words, for the pages that say why: the sentences are made here, their words come from a phrase book."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import alerts.engine.nodes as nodes
from alerts.engine.phrases import PhraseBook
from alerts.engine.rules import Rule
from alerts.engine.scope import FIRST_DAY, LAST_DAY

Phrase = tuple[str, str]  # what it is about (may be empty), and what is said of it


@dataclass(frozen=True, slots=True)
class Outline:
    """A condition as nested lines: `text` alone, or above its `parts`, between which `joiner` ("or", "and") is read."""

    text: str
    joiner: str = ''
    parts: tuple['Outline', ...] = ()


def describe_rule(rule: Rule, book: PhraseBook) -> str:
    """The whole rule as one sentence."""
    return book.say('sentence', tier=book.phrases.tiers[rule.tier], when=describe(rule.when, book))


def describe(node: nodes.Node, book: PhraseBook) -> str:
    """The condition without a capital letter or a full stop: `loose stools: 4 or more over usual in 24 hours, or at night`."""
    return _told(_phrase(node, book))


def outline(node: nodes.Node, book: PhraseBook) -> Outline:
    """The condition line by line, for what is too long for one sentence; a macro is one line."""
    match node:
        case nodes.Any((only,)) | nodes.All((only,)):
            return outline(only, book)
        case nodes.Any(children):
            return gathered('or', [_part(child, book) for child in children], book)
        case nodes.All(children):
            return gathered('and', [_part(child, book) for child in children], book)
        case nodes.Persists(days, needed, of) if len(of) > 1:
            return over_days(days, needed, [outline(child, book) for child in of], book)
    return Outline(describe(node, book))


def gathered(joiner: str, parts: Sequence[nodes.Node | Outline], book: PhraseBook) -> Outline:
    """Lines of which one ("or") or every one ("and") holds. Neighbouring tests about the same thing become one line."""
    found: list[Outline] = []
    for is_test, run in groupby(parts, lambda part: not isinstance(part, Outline)):
        if is_test:
            found += map(Outline, _lines(cast('list[nodes.Node]', list(run)), joiner, book))
        else:
            found += cast('list[Outline]', list(run))
    if len(found) == 1:
        return found[0]
    return Outline(book.say('any_of' if joiner == 'or' else 'all_of'), joiner, tuple(found))


def over_days(days: int, needed: int, parts: Sequence[Outline], book: PhraseBook) -> Outline:
    """Lines of which so many hold on each of the last days; each is a test of its own, because they are counted."""
    every = 'every_one' if needed == len(parts) else 'one_or_more' if needed == 1 else ''
    how_many = book.say(every) if every else book.say('so_many', n=needed)
    return Outline(book.count('on_each_day', days, how_many=how_many), '', tuple(parts))


def _part(node: nodes.Node, book: PhraseBook) -> nodes.Node | Outline:
    """A test as it is; a group as its own lines."""
    return outline(node, book) if isinstance(node, nodes.Any | nodes.All | nodes.Persists) else node


def _lines(tests: Sequence[nodes.Node], word: str, book: PhraseBook) -> list[str]:
    told = _by_subject(tests, word, book, on_one_line=False)
    return [_told((about, book.joined(word, said, ','))) for about, said in told]


def _told(phrase: Phrase) -> str:
    about, said = phrase
    return f'{about}: {said}' if about else said


def _phrase(node: nodes.Node, book: PhraseBook) -> Phrase:
    match node:
        case nodes.Macro(when=when):
            return _phrase(when, book)
        case nodes.Any(children):
            return _joined(children, 'or', book)
        case nodes.All(children):
            return _joined(children, 'and', book)
        case nodes.ReportedAny(symptoms):
            return '', _listed(symptoms, book)
        case nodes.NewAny(symptoms):
            return '', book.say('new', symptoms=_listed(symptoms, book))
        case nodes.Persists():
            return '', _persists(node, book)
        case nodes.SeverityAtLeast() | nodes.AnsweredYes() | nodes.NumberAtLeast() | nodes.OverBaseline():
            return book.symptom(node.symptom), _about_symptom(node, book)
        case nodes.MeasureBelow() | nodes.MeasureDropped() | nodes.MeasureChanged():
            return book.measure(node.measure), _about_measure(node, book)
    return '', _overall(node, book)


def _joined(children: Sequence[nodes.Node], word: str, book: PhraseBook) -> Phrase:
    """Neighbours about the same thing are told together: "loose stools: many, or at night"."""
    groups = _by_subject(children, word, book)
    if len(groups) == 1:
        return groups[0][0], book.joined(word, groups[0][1], ',')
    return '', book.joined(word, [_told((about, book.joined(word, said, ','))) for about, said in groups], ';')


def _by_subject(
    children: Sequence[nodes.Node], word: str, book: PhraseBook, *, on_one_line: bool = True
) -> list[tuple[str, list[str]]]:
    groups: list[tuple[str, list[str]]] = []
    for child in children:
        about, said = _phrase(child, book)
        beside_others = len(children) > 1 and (on_one_line or bool(about))
        text = f'({said})' if _connective(child) not in ('', word) and beside_others else said
        if about and groups and groups[-1][0] == about:
            groups[-1][1].append(text)
        else:
            groups.append((about, [text]))
    return groups


def _connective(node: nodes.Node) -> str:
    """The word that joins its parts, or nothing where it has but one."""
    match node:
        case nodes.Macro(when=when):
            return _connective(when)
        case nodes.Any(parts) | nodes.All(parts):
            return ('or' if isinstance(node, nodes.Any) else 'and') if len(parts) > 1 else _connective(parts[0])
        case nodes.ReportedAny(symptoms):
            return 'or' if len(symptoms) > 1 else ''
        case nodes.NewAny(symptoms):
            # A list after a colon, whatever stands around it.
            return 'list' if len(symptoms) > 1 else ''
    return ''


def _about_symptom(
    node: nodes.SeverityAtLeast | nodes.AnsweredYes | nodes.NumberAtLeast | nodes.OverBaseline, book: PhraseBook
) -> str:
    match node:
        case nodes.SeverityAtLeast(_, gte):
            return book.level(gte)
        case nodes.AnsweredYes(_, field):
            return book.field(field)
        case nodes.NumberAtLeast(_, field, limit):
            return book.number(field, limit)
        case nodes.OverBaseline(_, field, limit):
            return book.number(field, limit, over_usual=True)


def _about_measure(node: nodes.MeasureBelow | nodes.MeasureDropped | nodes.MeasureChanged, book: PhraseBook) -> str:
    match node:
        case nodes.MeasureBelow(name, limit):
            return book.say('below', n=limit, unit=book.catalogue.measurements[name].unit)
        case nodes.MeasureDropped(_, percent):
            return book.say('dropped', n=percent)
        case nodes.MeasureChanged(_, percent):
            return book.say('changed', n=percent)


def _overall(node: nodes.Node, book: PhraseBook) -> str:
    match node:
        case nodes.Worsened(symptom, by):
            return book.count('worsened', by, symptom=book.symptom(symptom))
        case nodes.AnyWorsened(by):
            return book.count('any_worsened', by)
        case nodes.AnySeverity(gte):
            return book.say('any_severity', level=book.level(gte))
        case nodes.PersistsAnySeverity(days, gte):
            return book.count('same_symptom', days, level=book.level(gte))
        case nodes.HoursSinceDose(lte):
            return book.count('since_dose', lte)
        case nodes.TherapyDay():
            return _treated(node, book)
        case nodes.InContext(context):
            return book.context(context)
        case nodes.AllergicSigns(gte):
            return book.say('allergic_signs', n=gte)
        case nodes.SameDayFindings(gte):
            return book.say('findings', n=gte)
    raise TypeError(f'{type(node).__name__} has no words')


def _treated(node: nodes.TherapyDay, book: PhraseBook) -> str:
    therapy = book.therapy(node.therapy)
    if (node.day_gte, node.day_lte) == (FIRST_DAY, LAST_DAY):
        return book.say('ever_treated', therapy=therapy)
    if node.day_gte == node.day_lte:
        return book.say('day_after', first=node.day_gte, therapy=therapy)
    return book.say('days_after', first=node.day_gte, last=node.day_lte, therapy=therapy)


def _persists(node: nodes.Persists, book: PhraseBook) -> str:
    if len(node.of) > 1:
        tests = '; '.join(describe(test, book) for test in node.of)
        what = book.say('so_many_of', n=node.at_least, tests=tests)
    else:
        said = describe(node.of[0], book)
        what = f'({said})' if _connective(node.of[0]) else said
    return book.count('each_day', node.days, what=what)


def _listed(symptoms: Iterable[str], book: PhraseBook) -> str:
    """“hives; flushing or itching”."""
    *first, last = [book.symptom(symptom) for symptom in symptoms]
    return book.joined('or', ['; '.join(first), last], '') if first else last
