"""What the phone says on its own, without a connection: every word of static/js/offline/advice.js, and the numbers to phone.

`{…}` is filled on the phone. Nothing here promises that somebody looks: nothing has been sent.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from alerts.people.watch import Phone, Watch
from alerts.words.advice import phones_for, tell_them

TIERS = ('emergency', 'urgent', 'unchecked', 'calm')


def words_of(number: str, *, last_dose: datetime | None, zone: ZoneInfo) -> dict[str, str]:
    """By the name that the module asks for."""
    return {
        **_titles(number),
        **_beside(number),
        'told': _('You told us'),
        'say': tell_them(last_dose, zone),
        'next': _('What happens next'),
        'tell_more': _('If it gets worse, tell us again or phone.'),
        'sends': _('It sends itself when you are online. Then your team sees it.'),
        'why': _('Why we say this'),
        'met': _('Your answers met these rules:'),
        'no': _('no'),
        'share': _('%(n)g %% of the body').replace('%(n)g', '{n}').replace('%%', '%'),
    }


def _titles(number: str) -> dict[str, str]:
    return {
        'emergency': _('Call %(number)s now') % {'number': number},
        'emergency_lead': _(
            'What you told us can be the start of something serious. Do not wait for a message from us.'
        ),
        'urgent': _('Phone your team now'),
        'urgent_lead': _('What you told us is something your team wants to hear at once. It has not reached them.'),
        'unchecked': _('Not checked: please phone this number'),
        'unchecked_lead': _('This phone could not check your answers. Phone and say how you feel.'),
        'calm': _('Nothing here asks for a phone call now'),
        'calm_lead': _(
            'Your team has not seen this. They see it once it is sent. If it gets worse, phone: do not wait.'
        ),
    }


def _beside(number: str) -> dict[str, str]:
    """What may stand beside the advice."""
    return {
        'nobody': _('Nobody at your clinic has this yet: it is not sent. Phoning is the sure way.'),
        'some_unread': _('Some of your answers could not be read here.'),
        'about': _('What you wrote is from {when}.'),
        'about_then': _('If you still feel like this, do it now. If not, tell us how you are today.'),
        'stale': _('This phone last heard from Vigil on {day}. If your treatment changed since then, say so.'),
        'aside': _('Usually this sign means: call %(number)s. Your clinic has chosen otherwise:') % {'number': number},
        'aside_too': _(
            'This sign, too, usually means: call %(number)s. For this sign alone your clinic has chosen otherwise:'
        )
        % {'number': number},
    }


def phones_of(watch: Watch) -> dict[str, list[dict[str, str]]]:
    """For each tier the numbers in the order in which to try them."""
    return {tier: [_phone(phone) for phone in phones_for(tier, watch)] for tier in TIERS}


def _phone(phone: Phone) -> dict[str, str]:
    return {'label': str(phone.label), 'tel': phone.tel, 'display': phone.display, 'kind': phone.kind}
