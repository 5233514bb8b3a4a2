"""The forms of a made-up case and the case that they say. What is typed goes from page to page in the form; nothing keeps it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from alerts.engine import CaseError, Catalogue, Dose, EntryFacts, PatientFacts, nodes
from alerts.engine.exchange import Case, read_case, written
from alerts.engine.sentences import Sentence
from alerts.forms.rules.try_it import MOST_ROWS, Clock, ContextForms, DoseForms, EntryWhenForm, PatientForm
from alerts.models import RuleSet
from alerts.pages.rules.try_it import Entry, document_of, listed, units_at
from alerts.programs import compiled
from clinic.models import Clinic
from diary.answers import Reading, read_posted
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.documents import as_form
from diary.forms import EntryPage
from diary.models import BaselineKind

MOST_ENTRIES = MOST_ROWS
MOST_CARRIED = 400  # a real patient's entries come along whole, and are judged again with each press of a button


@dataclass(frozen=True)
class Setting:
    """What every form of the page needs: whose clinic, which catalogue, which usual values the rules ask for."""

    clinic: Clinic
    catalogue: Catalogue
    words: CatalogueView
    usual: tuple[str, ...]
    now: datetime


@dataclass(frozen=True)
class Desk:
    """`case` is what was read, or before it could be read what stood there; `open` is the id of the entry that is written now."""

    case: Case
    open: str
    ok: bool
    patient: PatientForm
    doses: Any
    contexts: Any
    when: EntryWhenForm | None
    page: EntryPage | None
    others: tuple[Entry, ...]

    @property
    def line(self) -> str:
        return written(self.case)

    @property
    def may_add(self) -> bool:
        return len(self.case.entries) < MOST_ENTRIES


def setting_of(clinic: Clinic, rule_set: RuleSet, *, now: datetime) -> Setting:
    """Raises RuleError where the rules cannot be read with the catalogue of now."""
    rules = compiled(rule_set).rules
    asked = {
        node.field
        for rule in rules.rules.values()
        for node in nodes.walk(rule.when)
        if isinstance(node, nodes.OverBaseline)
    }
    usual = tuple(dict.fromkeys([*BaselineKind.values, *sorted(asked)]))
    return Setting(clinic, rules.catalogue, current_catalogue(), usual, now)


def fresh_case(setting: Setting) -> Case:
    """Nobody yet, with one empty entry of now."""
    return Case('made up', PatientFacts(setting.clinic.zone), (EntryFacts('e1', this_minute(setting)),))


def this_minute(setting: Setting) -> datetime:
    return setting.now.replace(second=0, microsecond=0)


def fits(case: Case) -> bool:
    """Whether the page can show it."""
    return max(len(case.entries), len(case.patient.doses), len(case.patient.contexts)) <= MOST_ROWS


# -- showing ---------------------------------------------------------------------------------------------------------------


def shown(
    setting: Setting,
    case: Case,
    open_id: str,
    *,
    posted: Mapping[str, str] | None = None,
    reading: Reading | None = None,
) -> Desk:
    """The forms of a case. `posted` is what was typed of the open entry, where it was typed just now."""
    patient = case.patient
    clock = _clock_of(case, setting.now)
    usual = _usual(setting, case)
    first = {f'usual-{name}': value for name, value in patient.baseline.items()}
    opened = next((each for each in case.entries if each.id == open_id), None)
    if opened is not None and posted is None:
        posted = as_form(document_of(opened, setting.words), setting.words)
    return Desk(
        case,
        open_id if opened else '',
        ok=True,
        patient=PatientForm(
            initial={'time_zone': str(patient.time_zone), **first},
            prefix='p',
            catalogue=setting.catalogue,
            usual=usual,
        ),
        doses=DoseForms(initial=_dose_rows(case, clock), prefix='doses', form_kwargs=_kwargs(setting, clock)),
        contexts=ContextForms(
            initial=_context_rows(case, clock), prefix='contexts', form_kwargs=_kwargs(setting, clock)
        ),
        when=EntryWhenForm(initial={'at': clock.text(opened.at)}, prefix='when', clock=clock) if opened else None,
        page=_page(setting, opened, posted or {}, reading or Reading()) if opened else None,
        others=_others(setting, case, open_id),
    )


def _page(setting: Setting, entry: EntryFacts, posted: Mapping[str, str], reading: Reading) -> EntryPage:
    units = units_at(setting.clinic)
    offered = _offered(setting, entry)
    return EntryPage(setting.words, offered, units, posted, notes={}, reading=reading, takes_photos=False)


def _offered(setting: Setting, entry: EntryFacts) -> dict[str, SymptomSpec]:
    """Everything that anybody may be asked, and what this entry tells already."""
    symptoms = setting.words.symptoms.items()
    return {code: spec for code, spec in symptoms if not spec.retired or code in entry.answers}


def _others(setting: Setting, case: Case, open_id: str) -> tuple[Entry, ...]:
    return tuple(each for each in listed(case.entries, setting.words, setting.clinic) if each.id != open_id)


def _usual(setting: Setting, case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*setting.usual, *case.patient.baseline]))


def _kwargs(setting: Setting, clock: Clock) -> dict[str, Any]:
    return {'clock': clock, 'catalogue': setting.catalogue}


def _dose_rows(case: Case, clock: Clock) -> list[dict[str, str]]:
    return [{'therapy': dose.therapy, 'at': clock.text(dose.given_at)} for dose in case.patient.doses]


def _context_rows(case: Case, clock: Clock) -> list[dict[str, str]]:
    spans = case.patient.contexts
    return [{'context': each.context, 'start': clock.text(each.start), 'end': clock.text(each.end)} for each in spans]


# -- reading ---------------------------------------------------------------------------------------------------------------


def read(setting: Setting, data: QueryDict) -> Desk:
    """What was typed. Raises CaseError for a hidden case that is none, or too much (only somebody who changed it sends one)."""
    before = read_case(data.get('case', '').encode(), setting.catalogue)
    if len(before.entries) > MOST_CARRIED:
        problem = Sentence('{n:,} entries; at most {most:,} are read', n=len(before.entries), most=MOST_CARRIED)
        raise CaseError('entries', problem)
    entry = next((each for each in before.entries if each.id == data.get('open')), None)
    patient = PatientForm(data, prefix='p', catalogue=setting.catalogue, usual=_usual(setting, before))
    zone = patient.cleaned_data['time_zone'] if patient.is_valid() else _zone_of(before)
    clock = _clock_of(before, setting.now) if zone == _zone_of(before) else Clock(zone, setting.now)
    doses = DoseForms(data, prefix='doses', form_kwargs=_kwargs(setting, clock))
    contexts = ContextForms(data, prefix='contexts', form_kwargs=_kwargs(setting, clock))
    when = EntryWhenForm(data, prefix='when', clock=clock) if entry else None
    posted, reading = {name: str(value) for name, value in data.items()}, Reading()
    if entry:
        offered = _offered(setting, entry)
        reading = read_posted(posted, setting.words, units=units_at(setting.clinic), offered=offered)
    good = [each.is_valid() for each in (patient, doses, contexts, when) if each is not None]
    if not all(good) or not reading.ok:
        page = _page(setting, entry, posted, reading) if entry else None
        others = _others(setting, before, entry.id if entry else '')
        return Desk(before, entry.id if entry else '', False, patient, doses, contexts, when, page, others)
    facts = PatientFacts(
        zone,
        tuple(_given(doses)),
        tuple(form.span for form in contexts if form.span),
        patient.baseline(),
    )
    entries = list(_moved(before, zone))
    if entry and when and when.at_instant:
        place = before.entries.index(entry)
        entries[place] = _entry(entry.id, when.at_instant, reading)
    case = replace(before, patient=facts, entries=tuple(entries))
    return shown(setting, case, entry.id if entry else '', posted=posted, reading=reading)


def _given(doses: Any) -> Iterator[Dose]:
    for form in doses:
        dose = form.dose()
        if dose:
            yield dose


def _entry(entry_id: str, at: datetime, reading: Reading) -> EntryFacts:
    document = reading.document
    return EntryFacts(
        entry_id,
        at,
        {code: answer.get('values', {}) for code, answer in document['answers'].items()},
        {code: measured['value'] for code, measured in document['measurements'].items()},
    )


def _zone_of(case: Case) -> ZoneInfo:
    return ZoneInfo(str(case.patient.time_zone))


def _moved(case: Case, zone: ZoneInfo) -> Iterable[EntryFacts]:
    """In another zone everything keeps the time on its own clock, as the doses in the form do."""
    old = case.patient.time_zone
    for each in case.entries:
        moved = each.at if zone == old else each.at.astimezone(old).replace(tzinfo=zone)
        yield each._replace(at=moved)


def _clock_of(case: Case, now: datetime) -> Clock:
    """A text that the page showed means the very instant it was made of, also where the clock shows that time twice."""
    clock = Clock(_zone_of(case), now)
    spans = (moment for span in case.patient.contexts for moment in (span.start, span.end) if moment)
    moments = [*(dose.given_at for dose in case.patient.doses), *spans, *(entry.at for entry in case.entries)]
    return replace(clock, known={clock.text(moment): moment for moment in moments})


# -- what the small buttons do ---------------------------------------------------------------------------------------------


def with_new_entry(setting: Setting, case: Case) -> tuple[Case, str]:
    """One more entry, of now; its id."""
    known = {each.id for each in case.entries}
    new = next(name for name in (f'e{n}' for n in count(1)) if name not in known)
    return replace(case, entries=(*case.entries, EntryFacts(new, this_minute(setting)))), new


def without_entry(case: Case, entry_id: str) -> Case:
    return replace(case, entries=tuple(each for each in case.entries if each.id != entry_id))
