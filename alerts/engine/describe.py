"""A condition in plain English, for the pages that say why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import Catalogue
from alerts.engine.rules import Rule
from alerts.engine.scope import FIRST_DAY, LAST_DAY
from alerts.engine.tiers import Tier

_LEVELS = {1: 'mild or worse', 2: 'moderate or worse', 3: 'severe or worse', 4: 'very severe'}
_TIERS = {
    Tier.EMERGENCY: 'Call the emergency number now',
    Tier.URGENT: 'Phone the care team now',
    Tier.SAME_DAY: 'The care team looks today',
    Tier.MONITOR: 'Self-care advice, no alert',
}
# What a field says where its name alone would not.
_FIELDS = {
    'present': 'yes',
    'one_sided': 'on one side only',
    'sudden_loss': 'sudden loss',
    'heavy': 'a lot',
    'call_back': 'asks for a call',
    'date_wrong': 'the date was wrong',
    'sentence_wrong': 'the sentence was wrong',
}
_NUMBERS = {
    'celsius': '{n} °C or more',
    'hours_at_or_above_38': '38 °C or more for at least {n} h',
    'stools_24h': '{n} or more in 24 hours',
    'times_24h': '{n} times or more in 24 hours',
    'percent_body': '{n} % of the body or more',
}
_MEASURES = {
    'weight': 'weight',
    'systolic_bp': 'upper blood pressure',
    'spo2': 'oxygen level',
    'pulse': 'pulse',
}

ANY_OF, ALL_OF = 'any of these', 'all of these'

Phrase = tuple[str, str]  # what it is about (may be empty), and what is said of it


@dataclass(frozen=True, slots=True)
class Outline:
    """A condition as nested lines: `text` alone, or above its `parts`, between which `joiner` ("or", "and") is read."""

    text: str
    joiner: str = ''
    parts: tuple['Outline', ...] = ()


def describe_rule(rule: Rule, catalogue: Catalogue) -> str:
    """The whole rule as one sentence."""
    return f'{_TIERS[rule.tier]} for {describe(rule.when, catalogue)}.'


def describe(node: nodes.Node, catalogue: Catalogue) -> str:
    """The condition without a capital letter or a full stop: `loose stools: 4 or more over usual in 24 hours, or at night`."""
    return _told(_phrase(node, catalogue))


def outline(node: nodes.Node, catalogue: Catalogue) -> Outline:
    """The condition line by line, for what is too long for one sentence; a macro is one line."""
    match node:
        case nodes.Any((only,)) | nodes.All((only,)):
            return outline(only, catalogue)
        case nodes.Any(children):
            return gathered('or', [_part(child, catalogue) for child in children], catalogue)
        case nodes.All(children):
            return gathered('and', [_part(child, catalogue) for child in children], catalogue)
        case nodes.Persists(days, needed, of) if len(of) > 1:
            return over_days(days, needed, [outline(child, catalogue) for child in of])
    return Outline(describe(node, catalogue))


def gathered(joiner: str, parts: Sequence[nodes.Node | Outline], catalogue: Catalogue) -> Outline:
    """Lines of which one ("or") or every one ("and") holds. Neighbouring tests about the same thing become one line."""
    found: list[Outline] = []
    for is_test, run in groupby(parts, lambda part: not isinstance(part, Outline)):
        if is_test:
            found += map(Outline, _lines(cast('list[nodes.Node]', list(run)), joiner, catalogue))
        else:
            found += cast('list[Outline]', list(run))
    if len(found) == 1:
        return found[0]
    return Outline(ANY_OF if joiner == 'or' else ALL_OF, joiner, tuple(found))


def over_days(days: int, needed: int, parts: Sequence[Outline]) -> Outline:
    """Lines of which so many hold on each of the last days; each is a test of its own, because they are counted."""
    how_many = 'every one' if needed == len(parts) else 'one or more' if needed == 1 else f'{needed} or more'
    return Outline(f'on each of the last {days} days {how_many} of these', '', tuple(parts))


def _part(node: nodes.Node, catalogue: Catalogue) -> nodes.Node | Outline:
    """A test as it is; a group as its own lines."""
    return outline(node, catalogue) if isinstance(node, nodes.Any | nodes.All | nodes.Persists) else node


def _lines(tests: Sequence[nodes.Node], word: str, catalogue: Catalogue) -> list[str]:
    told = _by_subject(tests, word, catalogue, on_one_line=False)
    return [_told((about, f', {word} '.join(said))) for about, said in told]


def _told(phrase: Phrase) -> str:
    about, said = phrase
    return f'{about}: {said}' if about else said


def _phrase(node: nodes.Node, catalogue: Catalogue) -> Phrase:
    match node:
        case nodes.Macro(when=when):
            return _phrase(when, catalogue)
        case nodes.Any(children):
            return _joined(children, 'or', catalogue)
        case nodes.All(children):
            return _joined(children, 'and', catalogue)
        case nodes.ReportedAny(symptoms):
            return '', _listed(symptoms, catalogue, 'or')
        case nodes.NewAny(symptoms):
            return '', f'new since the previous entry: {_listed(symptoms, catalogue, "or")}'
        case nodes.Persists(days, needed, of):
            return '', _persists(days, needed, of, catalogue)
        case nodes.SeverityAtLeast() | nodes.AnsweredYes() | nodes.NumberAtLeast() | nodes.OverBaseline():
            return _about_symptom(node, catalogue)
        case nodes.MeasureBelow() | nodes.MeasureDropped() | nodes.MeasureChanged():
            return _about_measure(node, catalogue)
    return '', _overall(node, catalogue)


def _joined(children: Sequence[nodes.Node], word: str, catalogue: Catalogue) -> Phrase:
    """Neighbours about the same thing are told together: "loose stools: many, or at night"."""
    groups = _by_subject(children, word, catalogue)
    if len(groups) == 1:
        return groups[0][0], f', {word} '.join(groups[0][1])
    return '', f'; {word} '.join(_told((about, f', {word} '.join(said))) for about, said in groups)


def _by_subject(
    children: Sequence[nodes.Node], word: str, catalogue: Catalogue, *, on_one_line: bool = True
) -> list[tuple[str, list[str]]]:
    groups: list[tuple[str, list[str]]] = []
    for child in children:
        about, said = _phrase(child, catalogue)
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
    node: nodes.SeverityAtLeast | nodes.AnsweredYes | nodes.NumberAtLeast | nodes.OverBaseline, catalogue: Catalogue
) -> Phrase:
    about = _name(node.symptom, catalogue)
    match node:
        case nodes.SeverityAtLeast(_, gte):
            return about, _LEVELS[gte]
        case nodes.AnsweredYes(_, field):
            return about, _FIELDS.get(field, _spaced(field))
        case nodes.NumberAtLeast(_, field, limit):
            return about, _number(field).format(n=limit)
        case nodes.OverBaseline(_, field, limit):
            return about, _number(field).format(n=f'{limit}').replace('or more', 'or more over usual', 1)


def _about_measure(
    node: nodes.MeasureBelow | nodes.MeasureDropped | nodes.MeasureChanged, catalogue: Catalogue
) -> Phrase:
    about = _MEASURES.get(node.measure, _spaced(node.measure))
    match node:
        case nodes.MeasureBelow(name, limit):
            return about, f'below {limit} {catalogue.measurements[name].unit}'
        case nodes.MeasureDropped(_, percent):
            return about, f'more than {percent} % below usual'
        case nodes.MeasureChanged(_, percent):
            return about, f'{percent} % or more away from usual, up or down'


def _overall(node: nodes.Node, catalogue: Catalogue) -> str:
    match node:
        case nodes.Worsened(symptom, by):
            return f'{_name(symptom, catalogue)} {_levels(by)} worse than in the previous entry'
        case nodes.AnyWorsened(by):
            return f'any symptom {_levels(by)} worse than in the previous entry'
        case nodes.AnySeverity(gte):
            return f'any symptom {_LEVELS[gte]}'
        case nodes.PersistsAnySeverity(days, gte):
            return f'the same symptom {_LEVELS[gte]} on each of the last {days} days'
        case nodes.HoursSinceDose(lte):
            return f'within {lte} hours after a dose'
        case nodes.TherapyDay(therapy, first, last) if (first, last) == (FIRST_DAY, LAST_DAY):
            return f'treatment with {catalogue.therapies[therapy].name}, now or earlier'
        case nodes.TherapyDay(therapy, first, last):
            return f'day {first} to {last} after {catalogue.therapies[therapy].name}'
        case nodes.InContext(context):
            return _lowered(catalogue.contexts[context])
        case nodes.AllergicSigns(gte):
            return f'{gte} or more signs of an allergic reaction'
        case nodes.SameDayFindings(gte):
            return f'{gte} or more symptoms in same-day findings within 24 hours'
    raise TypeError(f'{type(node).__name__} has no words')


def _persists(days: int, needed: int, of: tuple[nodes.Node, ...], catalogue: Catalogue) -> str:
    tests = '; '.join(describe(test, catalogue) for test in of)
    if len(of) == 1:
        return f'on each of the last {days} days {tests}'
    return f'on each of the last {days} days {needed} or more of ({tests})'


def _listed(symptoms: Iterable[str], catalogue: Catalogue, word: str) -> str:
    names = [_name(symptom, catalogue) for symptom in symptoms]
    return names[0] if len(names) == 1 else f'{"; ".join(names[:-1])} {word} {names[-1]}'


def _name(symptom: str, catalogue: Catalogue) -> str:
    return _lowered(catalogue.symptoms[symptom].name)


def _levels(by: int) -> str:
    return '1 level' if by == 1 else f'{by} levels'


def _number(field: str) -> str:
    return _NUMBERS.get(field, f'{_spaced(field)} {{n}} or more')


def _spaced(name: str) -> str:
    return name.replace('_', ' ')


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
