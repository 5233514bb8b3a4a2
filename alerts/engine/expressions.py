"""Conditions as Python expressions over the numbers that the compiled function works out for an entry."""

from collections.abc import Iterable, Mapping

import alerts.engine.nodes as nodes
from alerts.engine.bits import LASTED, Bits, Term
from alerts.engine.naming import union


def test(node: nodes.Node, bits: Bits) -> str:
    """True, or a number other than 0, where the condition holds; safe beside `and` and `or`."""
    match node:
        case nodes.Macro(when=when):
            return test(when, bits)
        case nodes.All(children):
            return _joined([test(child, bits) for child in children], 'and')
        case nodes.Any():
            return _any(node, bits)
    return _has(bits.term(node))


def _any(node: nodes.Any, bits: Bits) -> str:
    """Bits of one number are asked for together."""
    masks: dict[str, int] = {}
    others: list[str] = []
    for child in _choices(node):
        term = None if isinstance(child, nodes.All) else bits.term(child)
        if term is not None and term.least == 1:
            masks[term.word] = masks.get(term.word, 0) | term.mask
        else:
            others.append(test(child, bits))
    return _joined([*(_has(Term(word, mask)) for word, mask in masks.items()), *others], 'or')


def _choices(node: nodes.Node) -> Iterable[nodes.Node]:
    match node:
        case nodes.Macro(when=when):
            yield from _choices(when)
        case nodes.Any(children):
            for child in children:
                yield from _choices(child)
        case _:
            yield node


def counted(node: nodes.Persists, bits: Bits) -> str:
    """Do so many of its tests hold for the entry?"""
    tests = [test(each, bits) for each in node.of]
    if node.at_least in (1, len(tests)):
        return test(nodes.Any(node.of) if node.at_least == 1 else nodes.All(node.of), bits)
    terms = [] if any(map(nodes.children, node.of)) else [bits.term(each) for each in node.of]
    # Where each test is one bit of the entry, and no two are the same, the bits can be counted.
    single = all(term.word == 'bits' and term.mask.bit_count() == 1 for term in terms)
    if single and len({term.mask for term in terms}) == len(tests):
        return _has(Term('bits', sum(term.mask for term in terms), node.at_least))
    return f'sum(map(bool, ({", ".join(tests)}))) >= {node.at_least}'


def _has(term: Term) -> str:
    seen = _seen(term.word, term.mask)
    return seen if term.least == 1 else f'({seen}).bit_count() >= {term.least}'


def _seen(word: str, mask: int) -> str:
    return word if word.startswith(LASTED) else f'{word} & {mask:#x}'


def _joined(tests: list[str], word: str) -> str:
    return tests[0] if len(tests) == 1 else f'({f" {word} ".join(tests)})'


def needed(node: nodes.Node, bits: Bits) -> int:
    """Bits of an entry of which one is set wherever the condition holds; 0 where it can hold without any."""
    match node:
        case nodes.Macro(when=when):
            return needed(when, bits)
        case nodes.Any(children):
            masks = [needed(child, bits) for child in children]
            return union(masks) if all(masks) else 0
        case nodes.All(children):
            return min(filter(None, (needed(child, bits) for child in children)), key=int.bit_count, default=0)
        case nodes.NewAny(symptoms):
            return bits.named(symptoms)
        case nodes.Worsened(symptom, by):
            return bits.levels([symptom], by, by)
        case nodes.AnyWorsened(by):
            return bits.levels(bits.symptoms, by, by)
    term = bits.term(node)
    return term.mask if term.word == 'bits' else 0


def words_of(conditions: Iterable[nodes.Node], bits: Bits) -> dict[str, int]:
    """The numbers that the terms of these conditions speak of, and which of their bits."""
    masks: dict[str, int] = {}
    for condition in conditions:
        for node in _leaves(condition):
            term = bits.term(node)
            masks[term.word] = masks.get(term.word, 0) | term.mask
    return masks


def _leaves(node: nodes.Node) -> Iterable[nodes.Node]:
    match node:
        case nodes.Any(children) | nodes.All(children):
            for child in children:
                yield from _leaves(child)
        case nodes.Macro(when=when):
            yield from _leaves(when)
        case _:
            yield node


def key(words: Mapping[str, int]) -> str:
    """An expression for all that a rule looks at: one number, or several in their order."""
    seen = [_seen(word, mask) for word, mask in words.items()]
    return seen[0] if len(seen) == 1 else f'({", ".join(seen)})'
