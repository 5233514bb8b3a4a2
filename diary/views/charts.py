"""Every symptom that was ever reported, over the cycles."""

import enum
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.almanac import Section, sections
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.charts import Chart, Point, severity_chart, yes_no_words
from diary.felt import felt
from diary.models import Revision
from diary.queries import courses_of, current_revisions, planned_cycles, where_now
from diary.views.guard import subject_of

RECENT = 3


class Span(enum.Enum):
    """How far back the charts look."""

    CYCLE = 'cycle'
    RECENT = 'recent'
    ALL = 'all'


WORDS = {Span.CYCLE: _('This cycle'), Span.RECENT: _('Last 3 cycles'), Span.ALL: _('All')}


@who_may(Who.DIARIST, Right.READ)
def charts(request: ActorRequest) -> HttpResponse:
    patient = subject_of(request)
    span = next((span for span in Span if span.value == request.GET.get('span')), Span.RECENT)
    today = request.now.astimezone(patient.zone).date()
    page: dict[str, Any] = {
        'patient': patient,
        'where': where_now(patient, request.now),
        'spans': [(choice.value, WORDS[choice], choice is span) for choice in Span],
        'charts': symptom_charts(patient, span=span, today=today),
    }
    return render(request, 'diary/charts.html', page)


def symptom_charts(patient: Patient, *, span: Span, today: date) -> list[Chart]:
    """One chart a symptom, those reported most lately first; a constant number of queries."""
    courses = list(courses_of(patient))
    cycles = [planned_cycles(course) for course in courses]
    revisions = list(current_revisions(patient).filter(entry__day__lte=today))
    if not revisions:
        return []
    begun = revisions[0].entry.day
    found = [section for section in sections(cycles, first=begun, today=today) if section.last >= begun]
    first = found[_index(span, found)].first
    levels = _levels(revisions, current_catalogue(), first)
    days = sorted({revision.entry.day for revision in revisions})
    doses = [dose.given_at.astimezone(patient.zone).date() for course in courses for dose in course.doses.all()]
    shown = [section.cycle for section in reversed(found) if section.cycle and section.last >= first]
    return [
        severity_chart(
            [Point(day, level) for day in days if (level := by_day.get(day, 0)) is not None],
            chart_id=f'chart-{number}',
            title=spec.name,
            first=first,
            last=today,
            cycles=shown,
            doses=doses,
            levels=None if spec.has_severity else yes_no_words(),
        )
        for number, (spec, by_day) in enumerate(levels, start=1)
    ]


def _index(span: Span, found: list[Section]) -> int:
    """The oldest section that is shown; `found` is newest first."""
    return {Span.CYCLE: 0, Span.RECENT: min(RECENT, len(found)) - 1, Span.ALL: len(found) - 1}[span]


def _levels(
    revisions: Iterable[Revision], catalogue: CatalogueView, first: date
) -> list[tuple[SymptomSpec, dict[date, int | None]]]:
    """The symptoms reported since `first`, most lately first, each with its worst level by day; None where it was not said."""
    by_code: dict[str, dict[date, int | None]] = defaultdict(dict)
    for revision in revisions:
        day = revision.entry.day
        for symptom in felt(revision.document, catalogue):
            level = symptom.level if symptom.spec.has_severity else 1
            days = by_code[symptom.spec.code]
            known = days.get(day)
            days[day] = level if known is None else max(known, level or 0)
    lately = {code: max(days) for code, days in by_code.items() if max(days) >= first}
    return [(catalogue.symptom(code), by_code[code]) for code in sorted(lately, key=lately.__getitem__, reverse=True)]
