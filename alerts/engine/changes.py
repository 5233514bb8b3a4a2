"""What differs between two rule sets, and putting two lines of changes together: three-way, piece by piece.

A piece is what has a name of its own: `rules.E01`, `macros.low_bp`, `missed.C06`, `acknowledge_within_minutes.urgent`,
`follow_up_months_after_last_dose`. Two people who changed different pieces never clash.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.engine.rules import MissedRule, Rule, RuleSet
from alerts.engine.tiers import Tier

Content = Mapping[str, Any]
AnyRule = Rule | MissedRule
_PARTS = ('macros', 'rules', 'missed', 'acknowledge_within_minutes')
_GONE = object()


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that is not the same in both; None on the side where it is not. A changed macro changes every rule that uses it."""

    id: str
    before: AnyRule | None
    after: AnyRule | None

    @property
    def tier(self) -> Tier:
        """The more pressing of the two."""
        return max(rule.tier for rule in (self.before, self.after) if rule is not None)


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number of the whole set: `name` is a tier's word for the minutes to answer in, or `follow_up_months`."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    rules: tuple[RuleChange, ...]
    numbers: tuple[NumberChange, ...]

    def __bool__(self) -> bool:
        return bool(self.rules or self.numbers)


def compare(before: RuleSet, after: RuleSet) -> Comparison:
    """By what the rules mean: the most pressing first, then by id."""
    old: dict[str, AnyRule] = {**before.rules, **before.missed}
    new: dict[str, AnyRule] = {**after.rules, **after.missed}
    changes = (RuleChange(name, old.get(name), new.get(name)) for name in {**old, **new})
    found = (change for change in changes if change.before != change.after)
    return Comparison(tuple(sorted(found, key=lambda one: (-one.tier, one.id))), tuple(_numbers(before, after)))


def _numbers(before: RuleSet, after: RuleSet) -> Iterator[NumberChange]:
    for tier, minutes in before.acknowledge_within_minutes.items():
        if minutes != after.acknowledge_within_minutes[tier]:
            yield NumberChange(tier.word, minutes, after.acknowledge_within_minutes[tier])
    months = before.follow_up_months_after_last_dose, after.follow_up_months_after_last_dose
    if months[0] != months[1]:
        yield NumberChange('follow_up_months', *months)


# -- three-way --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merge:
    """`content` is whole; `taken` are the pieces that came from theirs. At a piece in `conflicts` both sides differ from the base
    and from each other; there `content` has ours, unless theirs was asked for."""

    content: dict[str, Any]
    taken: tuple[str, ...]
    conflicts: tuple[str, ...]


def merge(base: Content, ours: Content, theirs: Content, *, take: Collection[str] = ()) -> Merge:
    """The changes that lead from `base` to `theirs`, put into `ours`. `take` names conflicts in which theirs is wanted.

    A macro is kept as long as either side has it: a rule of the other side may use it.
    """
    was, mine, new = _pieces(base), _pieces(ours), _pieces(theirs)
    content: dict[str, Any] = {part: {} for part in _PARTS if part in ours or part in theirs}
    taken, conflicts = [], []
    for piece in {**mine, **new}:
        left, right = mine.get(piece, _GONE), new.get(piece, _GONE)
        clash = left != right and was.get(piece, _GONE) not in (left, right)
        chosen = right if left == was.get(piece, _GONE) or (clash and piece in take) else left
        if clash:
            conflicts.append(piece)
        if chosen is not left and chosen != left:
            taken.append(piece)
        if chosen is _GONE and piece.startswith('macros.'):
            chosen = right if left is _GONE else left
        if chosen is not _GONE:
            _put(content, piece, chosen)
    return Merge(content, tuple(sorted(taken)), tuple(sorted(conflicts)))


def piece_of(content: Content, piece: str) -> Any:
    """What stands there; None where nothing does."""
    return _pieces(content).get(piece)


def _pieces(content: Content) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in content.items():
        if name in _PARTS:
            found |= {f'{name}.{inner}': each for inner, each in value.items()}
        else:
            found[name] = value
    return found


def _put(content: dict[str, Any], piece: str, value: Any) -> None:
    part, _dot, inner = piece.partition('.')
    if inner:
        content[part][inner] = value
    else:
        content[part] = value


# -- words beside each other ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words, and whether the other side does not have them."""

    text: str
    differs: bool

    @property
    def core(self) -> str:
        return self.text.rstrip()

    @property
    def gap(self) -> str:
        """The space after them, which no mark should cover."""
        return self.text[len(self.core) :]


def beside(before: str, after: str) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    """Two sentences as runs of words; the runs of each side make the sentence again."""
    left, right = _split(before), _split(after)
    runs = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return (
        tuple(Words(''.join(left[a:b]), tag != 'equal') for tag, a, b, _c, _d in runs if b > a),
        tuple(Words(''.join(right[c:d]), tag != 'equal') for tag, _a, _b, c, d in runs if d > c),
    )


def _split(text: str) -> list[str]:
    """Words and the marks between them, each with the space that follows."""
    return re.findall(r'[\w°%.,]*\w\s*|[^\w\s]\s*|\s+', text)
