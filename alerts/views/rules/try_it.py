"""Trying a rule set out on a made-up patient or on a real entry. Nothing is stored, nobody is told, nothing is in the address."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts.engine import CaseError, FactError, RuleError
from alerts.engine.exchange import Case, read_case, written
from alerts.forms.rules.try_it import FindForm
from alerts.models import RuleSet
from alerts.pages.rules.try_it import Verdict, verdict
from alerts.pages.rules.try_it_desk import (
    MOST_ENTRIES,
    Desk,
    Setting,
    fits,
    fresh_case,
    read,
    setting_of,
    shown,
    with_new_entry,
    without_entry,
)
from alerts.pages.rules.try_it_real import RealEntry, as_case, entries_of, found_patients, revision_for
from alerts.queries.rules.life import rule_sets_of
from alerts.services.rules.try_it import Subject, in_force_beside, real_entry, try_rules
from alerts.words.problems import in_words
from clinic.access import ActorRequest, Who, clinic_of, only_reads, patients_of, who_may
from clinic.models import Patient
from diary.catalogue import current_catalogue

TEMPLATE = 'alerts/rules/try_it/page.html'
REAL = ('find', 'patient', 'entry', 'adopt')


@only_reads
@who_may(Who.ADMIN)
@require_http_methods(['GET', 'HEAD', 'POST'])
def try_it(request: ActorRequest, pk: int) -> HttpResponse:
    """`do` says what was pressed, such as run, add, open:e2, drop:e1, show:e1, paste, find, patient:…, entry:…, adopt."""
    clinic = clinic_of(request)
    rule_set = get_object_or_404(rule_sets_of(clinic), pk=pk)
    try:
        setting = setting_of(clinic, rule_set, now=request.now)
    except RuleError as error:
        page = {'rule_set': rule_set, 'problem': in_words(error)}
        return render(request, 'alerts/rules/try_it/unreadable.html', page, status=422)
    if request.method != 'POST':
        return _page(request, rule_set, shown(setting, fresh_case(setting), 'e1'))
    act, _colon, named = request.POST.get('do', 'run').partition(':')
    if act in REAL:
        return _real(request, rule_set, setting, act, named)
    if act == 'paste':
        return _pasted(request, rule_set, setting)
    return _made_up(request, rule_set, setting, act, named)


# -- a made-up patient -----------------------------------------------------------------------------------------------------


def _made_up(request: ActorRequest, rule_set: RuleSet, setting: Setting, act: str, named: str) -> HttpResponse:
    try:
        desk = read(setting, request.POST)
    except CaseError as error:
        problem = _('This page could not be read again (%(why)s). Here is an empty one.') % {'why': in_words(error)}
        return _page(request, rule_set, shown(setting, fresh_case(setting), 'e1'), problem=problem, status=422)
    if not desk.ok and (act, named) != ('drop', desk.open):
        return _page(request, rule_set, desk, status=422)
    return _done(request, rule_set, setting, desk, act, named)


def _done(request: ActorRequest, rule_set: RuleSet, setting: Setting, desk: Desk, act: str, named: str) -> HttpResponse:
    case = desk.case
    match act:
        case 'add' if desk.may_add:
            return _page(request, rule_set, shown(setting, *with_new_entry(setting, case)))
        case 'open':
            return _page(request, rule_set, shown(setting, case, named))
        case 'drop':
            stays = '' if named == desk.open else desk.open
            return _page(request, rule_set, shown(setting, without_entry(case, named), stays))
        case 'more':
            return _page(request, rule_set, desk)
    ids = [each.id for each in sorted(case.entries, key=lambda each: (each.at, each.id))]
    chosen = named if named in ids else desk.open or next(reversed(ids), '')
    if not chosen:
        return _page(request, rule_set, desk, problem=_('There is no entry to try. Add one.'), status=422)
    return _answered(request, rule_set, desk, Subject(case.patient, case.entries, chosen))


def _pasted(request: ActorRequest, rule_set: RuleSet, setting: Setting) -> HttpResponse:
    line = request.POST.get('line', '').strip()
    try:
        case = read_case(line.encode(), setting.catalogue)
    except CaseError as error:
        empty = shown(setting, fresh_case(setting), 'e1')
        return _page(request, rule_set, empty, line=line, line_problem=in_words(error), status=422)
    if not case.entries or not fits(case):
        problem = _('This page takes cases with 1 to %(n)s entries, and as many doses and contexts.')
        empty = shown(setting, fresh_case(setting), 'e1')
        return _page(request, rule_set, empty, line=line, line_problem=problem % {'n': MOST_ENTRIES}, status=422)
    return _done(request, rule_set, setting, shown(setting, case, ''), 'run', '')


# -- a real entry ----------------------------------------------------------------------------------------------------------


def _real(request: ActorRequest, rule_set: RuleSet, setting: Setting, act: str, named: str) -> HttpResponse:
    """What is not hers to see is not found, as everywhere."""
    empty = shown(setting, fresh_case(setting), 'e1')
    by_name = request.actor.is_nurse
    find = FindForm(request.POST, by_name=by_name)
    if act == 'find':
        words = find.cleaned_data['words'] if find.is_valid() else ''
        matches = found_patients(patients_of(request.actor), words, by_name=by_name, now=request.now)
        return _page(request, rule_set, empty, find=find, matches=matches)
    patient = _patient(request, named if act == 'patient' else request.POST.get('patient', ''))
    entries = entries_of(patient, setting.words, setting.clinic)
    if act == 'patient':
        return _page(request, rule_set, empty, patient=patient, entries=entries)
    return _real_entry(request, rule_set, setting, patient, entries, act, named or request.POST.get('entry', ''))


def _real_entry(
    request: ActorRequest,
    rule_set: RuleSet,
    setting: Setting,
    patient: Patient,
    entries: list[RealEntry],
    act: str,
    entry: str,
) -> HttpResponse:
    beside = in_force_beside(rule_set, setting.clinic.pk)
    subject = real_entry(revision_for(patient, _uuid(entry)), *[each for each in (rule_set, beside) if each])
    empty = shown(setting, fresh_case(setting), 'e1')
    if subject is None:
        problem = _('This entry could not be read, so no rule can be tried on it.')
        return _page(request, rule_set, empty, patient=patient, entries=entries, problem=problem, status=422)
    if act == 'adopt':
        case = as_case(subject)
        return _done(request, rule_set, setting, shown(setting, case, case.entries[-1].id), 'run', '')
    more = {'patient': patient, 'entries': entries, 'picked': entry}
    return _answered(request, rule_set, empty, subject, **more)


def _patient(request: ActorRequest, public_id: str) -> Patient:
    return get_object_or_404(patients_of(request.actor), public_id=_uuid(public_id))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


# -- the page --------------------------------------------------------------------------------------------------------------


def _answered(request: ActorRequest, rule_set: RuleSet, desk: Desk, subject: Subject, **more: Any) -> HttpResponse:
    try:
        answer = _verdict(request, rule_set, subject)
    except FactError as error:
        return _page(request, rule_set, desk, problem=in_words(error), status=422, **more)
    case = as_case(subject) if more else replace(desk.case, patient=subject.patient)
    return _page(request, rule_set, desk, verdict=answer, case=case, **more)


def _verdict(request: ActorRequest, rule_set: RuleSet, subject: Subject) -> Verdict:
    clinic = clinic_of(request)
    beside = in_force_beside(rule_set, clinic.pk)
    here, theirs = try_rules(subject, rule_set), try_rules(subject, beside) if beside else None
    return verdict(subject, here, theirs, clinic=clinic, catalogue=current_catalogue())


def _page(
    request: ActorRequest,
    rule_set: RuleSet,
    desk: Desk,
    *,
    case: Case | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    page: dict[str, Any] = {
        'rule_set': rule_set,
        'desk': desk,
        'zone': str(case.patient.time_zone if case else desk.case.patient.time_zone),
        'copy': written(case) if case else '',
        'verdict': None,
        'problem': '',
        'line': '',
        'line_problem': '',
        'find': FindForm(by_name=request.actor.is_nurse),
        'matches': None,
        'patient': None,
        'entries': [],
        'picked': '',
        'summary': desk.page.summary if desk.page else [],
    }
    return render(request, TEMPLATE, page | more, status=status)
