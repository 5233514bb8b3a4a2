"""What the auditor's checks are called, and what a person reads when one is red: what it means, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from alerts.models import Check
from alerts.services.auditing import OUT_OF_TIME
from alerts.services.watching import Health, sweeps
from alerts.words.times import moment_words
from clinic.models import Clinic

# By name: what is promised, and what to do while it is not kept.
WORDS: Mapping[str, tuple[Promise, Promise]] = {
    'evaluation': (
        gettext_lazy('Every entry is checked within 2 minutes'),
        gettext_lazy('Read new entries yourself until this is green. Patients still get their advice at once.'),
    ),
    'set_aside': (
        gettext_lazy('Of an entry that cannot be checked a nurse is told'),
        gettext_lazy('Somebody must look for entries that are marked as not checked.'),
    ),
    'escalation': (
        gettext_lazy('Alerts that wait climb on time'),
        gettext_lazy('Look at the worklist often: others are not told by themselves.'),
    ),
    'delivery': (
        gettext_lazy('Messages go out, and arrive'),
        gettext_lazy('Do not wait for a message: look at the worklist. Check the mail server and people’s addresses.'),
    ),
    'sweeps': (
        gettext_lazy('Everything that runs by the clock runs'),
        gettext_lazy('Tell whoever runs the server: a part of Vigil has stopped.'),
    ),
    'members': (
        gettext_lazy('The clinic has a nurse who can open the worklist'),
        gettext_lazy('Nobody sees what patients write. Invite a nurse, or make somebody active again.'),
    ),
    'on_call': (
        gettext_lazy('Somebody is on call, now and for the next 24 hours'),
        gettext_lazy('Fill the gap in the on-call plan.'),
    ),
    'reached': (
        gettext_lazy('Every urgent alert reached somebody'),
        gettext_lazy('An urgent alert waits of which nobody could be told. Open the worklist now.'),
    ),
    'drill': (
        gettext_lazy('The last fire drill arrived in time'),
        gettext_lazy('Look below at which link broke, and tell whoever runs the server.'),
    ),
}
LINKS: Mapping[str, Promise] = {
    'stored': gettext_lazy('Stored'),
    'checked': gettext_lazy('Checked'),
    'listed': gettext_lazy('On the worklist'),
    'sent': gettext_lazy('Message sent'),
}
BREAKS: Mapping[str, Promise] = {
    'stored': gettext_lazy('The entry could not be stored.'),
    'checked': gettext_lazy('The entry was not checked: no worker did it.'),
    'listed': gettext_lazy('The entry was checked, but no alert came onto the worklist.'),
    'sent': gettext_lazy('The alert was on the worklist, but no message went out.'),
}


# While one of these is red somebody may be missing news.
GRAVE = frozenset({'evaluation', 'set_aside', 'escalation', 'delivery', 'sweeps', 'reached', 'members'})
# Which advice the banner gives when several are red: the one that keeps a patient from being overlooked now.
GRAVEST = (
    'reached',
    'evaluation',
    'set_aside',
    'escalation',
    'delivery',
    'members',
    'sweeps',
    'on_call',
    'drill',
)


@dataclass(frozen=True)
class CheckWords:
    """One check as the page shows it. `more` is what was found, `todo` what to do; both empty while it is well.

    `is_known` is False while there is nothing to judge yet: neither kept nor broken.
    """

    name: str
    ok: bool
    title: str
    since: str
    more: str
    todo: str
    is_known: bool = True


@dataclass(frozen=True)
class Banner:
    """What is not well, in a line, and what to do meanwhile. `grave` when people may be missing news because of it."""

    title: str
    todo: str
    grave: bool


def banner_words(health: Health, clinic: Clinic) -> Banner | None:
    """For the staff of a clinic; None while all is well for them."""
    here = [name.split(':')[0] for name in health.red if name.split(':')[1:] in ([], [str(clinic.pk)])]
    red = sorted(here, key=GRAVEST.index)
    if health.stopped:
        title = _stopped_words(health)
        return Banner(title, f'{_("Look at new entries and at the worklist yourself.")} {whom_to_tell()}', grave=True)
    if not red:
        return None
    titles = ', '.join(f'“{WORDS[name][0]}”' for name in red)
    title = _('Not all is well with Vigil. Not kept now: %(what)s.') % {'what': titles}
    return Banner(title, str(WORDS[red[0]][1]), grave=bool(GRAVE & set(red)))


def _stopped_words(health: Health) -> str:
    if set(health.stopped) >= set(sweeps()):
        return _('Vigil’s own work has stopped: nothing is checked or sent by itself.')
    what = ', '.join(sweep_words(name) for name in health.stopped)
    return _('Vigil’s own work has stopped: %(what)s.') % {'what': what}


def whom_to_tell() -> str:
    """SUPPORT_CONTACT is who looks after the server, as the clinic's people know them."""
    if settings.SUPPORT_CONTACT:
        return _('Tell now: %(who)s.') % {'who': settings.SUPPORT_CONTACT}
    return _('Tell an admin or whoever runs the server now.')


