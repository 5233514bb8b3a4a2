"""“My diary”: the days by cycle, each with how bad its worst symptom was, and every entry of a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.access import ActorRequest, Who, who_may
from clinic.dates import date_format
from clinic.models import Patient
from clinic.rights import Right
from diary.almanac import Section, sections
from diary.catalogue import CatalogueView, current_catalogue
from diary.charts import severity_words
from diary.felt import felt, worst
from diary.models import Entry, Revision, TreatmentCourse
from diary.queries import courses_of, current_revisions, planned_cycles, where_now
from diary.services.entries import DAYS_BACK
from diary.telling import tell
from diary.views.guard import subject_of, units_of
from diary.words import CAR_T, cycle_name

SECTIONS_A_PAGE = 3


@dataclass(frozen=True)
class Day:
    """One square of the calendar. `level` is the worst severity of its entries; None without an entry."""

    day: date
    number: int
    entries: Sequence[Revision]
    level: int | None
    reported: bool
    is_today: bool
    is_future: bool
    is_dose: bool
    is_rest: bool
    can_fill_in: bool

    @property
    def label(self) -> str:
        """What a screen reader says for the square."""
        parts = [date_format(self.day, 'l j F'), *self._marks(), self._told()]
        return ', '.join(part for part in parts if part)

    def _marks(self) -> list[str]:
        marks = [(self.is_today, _('today')), (self.is_dose, _('dose')), (self.is_rest, _('rest'))]
        return [str(word) for holds, word in marks if holds]

    def _told(self) -> str:
        if self.is_future:
            return ''
        if not self.entries:
            return _('no entry: fill it in') if self.can_fill_in else _('no entry')
        count = ngettext('%(n)d entry', '%(n)d entries', len(self.entries)) % {'n': len(self.entries)}
        if self.level:
            return f'{count}, {_("worst")}: {severity_words()[self.level]}'
        return f'{count}, {_("something reported") if self.reported else _("nothing new")}'


@dataclass(frozen=True)
class Stretch:
    """One section as the page shows it."""

    title: str
    note: str
    days: list[Day]
    padding: range  # squares before the first day, so that a month keeps its weekdays


@who_may(Who.DIARIST, Right.READ)
def diary(request: ActorRequest) -> HttpResponse:
    patient = subject_of(request)
    today = request.now.astimezone(patient.zone).date()
    courses = list(courses_of(patient))
    begun = Entry.objects.filter(patient=patient).order_by('about_at').values_list('day', flat=True).first()
    found = sections([planned_cycles(course) for course in courses], first=begun or today, today=today)
    page = Paginator(found, SECTIONS_A_PAGE).get_page(request.GET.get('page'))
    stretches = _stretches(patient, courses, list(page.object_list), today=today, can_write=request.actor.can_write)
    shown = {
        'patient': patient,
        'where': where_now(patient, request.now),
        'page': page,
        'stretches': stretches,
        'words': severity_words()[1:],
    }
    return render(request, 'diary/diary.html', shown)


def _stretches(
    patient: Patient, courses: Sequence[TreatmentCourse], found: list[Section], *, today: date, can_write: bool
) -> list[Stretch]:
    by_day = _revisions_by_day(patient, min(s.first for s in found), max(s.last for s in found))
    doses = {dose.given_at.astimezone(patient.zone).date() for course in courses for dose in course.doses.all()}
    catalogue = current_catalogue()
    return [
        Stretch(
            _title(section, courses),
            _note(section, courses),
            [
                _day(
                    day,
                    section,
                    by_day[day],
                    catalogue,
                    doses,
                    today,
                    can_write,
                    number=_number(day, section, courses, patient),
                )
                for day in section.days
            ],
            range(0 if section.cycle else section.first.weekday()),
        )
        for section in found
    ]


def _revisions_by_day(patient: Patient, first: date, last: date) -> dict[date, list[Revision]]:
    by_day: dict[date, list[Revision]] = defaultdict(list)
    for revision in current_revisions(patient).filter(entry__day__range=(first, last)):
        by_day[revision.entry.day].append(revision)
    return by_day


def _day(
    day: date,
    section: Section,
    revisions: Sequence[Revision],
    catalogue: CatalogueView,
    doses: Iterable[date],
    today: date,
    can_write: bool,
    *,
    number: int,
) -> Day:
    found = [symptom for revision in revisions for symptom in felt(revision.document, catalogue)]
    return Day(
        day,
        number=number,
        entries=revisions,
        level=worst(found) if revisions else None,
        reported=bool(found),
        is_today=day == today,
        is_future=day > today,
        is_dose=day in doses,
        is_rest=_rests(section, day),
        can_fill_in=can_write and not revisions and timedelta(0) <= today - day <= timedelta(DAYS_BACK),
    )


def _number(day: date, section: Section, courses: Sequence[TreatmentCourse], patient: Patient) -> int:
    """The day as the page's head counts it (words.place_label): after CAR T-cells the day of the dose is day 0."""
    if section.cycle is None or section.course is None:
        return day.day
    course = courses[section.course]
    if course.therapy.code == CAR_T:
        given = [dose.given_at.astimezone(patient.zone).date() for dose in course.doses.all()]
        if before := [dose for dose in given if dose <= day]:
            return (day - max(before)).days
    return section.cycle.day_number(day)


def _rests(section: Section, day: date) -> bool:
    """Rest is shown where a cycle has days on and off; after a single dose it would be nearly every day."""
    return section.cycle is not None and len(section.cycle.doses) > 1 and section.cycle.rests_on(day)


def _title(section: Section, courses: Sequence[TreatmentCourse]) -> str:
    if section.cycle is None or section.course is None:
        return date_format(section.first, 'F Y')
    return cycle_name(section.cycle.number, courses[section.course].schedule)


def _note(section: Section, courses: Sequence[TreatmentCourse]) -> str:
    last = date_format(section.last, 'j M Y')
    span = f'{date_format(section.first, "j M")} – {last}' if section.first < section.last else last
    return f'{courses[section.course]} · {span}' if section.course is not None else span


@who_may(Who.DIARIST, Right.READ)
def day(request: ActorRequest, day: date) -> HttpResponse:
    """Every entry of one day, in the order of time; from here a missed day is filled in."""
    patient = subject_of(request)
    today = request.now.astimezone(patient.zone).date()
    if day > today:
        raise Http404
    catalogue = current_catalogue()
    revisions = current_revisions(patient).filter(entry__day=day)
    page = {
        'patient': patient,
        'day': day,
        'entries': [(revision, tell(revision.document, catalogue, units=units_of(patient))) for revision in revisions],
        'can_fill_in': request.actor.can_write and today - day <= timedelta(DAYS_BACK),
    }
    return render(request, 'diary/day.html', page)
