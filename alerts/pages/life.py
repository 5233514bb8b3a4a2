"""Everything that happened to a patient on one line of time: doses, entries, alerts with their steps, talks, pauses, silences.

Each kind is read by one query for as many rows as a page shows, from a moment backwards; then they are merged. So a page costs
the same after years, and “older” goes on from where it ended, also amid things of one instant (an entry's red and amber alert).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.models import Alert, AlertEvent, AlertEventKind, Silence, SilenceEnd, SilentFlag
from alerts.pages.case import in_words
from alerts.pages.silent import why_words
from alerts.queries.cases import tiers_of
from alerts.queries.rules.set_aside import of_entries
from alerts.words.answers import staff_units, told
from alerts.words.titles import summary_words, title_words
from clinic.models import Patient
from diary.catalogue import CatalogueView, current_catalogue
from diary.models import Context, DiaryPause, Revision
from diary.places import Course, stand
from diary.queries import contexts_of, current_revisions, doses_of
from diary.words import written_for

PAGE = 40
MOST_WORDS = 6
ENTRIES, ALERTS, TALKS, DOSES, HOLDS, SILENCES = 'entries', 'alerts', 'talks', 'doses', 'holds', 'silences'
KINDS = (ENTRIES, ALERTS, TALKS, DOSES, HOLDS, SILENCES)
# A talk or a note stands under its alert; by itself it is told only where somebody asks for talks alone.
BY_THEMSELVES = (ENTRIES, ALERTS, DOSES, HOLDS, SILENCES)
TALK = (AlertEventKind.CONTACTED, AlertEventKind.NOTED)
EVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


@dataclass(frozen=True)
class Line:
    """One step below an item: when, what, by whom, in which words."""

    at: datetime
    what: str
    who: str = ''
    note: str = ''


@dataclass(frozen=True)
class Item:
    """One thing that happened. `tier` draws an alert's or entry's sign; `icon` that of any other."""

    at: datetime
    kind: str
    title: str
    icon: str = ''
    tier: str = ''
    url: str = ''
    more: str = ''
    who: str = ''
    lines: tuple[Line, ...] = ()
    whole_day: bool = False


@dataclass(frozen=True)
class Day:
    day: date
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Section:
    """The days of one cycle, the newest first."""

    title: str
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Place:
    """Where a page begins: at an instant and backwards, without the first `seen` things of that very instant."""

    at: datetime
    seen: int = 0


@dataclass(frozen=True)
class Life:
    """One page. `older` is where the next one begins; None at the beginning of everything."""

    sections: tuple[Section, ...]
    older: Place | None
    kind: str = ''
    is_first: bool = True
    kinds: tuple[str, ...] = field(default=KINDS)


def life_of(
    patient: Patient, *, courses: Sequence[Course], now: datetime, kind: str = '', before: Place | None = None
) -> Life:
    """What happened up to a place (else all of it), the newest first, of one kind or of all. At most eleven queries.

    What is planned has not happened. All else is told by its writer's clock, even where that one is ahead. Raises KeyError for an
    unknown kind.
    """
    start = before or Place(EVER)
    wanted = [READ[kind]] if kind else [READ[each] for each in BY_THEMSELVES]
    found = [item for read in wanted for item in read(patient, start.at, start.seen + PAGE + 1)]
    found = [item for item in found if item.kind != HOLDS or item.at <= now]
    found = _after(start, sorted(found, key=lambda item: item.at, reverse=True))
    page = found[:PAGE]
    older = _end(page, start) if len(found) > PAGE else None
    return Life(tuple(_sections(page, patient, courses)), older, kind, is_first=before is None)


def _after(start: Place, items: Sequence[Item]) -> list[Item]:
    """Without what the page before showed of its last instant."""
    there = sum(item.at == start.at for item in items)
    return list(items[min(start.seen, there) :])


def _end(page: Sequence[Item], start: Place) -> Place:
    at = page[-1].at
    seen = sum(item.at == at for item in page)
    return Place(at, seen + (start.seen if at == start.at else 0))


def _sections(items: Iterable[Item], patient: Patient, courses: Sequence[Course]) -> Iterable[Section]:
    days = []
    for day, here in groupby(items, key=lambda item: item.at.astimezone(patient.zone).date()):
        days.append((stand(day, courses), day, tuple(here)))
    for title, group in groupby(days, key=lambda each: each[0].section):
        yield Section(title, tuple(Day(day, where.label, here) for where, day, here in group))


# -- what is read of each kind ----------------------------------------------------------------------------------------------


def _entries(patient: Patient, until: datetime, most: int) -> list[Item]:
    revisions = current_revisions(patient).filter(entry__about_at__lte=until).select_related('recorded_by')
    rows = list(revisions.reverse()[:most])
    entries = [revision.entry for revision in rows]
    tiers, aside = (tiers_of(entries), of_entries(entries)) if rows else ({}, {})
    catalogue = current_catalogue()
    return [
        _entry(patient, revision, catalogue, tiers.get(revision.entry_id, ''), aside.get(revision.entry_id, []))
        for revision in rows
    ]


def _entry(
    patient: Patient, revision: Revision, catalogue: CatalogueView, tier: str, aside: Sequence[SilentFlag]
) -> Item:
    said = told(revision.document, catalogue, staff_units(patient.clinic))
    words = [str(one) for one in said if one.reported or one.level is None]
    marks = [_('filled in late')] if revision.entry.is_late else []
    marks += [_('corrected')] if revision.number > 1 else []
    return Item(
        revision.entry.about_at,
        ENTRIES,
        ' · '.join(words[:MOST_WORDS]) + (' …' if len(words) > MOST_WORDS else '') or _('Nothing new'),
        tier=tier,
        url=reverse('diary:patient_entry', args=[patient.public_id, revision.entry.public_id]),
        more=', '.join(marks),
        who=written_for(revision, patient),
        lines=tuple(_set_aside(flag) for flag in aside),
    )


def _set_aside(flag: SilentFlag) -> Line:
    what = _('Set aside by the clinic: %(title)s (rule %(rule)s)') % {
        'title': title_words(flag.rule, flag.title),
        'rule': flag.rule,
    }
    return Line(flag.found_at, what, note=flag.reason)


def _alerts(patient: Patient, until: datetime, most: int) -> list[Item]:
    events = Prefetch('events', AlertEvent.objects.select_related('actor').order_by('at', 'pk'))
    rows = (
        Alert.objects.filter(patient=patient, opened_at__lte=until)
        .order_by('-opened_at', 'pk')
        .prefetch_related(events)
    )
    return [_alert(alert) for alert in rows[:most]]


def _alert(alert: Alert) -> Item:
    events = list(alert.events.all())
    steps = [event for event in events if event.kind != AlertEventKind.JOINED]
    joined = len(events) - len(steps)
    more = [alert.get_outcome_display() if alert.outcome else alert.get_state_display()]
    more += [ngettext('once more', '%(n)d times more', joined) % {'n': joined}] if joined else []
    return Item(
        alert.opened_at,
        ALERTS,
        summary_words(alert.summary) or _('What fired no longer holds'),
        tier=alert.tier,
        url=reverse('alerts:alert', args=[alert.public_id]),
        more=' · '.join(more),
        lines=tuple(_line(event) for event in steps if event.kind != AlertEventKind.OPENED),
    )


def _line(event: AlertEvent) -> Line:
    return Line(event.at, in_words(event), str(event.actor or ''), event.note)


def _talks(patient: Patient, until: datetime, most: int) -> list[Item]:
    events = AlertEvent.objects.filter(alert__patient=patient, at__lte=until, kind__in=TALK)
    rows = events.select_related('actor', 'alert').order_by('-at', '-pk')[:most]
    return [
        Item(
            event.at,
            TALKS,
            in_words(event),
            icon='phone' if event.kind == AlertEventKind.CONTACTED else 'edit',
            url=reverse('alerts:alert', args=[event.alert.public_id]),
            more=event.note,
            who=str(event.actor or ''),
        )
        for event in rows
    ]


def _doses(patient: Patient, until: datetime, most: int) -> list[Item]:
    rows = doses_of(patient).filter(given_at__lte=until).select_related('course__agent', 'recorded_by')
    return [
        Item(
            dose.given_at,
            DOSES,
            _('Dose of %(what)s') % {'what': dose.course},
            icon='syringe',
            more=dose.amount,
            who=str(dose.recorded_by),
        )
        for dose in rows.order_by('-given_at', 'pk')[:most]
    ]


def _holds(patient: Patient, until: datetime, most: int) -> list[Item]:
    """Contexts at their beginning and at their end, planned pauses at their first day: few, so `most` is the same for all."""
    contexts = list(contexts_of(patient).select_related('recorded_by').order_by('-from_at', 'pk')[: 4 * PAGE])
    begun = [_context(c, c.from_at, _('%(what)s: begins')) for c in contexts if c.from_at <= until]
    ended = [_context(c, c.until_at, _('%(what)s: ends')) for c in contexts if c.until_at and c.until_at <= until]
    pauses = (
        DiaryPause.objects.filter(patient=patient).select_related('recorded_by').order_by('-from_on', 'pk')[: 2 * PAGE]
    )
    return begun + ended + [item for item in (_pause(each, patient) for each in pauses) if item.at <= until]


def _context(context: Context, at: datetime, words: str) -> Item:
    what = context.get_code_display()
    return Item(at, HOLDS, (words % {'what': what[:1].upper() + what[1:]}), icon='pill', who=str(context.recorded_by))


def _pause(pause: DiaryPause, patient: Patient) -> Item:
    days = (pause.until_on - pause.from_on).days + 1
    said = ngettext(
        'Planned pause of the diary: %(reason)s, %(n)d day',
        'Planned pause of the diary: %(reason)s, %(n)d days',
        days,
    )
    return Item(
        datetime.combine(pause.from_on, time.min, patient.zone).astimezone(UTC),
        HOLDS,
        said % {'reason': pause.get_reason_display(), 'n': days},
        icon='moon',
        who=str(pause.recorded_by),
        whole_day=True,
    )


def _silences(patient: Patient, until: datetime, most: int) -> list[Item]:
    rows = Silence.objects.filter(patient=patient, found_at__lte=until).select_related('ended_by', 'tried_by')
    return [_silence(each) for each in rows.order_by('-found_at', 'pk')[:most]]


def _silence(each: Silence) -> Item:
    lines = []
    if each.tried_at:
        lines.append(Line(each.tried_at, _('Tried to reach the patient, nobody answered'), str(each.tried_by)))
    if each.ended_at:
        how = SilenceEnd(each.ended_how).label
        lines.append(Line(each.ended_at, _('Over: %(how)s') % {'how': how}, str(each.ended_by or ''), each.note))
    more = why_words(each, None)
    return Item(each.found_at, SILENCES, _('Silent: no entry came'), icon='hidden', more=more, lines=tuple(lines))


READ: dict[str, Callable[[Patient, datetime, int], list[Item]]] = {
    ENTRIES: _entries,
    ALERTS: _alerts,
    TALKS: _talks,
    DOSES: _doses,
    HOLDS: _holds,
    SILENCES: _silences,
}
