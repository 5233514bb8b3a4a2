"""What an alert's ladder did and does next, in words."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.utils.translation import pgettext as in_place

from alerts.engine.escalation import Ladder, Place, Rung, Who, climb, is_over
from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState
from alerts.people.staffing import Staff
from alerts.services.escalating import IN_HAND
from alerts.words.times import deadline_words

LATE = timedelta(minutes=1)


def who_words(rung: Rung) -> str:
    """“the whole team”."""
    return {
        Who.PRIMARY_NURSE: _('the primary nurse'),
        Who.ON_CALL: _('who is on call'),
        Who.TEAM: _('the whole team'),
        Who.LEAD: _('the lead'),
        Who.PHONE: rung.phone,
    }[rung.who]


def span_words(minutes: int) -> str:
    """“45 minutes”, “2 hours”, “1 hour and 30 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts = [
        ngettext('%(n)d hour', '%(n)d hours', hours) % {'n': hours} if hours else '',
        ngettext('%(n)d minute', '%(n)d minutes', rest) % {'n': rest} if rest or not hours else '',
    ]
    return _(' and ').join(part for part in parts if part)


def joined(words: Iterable[str]) -> str:
    """“a, b and c”, each once."""
    *first, last = dict.fromkeys(words)
    return _(' and ').join([', '.join(first), last]) if first else last


# -- what happened -------------------------------------------------------------------------------------------------------


def happened_words(event: AlertEvent) -> str:
    """An event of the clock; empty for any other."""
    if event.kind == AlertEventKind.ESCALATED:
        return _told(event.detail, again=event.detail['round'])
    if event.kind == AlertEventKind.RETURNED:
        return _came_back(event)
    if event.kind == AlertEventKind.REVIEW:
        return _('Everybody was told and nobody took it. It is in the review list now')
    return ''


def called_words(event: AlertEvent) -> str:
    """Whom an event that opened the alert or brought it back told there and then; empty where nobody was due to be told."""
    if 'nobody' not in event.detail:
        return ''
    told = _told(event.detail, again=0)
    return (
        f'{told}. {_("The ladder or the plan of the clinic could not be read")}'
        if event.detail.get('fallback')
        else told
    )


def _told(detail: dict[str, Any], *, again: int) -> str:
    nobody = [_role(one) for one in detail['nobody']]
    missing = _('nobody stands for: %(who)s') % {'who': joined(nobody)} if nobody else ''
    if not detail['reached']:
        return _('Nobody could be told (%(missing)s)') % {'missing': missing} if missing else _('Nobody could be told')
    roles = joined(_role(one) for one in detail['who'])
    said = _('Told %(names)s (%(roles)s)') % {'names': joined(detail['names']), 'roles': roles}
    return ', '.join(part for part in (said, _round(again), missing) if part)


def _round(number: int) -> str:
    """Empty for the first (0)."""
    known = ('', _('second round'), _('third round'))
    return known[number] if number < len(known) else _('round %(n)d') % {'n': number + 1}


def _role(who: str) -> str:
    return {
        'primary_nurse': in_place('of a person', 'primary nurse'),
        'on_call': in_place('of a person', 'on call'),
        'team': in_place('of a person', 'team'),
        'lead': in_place('of a person', 'lead'),
        'phone': in_place('of a person', 'phone'),
    }[who]


def _came_back(event: AlertEvent) -> str:
    if 'call_back_at' in event.detail:
        return _('Came back: the call that was agreed on is due')
    words = {'span': span_words(event.detail['after'])}
    if event.detail['from'] == AlertState.CONTACTED:
        return _('Came back: spoken with the patient, then not resolved for %(span)s') % words
    return _('Came back: nothing happened for %(span)s') % words


# -- what happens next ---------------------------------------------------------------------------------------------------


def next_words(alert: Alert, *, now: datetime) -> str:
    """What the clock does with an alert if nobody does anything, and when; empty where it does nothing. At most one query."""
    if alert.review_since is not None:
        return _('Everybody on the ladder was told. It waits in the review list; nobody is called out for it any more.')
    if alert.due_at is None or alert.state == AlertState.SNOOZED:
        return ''
    when = {'when': deadline_words(alert.due_at, now=now, zone=alert.clinic.zone)}
    if alert.state in IN_HAND and alert.call_back_at is not None:
        call = deadline_words(alert.call_back_at, now=now, zone=alert.clinic.zone)
        return _('To be called again by %(call)s. If nothing happens by %(when)s, it comes back to the list.') % (
            when | {'call': call}
        )
    if alert.state in IN_HAND:
        return _('If nothing more happens by %(when)s, it comes back to the list.') % when
    words = when | {'then': _then(alert, alert.due_at)}
    if now - alert.due_at > LATE:
        return _('Since %(when)s this is overdue: %(then)s.') % words
    return _('If nobody takes it by %(when)s, %(then)s.') % words


def _then(alert: Alert, due_at: datetime) -> str:
    ladder, place = Ladder.from_json(alert.policy), Place(alert.step, alert.round)
    if is_over(ladder, place) and not ladder.is_red:
        return _('it moves to the review list')
    is_open = Staff(alert.clinic, now=due_at).clock.counts_as_open(ladder, due_at)
    taken = climb(ladder, place, is_open=is_open, reach=lambda rung: 1).taken
    if not taken:
        return _('nobody is there to be told')
    words = [who_words(rung) for rung in taken]
    who, n = {'who': joined(words)}, len(set(words))
    if place.round:
        return ngettext('%(who)s is told again', '%(who)s are told again', n) % who
    return ngettext('%(who)s is told', '%(who)s are told', n) % who
