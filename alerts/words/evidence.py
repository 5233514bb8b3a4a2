"""Why a rule fired, in words: the engine's explanation (Flag.evidence) as nested lines, with the values that met it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from alerts.engine.scope import FIRST_DAY, LAST_DAY
from alerts.words.answers import SHORT
from clinic.dates import date_format
from diary.models import ContextCode
from diary.scales import Scales

Node = Mapping[str, Any]
LEVELS = [
    gettext_lazy('none'),
    gettext_lazy('mild'),
    gettext_lazy('moderate'),
    gettext_lazy('severe'),
    gettext_lazy('very severe'),
]


@dataclass(frozen=True)
class Line:
    """One condition that held; `below` are those that it consists of."""

    text: str
    below: tuple['Line', ...] = ()


@dataclass(frozen=True)
class Names:
    """The words for codes: symptoms, measurements, therapies; and when the scales of symptoms were changed."""

    symptoms: Mapping[str, str]
    measurements: Mapping[str, str] = field(default_factory=dict)
    therapies: Mapping[str, str] = field(default_factory=dict)
    scales: Scales = field(default_factory=Scales)

    def listed(self, codes: Any) -> str:
        return ', '.join(self.symptoms.get(code, code) for code in codes)


def lines(tree: Node, names: Names) -> tuple[Line, ...]:
    """What held, as one or more lines, and what could not be compared, held or not. Raises KeyError for a word that the language
    does not have."""
    if not tree['held']:
        return _apart(tree, names)
    below = tuple(line for child in tree['children'] for line in lines(child, names))
    if tree['word'] in ('any', 'all', 'macro'):
        return below
    if reason := not_compared(tree['seen'], names):
        below = (*below, Line(reason))
    return (Line(_WORDS[tree['word']](tree['asked'], tree['seen'], tree['symptoms'], names), below),)


def not_compared(seen: Node, names: Names) -> str:
    """Why severities that a condition looked at were not compared; empty where all were."""
    said = _('not compared: the scale of %(name)s was changed on %(day)s')
    return '; '.join(
        said % {'name': names.listed([code]), 'day': _changed_on(code, names)} for code in seen.get('other_scale', ())
    )


def _changed_on(code: str, names: Names) -> str:
    begun = names.scales.begun.get(code)
    return date_format(localtime(begun[max(begun)]), 'j F') if begun else _('an unknown day')


def _apart(tree: Node, names: Names) -> tuple[Line, ...]:
    """Of what did not hold: only why, where a changed scale is the reason. Each reason once."""
    reason = not_compared(tree['seen'], names)
    below = (line for child in tree['children'] for line in _apart(child, names))
    return tuple(dict.fromkeys((*((Line(reason),) if reason else ()), *below)))


UNITS = {'celsius': ' °C', 'percent_body': ' %'}  # of numbers whose name does not tell it


def _n(value: float | str | None, field: str = '') -> str:
    """A number for the eye; the stored one stays exact."""
    return '' if value is None else f'{round(float(value), 1):g}{UNITS.get(field, "")}'


def _level(number: int) -> str:
    return str(LEVELS[number])


def _short(name: str) -> str:
    return str(SHORT.get(name, name.replace('_', ' ')))


def _from(number: int) -> str:
    return _level(number) if number == 4 else _('%(level)s or worse') % {'level': _level(number)}


def _severity(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'name': names.listed(symptoms), 'level': _level(seen['severity']), 'asked': _from(asked['gte'])}
    return _('%(name)s: %(level)s (the rule asks for %(asked)s)') % words


def _yes(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    return f'{names.listed(symptoms)}: {_short(asked["field"])}'


def _number(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'name': names.listed(symptoms), 'field': _short(asked['field'])}
    words |= {'value': _n(seen[asked['field']], asked['field']), 'asked': _n(asked['gte'], asked['field'])}
    return _('%(name)s: %(field)s %(value)s (the rule asks for %(asked)s or more)') % words


def _over_baseline(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'name': names.listed(symptoms), 'field': _short(asked['field']), 'asked': asked['over_baseline_gte']}
    words |= {'value': _n(seen[asked['field']]), 'usual': _n(seen['baseline'])}
    if seen['baseline'] is None:
        return _('%(name)s: %(field)s %(value)s, usual not known (the rule asks for %(asked)s or more)') % words
    return _('%(name)s: %(field)s %(value)s, usual %(usual)s (the rule asks for %(asked)s or more over usual)') % words


def _reported(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    return _('Reported: %(names)s') % {'names': names.listed(symptoms)}


def _allergic(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'names': names.listed(symptoms), 'asked': asked['gte']}
    return _('Signs of an allergic reaction: %(names)s (the rule asks for %(asked)s or more)') % words


def _any_severity(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    felt = ', '.join(f'{names.listed([code])}: {_level(level)}' for code, level in seen['severity'].items())
    return _('%(felt)s (the rule asks for any symptom that is %(asked)s)') % {
        'felt': felt,
        'asked': _from(asked['gte']),
    }


def _new(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    if seen['previous_entry'] is None:
        return _('New, with no earlier entry to compare: %(names)s') % {'names': names.listed(symptoms)}
    return _('New since the previous entry: %(names)s') % {'names': names.listed(symptoms)}


def _worse(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    change = _('%(name)s: from %(before)s to %(now)s')
    return ', '.join(
        change
        % {
            'name': names.listed([code]),
            'before': _level(seen['severity_before'][code]),
            'now': _level(seen['severity'][code]),
        }
        for code in symptoms
    )


def _hours(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'hours': f'{seen["hours"]:.1f}', 'asked': asked['lte']}
    return _('%(hours)s h after a dose (the rule looks back %(asked)s h)') % words


def _therapy(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'day': seen['day'], 'first': asked['day_gte'], 'last': asked['day_lte']}
    words['therapy'] = names.therapies.get(asked['therapy'], asked['therapy'])
    if (words['first'], words['last']) == (FIRST_DAY, LAST_DAY):
        return _('Treated with %(therapy)s') % words
    return _('Day %(day)s after %(therapy)s (the rule counts day %(first)s to %(last)s)') % words


def _context(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    return _('Known of the patient: %(context)s') % {'context': ContextCode(asked['context']).label}


def _measured(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    """Below a limit, or away from the usual value."""
    measure = asked['measure']
    words = {
        'name': names.measurements.get(measure, measure),
        'value': _n(seen[measure]),
        'usual': _n(seen['baseline']),
    }
    if 'lt' in asked:
        return _('%(name)s: %(value)s (the rule asks for less than %(lt)s)') % {**words, 'lt': asked['lt']}
    percent = asked.get('drop_percent_gt', asked.get('change_percent_gte'))
    if 'drop_percent_gt' in asked:
        return _('%(name)s: %(value)s, usual %(usual)s: more than %(percent)s %% lower') % {**words, 'percent': percent}
    return _('%(name)s: %(value)s, usual %(usual)s: %(percent)s %% or more apart') % {**words, 'percent': percent}


def _persists(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    return ngettext('On the day of the entry', 'On each of the last %(n)s days', asked['days']) % {'n': asked['days']}


def _day(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    return date_format(date.fromisoformat(asked['date']), 'D j M')


def _persists_any(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'names': names.listed(symptoms), 'asked': _from(asked['gte']), 'n': asked['days']}
    said = ngettext(
        '%(names)s: %(asked)s on the day of the entry',
        '%(names)s: %(asked)s on each of the last %(n)s days',
        asked['days'],
    )
    return said % words


def _findings(asked: Node, seen: Node, symptoms: Any, names: Names) -> str:
    words = {'names': names.listed(symptoms), 'asked': asked['gte']}
    return _('Same-day findings within 24 hours: %(names)s (the rule asks for %(asked)s or more)') % words


_WORDS: dict[str, Callable[[Node, Node, Any, Names], str]] = {
    'severity': _severity,
    'yes': _yes,
    'number': _number,
    'over_baseline': _over_baseline,
    'reported_any': _reported,
    'allergic_signs': _allergic,
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
    'persists': _persists,
    'day': _day,
    'persists_any_severity': _persists_any,
    'same_day_findings': _findings,
}
