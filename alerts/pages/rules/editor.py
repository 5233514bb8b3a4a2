"""The page on which one rule of a draft is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import Catalogue
from alerts.engine import RuleSet as Rules
from alerts.forms.rules.editor import MOST_CITES, TIERS, HeadProblem, Sheet, head_problems
from alerts.forms.rules.editor_acts import Done
from alerts.forms.rules.editor_checks import Judge
from alerts.forms.rules.editor_choices import Choices
from alerts.forms.rules.editor_tree import id_of
from alerts.models import RuleSet
from alerts.pages.rules.editor_reading import Reading, patient_words, reading_of
from alerts.pages.rules.editor_rows import Maker, Row, words_to_add
from alerts.queries.rules.editor import Source, cited, sources
from alerts.triage import scripts_for
from alerts.words.reasons import BASIS
from clinic.models import Clinic
from diary.catalogue import current_catalogue, engine_mapping

NOTES = {
    'seed': gettext_lazy('The sentence stands in one of the five founding documents.'),
    'recovered': gettext_lazy(
        'The founding document has the heading; its list was read again on the publisher’s page.'
    ),
    'substitute': gettext_lazy('The founding list was lost; another publisher’s list stands in for it.'),
    'guideline': gettext_lazy('A guideline, drug label, grading standard or paper.'),
    'design': gettext_lazy('Our own choice; the clinic answers for it.'),
}


def judge_of(draft: RuleSet) -> Judge:
    """What judges the conditions of a draft: the catalogue of now and the draft's named conditions."""
    catalogue = Catalogue.parse(engine_mapping())
    macros = draft.content.get('macros', {})
    return Judge(Choices(catalogue, current_catalogue(), _named(draft, catalogue)), macros)


def _named(draft: RuleSet, catalogue: Catalogue) -> Any:
    return Rules.parse(draft.content, catalogue).macros


@dataclass(frozen=True)
class Mark:
    """A line of the error summary and where it leads."""

    id: str
    where: str
    text: str


@dataclass(frozen=True)
class TierOption:
    value: str
    label: str
    patient_reads: str
    selected: bool


@dataclass(frozen=True)
class Page:
    """Everything the template shows of a sheet. `head` are the problems of the head, by field."""

    sheet: Sheet
    root: Row
    reading: Reading
    head: dict[str, str]
    marks: tuple[Mark, ...]
    tiers: tuple[TierOption, ...]
    bases: tuple[tuple[str, str, str], ...]
    therapies: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    may_cite: bool
    lost: tuple[str, ...]
    words: Any
    has_script: bool
    said: str
    focus: str
    picker: bool


def page_of(draft: RuleSet, done: Done, judge: Judge, clinic: Clinic, *, more: Iterable[Mark] = ()) -> Page:
    """`more`: what the draft as a whole would not take, found when somebody tried to save."""
    sheet = done.sheet
    found = cited(sheet.cites)
    therapies = judge.choices.catalogue.therapies
    head = [
        each
        for each in head_problems(sheet, citations={one.code for one in found}, therapies=therapies)
        if sheet.tried or not each.empty
    ]
    all_sources = tuple(_left(sources(), sheet.cites))
    return Page(
        sheet=sheet,
        root=Maker(judge, sheet.tried, done.menu).row(sheet.tree),
        reading=reading_of(sheet, judge, found, clinic),
        head=dict.fromkeys(HEAD_SLOTS, '') | {each.slot: each.text for each in head},
        marks=(*more, *_marks(sheet, head, judge)) if sheet.tried else (),
        tiers=_tiers(sheet, clinic),
        bases=tuple((code, str(label), str(NOTES[code])) for code, label in BASIS.items()),
        therapies=tuple((code, therapy.name) for code, therapy in therapies.items()),
        sources=all_sources,
        lost=tuple(code for code in sheet.cites if code not in {one.code for one in found}),
        may_cite=len(sheet.cites) < MOST_CITES,
        words=words_to_add(),
        has_script=bool(scripts_for([sheet.rule])),
        said=done.said,
        focus=done.focus,
        picker=done.picker,
    )


def _left(found: list[Source], chosen: tuple[str, ...]) -> list[Source]:
    """What can still be cited."""
    kept = (Source(one.document, tuple(each for each in one.sentences if each.code not in chosen)) for one in found)
    return [one for one in kept if one.sentences]


def _tiers(sheet: Sheet, clinic: Clinic) -> tuple[TierOption, ...]:
    reads = patient_words(clinic)
    return tuple(TierOption(one.value, str(one.label), reads[one.value], sheet.tier == one.value) for one in TIERS)


_BEFORE = ('title', 'tier', 'minutes', 'therapy')
HEAD_SLOTS = (*_BEFORE, 'cites', 'basis')


def _marks(sheet: Sheet, head: list[HeadProblem], judge: Judge) -> list[Mark]:
    """Every problem in the order of the page."""
    named = {
        'title': _('Title'),
        'tier': _('What happens'),
        'minutes': _('Minutes'),
        'therapy': _('For whom'),
        'cites': _('Sources'),
        'basis': _('Basis'),
    }
    made = [(each.slot, Mark(f'h-{each.slot}', str(named[each.slot]), each.text)) for each in head]
    conditions = [
        Mark(id_of(each.path, each.slot), _condition(each.path), each.text) for each in judge.problems(sheet.tree)
    ]
    first = [mark for slot, mark in made if slot in _BEFORE]
    return [*first, *conditions, *(mark for slot, mark in made if slot not in _BEFORE)]


def _condition(path: tuple[int, ...]) -> str:
    if not path:
        return _('Conditions')
    return _('Condition %(place)s') % {'place': '.'.join(str(step + 1) for step in path)}
