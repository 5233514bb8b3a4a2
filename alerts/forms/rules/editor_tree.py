"""The conditions of one rule as an admin types them: a tree that may be unfinished, and what its buttons do to it.

Nothing is kept between two requests: the whole tree is in the fields of the form. The root's fields are named `c.word`, `c.symptom`
…, those of its second part `c.1.word` and so on. A place in the tree is a `Path`, () for the root and (1, 0) for `c.1.0`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

Path = tuple[int, ...]

ROOT = 'c'
# What a page can show, and a browser can send in one form (DATA_UPLOAD_MAX_NUMBER_FIELDS). More is changed as text.
MOST_LEVELS = 8
MOST_CONDITIONS = 100
MOST_FIELDS = 500

GROUPS = ('any', 'all', 'persists')


class TooMuch(Exception):
    """More conditions, or deeper ones, than the form takes."""


@dataclass(frozen=True)
class Typed:
    """One condition as typed. `values` are texts, right or wrong; `chosen` are the symptoms of a list, in their order."""

    word: str
    values: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    parts: tuple['Typed', ...] = ()

    @property
    def is_group(self) -> bool:
        return self.word in GROUPS

    def value(self, name: str) -> str:
        return self.values.get(name, '')


def name_of(path: Path) -> str:
    return '.'.join([ROOT, *map(str, path)])


def path_from(text: str) -> Path | None:
    """From “0.1” (“” is the root); None for anything else."""
    steps = text.split('.') if text else []
    if len(steps) > MOST_LEVELS or not all(step.isascii() and step.isdigit() and len(step) < 4 for step in steps):
        return None
    return tuple(map(int, steps))


def key_of(path: Path) -> str:
    return '.'.join(map(str, path))


def id_of(path: Path, slot: str) -> str:
    """The id of a field on the page."""
    return '-'.join([ROOT, *map(str, path), slot])


def typed_tree(data: QueryDict, slots: Mapping[str, tuple[str, ...]]) -> Typed | None:
    """The tree of a posted form; None where it has none. `slots`: the words of the language and the fields of each."""
    tree = _typed(data, (), slots)
    if tree is not None:
        check_size(tree)
    return tree


def _typed(data: QueryDict, path: Path, slots: Mapping[str, tuple[str, ...]]) -> Typed | None:
    name = name_of(path)
    word = data.get(f'{name}.word', '')
    if word not in slots:
        return None
    if len(path) >= MOST_LEVELS:
        raise TooMuch
    values = {slot: data.get(f'{name}.{slot}', '').strip() for slot in slots[word]}
    parts: list[Typed] = []
    while word in GROUPS and (part := _typed(data, (*path, len(parts)), slots)):
        parts.append(part)
    return Typed(word, values, _chosen(data, name), tuple(parts))


def _chosen(data: QueryDict, name: str) -> tuple[str, ...]:
    """Ticked boxes. Those that were there before keep their order, which the boxes themselves cannot show."""
    ticked = dict.fromkeys(data.getlist(f'{name}.chosen'))
    before = [code for code in dict.fromkeys(data.get(f'{name}.before', '').split()) if code in ticked]
    return (*before, *(code for code in ticked if code not in before))


def check_size(tree: Typed) -> None:
    """Raises TooMuch."""
    levels, conditions, fields = size_of(tree)
    if levels > MOST_LEVELS or conditions > MOST_CONDITIONS or fields > MOST_FIELDS:
        raise TooMuch


def size_of(tree: Typed) -> tuple[int, int, int]:
    """How many levels, conditions and fields."""
    below = [size_of(part) for part in tree.parts]
    fields = 2 + len(tree.values) + len(tree.chosen)
    return (
        1 + max((levels for levels, _, _ in below), default=0),
        1 + sum(conditions for _, conditions, _ in below),
        fields + sum(each for _, _, each in below),
    )


# -- what the buttons do: each gives a new tree; a place that is not there leaves it as it is ----------------------


def at(tree: Typed, path: Path) -> Typed | None:
    for step in path:
        if step >= len(tree.parts):
            return None
        tree = tree.parts[step]
    return tree


def changed(tree: Typed, path: Path, change: Callable[[Typed], Typed]) -> Typed:
    """The tree with what stands at `path` changed."""
    if not path:
        return change(tree)
    step, *rest = path
    if step >= len(tree.parts):
        return tree
    parts = list(tree.parts)
    parts[step] = changed(parts[step], tuple(rest), change)
    return replace(tree, parts=tuple(parts))


def added(tree: Typed, path: Path, new: Typed) -> Typed:
    """One more part at the end of a group."""
    return changed(tree, path, lambda group: replace(group, parts=(*group.parts, new)))


def inserted(tree: Typed, path: Path, new: Typed) -> Typed:
    """`new` in front of what stands at `path`, which is not the root."""
    *above, step = path

    def put(group: Typed) -> Typed:
        return replace(group, parts=(*group.parts[:step], new, *group.parts[step:]))

    return changed(tree, tuple(above), put)


def removed(tree: Typed, path: Path) -> Typed:
    """Without what stands at `path`, which is not the root."""
    *above, step = path
    return changed(
        tree, tuple(above), lambda group: replace(group, parts=(*group.parts[:step], *group.parts[step + 1 :]))
    )


def moved(tree: Typed, path: Path, by: int) -> Typed:
    """One place up (-1) or down (1) among its neighbours."""
    *above, step = path

    def swap(group: Typed) -> Typed:
        parts, other = list(group.parts), step + by
        if step < len(parts) and 0 <= other < len(parts):
            parts[step], parts[other] = parts[other], parts[step]
        return replace(group, parts=tuple(parts))

    return changed(tree, tuple(above), swap)


def wrapped(tree: Typed, path: Path, word: str) -> Typed:
    """In a group of its own."""
    return changed(tree, path, lambda one: Typed(word, parts=(one,)))


def unwrapped(tree: Typed, path: Path) -> Typed:
    """The group gone, its parts in its place. The root can only give way to one part."""
    group = at(tree, path)
    if group is None or not group.parts or (not path and len(group.parts) > 1):
        return tree
    if not path:
        return group.parts[0]
    *above, step = path

    def put(outer: Typed) -> Typed:
        return replace(outer, parts=(*outer.parts[:step], *group.parts, *outer.parts[step + 1 :]))

    return changed(tree, tuple(above), put)
