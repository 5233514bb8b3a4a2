"""The words of the rule language as an admin meets them: what each is called, and between form and language, both ways.

Three words of the language that ask about one symptom are one here, and so are the three about a measurement: the admin
chooses the symptom first and then what of it counts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts.engine.writing import Written
from alerts.forms.rules.editor_tree import Typed

_NUMBER = re.compile(r'-?[0-9]{1,9}([.,][0-9]{1,15})?')


@dataclass(frozen=True)
class Word:
    """`title` and `example` stand in the list of what can be added; `slots` are the fields."""

    title: Promise
    example: Promise
    kind: str
    slots: tuple[str, ...] = ()
    blank: Mapping[str, str] | None = None
    blank_parts: tuple[str, ...] = ()


KINDS = {
    'symptom': _('About symptoms'),
    'days': _('Over several days'),
    'patient': _('About the patient'),
    'group': _('Groups and named conditions'),
}

WORDS: dict[str, Word] = {
    'symptom': Word(_('How one symptom is'), _('Loose stools: moderate or worse'), 'symptom', ('symptom', 'test', 'n')),
    'worsened': Word(_('One symptom got worse'), _('Cough: 1 level worse'), 'symptom', ('symptom', 'by'), {'by': '1'}),
    'reported': Word(_('One of several symptoms is there'), _('Hives, flushing or itching'), 'symptom'),
    'new': Word(_('One of several symptoms is new'), _('Itching that was not there before'), 'symptom'),
    'any_severity': Word(
        _('Any symptom is this bad'), _('Anything severe or worse'), 'symptom', ('gte',), {'gte': '3'}
    ),
    'any_worsened': Word(_('Any symptom got worse'), _('Anything 2 levels worse'), 'symptom', ('by',), {'by': '2'}),
    'allergic': Word(_('Signs of an allergic reaction'), _('2 or more of them'), 'symptom', ('n',), {'n': '2'}),
    'persists': Word(
        _('Something goes on'),
        _('Vomiting on each of the last 2 days'),
        'days',
        ('days', 'at_least'),
        {'days': '2', 'at_least': '1'},
        ('symptom',),
    ),
    'persists_any': Word(
        _('The same symptom goes on'),
        _('Moderate or worse for 3 days'),
        'days',
        ('gte', 'days'),
        {'gte': '2', 'days': '3'},
    ),
    'findings': Word(_('Several same-day findings'), _('2 symptoms within 24 hours'), 'days', ('n',), {'n': '2'}),
    'hours': Word(_('Soon after a dose'), _('Within 48 hours'), 'patient', ('n',), {'n': '48'}),
    'therapy': Word(
        _('Days after one kind of treatment'),
        _('Day 0 to 14 after CAR T-cells'),
        'patient',
        ('first', 'last', 'therapy'),
        {'first': '0', 'last': '14'},
    ),
    'context': Word(_('Something known of the patient'), _('Takes steroids'), 'patient', ('context',)),
    'measure': Word(
        _('A measurement'), _('Oxygen level below 92 %'), 'patient', ('measure', 'test', 'n'), {'test': 'lt'}
    ),
    'any': Word(_('Any of these'), _('A group: one of its conditions is enough'), 'group', (), None, ('symptom',)),
    'all': Word(_('All of these'), _('A group: every condition has to hold'), 'group', (), None, ('symptom',)),
    'macro': Word(_('A named condition'), _('fever38: a temperature of 38 °C or more'), 'group', ('name',)),
}
SLOTS = {word: about.slots for word, about in WORDS.items()}
LISTS = ('reported', 'new')
NUMBER_TESTS = ('least', 'over')


def blank(word: str) -> Typed:
    """A condition of that word that nobody has filled in yet."""
    about = WORDS[word]
    values = dict.fromkeys(about.slots, '') | dict(about.blank or {})
    return Typed(word, values, (), tuple(blank(part) for part in about.blank_parts))


# -- from the language -----------------------------------------------------------------------------------------


def from_language(when: Any) -> Typed:
    """A condition that the engine has read, as it stands in the form."""
    if isinstance(when, str):
        return Typed('macro', {'name': when})
    for key, make in _FROM.items():
        if key in when:
            return make(when)
    raise KeyError(f'no word among {", ".join(when)}')


def _group(word: str) -> Callable[[Any], Typed]:
    return lambda when: Typed(word, {}, (), tuple(map(from_language, when[word])))


def _list(word: str, key: str) -> Callable[[Any], Typed]:
    return lambda when: Typed(word, {}, tuple(when[key]))


def _values(word: str, *names: tuple[str, str], inside: str = '') -> Callable[[Any], Typed]:
    """A word whose values stand in the mapping, or in the one inside it."""

    def make(when: Any) -> Typed:
        found = when[inside] if inside else when
        return Typed(word, {slot: _shown(found[key]) for slot, key in names})

    return make


def _symptom(when: Any) -> Typed:
    field, test, n = when.get('field', ''), '', ''
    if not field:
        test = f'gte:{_shown(when["gte"])}'
    elif 'over_baseline_gte' in when:
        test, n = f'over:{field}', _shown(when['over_baseline_gte'])
    elif 'gte' in when:
        test, n = f'least:{field}', _shown(when['gte'])
    else:
        test = f'yes:{field}'
    return Typed('symptom', {'symptom': when['symptom'], 'test': test, 'n': n})


def _measure(when: Any) -> Typed:
    test = next(key for key in _MEASURES if key in when)
    return Typed('measure', {'measure': when['measure'], 'test': _MEASURES[test], 'n': _shown(when[test])})


def _persists(when: Any) -> Typed:
    found = when['persists']
    values = {'days': _shown(found['days']), 'at_least': _shown(found['at_least'])}
    return Typed('persists', values, (), tuple(map(from_language, found['of'])))


_MEASURES = {'lt': 'lt', 'drop_percent_gt': 'drop', 'change_percent_gte': 'change'}
_FROM: dict[str, Callable[[Any], Typed]] = {
    'any': _group('any'),
    'all': _group('all'),
    'symptom': _symptom,
    'reported_any': _list('reported', 'reported_any'),
    'new_any': _list('new', 'new_any'),
    'worsened': _values('worsened', ('symptom', 'worsened'), ('by', 'by')),
    'any_worsened_by': _values('any_worsened', ('by', 'any_worsened_by')),
    'any_severity_gte': _values('any_severity', ('gte', 'any_severity_gte')),
    'persists': _persists,
    'persists_any_severity': _values('persists_any', ('gte', 'gte'), ('days', 'days'), inside='persists_any_severity'),
    'hours_since_dose': _values('hours', ('n', 'lte'), inside='hours_since_dose'),
    'therapy': _values('therapy', ('first', 'day_gte'), ('last', 'day_lte'), ('therapy', 'therapy')),
    'context': _values('context', ('context', 'context')),
    'measure': _measure,
    'allergic_signs_gte': _values('allergic', ('n', 'allergic_signs_gte')),
    'same_day_findings_24h_gte': _values('findings', ('n', 'same_day_findings_24h_gte')),
}


def _shown(value: Any) -> str:
    """A number as one writes it, everything else as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(repr(value))
        return f'{number.to_integral_value() if number == number.to_integral_value() else number:f}'
    return str(value)


