"""What the rules make of the numbers they look at, kept for the next entry with the same ones: they come again and again."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from alerts.engine.bits import Bits, Lasting
from alerts.engine.naming import named_by, named_by_all
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


def flags_of(rule: Rule, bits: Bits, words: tuple[str, ...]) -> Kept[tuple[FlagResult, int]]:
    """A rule's flags with the symptoms that they name, as bits, for entries of which it holds."""

    def make(values: Mapping[str, int]) -> tuple[FlagResult, int]:
        names = named_by(rule.when, bits, values)
        if names is None:
            raise RuntimeError(f'{rule.id} was found to hold and does not')
        return FlagResult(rule.id, rule.tier, bits.names(names)), names

    return Kept(words, make)


def marks_of(node: Lasting, bits: Bits, words: tuple[str, ...]) -> Kept[int]:
    """What an entry that counts for a lasting condition marks its day with."""
    tests = node.of if isinstance(node, Persists) else ()
    return Kept(words, lambda values: bits.held | named_by_all(tests, bits, values))
