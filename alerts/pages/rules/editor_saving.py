"""Saving a sheet, and what to show when the draft does not take it: nothing that was typed is lost."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from alerts.engine import RuleError
from alerts.engine.describe import Outline
from alerts.forms.rules.editor import Sheet, sheet_of
from alerts.forms.rules.editor_checks import Judge
from alerts.forms.rules.editor_tree import TooMuch, id_of
from alerts.models import RuleSet, RuleSetEvent
from alerts.pages.rules.editor import Mark
from alerts.pages.rules.editor_reading import outline_of
from alerts.queries.rules.editor import changes_since
from alerts.services.rules import drafting
from alerts.words.problems import in_words
from clinic.models import User


@dataclass(frozen=True)
class Theirs:
    """What the draft now says of the rule: None where somebody took it out, `sheet` None where the form cannot show it."""

    mapping: dict[str, Any] | None
    sheet: Sheet | None


@dataclass(eq=False)
class Refused(Exception):
    """Why a sheet was not stored. `sheet` is as typed, with the draft's edits of now, so that saving again stores it."""

    draft: RuleSet
    sheet: Sheet
    changes: tuple[RuleSetEvent, ...] = ()
    theirs: Theirs | None = None
    no_draft: bool = False
    error: RuleError | None = None

    def outline(self, judge: Judge) -> Outline | None:
        """What the draft now says of the rule, line by line."""
        shown = self.theirs.sheet if self.theirs else None
        return outline_of(shown.tree, judge) if shown else None

    @property
    def status(self) -> int:
        return 422 if self.error else 409

    def marks(self, judge: Judge) -> list[Mark]:
        """The engine's last word, at the condition that it is about."""
        if self.error is None:
            return []
        steps = self.error.steps
        if steps[:3] != ('rules', self.sheet.rule, 'when'):
            return [Mark('h-title', self.error.place, in_words(self.error.what))]
        path, slot = judge.locate(self.sheet.tree, _inside(steps[3:], self.sheet))
        return [Mark(id_of(path, slot), _('Condition'), in_words(self.error.what))]


def _inside(steps: tuple[str | int, ...], sheet: Sheet) -> tuple[str | int, ...]:
    """The place in the tree of the form, which does not show the therapy that the rule is for."""
    if not sheet.therapy or len(steps) < 2 or not isinstance(steps[1], int):
        return steps
    return ('all', steps[1] - 1, *steps[2:]) if sheet.tree.word == 'all' else steps[2:]


def save(draft: RuleSet, sheet: Sheet, *, by: User, now: datetime) -> RuleSet:
    """Store the sheet in the draft. Raises Refused."""
    try:
        return drafting.change_rule(
            draft=draft, rule=sheet.rule, after=sheet.mapping(), by=by, seen=sheet.seen, now=now
        )
    except drafting.NotADraft:
        raise Refused(draft, sheet, no_draft=True) from None
    except drafting.DraftChanged:
        raise _changed(draft, sheet) from None
    except RuleError as error:
        raise Refused(draft, sheet, error=error) from error


def _changed(draft: RuleSet, sheet: Sheet) -> Refused:
    draft = RuleSet.objects.select_related('default').get(pk=draft.pk)
    changes = tuple(changes_since(draft, sheet.seen))
    mine = replace(sheet, seen=draft.edits)
    touched = any(one.rule in ('', sheet.rule) for one in changes)
    return Refused(draft, mine, changes, _theirs(draft, sheet.rule) if touched else None)


def _theirs(draft: RuleSet, rule: str) -> Theirs:
    mapping = draft.content['rules'].get(rule)
    if mapping is None:
        return Theirs(None, None)
    try:
        return Theirs(mapping, sheet_of(rule, mapping, seen=draft.edits))
    except TooMuch:
        return Theirs(mapping, None)
