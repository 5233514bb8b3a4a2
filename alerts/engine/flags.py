"""What the rules make of the numbers they look at, kept for the next entry with the same ones: they come again and again."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from alerts.engine.bits import Bits, Lasting
from alerts.engine.lookback import same_day_rules
from alerts.engine.naming import named_by, named_by_all, union
from alerts.engine.nodes import Persists
from alerts.engine.results import FlagResult
from alerts.engine.rules import Rule

MOST_KEPT = 10_000

Key = int | tuple[int, ...]
Made = TypeVar('Made')


class Kept(dict[Key, Made]):
    """By the values of some words, alone or in their order: what is made of them."""

    def __init__(self, words: tuple[str, ...], make: Callable[[Mapping[str, int]], Made]) -> None:
        super().__init__()
        self._words, self._make = words, make

    def __missing__(self, key: Key) -> Made:
        if len(self) >= MOST_KEPT:
            self.clear()
        values = key if isinstance(key, tuple) else (key,)
        self[key] = made = self._make(dict(zip(self._words, values, strict=True)))
        return made


class Raised(NamedTuple):
    """The flags of some rules for one entry, the tiers of them as bits, and the symptoms of the same-day findings."""

    flags: tuple[FlagResult, ...]
    tiers: int
    findings: int


def flags_of(rules: Sequence[Rule], bits: Bits, words: tuple[str, ...]) -> Kept[Raised]:
    findings = {rule.id for rule in same_day_rules(rules)}

    def make(values: Mapping[str, int]) -> Raised:
        held = [(rule, names) for rule in rules if (names := named_by(rule.when, bits, values)) is not None]
        return Raised(
            tuple(FlagResult(rule.id, rule.tier, bits.names(names)) for rule, names in held),
            union(1 << rule.tier for rule, _ in held),
            union(names for rule, names in held if rule.id in findings),
        )

    return Kept(words, make)


def marks_of(node: Lasting, bits: Bits, words: tuple[str, ...]) -> Kept[int]:
    """What an entry that counts for a lasting condition marks its day with."""
    tests = node.of if isinstance(node, Persists) else ()
    return Kept(words, lambda values: bits.held | named_by_all(tests, bits, values))