def check_words(check: Check, *, now: datetime, zone: ZoneInfo) -> CheckWords:
    """Raises KeyError for a check that has no words yet."""
    name = check.name.split(':')[0]
    title, todo = WORDS[name]
    since = moment_words(check.since, now=now, zone=zone)
    more = '' if check.ok else _found(check.detail, now=now, zone=zone)
    return CheckWords(name, check.ok, str(title), since, more, '' if check.ok else str(todo))


def _found(detail: Mapping[str, Any], *, now: datetime, zone: ZoneInfo) -> str:
    """What the auditor found, such as “2 late” or “from today at 18:00 until tomorrow at 8:00”."""
    parts = [_counted(name, found) for name, found in detail.items() if isinstance(found, int)]
    if 'error' in detail:
        out = detail['error'] == OUT_OF_TIME
        parts.append(_('it took too long') if out else _('it could not be looked at (%(error)s)') % detail)
    parts += [_gap(gap, now=now, zone=zone) for gap in detail.get('gaps', [])]
    parts += [sweep_words(name) for name in detail.get('stopped', [])]
    if detail.get('broken'):
        parts.append(str(BREAKS[detail['broken']]))
    return ' · '.join(parts)


def _counted(name: str, n: int) -> str:
    words = {
        'late': ngettext('%(n)s entry waits too long', '%(n)s entries wait too long', n),
        'untold': ngettext('%(n)s entry of which nobody was told', '%(n)s entries of which nobody was told', n),
        'behind': ngettext('%(n)s alert is behind', '%(n)s alerts are behind', n),
        'without_clock': ngettext('%(n)s alert has no clock', '%(n)s alerts have no clock', n),
        'not_taken': ngettext('%(n)s message lies untouched', '%(n)s messages lie untouched', n),
        'not_delivered': ngettext('%(n)s message is still not out', '%(n)s messages are still not out', n),
        'failed': ngettext('%(n)s message failed for good today', '%(n)s messages failed for good today', n),
        'nobody': ngettext('%(n)s alert reached nobody', '%(n)s alerts reached nobody', n),
        'fallback': ngettext(
            '%(n)s alert whose ladder or plan could not be read',
            '%(n)s alerts whose ladder or plan could not be read',
            n,
        ),
    }
    return words[name] % {'n': n}


def _gap(gap: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> str:
    ends = {name: moment_words(datetime.fromisoformat(at), now=now, zone=zone) for name, at in gap.items()}
    return _('nobody from %(from)s until %(until)s') % ends


def sweep_words(name: str) -> str:
    """What stopped, in words; a task without words is called by its name."""
    known = {
        'alerts.tasks.sweep_pending': _('checking entries'),
        'alerts.tasks.sweep_due': _('moving the clocks of alerts'),
        'alerts.tasks.sweep_notifications': _('sending messages'),
        'alerts.tasks.sweep_silences': _('looking for patients who have not written'),
        'alerts.tasks.sweep_drills': _('the fire drill'),
        'clinic.tasks.seal_audit': _('sealing the record of who looked at patients'),
        'alerts.tasks.sweep_reminders': _('reminding patients of their diary'),
        'alerts.tasks.sweep_roster': _('looking after the on-call plan'),
        'alerts.tasks.audit': _('these checks themselves'),
    }
    return known.get(name, name.rsplit('.', 1)[-1])
