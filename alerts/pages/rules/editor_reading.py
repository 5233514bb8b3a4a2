"""The whole rule in plain words while it is being typed. What is not finished has its place in it, and says so."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from alerts.engine import Node, RuleError
from alerts.engine.describe import Outline, gathered, outline, over_days
from alerts.forms.rules.editor import Sheet
from alerts.forms.rules.editor_checks import Judge
from alerts.forms.rules.editor_tree import Typed
from alerts.forms.rules.editor_words import number
from alerts.models import Citation, DocumentKind, TierChoice
from alerts.words.reasons import BASIS
from clinic.models import Clinic

FOUNDING = (DocumentKind.SEED, DocumentKind.RECOVERED)


@dataclass(frozen=True)
class Reading:
    """`outline` is when the rule holds; `open` how many conditions are not finished; `warnings` may be passed over."""

    tier: str
    patient_reads: str
    outline: Outline
    open: int
    people: str
    basis: str
    cited: tuple[Citation, ...]
    warnings: tuple[str, ...]


def reading_of(sheet: Sheet, judge: Judge, cited: tuple[Citation, ...], clinic: Clinic) -> Reading:
    therapy = judge.choices.book.catalogue.therapies.get(sheet.therapy)
    return Reading(
        tier=sheet.tier if sheet.tier in TierChoice.values else '',
        patient_reads=patient_words(clinic).get(sheet.tier, ''),
        outline=outline_of(sheet.tree, judge),
        open=unfinished(sheet.tree, judge),
        people=therapy.name if therapy else '',
        basis=str(BASIS.get(sheet.basis, '')),
        cited=cited,
        warnings=_warnings(sheet, cited),
    )


def patient_words(clinic: Clinic) -> dict[str, str]:
    """What the patient reads when a rule of that tier fires, in the words of her advice page."""
    return {
        'emergency': _('Call %(number)s now') % {'number': clinic.emergency_number},
        'urgent': _('Phone your team now'),
        'same_day': _('Your team looks at this today'),
        'monitor': _('Look after yourself'),
    }


def outline_of(one: Typed, judge: Judge) -> Outline:
    """Like the engine's outline of the finished condition, with a hole where something is not finished."""
    try:
        return outline(judge.node(one), judge.choices.book)
    except RuleError:
        part = _part(one, judge)
    return part if isinstance(part, Outline) else gathered('or', [part], judge.choices.book)


def _part(one: Typed, judge: Judge) -> Node | Outline:
    if not one.is_group:
        return _test(one, judge)
    parts = [_part(part, judge) for part in one.parts]
    if one.word in ('any', 'all') and parts:
        return gathered('or' if one.word == 'any' else 'and', parts, judge.choices.book)
    if one.word == 'persists' and not judge.own_problems(one):
        return _over_days(one, judge)
    return Outline(_('… (not finished)'))


def _over_days(one: Typed, judge: Judge) -> Outline:
    days, needed = number(one.value('days')), number(one.value('at_least'))
    return over_days(int(days), int(needed), [outline_of(part, judge) for part in one.parts], judge.choices.book)


def _test(one: Typed, judge: Judge) -> Node | Outline:
    hole = Outline(_('… (not finished)'))
    if judge.own_problems(one):
        return hole
    try:
        return judge.node(one)
    except RuleError:
        return hole


def unfinished(one: Typed, judge: Judge) -> int:
    """How many conditions are not finished."""
    return bool(judge.own_problems(one)) + sum(unfinished(part, judge) for part in one.parts)


def _warnings(sheet: Sheet, cited: tuple[Citation, ...]) -> tuple[str, ...]:
    kinds = {one.document.kind for one in cited}
    if sheet.basis in FOUNDING and cited and not kinds & {*FOUNDING}:
        return (_('The basis is a founding list, but none of the sentences is from a founding document.'),)
    if kinds == {DocumentKind.SUBSTITUTE} and sheet.basis not in (DocumentKind.SUBSTITUTE, DocumentKind.DESIGN, ''):
        return (_('All sentences are substitutes for a lost list. Is the basis right?'),)
    return ()
