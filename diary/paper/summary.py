"""The visit summary in words, for its PDF: what the page says (templates/diary/summary_body.html), in its order and its words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clinic.dates import date_format
from clinic.models import Patient, User
from diary.models import Context, Dose
from diary.paper.printing import paper_of, pdf_of
from diary.queries import Where
from diary.strips import Strip
from diary.summary import Line, Measured, Stretch, Summary, ToldCase

TEMPLATE = 'summary.typ'
Words = dict[str, Any]


def summary_pdf(patient: Patient, summary: Summary, where: Where, *, own: bool, by: User, now: datetime) -> bytes:
    """The PDF in the active language, times in the patient's zone. `own` is as on the page: whether it speaks as the patient.

    Raises PrintingError.
    """
    words = summary_words(patient, summary, where, own=own, by=by, now=now)
    return pdf_of(TEMPLATE, words, made_at=now)


def summary_words(patient: Patient, summary: Summary, where: Where, *, own: bool, by: User, now: datetime) -> Words:
    zone = patient.zone
    return {
        'lang': (get_language() or 'en').split('-')[0],
        'paper': paper_of(patient.clinic),
        'title': _('For my visit') if own else _('Visit summary'),
        'name': patient.name,
        'by': by.name,
        'about': ' · '.join(_about(patient)),
        'facts': list(_facts(summary, where, zone)),
        'questions': _questions(patient, summary, own=own),
        'felt': _felt(summary.stretches),
        'measured': _measured(summary.measured),
        'cases': _cases(summary.cases, zone, own=own),
        'note': _('These are the patient’s own words and numbers. They do not replace an examination.'),
        'made': _('Made on %(day)s at %(time)s by %(name)s.') % _made(by, now.astimezone(zone)),
        'page': _('Page {page} of {pages}'),
        'missing': _('{sign} stands for a sign that this file cannot show. You can see it on the page in Vigil.'),
    }


def _made(by: User, at: datetime) -> dict[str, str]:
    return {'day': date_format(at, 'j F Y'), 'time': date_format(at, 'G:i'), 'name': by.name}


# -- the head ----------------------------------------------------------------------------------------------------------


def _about(patient: Patient) -> Iterable[str]:
    if patient.birth_date:
        yield _('born %(born)s') % {'born': date_format(patient.birth_date, 'j F Y')}
    yield patient.record_number
    yield patient.clinic.name


def _facts(summary: Summary, where: Where, zone: ZoneInfo) -> Iterable[str]:
    if where.label:
        yield f'{where.course} · {where.label}'
    days = {'first': date_format(summary.since, 'j F Y'), 'last': date_format(summary.until, 'j F Y')}
    written = {'n': summary.written, 'days': summary.days}
    told = ngettext('An entry on %(n)s of %(days)s day.', 'Entries on %(n)s of %(days)s days.', summary.days)
    yield f'{_("From %(first)s to %(last)s.") % days} {told % written}'
    if summary.doses:
        yield f'{_("Doses:")} {", ".join(_dose(dose, zone) for dose in summary.doses)}'
    yield from (_context(context, zone) for context in summary.contexts)
    yield from summary.writers


def _dose(dose: Dose, zone: ZoneInfo) -> str:
    day = date_format(dose.given_at.astimezone(zone), 'j M')
    return f'{day} ({dose.amount})' if dose.amount else day


def _context(context: Context, zone: ZoneInfo) -> str:
    days = {'first': date_format(context.from_at.astimezone(zone), 'j M Y')}
    if context.until_at:
        days['last'] = date_format(context.until_at.astimezone(zone), 'j M Y')
    said = _('%(first)s to %(last)s') if context.until_at else _('since %(first)s')
    return f'{capfirst(context.get_code_display())}: {said % days}'


def _questions(patient: Patient, summary: Summary, *, own: bool) -> Words:
    return {
        'title': _('What I want to ask') if own else _('What the patient wants to ask'),
        'lang': patient.language,
        'items': [question.text for question in summary.questions],
        'none': _('No questions written down yet.'),
    }


# -- how it was --------------------------------------------------------------------------------------------------------


def _felt(stretches: Iterable[Stretch]) -> Words:
    return {
        'title': _('How it was'),
        'note': f'{_("Worst: the worst day. Typical: the middle one of the days on which it was there.")} '
        f'{_("Each bar is a day with an entry: the higher, the worse.")}',
        'head': [_('What'), _('Worst'), _('Day by day'), _('Typical'), _('Days')],
        'stretches': [_stretch(stretch) for stretch in stretches],
    }


def _stretch(stretch: Stretch) -> Words:
    days = date_format(stretch.first, 'j M')
    if stretch.first != stretch.last:
        days = f'{days} – {date_format(stretch.last, "j M Y")}'
    told = ngettext('entry on %(n)s of %(days)s day', 'entries on %(n)s of %(days)s days', stretch.days)
    return {
        'title': stretch.title,
        'when': f'{days} · {told % {"n": stretch.written, "days": stretch.days}}',
        'rows': [_line(line) for line in stretch.lines],
        'none': _('Nothing was reported.') if stretch.written else _('No entry.'),
    }


def _line(line: Line) -> Words:
    return {
        'name': line.name,
        'worst': line.worst or _('was there'),
        'bold': bool(line.worst),
        'most': ''.join(f', {most}' for most in line.most),
        'on': _short(line.worst_on),
        'typical': line.typical or '–',
        'days': str(line.days),
        'strip': _strip(line.strip) if line.strip else None,
    }


def _strip(strip: Strip) -> Words:
    return {
        'width': strip.width,
        'height': strip.height,
        'bar': strip.bar_width,
        'bars': [{'x': bar.x, 'y': bar.y, 'height': bar.height, 'level': bar.level} for bar in strip.bars],
        'words': strip.words,
    }


def _short(day: date) -> str:
    return date_format(day, 'j M')


def _measured(rows: Iterable[Measured]) -> Words:
    return {
        'title': _('What was measured'),
        'head': [_('What'), _('First → last'), _('Lowest'), _('Highest')],
        'rows': [
            [row.name, f'{row.first} → {row.last}' if row.times > 1 else row.last, row.lowest, row.highest]
            for row in rows
        ],
    }


# -- alerts and answers ------------------------------------------------------------------------------------------------


def _cases(cases: Iterable[ToldCase], zone: ZoneInfo, *, own: bool) -> Words:
    return {
        'title': _('What my team looked at') if own else _('Alerts and answers'),
        'items': [_case(case, zone, own=own) for case in cases],
        'none': _('Nothing since this day.'),
    }


def _case(case: ToldCase, zone: ZoneInfo, *, own: bool) -> Words:
    tiers = {'emergency': _('Emergency'), 'urgent': _('Urgent'), 'same_day': _('Same day')}
    told = f'{_("You told us:") if own else _("Told:")} {" · ".join(case.told)}' if case.told else ''
    return {
        'tier': case.tier,
        'word': tiers[case.tier],
        'at': date_format(case.opened_at.astimezone(zone), 'j F Y, G:i'),
        'told': told,
        'answer': case.answer,
        'answered': date_format(case.answered_at.astimezone(zone), 'j F, G:i') if case.answered_at else '',
    }
