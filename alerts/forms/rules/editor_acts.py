"""What the small buttons of the editor do: each changes what is typed, says so in words and says where the reader goes on."""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.forms.rules.editor import MOST_CITES, Sheet
from alerts.forms.rules.editor_choices import Choices
from alerts.forms.rules.editor_tree import (
    Path,
    TooMuch,
    Typed,
    added,
    at,
    changed,
    check_size,
    id_of,
    inserted,
    moved,
    path_from,
    removed,
    unwrapped,
    wrapped,
)
from alerts.forms.rules.editor_words import LISTS, SLOTS, WORDS, blank


@dataclass(frozen=True)
class Done:
    """The sheet after a button. `said` is read out, `focus` the id of the field to go on at, `menu` a menu that stays open."""

    sheet: Sheet
    said: str = ''
    focus: str = ''
    menu: Path | None = None
    picker: bool = False


def act(sheet: Sheet, do: str, *, citations: Container[str]) -> Done:
    """Press a button: “add:0.1:symptom”, “remove:0.1”, “cite:penn-common” … Anything else leaves the sheet as it is."""
    verb, _colon, rest = do.partition(':')
    if verb in ('cite', 'uncite'):
        return _cited(sheet, verb, rest, citations)
    place, _colon, word = rest.partition(':')
    path = path_from(place)
    if verb not in _ACTS or path is None or at(sheet.tree, path) is None:
        return Done(sheet)
    done = _ACTS[verb](sheet, path, word)
    try:
        check_size(done.sheet.tree)
    except TooMuch:
        return Done(sheet, _('That would be more than this form can show. Larger rules are changed as text.'))
    return done


def settled(sheet: Sheet, choices: Choices) -> Sheet:
    """A test that another symptom does not have gives way to its only one, or to none: nothing is decided for the admin."""
    return replace(sheet, tree=_settled(sheet.tree, choices))


def _settled(one: Typed, choices: Choices) -> Typed:
    parts = tuple(_settled(part, choices) for part in one.parts)
    if one.word not in ('symptom', 'measure') or choices.allows('test', one):
        return replace(one, parts=parts)
    known = [value for _name, found in choices.of('test', one) or [] for value, _label in found]
    return replace(one, values={**one.values, 'test': known[0] if len(known) == 1 else ''})


def first_field(one: Typed, path: Path) -> str:
    """The id of the first field of a condition."""
    if one.word in LISTS:
        return id_of(path, 'chosen')
    return id_of(path, (SLOTS[one.word] or ('word',))[0])


def _to(sheet: Sheet, tree: Typed, path: Path, said: str, **more: object) -> Done:
    one = at(tree, path)
    return Done(replace(sheet, tree=tree), said, first_field(one, path) if one else id_of((), 'word'))


def _add(sheet: Sheet, path: Path, word: str) -> Done:
    group = at(sheet.tree, path)
    if word not in WORDS or group is None or not group.is_group:
        return Done(sheet)
    new = (*path, len(group.parts))
    said = _('Added: %(what)s.') % {'what': WORDS[word].title}
    return _to(sheet, added(sheet.tree, path, blank(word)), new, said)


def _also(sheet: Sheet, path: Path, word: str) -> Done:
    """A second condition beside one that stands alone: both come into a group."""
    if word not in ('any', 'all'):
        return Done(sheet)
    tree = added(wrapped(sheet.tree, path, word), path, blank('symptom'))
    return _to(sheet, tree, (*path, 1), _('Added: %(what)s.') % {'what': WORDS['symptom'].title})


def _remove(sheet: Sheet, path: Path, _word: str) -> Done:
    if not path:
        return Done(replace(sheet, tree=blank('any')), _('Removed. The rule starts again.'), first_field(*_first()))
    tree, above = removed(sheet.tree, path), path[:-1]
    group = at(tree, above)
    left = len(group.parts) if group else 0
    said = ngettext(
        'Removed. %(n)s condition is left in this group.', 'Removed. %(n)s conditions are left in this group.', left
    ) % {'n': left}
    if not left:
        return Done(replace(sheet, tree=tree), said, id_of(above, 'add'))
    return _to(sheet, tree, (*above, min(path[-1], left - 1)), said)


def _first() -> tuple[Typed, Path]:
    return blank('symptom'), (0,)


def _move(by: int) -> Callable[[Sheet, Path, str], Done]:
    def move(sheet: Sheet, path: Path, _word: str) -> Done:
        group = at(sheet.tree, path[:-1])
        place = path[-1] + by if path else -1
        if group is None or not 0 <= place < len(group.parts):
            return Done(sheet)
        last = len(group.parts) - 1
        way = 'up' if (by < 0 and place > 0) or place == last else 'down'
        said = _('Moved: now condition %(n)s of %(all)s.') % {'n': place + 1, 'all': last + 1}
        there = (*path[:-1], place)
        return Done(replace(sheet, tree=moved(sheet.tree, path, by)), said, id_of(there, way), there)

    return move


def _wrap(sheet: Sheet, path: Path, word: str) -> Done:
    if word not in ('any', 'all'):
        return Done(sheet)
    return _to(sheet, wrapped(sheet.tree, path, word), path, _('Put into a group of its own.'))


def _unwrap(sheet: Sheet, path: Path, _word: str) -> Done:
    tree = unwrapped(sheet.tree, path)
    if tree is sheet.tree:
        return Done(sheet)
    return _to(sheet, tree, path, _('The group is gone; its conditions stand in its place.'))


def _copy(sheet: Sheet, path: Path, _word: str) -> Done:
    one = at(sheet.tree, path)
    if one is None or not path:
        return Done(sheet)
    return _to(sheet, inserted(sheet.tree, path, one), (*path[:-1], path[-1] + 1), _('Copied. You are in the copy.'))


def _turn(sheet: Sheet, path: Path, word: str) -> Done:
    one = at(sheet.tree, path)
    if one is None or word not in WORDS or one.is_group != blank(word).is_group:
        return Done(sheet)
    said = _('Changed to: %(what)s.') % {'what': WORDS[word].title}
    return _to(sheet, changed(sheet.tree, path, lambda old: turned(old, word)), path, said)


def turned(old: Typed, word: str) -> Typed:
    """Another word in its place, with what both of them have in common."""
    new = blank(word)
    common = ('symptom', 'by', 'gte', 'days')
    values = {slot: (slot in common and old.value(slot)) or new.value(slot) for slot in new.values}
    if old.word in LISTS and old.chosen and 'symptom' in values:
        values['symptom'] = old.chosen[0]
    one = (old.value('symptom'),) if old.value('symptom') else ()
    chosen = (old.chosen or one) if word in LISTS else ()
    return Typed(word, values, chosen, old.parts if new.is_group else ())


def _cited(sheet: Sheet, verb: str, code: str, citations: Container[str]) -> Done:
    if verb == 'uncite':
        kept = tuple(each for each in sheet.cites if each != code)
        return Done(replace(sheet, cites=kept), _('The sentence is not cited any more.'), 'h-cites')
    if code not in citations or code in sheet.cites or len(sheet.cites) >= MOST_CITES:
        return Done(sheet)
    return Done(replace(sheet, cites=(*sheet.cites, code)), _('The sentence is cited.'), 'h-cites', picker=True)


_ACTS: dict[str, Callable[[Sheet, Path, str], Done]] = {
    'add': _add,
    'also': _also,
    'remove': _remove,
    'up': _move(-1),
    'down': _move(1),
    'wrap': _wrap,
    'unwrap': _unwrap,
    'copy': _copy,
    'turn': _turn,
}