# -- to the language -------------------------------------------------------------------------------------------


def to_language(one: Typed) -> Written:
    """The condition for the engine to judge. A number that is none stays text, so that it is refused at its place."""
    return _TO[one.word](one)


def _to_symptom(one: Typed) -> Written:
    test, _colon, rest = one.value('test').partition(':')
    asked = {'symptom': one.value('symptom')}
    if test == 'yes':
        return {**asked, 'field': rest}
    if test in NUMBER_TESTS:
        key = 'gte' if test == 'least' else 'over_baseline_gte'
        return {**asked, 'field': rest, key: number(one.value('n'))}
    return {**asked, 'gte': number(rest)}


def _to_measure(one: Typed) -> Written:
    keys = {short: key for key, short in _MEASURES.items()}
    return {'measure': one.value('measure'), keys.get(one.value('test'), 'lt'): number(one.value('n'))}


def _to_persists(one: Typed) -> Written:
    parts = [to_language(part) for part in one.parts]
    return {'persists': {'days': number(one.value('days')), 'at_least': number(one.value('at_least')), 'of': parts}}


def _to_persists_any(one: Typed) -> Written:
    return {'persists_any_severity': {'days': number(one.value('days')), 'gte': number(one.value('gte'))}}


def _to_therapy(one: Typed) -> Written:
    days = {'day_gte': number(one.value('first')), 'day_lte': number(one.value('last'))}
    return {'therapy': one.value('therapy'), **days}


_TO: dict[str, Callable[[Typed], Written]] = {
    'any': lambda one: {'any': [to_language(part) for part in one.parts]},
    'all': lambda one: {'all': [to_language(part) for part in one.parts]},
    'persists': _to_persists,
    'symptom': _to_symptom,
    'reported': lambda one: {'reported_any': list(one.chosen)},
    'new': lambda one: {'new_any': list(one.chosen)},
    'worsened': lambda one: {'worsened': one.value('symptom'), 'by': number(one.value('by'))},
    'any_worsened': lambda one: {'any_worsened_by': number(one.value('by'))},
    'any_severity': lambda one: {'any_severity_gte': number(one.value('gte'))},
    'persists_any': _to_persists_any,
    'hours': lambda one: {'hours_since_dose': {'lte': number(one.value('n'))}},
    'therapy': _to_therapy,
    'context': lambda one: {'context': one.value('context')},
    'measure': _to_measure,
    'allergic': lambda one: {'allergic_signs_gte': number(one.value('n'))},
    'findings': lambda one: {'same_day_findings_24h_gte': number(one.value('n'))},
    'macro': lambda one: one.value('name'),
}


def number(text: str) -> int | float | str:
    """The number that was typed, with a point or a comma; the text itself where it is none, or has more digits than are kept."""
    if not _NUMBER.fullmatch(text):
        return text
    exact = Decimal(text.replace(',', '.'))
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact) if Decimal(repr(float(exact))) == exact else text
