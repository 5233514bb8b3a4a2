"""The words beside a chart: what is seen in it, said plainly, and nothing that the days do not hold (trendfacts.py counts)."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.dates import date_format
from diary.trendfacts import Compared, Facts, NumberFacts


def sentences(facts: Facts, words: Sequence[str], *, scaled: bool = True) -> list[str]:
    """`words` are those of the scale, lowest first; not `scaled` is what is only there or not."""
    if not facts.reported:
        return [_('Not reported in this time.')]
    found = [_there(facts)]
    if scaled and facts.worst is not None:
        found += [_how_bad(facts, words), _after_dose(facts)]
    found += [_quiet(facts), _apart(facts)]
    return [sentence for sentence in found if sentence]


def compared_words(compared: Compared | None, words: Sequence[str]) -> str:
    """Empty where the two cycles cannot be compared, or there was nothing in either."""
    if compared is None or not (compared.now or compared.before):
        return ''
    numbers = {'days': compared.days, 'now': _or_none(compared.now, words), 'before': _or_none(compared.before, words)}
    return _('The first %(days)d days of this cycle: %(now)s. Of the cycle before: %(before)s.') % numbers


def _or_none(level: int, words: Sequence[str]) -> str:
    return _('at worst %(word)s') % {'word': words[level]} if level else _('not reported')


def _there(facts: Facts) -> str:
    numbers = {'n': facts.reported, 'of': facts.written}
    return (
        ngettext(
            'There on %(n)d of %(of)d day with an entry.', 'There on %(n)d of %(of)d days with an entry.', facts.written
        )
        % numbers
    )


def _how_bad(facts: Facts, words: Sequence[str]) -> str:
    assert facts.worst is not None
    told = facts.reported - facts.untold - facts.apart
    if len(facts.worst_days) == told == facts.reported and told > 1:
        return _('Always %(word)s.') % {'word': words[facts.worst]}
    if facts.usual is None:
        return _worst(facts, words)
    if facts.usual == facts.worst:
        sure = not facts.untold and not facts.apart
        text = _('Mostly %(word)s, never worse.') if sure else _('Mostly %(word)s.')
        return text % {'word': words[facts.usual]}
    return f'{_("Mostly %(word)s.") % {"word": words[facts.usual]}} {_worst(facts, words)}'


def _worst(facts: Facts, words: Sequence[str]) -> str:
    """Where it was not always told how bad it was, or not on this scale, only of what was told."""
    assert facts.worst is not None
    word, days = words[facts.worst], len(facts.worst_days)
    of_told = bool(facts.untold or facts.apart)
    if days == 1:
        text = _('Worst that was told: %(word)s, on %(day)s.') if of_told else _('Worst: %(word)s, on %(day)s.')
        return text % {'word': word, 'day': date_format(facts.worst_days[0], 'j F')}
    if of_told:
        text = ngettext(
            'Worst that was told: %(word)s, on %(n)d day.', 'Worst that was told: %(word)s, on %(n)d days.', days
        )
    else:
        text = ngettext('Worst: %(word)s, on %(n)d day.', 'Worst: %(word)s, on %(n)d days.', days)
    return text % {'word': word, 'n': days}


def _after_dose(facts: Facts) -> str:
    """Only where it says something of its own: the worst days stand out from milder ones, and all followed a dose."""
    told = facts.reported - facts.untold - facts.apart
    if facts.after_dose is None or len(facts.worst_days) == told:
        return ''
    if facts.after_dose == 0:
        return _('Each of the worst days was the day of a dose.')
    return ngettext(
        'Each of the worst days was the day of a dose or the day after.',
        'Each of the worst days was the day of a dose or up to %(n)d days after.',
        facts.after_dose,
    ) % {'n': facts.after_dose}


def _quiet(facts: Facts) -> str:
    if not facts.quiet:
        return ''
    return ngettext(
        'Not there on the last day with an entry.', 'Not there on the last %(n)d days with an entry.', facts.quiet
    ) % {'n': facts.quiet}


def _apart(facts: Facts) -> str:
    if not facts.apart:
        return ''
    return ngettext(
        'On %(n)d day the words of the scale were older ones. It is drawn hollow, and not compared.',
        'On %(n)d days the words of the scale were older ones. They are drawn hollow, and not compared.',
        facts.apart,
    ) % {'n': facts.apart}


def number_sentences(facts: NumberFacts, said: Callable[[float], str], *, limit: float | None = None) -> list[str]:
    """`said` is a value with its unit."""
    last = {'value': said(facts.last), 'day': date_format(facts.last_on, 'j F')}
    if facts.times == 1:
        found = [_('Measured once: %(value)s on %(day)s.') % last]
    else:
        days = ngettext('Measured on %(n)d day.', 'Measured on %(n)d days.', facts.days) % {'n': facts.days}
        between = _('From %(low)s to %(high)s.') % {'low': said(facts.low), 'high': said(facts.high)}
        found = [days, between, _('Last: %(value)s on %(day)s.') % last]
    if limit is not None:
        numbers = {'limit': said(limit), 'n': facts.over}
        text = ngettext('%(limit)s or more on %(n)d day.', '%(limit)s or more on %(n)d days.', facts.over) % numbers
        found.append(text if facts.over else _('Never %(limit)s or more.') % numbers)
    return found
