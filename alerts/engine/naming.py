"""Which symptoms a condition names when it holds."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

import alerts.engine.nodes as nodes
from alerts.engine.bits import Bits

# These name what they find in the entry; None stands for "any symptom".
_FOUND_IN_ENTRY = (
    nodes.AnyWorsened | nodes.AnySeverity | nodes.PersistsAnySeverity | nodes.AllergicSigns | nodes.SameDayFindings
)


def may_name(node: nodes.Node) -> frozenset[str] | None:
    """Every symptom that it can name, as far as the rule alone tells; None where that depends on the entry."""
    match node:
        case nodes.Any(children) | nodes.All(children) | nodes.Persists(of=children):
            below = [may_name(child) for child in children]
            return None if None in below else frozenset[str]().union(*(names for names in below if names))
        case nodes.Macro(when=when):
            return may_name(when)
        case nodes.ReportedAny(symptoms) | nodes.NewAny(symptoms):
            return frozenset(symptoms)
    if isinstance(node, _FOUND_IN_ENTRY):
        return None
    return frozenset(own_name(node))


def own_name(node: nodes.Node) -> tuple[str, ...]:
    """The one symptom that a test is about; none for a measurement, a dose, a therapy or a context."""
    match node:
        case nodes.SeverityAtLeast(symptom) | nodes.AnsweredYes(symptom) | nodes.Worsened(symptom):
            return (symptom,)
        case nodes.NumberAtLeast(symptom) | nodes.OverBaseline(symptom):
            return (symptom,)
    return ()


def named_by(node: nodes.Node, bits: Bits, words: Mapping[str, int]) -> int | None:
    """The symptoms that it names, as bits; None where it does not hold. `words` are the numbers that its terms speak of."""
    match node:
        case nodes.Macro(when=when):
            return named_by(when, bits, words)
        case nodes.Any(children) | nodes.All(children):
            found = [named_by(child, bits, words) for child in children]
            held = [names for names in found if names is not None]
            enough = len(children) if isinstance(node, nodes.All) else 1
            return union(held) if len(held) >= enough else None
    word, mask, least = bits.term(node)
    seen = words[word] & mask
    return bits.folded(seen) | bits.named(own_name(node)) if seen.bit_count() >= least else None


def named_by_all(tests: tuple[nodes.Node, ...], bits: Bits, words: Mapping[str, int]) -> int:
    """What those of the tests that hold name together."""
    found = [named_by(test, bits, words) for test in tests]
    return union(names for names in found if names is not None)


def union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)
