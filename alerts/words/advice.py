"""What the patient reads for each tier: plain, kind, short, and what happens next."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from alerts.models import Alert
from alerts.people.watch import DAY, Phone, Watch, emergency_phone, other_team_phone, team_phone
from alerts.services.advice import UNCHECKED, Advice
from alerts.words.reasons import by_tier
from alerts.words.times import clock_words, day_words, last_day_words, moment_words
from clinic.dates import date_format

PRESSING = ('emergency', 'urgent')


@dataclass(frozen=True)
class AdviceWords:
    """The page's words. `phones` come in the order in which to try them; `then` says what happens next."""

    title: str
    lead: str
    phones: tuple[Phone, ...]
    watching: str
    then: tuple[str, ...]


def words_for(advice: Advice, *, now: datetime, zone: ZoneInfo) -> AdviceWords:
    """Times are told in the patient's own zone."""
    title, lead = _headline(advice, now=now, zone=zone)
    phones = phones_for(advice.tier, advice.watch)
    return AdviceWords(title, lead, phones, watching(advice, now=now, zone=zone), _then(advice, zone))


def still_open(advice: Advice, waiting: Alert | None) -> str:
    """What she told before and nobody has answered, where it asks for more than this entry: a calm page must not hide it."""
    if waiting is None or not advice.checked or by_tier(waiting.tier) >= by_tier(advice.tier):
        return ''
    return {
        'emergency': _('You told us of something more serious before. If it is still there, call %(number)s now.'),
        'urgent': _('You told us of something more serious before. If it is still there, phone your team now.'),
    }.get(waiting.tier, '') % {'number': advice.watch.clinic.emergency_number}


def reminder(waiting: Alert | None, number: str) -> str:
    """What today's page says first while something pressing is not answered; empty otherwise."""
    words = {
        'emergency': _('You told us of something serious. If it is still there, call %(number)s now.'),
        'urgent': _('You told us of something your team must hear. If you have not spoken with them yet, phone now.'),
    }
    return words[waiting.tier] % {'number': number} if waiting and waiting.tier in words else ''


def _headline(advice: Advice, *, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    number = advice.watch.clinic.emergency_number
    return {
        'emergency': (
            _('Call %(number)s now') % {'number': number},
            _('What you told us can be the start of something serious. Do not wait for a message from us.'),
        ),
        'urgent': (
            _('Phone your team now'),
            _('What you told us is something your team wants to hear at once. Do not wait until they phone you.'),
        ),
        'same_day': _same_day(advice, now=now, zone=zone),
        'monitor': (
            _('Look after yourself'),
            _('Nothing in your answers asks for a phone call now. Side effects are common with this treatment.'),
        ),
        'none': (_('Saved. Nothing to do now'), _('Nothing in your answers asks for a phone call.')),
        UNCHECKED: (
            _('Not checked: please phone this number'),
            _('Your answers are saved, but Vigil could not check them. Phone and say how you feel.'),
        ),
    }[advice.tier]


def _same_day(advice: Advice, *, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    if advice.known_until is not None:
        return _known(advice.known_until, advice.watch, now=now)
    lead = _('You do not have to do anything now. If it gets worse or worries you, phone.')
    if advice.seen_by is None or advice.seen_by.astimezone(zone).date() == now.astimezone(zone).date():
        return _('Your team looks at this today'), lead
    if advice.seen_by < now:  # she reads it again on a later day: what became of it stands in the receipt
        return _('This was for your team to look at'), _('See below what became of it. If it worries you, phone.')
    return _('Your team looks at this %(when)s') % {'when': day_words(advice.seen_by, now=now, zone=zone)}, lead


def _known(until: datetime, watch: Watch, *, now: datetime) -> tuple[str, str]:
    """The team expects it: nobody looks today, and she must not wait for anybody. What to do when it gets worse stays."""
    day = {'day': last_day_words(until, now=now, zone=watch.clinic.zone)}
    lead = _('They expect it until %(day)s and look at it again then. If it gets worse or worries you, phone.') % day
    more = _('If you tell us here that it is worse, or of something new, it reaches them as always.')
    return _('Your team knows about this'), f'{lead} {more}'


def phones_for(tier: str, watch: Watch) -> tuple[Phone, ...]:
    """In the order in which to try them."""
    emergency = emergency_phone(watch.clinic, label=_('If you get worse'))
    if tier == 'emergency':
        return (emergency_phone(watch.clinic, kind='emergency'), team_phone(watch))
    if tier in ('urgent', UNCHECKED):
        return (team_phone(watch, kind='strong'), emergency, other_team_phone(watch))
    return (team_phone(watch), emergency_phone(watch.clinic, label=_('In an emergency')))


def watching(advice: Advice, *, now: datetime, zone: ZoneInfo) -> str:
    """Who is watching now and until when, or that nobody is and what to do instead."""
    watch = advice.watch
    if watch.back_at and not watch.until and advice.tier in PRESSING:
        back = {'when': moment_words(watch.back_at, now=now, zone=zone)}
        return _('Nobody is at the screen now: your clinic opens %(when)s. Phoning is the sure way.') % back
    return watch_words(watch, now=now, zone=zone)


def watch_words(watch: Watch, *, now: datetime, zone: ZoneInfo) -> str:
    """Who is watching now, apart from any entry."""
    if watch.until and watch.until - now > DAY:
        return _('Your team is watching now, by day and night.')
    if watch.until:
        return _('Your team is watching now, until %(when)s.') % {'when': clock_words(watch.until, now=now, zone=zone)}
    if watch.back_at:
        back = {'when': moment_words(watch.back_at, now=now, zone=zone)}
        return _('Nobody is watching now. Your team is back %(when)s. Until then, phone if you need somebody.') % back
    return _('Nobody is sure to be watching. If you need somebody, phone.')


def _then(advice: Advice, zone: ZoneInfo) -> tuple[str, ...]:
    first = {
        'emergency': [tell_them(advice.last_dose, zone)],
        'urgent': [tell_them(advice.last_dose, zone)],
        'monitor': [_('If it gets worse, tell us again or phone.')],
        'none': [_('If something feels wrong to you, phone. You know yourself best.')],
    }.get(advice.tier, [])
    if advice.tier in PRESSING:
        first.append(_('The people on call at your clinic get a message.'))
    return tuple(first)


def tell_them(last_dose: datetime | None, zone: ZoneInfo) -> str:
    """Worded so that a caregiver can read it out as well."""
    if last_dose is None:
        return _('Tell them: treated with immunotherapy, and when the last dose was.')
    day = date_format(last_dose.astimezone(zone), 'l j F')
    return _('Tell them: treated with immunotherapy, last dose on %(day)s.') % {'day': day}
