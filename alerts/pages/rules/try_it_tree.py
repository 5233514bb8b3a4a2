"""A rule condition by condition, as it stood for one entry: what is asked, what was seen, true or false."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.engine import Explanation, Node, PhraseBook, describe, nodes
from alerts.words.evidence import LEVELS, Names, not_compared
from clinic.dates import date_format
from diary.catalogue import current_scales

Seen = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """One line of the tree. `seen` is empty for a line that only joins those below it."""

    asked: str
    seen: str
    held: bool
    below: tuple['Condition', ...] = ()


def tree(node: Node, why: Explanation, book: PhraseBook) -> Condition:
    """`why` must explain `node`: both have the same shape."""
    names = Names({code: symptom.name for code, symptom in book.catalogue.symptoms.items()}, scales=current_scales())
    return _line(node, why, book, names)


def _line(node: Node, why: Explanation, book: PhraseBook, names: Names) -> Condition:
    match node:
        case nodes.Any((only,)) | nodes.All((only,)):
            return _line(only, why.children[0], book, names)
        case nodes.Any(children) | nodes.All(children):
            asked = _('one of these') if isinstance(node, nodes.Any) else _('all of these')
            return _joined(asked, children, why, book, names)
        case nodes.Macro(name, when):
            inner = _line(when, why.children[0], book, names)
            asked = _('“%(name)s”: %(what)s') % {'name': name.replace('_', ' '), 'what': inner.asked}
            return Condition(asked, inner.seen, why.held, inner.below)
        case nodes.Persists():
            return _persists(node, why, book, names)
    seen = _SEEN[why.word](why.asked, why.seen, names)
    return Condition(describe(node, book), _with(seen, not_compared(why.seen, names)), why.held)


def _joined(asked: str, children: tuple[Node, ...], why: Explanation, book: PhraseBook, names: Names) -> Condition:
    pairs = zip(children, why.children, strict=True)
    return Condition(asked, '', why.held, tuple(_line(child, each, book, names) for child, each in pairs))


def _persists(node: nodes.Persists, why: Explanation, book: PhraseBook, names: Names) -> Condition:
    words = {'n': node.days, 'needed': node.at_least, 'all': len(node.of)}
    asked = ngettext(
        'on the day of the entry %(needed)s or more of these %(all)s',
        'on each of the last %(n)s days %(needed)s or more of these %(all)s',
        node.days,
    )
    asked %= words
    true = int(str(why.seen['days']))
    seen = ngettext('true on %(n)s day', 'true on %(n)s days', true) % {'n': true}
    return Condition(asked, seen, why.held, tuple(_days(node, why, book, names)))


def _days(node: nodes.Persists, why: Explanation, book: PhraseBook, names: Names) -> Iterator[Condition]:
    for day in why.children:
        when = date_format(date.fromisoformat(str(day.asked['date'])), 'D j M')
        held = sum(test.held for test in day.children)
        seen = _('%(n)s true') % {'n': held} if day.children else _('no entry on this day')
        below = zip(node.of, day.children, strict=False)  # a day without an entry has no tests
        yield Condition(
            when,
            _with(seen, not_compared(day.seen, names)),
            day.held,
            tuple(_line(test, each, book, names) for test, each in below),
        )


def _with(seen: str, reason: str) -> str:
    return f'{seen}; {reason}' if reason else seen


# -- what was seen ---------------------------------------------------------------------------------------------------------


def _n(value: Any) -> str:
    return _('not answered') if value is None else f'{round(float(value), 2):g}'


def _level(asked: Seen, seen: Seen, names: Names) -> str:
    return _('not answered') if seen['severity'] is None else str(LEVELS[seen['severity']])


def _yes(asked: Seen, seen: Seen, names: Names) -> str:
    return {None: _('not answered'), True: _('yes'), False: _('no')}[seen[asked['field']]]


def _number(asked: Seen, seen: Seen, names: Names) -> str:
    return _n(seen[asked['field']])


def _over(asked: Seen, seen: Seen, names: Names) -> str:
    usual = _('usual not known') if seen['baseline'] is None else _('usual %(n)s') % {'n': _n(seen['baseline'])}
    return f'{_n(seen[asked["field"]])}, {usual}'


def _reported(asked: Seen, seen: Seen, names: Names) -> str:
    return names.listed(seen['reported']) or _('none of them reported')


def _felt(levels: Mapping[str, int], names: Names) -> str:
    return ', '.join(f'{names.listed([code])}: {LEVELS[level]}' for code, level in levels.items())


def _any_severity(asked: Seen, seen: Seen, names: Names) -> str:
    return _felt(seen['severity'], names) or _('nothing that bad')


def _new(asked: Seen, seen: Seen, names: Names) -> str:
    now = names.listed(seen['reported']) or _('none of them reported')
    if seen['previous_entry'] is None:
        return _('%(now)s; no entry in the 7 days before') % {'now': now}
    before = names.listed(seen['reported_before']) or _('none')
    return _('%(now)s; in the entry before: %(before)s') % {'now': now, 'before': before}


def _worse(asked: Seen, seen: Seen, names: Names) -> str:
    now = _felt(seen['severity'], names) or _('nothing reported')
    if seen['previous_entry'] is None:
        return _('%(now)s; no entry in the 7 days before') % {'now': now}
    before = _felt(seen['severity_before'], names) or _('nothing')
    return _('%(now)s; in the entry before: %(before)s') % {'now': now, 'before': before}


def _hours(asked: Seen, seen: Seen, names: Names) -> str:
    hours = seen['hours']
    return _('no dose before it') if hours is None else _('%(n)s h after the last dose') % {'n': _n(hours)}


def _therapy(asked: Seen, seen: Seen, names: Names) -> str:
    return _('no dose of it before') if seen['day'] is None else _('day %(n)s') % {'n': seen['day']}


def _context(asked: Seen, seen: Seen, names: Names) -> str:
    return _('holds') if seen[asked['context']] else _('does not hold')


def _measured(asked: Seen, seen: Seen, names: Names) -> str:
    value = seen[asked['measure']]
    text = _('not measured') if value is None else _n(value)
    if 'lt' in asked:
        return text
    usual = _('usual not known') if seen['baseline'] is None else _('usual %(n)s') % {'n': _n(seen['baseline'])}
    return f'{text}, {usual}'


def _by_day(asked: Seen, seen: Seen, names: Names) -> str:
    days = seen['symptoms_by_day'].items()
    told = (f'{date_format(date.fromisoformat(day), "j M")}: {names.listed(codes) or _("none")}' for day, codes in days)
    return '; '.join(told)


def _findings(asked: Seen, seen: Seen, names: Names) -> str:
    return names.listed(seen['symptoms']) or _('none')


_SEEN: dict[str, Callable[[Seen, Seen, Names], str]] = {
    'severity': _level,
    'yes': _yes,
    'number': _number,
    'over_baseline': _over,
    'reported_any': _reported,
    'allergic_signs': _reported,
    'any_severity': _any_severity,
    'new_any': _new,
    'worsened': _worse,
    'any_worsened': _worse,
    'hours_since_dose': _hours,
    'therapy': _therapy,
    'context': _context,
    'measure_below': _measured,
    'measure_dropped': _measured,
    'measure_changed': _measured,
    'persists_any_severity': _by_day,
    'same_day_findings': _findings,
}
