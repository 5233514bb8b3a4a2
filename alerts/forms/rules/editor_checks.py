"""What is wrong with the conditions as typed, each at its own condition and field, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import Node, RuleError
from alerts.engine.parse import ConditionReader
from alerts.engine.spot import Spot
from alerts.forms.rules.editor_choices import Choices, Limits
from alerts.forms.rules.editor_tree import Path, Typed
from alerts.forms.rules.editor_words import LISTS, SLOTS, number, to_language
from alerts.words.problems import in_words

_CHOOSE = {
    'symptom': gettext_lazy('Choose a symptom.'),
    'test': gettext_lazy('Choose what counts.'),
    'by': gettext_lazy('Choose how much worse.'),
    'gte': gettext_lazy('Choose how bad.'),
    'therapy': gettext_lazy('Choose a kind of treatment.'),
    'context': gettext_lazy('Choose what is known of the patient.'),
    'measure': gettext_lazy('Choose a measurement.'),
    'name': gettext_lazy('Choose a named condition.'),
}
# Which field an engine's error is about, by the last name of its place; what is not here is about the first field.
_FIELDS = {
    'symptom': 'symptom', 'worsened': 'symptom', 'field': 'test', 'by': 'by', 'any_worsened_by': 'by',
    'any_severity_gte': 'gte', 'over_baseline_gte': 'n', 'days': 'days', 'at_least': 'at_least', 'lte': 'n',
    'therapy': 'therapy', 'day_gte': 'first', 'day_lte': 'last', 'context': 'context', 'measure': 'measure',
    'lt': 'n', 'drop_percent_gt': 'n', 'change_percent_gte': 'n', 'allergic_signs_gte': 'n',
    'same_day_findings_24h_gte': 'n', 'reported_any': 'chosen', 'new_any': 'chosen',
}  # fmt: skip
_ANYTHING = {'any_severity_gte': 1}  # a test that can always be read, in place of parts that are judged by themselves


@dataclass(frozen=True)
class Problem:
    """At a field of a condition. `empty`: nothing was chosen or typed yet, so that a new condition need not be scolded."""

    path: Path
    slot: str
    text: str
    empty: bool = False


@dataclass(frozen=True)
class Judge:
    """Judges conditions by the catalogue, in kind words, and by the engine, whose word is the last."""

    choices: Choices
    macros: Mapping[str, Any]

    def problems(self, tree: Typed) -> list[Problem]:
        """Everything that is wrong, from the top down."""
        return self._problems(tree, ())

    def _problems(self, one: Typed, path: Path) -> list[Problem]:
        own = self.own_problems(one, path)
        return own + [each for n, part in enumerate(one.parts) for each in self._problems(part, (*path, n))]

    def own_problems(self, one: Typed, path: Path = ()) -> list[Problem]:
        """What is wrong with this condition, whatever its parts are."""
        if one.is_group and not one.parts:
            return [Problem(path, 'add', _('Put a condition into this group, or take the group away.'), True)]
        if one.word in LISTS and not one.chosen:
            return [Problem(path, 'chosen', _('Tick at least one symptom.'), True)]
        kind = [each for slot in SLOTS[one.word] if (each := self._at(slot, one, path))]
        # What counts depends on the symptom or measurement: one thing after the other.
        return (
            kind[:1] if kind and kind[0].slot in ('symptom', 'measure', 'test') else kind or self._by_engine(one, path)
        )

    def _at(self, slot: str, one: Typed, path: Path) -> Problem | None:
        text, limits = one.value(slot), self.choices.limits(slot, one)
        if slot in _CHOOSE:
            missing = not self.choices.allows(slot, one)
            return Problem(path, slot, self._choose(slot, one), not text) if missing else None
        if limits is not None and not _fits(text, limits):
            return Problem(path, slot, _wanted(limits), not text)
        return None

    def _choose(self, slot: str, one: Typed) -> str:
        symptom = self.choices.catalogue.symptoms.get(one.value('symptom'))
        if slot == 'test' and symptom and one.value('test'):
            return _('“%(name)s” is not asked like that. Choose what counts.') % {'name': symptom.name}
        return str(_CHOOSE[slot])

    def _by_engine(self, one: Typed, path: Path) -> list[Problem]:
        try:
            self.node(replace(one, parts=()), parts=len(one.parts))
        except RuleError as error:
            return [Problem(path, self._field(one, error.steps), in_words(error.what))]
        return []

    def node(self, one: Typed, *, parts: int = 0) -> Node:
        """The condition as the engine reads it. `parts`: so many made-up ones in place of its own. Raises RuleError."""
        written: Any = to_language(one)
        if parts:
            inside = written['persists'] if one.word == 'persists' else written
            inside['of' if one.word == 'persists' else one.word] = [_ANYTHING] * parts
        macros = dict(Spot(self.macros, RuleError).members())
        return ConditionReader(self.choices.catalogue, macros).read(Spot(written, RuleError))

    def _field(self, one: Typed, steps: tuple[str | int, ...]) -> str:
        names = [step for step in steps if isinstance(step, str)]
        found = _FIELDS.get(names[-1], '') if names else ''
        if names and names[-1] == 'gte':
            found = 'gte' if 'gte' in SLOTS[one.word] else 'n' if self.choices.limits('n', one) else 'test'
        return found or (SLOTS[one.word] or ('word',))[0]

    def locate(self, tree: Typed, steps: tuple[str | int, ...]) -> tuple[Path, str]:
        """The condition and field that the engine's place under `when` is about, such as ('any', 2, 'symptom')."""
        path: tuple[int, ...] = ()
        rest = list(steps)
        while len(rest) > 1 and (inner := _part_at(tree, rest)):
            place, taken = inner
            path, tree, rest = (*path, place), tree.parts[place], rest[taken:]
        return path, self._field(tree, tuple(rest))


def _part_at(one: Typed, steps: list[str | int]) -> tuple[int, int] | None:
    """Which part comes next on the way, and how many steps that takes."""
    taken = 3 if one.word == 'persists' else 2
    place = steps[taken - 1] if one.is_group and len(steps) >= taken else None
    return (place, taken) if isinstance(place, int) and place < len(one.parts) else None


def _fits(text: str, limits: Limits) -> bool:
    found = number(text)
    if isinstance(found, str) or (limits.whole and not isinstance(found, int)):
        return False
    return limits.low <= found <= limits.high and not (limits.above and found <= limits.low)


def _wanted(limits: Limits) -> str:
    words = {'low': f'{limits.low:g}', 'high': f'{limits.high:g}', 'unit': limits.unit}
    if limits.above:
        return (_('Write a number above %(low)s, up to %(high)s %(unit)s') % words).strip() + '.'
    if limits.whole:
        return _('Write a whole number from %(low)s to %(high)s.') % words
    return (_('Write a number from %(low)s to %(high)s %(unit)s') % words).strip() + '.'
