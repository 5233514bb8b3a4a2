"""An alert as a few lines of text that a nurse copies into the patient's record."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from alerts.models import Alert, AlertEventKind
from alerts.pages.case import Answers, Case, Happened
from alerts.words.titles import title_words
from clinic.dates import date_format

STAMP = 'j M Y H:i'
# What somebody did. The clock's own steps and the figures' marks are no part of a record.
TOLD = (
    AlertEventKind.ACKNOWLEDGED,
    AlertEventKind.TAKEN_OVER,
    AlertEventKind.CONTACTED,
    AlertEventKind.NOTED,
    AlertEventKind.SNOOZED,
    AlertEventKind.WOKEN,
    AlertEventKind.RESOLVED,
    AlertEventKind.UNDONE,
)


def record_of(alert: Alert, case: Case) -> str:
    """Times are the clinic's own, entries' those of the patient; the words are the ones on the page."""
    head = _('%(name)s, record %(number)s. Vigil alert: %(tier)s.') % {
        'name': alert.patient.name,
        'number': alert.patient.record_number,
        'tier': alert.get_tier_display(),
    }
    steps = (_step(one, alert.clinic.zone) for one in case.history if one.event.kind in TOLD)
    return '\n'.join([head, *_entries(case.answers, alert.patient.zone), *_rules(case), *steps])


def _entries(answers: Answers | None, zone: ZoneInfo) -> Iterator[str]:
    if answers is None:
        return
    told = '; '.join(f'{row.name}: {row.now}' for row in answers.rows if row.now)
    yield _entry(answers.entry.about_at, zone, told)
    for earlier in answers.also:
        yield _entry(earlier.entry.about_at, zone, earlier.words)


def _entry(at: datetime, zone: ZoneInfo, told: str) -> str:
    return _('%(when)s diary entry: %(told)s.') % {'when': _stamp(at, zone), 'told': told}


def _rules(case: Case) -> Iterator[str]:
    for reason in case.reasons:
        yield _('Rule %(rule)s: %(title)s.') % {'rule': reason.rule, 'title': title_words(reason.rule, reason.title)}


def _step(happened: Happened, zone: ZoneInfo) -> str:
    event = happened.event
    who = f', {event.actor}' if event.actor else ''
    again = _(', calls again %(when)s') % {'when': _stamp(happened.calls_again, zone)} if happened.calls_again else ''
    note = f': {" ".join(event.note.split())}' if event.note else ''
    return f'{_stamp(event.at, zone)} {happened.what[:1].upper()}{happened.what[1:]}{who}{again}{note}'


def _stamp(at: datetime, zone: ZoneInfo) -> str:
    return date_format(at.astimezone(zone), STAMP)
