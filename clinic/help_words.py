"""What a helper may do, in words for the patient and for the helper."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.dates import date_format
from clinic.models import Caregiver, HelpAct, HelpEvent
from clinic.rights import Right, rights_of

GIVEN = ('can_write', 'can_see_advice', 'can_see_photos')
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Helper:
    """One helper as a page lists her: what she does in words, from when (where that is to come) and until when."""

    caregiver: Caregiver
    does: list[str]
    begins: str
    ends: str


def helper_of(caregiver: Caregiver, *, now: datetime) -> Helper:
    zone = caregiver.patient.zone
    begins = date_format(caregiver.starts_at.astimezone(zone), 'j F Y') if caregiver.starts_at > now else ''
    return Helper(caregiver, rights_words(rights_of(caregiver)), begins, last_day(caregiver.ends_at, zone))


def rights_words(rights: Collection[Right]) -> list[str]:
    """For the patient and her team, each as what the other person does. The order is always the same."""
    words = {
        Right.READ: _('reads the diary, charts and treatment'),
        Right.ADVICE: _('sees the advice and the team’s answers'),
        Right.PHOTOS: _('sees photos of the skin'),
        Right.WRITE: _('writes in the diary'),
    }
    return [said for right, said in words.items() if right in rights]


def told_rights(caregiver: Caregiver) -> list[str]:
    """As the helper reads them."""
    name, rights = {'name': caregiver.patient.first_name}, rights_of(caregiver)
    words = {
        Right.READ: _('You can read %(name)s’s diary, charts and treatment.'),
        Right.ADVICE: _('You can see the advice and what the team answers.'),
        Right.PHOTOS: _('You can see photos of the skin.'),
        Right.WRITE: _('You can write for %(name)s.'),
    }
    ends = [_('This ends after %(day)s.') % {'day': last_day(caregiver.ends_at, caregiver.patient.zone)}]
    return [said % name for right, said in words.items() if right in rights] + (ends if caregiver.ends_at else [])


def last_day(ends_at: datetime | None, zone: ZoneInfo) -> str:
    """The last day before an instant at which a place ends; empty without one."""
    return date_format((ends_at - MOMENT).astimezone(zone), 'j F Y') if ends_at else ''


def event_words(event: HelpEvent, zone: ZoneInfo) -> str:
    """One line of the history, without who did it and when: “Ben Roth: may now write in the diary, until 3 March 2026”."""
    text = {
        HelpAct.INVITED: _('%(who)s was invited'),
        HelpAct.WITHDRAWN: _('The invitation of %(who)s was taken back'),
        HelpAct.JOINED: _('%(who)s said yes'),
        HelpAct.CHANGED: _('What %(who)s may do was changed'),
        HelpAct.ENDED: _('%(who)s cannot see the diary any more'),
    }[HelpAct(event.act)] % {'who': event.name or event.email}
    return text if event.act in (HelpAct.ENDED, HelpAct.WITHDRAWN) else f'{text}: {_detail(event, zone)}'


def _detail(event: HelpEvent, zone: ZoneInfo) -> str:
    given, until = event.detail['rights'], event.detail['until']
    place = Caregiver(**{name: name in given for name in GIVEN})
    said = ', '.join(rights_words(rights_of(place)))
    last = last_day(datetime.fromisoformat(until), zone) if until else ''
    return _('%(rights)s, until %(day)s') % {'rights': said, 'day': last} if last else said
