"""One rule as an admin types it: its head, what it cites and its conditions, finished or not."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from alerts.engine.rules import LONGEST_TITLE
from alerts.engine.scope import FIRST_DAY, LAST_DAY
from alerts.engine.visible import hidden_in
from alerts.forms.rules.editor_tree import Typed, check_size, typed_tree
from alerts.forms.rules.editor_words import SLOTS, blank, from_language, number, to_language
from alerts.forms.whole import whole
from alerts.models import TierChoice
from alerts.words.reasons import BASIS

MOST_MINUTES = 7 * 24 * 60
MOST_CITES = 40
TIERS = (TierChoice.EMERGENCY, TierChoice.URGENT, TierChoice.SAME_DAY, TierChoice.MONITOR)


@dataclass(frozen=True)
class HeadProblem:
    """At a field above or below the conditions. `empty`: nothing was typed yet."""

    slot: str
    text: str
    empty: bool = False


@dataclass(frozen=True)
class Sheet:
    """A rule as typed. `seen` is the draft's `edits` that its writer saw; `tried`: she has tried to save it."""

    rule: str
    seen: int
    title: str = ''
    tier: str = ''
    basis: str = ''
    minutes: str = ''
    therapy: str = ''
    cites: tuple[str, ...] = ()
    tree: Typed = field(default_factory=lambda: blank('any'))
    tried: bool = False

    def mapping(self) -> dict[str, Any]:
        """What is typed, in the rule language; the engine judges it."""
        own = {'acknowledge_within_minutes': number(self.minutes)} if self.minutes else {}
        head = {'tier': self.tier, **own, 'title': self.title, 'basis': self.basis, 'cites': list(self.cites)}
        return {**head, 'when': to_language(for_people_of(self.therapy, self.tree))}


def sheet_of(rule: str, mapping: Mapping[str, Any], *, seen: int) -> Sheet:
    """A rule of the draft as its form shows it. Raises TooMuch for one that the form cannot show."""
    therapy, tree = whom_for(from_language(mapping['when']))
    check_size(tree)
    minutes = mapping.get('acknowledge_within_minutes', '')
    head = {name: mapping[name] for name in ('title', 'tier', 'basis')}
    return Sheet(rule, seen, **head, minutes=str(minutes), therapy=therapy, cites=tuple(mapping['cites']), tree=tree)


def posted_sheet(rule: str, data: QueryDict) -> Sheet:
    """What was sent. Raises TooMuch for more than the form takes."""
    head = {name: data.get(name, '') for name in ('title', 'tier', 'basis', 'therapy')}
    return Sheet(
        rule or data.get('id', '').strip(),
        seen_of(data),
        **head,
        minutes=data.get('minutes', '').strip(),
        cites=tuple(dict.fromkeys(data.getlist('cites')))[:MOST_CITES],
        tree=typed_tree(data, SLOTS) or blank('any'),
        tried=data.get('tried') == 'yes',
    )


def seen_of(data: QueryDict) -> int:
    """The draft's `edits` as the page sends them back; a number that no draft has where it does not."""
    found = whole(data.get('seen', ''))
    return -1 if found is None else found


def whom_for(tree: Typed) -> tuple[str, Typed]:
    """The therapy that a rule is for (empty: everybody), and its other conditions; see alerts/engine/scope.py."""
    first = tree.parts[0] if tree.parts else None
    days = {'first': str(FIRST_DAY), 'last': str(LAST_DAY)}
    if tree.word != 'all' or first is None or first.word != 'therapy' or not days.items() <= first.values.items():
        return '', tree
    rest = tree.parts[1:]
    if not rest:
        return '', tree
    alone = len(rest) == 1 and rest[0].word != 'all'
    return first.value('therapy'), rest[0] if alone else replace(tree, parts=rest)


def for_people_of(therapy: str, tree: Typed) -> Typed:
    """The other way round: just the tree that `whom_for` would take apart."""
    if not therapy:
        return tree
    people = Typed('therapy', {'therapy': therapy, 'first': str(FIRST_DAY), 'last': str(LAST_DAY)})
    rest = tree.parts if tree.word == 'all' else (tree,)
    return Typed('all', {}, (), (people, *rest))


def head_problems(sheet: Sheet, *, citations: Container[str], therapies: Container[str]) -> list[HeadProblem]:
    """What is wrong above and below the conditions, in the order in which it stands on the page."""
    found = [_title(sheet.title), _choices(sheet), _minutes(sheet), _therapy(sheet, therapies)]
    return [each for each in (*found, *_source(sheet, citations)) if each]


def _title(title: str) -> HeadProblem | None:
    if not title.strip():
        return HeadProblem('title', _('Say in a few words what this rule finds.'), True)
    if len(title) > LONGEST_TITLE:
        return HeadProblem('title', _('Say it in at most %(n)s characters.') % {'n': LONGEST_TITLE})
    if hidden_in(title):
        return HeadProblem('title', _('There is a character in it that nobody can see. Type the title again.'))
    return None


def _choices(sheet: Sheet) -> HeadProblem | None:
    if sheet.tier not in TIERS:
        return HeadProblem('tier', _('Choose what happens.'), not sheet.tier)
    return None


def _minutes(sheet: Sheet) -> HeadProblem | None:
    if not sheet.minutes:
        return None
    if sheet.tier == TierChoice.MONITOR:
        return HeadProblem('minutes', _('A rule that only gives advice makes no alert. Leave the minutes empty.'))
    found = number(sheet.minutes)
    if isinstance(found, int) and 1 <= found <= MOST_MINUTES:
        return None
    return HeadProblem('minutes', _('Write whole minutes from 1 to %(n)s, or leave it empty.') % {'n': MOST_MINUTES})


def _therapy(sheet: Sheet, therapies: Container[str]) -> HeadProblem | None:
    known = not sheet.therapy or sheet.therapy in therapies
    return None if known else HeadProblem('therapy', _('Choose a kind of treatment, or everybody.'))


def _source(sheet: Sheet, citations: Container[str]) -> list[HeadProblem]:
    found = []
    if not sheet.cites:
        found.append(HeadProblem('cites', _('Cite at least one sentence: a rule stands on a source.'), True))
    if any(code not in citations for code in sheet.cites):
        found.append(HeadProblem('cites', _('One of the sentences is not among the sources any more. Take it away.')))
    if sheet.basis not in BASIS:
        found.append(HeadProblem('basis', _('Choose what this rule stands on.'), not sheet.basis))
    return found
