"""The conditions as the page shows them: each a sentence with fields in it, its name for who hears it, and what is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.forms.rules.editor_checks import Judge
from alerts.forms.rules.editor_choices import Grouped, Limits
from alerts.forms.rules.editor_tree import MOST_LEVELS, Path, Typed, id_of, key_of, name_of
from alerts.forms.rules.editor_words import KINDS, WORDS

_SLOT = re.compile(r'\{([a-z_]+)\}')
SENTENCES: dict[str, Promise] = {
    'symptom': gettext_lazy('{symptom} {test}'),
    'symptom least': gettext_lazy('{symptom} {test} at least {n}'),
    'symptom over': gettext_lazy('{symptom} {test} by at least {n}'),
    'worsened': gettext_lazy('{symptom} is {by} worse than in the entry before'),
    'any_worsened': gettext_lazy('Any symptom is {by} worse than in the entry before'),
    'any_severity': gettext_lazy('Any symptom is {gte}'),
    'reported': gettext_lazy('The patient reports {chosen}'),
    'new': gettext_lazy('New since the entry before: {chosen}'),
    'allergic': gettext_lazy('The patient reports {n} or more different signs of an allergic reaction'),
    'persists': gettext_lazy('On each of the last {days} days, {at_least} or more of these hold'),
    'persists_any': gettext_lazy('The same symptom is {gte} on each of the last {days} days'),
    'findings': gettext_lazy('Same-day findings within 24 hours name {n} or more different symptoms'),
    'hours': gettext_lazy('The entry is at most {n} hours after a dose'),
    'therapy': gettext_lazy('It is day {first} to day {last} after a dose of {therapy}'),
    'context': gettext_lazy('Known of the patient: {context}'),
    'measure': gettext_lazy('{measure} {test} {n}'),
    'macro': gettext_lazy('{name}'),
    'any': gettext_lazy('{word} of these holds'),
    'all': gettext_lazy('{word} of these hold'),
}
LABELS: dict[str, Promise] = {
    'symptom': gettext_lazy('Symptom'),
    'test': gettext_lazy('What counts'),
    'n': gettext_lazy('How much'),
    'by': gettext_lazy('How much worse'),
    'gte': gettext_lazy('How bad'),
    'days': gettext_lazy('How many days'),
    'at_least': gettext_lazy('How many of the tests'),
    'first': gettext_lazy('First day'),
    'last': gettext_lazy('Last day'),
    'therapy': gettext_lazy('Kind of treatment'),
    'context': gettext_lazy('What is known'),
    'measure': gettext_lazy('Measurement'),
    'name': gettext_lazy('Named condition'),
    'word': gettext_lazy('How many of these'),
    'chosen': gettext_lazy('Which symptoms'),
}
NOTHING: dict[str, Promise] = {
    'symptom': gettext_lazy('choose a symptom'),
    'test': gettext_lazy('choose what counts'),
    'therapy': gettext_lazy('choose a kind of treatment'),
    'context': gettext_lazy('choose what'),
    'measure': gettext_lazy('choose a measurement'),
    'name': gettext_lazy('choose a named condition'),
}


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class Control:
    """A field in a sentence. `kind`: select, number or symptoms; `problem` is the text of what is wrong with it."""

    kind: str
    name: str
    id: str
    label: str
    value: str = ''
    groups: tuple[tuple[str, tuple[Option, ...]], ...] = ()
    nothing: str = ''
    unit: str = ''
    problem: str = ''
    chosen: tuple[str, ...] = ()
    before: str = ''
    before_name: str = ''


@dataclass(frozen=True)
class Piece:
    """Some words of the sentence, or a field in it."""

    text: str = ''
    control: Control | None = None


@dataclass(frozen=True)
class Row:
    """One condition. `key` is its place as buttons name it, `legend` its name for who hears the page, `joiner` the word between
    its parts; `others` are the words that it can become."""

    key: str
    name: str
    id: str
    word: str
    legend: str
    pieces: tuple[Piece, ...]
    note: str
    problems: tuple[str, ...]
    joiner: str
    parts: tuple['Row', ...]
    is_root: bool
    is_group: bool
    can_up: bool
    can_down: bool
    can_group: bool
    can_dissolve: bool
    menu_open: bool
    others: tuple[tuple[str, str], ...]
    up_id: str
    down_id: str
    add_id: str
    add_problem: str


@dataclass(frozen=True)
class Maker:
    """Makes rows. `show_empty`: also scold what was left empty, once somebody has tried to save."""

    judge: Judge
    show_empty: bool = False
    menu: Path | None = None
    numbers: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def row(self, tree: Typed) -> Row:
        """The whole tree, from its root."""
        counted = [path for path, one in _walk(tree, ()) if one.is_group]
        self.numbers.update({path: (n, len(counted)) for n, path in enumerate(counted, 1)})
        return self._row(tree, (), 0, 1)

    def _row(self, one: Typed, path: Path, place: int, among: int) -> Row:
        problems = [each for each in self.judge.own_problems(one, path) if self.show_empty or not each.empty]
        at_field = {each.slot: each.text for each in problems}
        return Row(
            key=key_of(path),
            name=name_of(path),
            id=id_of(path, 'row'),
            word=one.word,
            legend=self._legend(one, path, place, among),
            pieces=self._pieces(one, path, at_field),
            note=self.judge.choices.level_note(one),
            problems=tuple(each.text for each in problems if each.slot != 'add'),
            joiner=_joiner(one),
            parts=tuple(self._row(part, (*path, n), n, len(one.parts)) for n, part in enumerate(one.parts)),
            is_root=not path,
            is_group=one.is_group,
            can_up=bool(path) and place > 0,
            can_down=bool(path) and place < among - 1,
            can_group=len(path) + 1 < MOST_LEVELS,
            can_dissolve=one.is_group and (bool(path) or len(one.parts) == 1),
            menu_open=self.menu == path,
            others=_others(one),
            up_id=id_of(path, 'up'),
            down_id=id_of(path, 'down'),
            add_id=id_of(path, 'add'),
            add_problem=at_field.get('add', ''),
        )

    def _legend(self, one: Typed, path: Path, place: int, among: int) -> str:
        if not one.is_group:
            return _('Condition %(n)s of %(all)s') % {'n': place + 1, 'all': among} if path else _('Condition')
        number, groups = self.numbers[path]
        name = {'n': number, 'all': groups, 'what': WORDS[one.word].title}
        return _('Group %(n)s of %(all)s: %(what)s') % name

    def _pieces(self, one: Typed, path: Path, problems: Mapping[str, str]) -> tuple[Piece, ...]:
        test = one.value('test').partition(':')[0]
        sentence = SENTENCES.get(f'{one.word} {test}', SENTENCES[one.word])
        found = []
        for n, text in enumerate(_SLOT.split(str(sentence))):
            is_slot = n % 2 == 1
            control = self._control(text, one, path, problems.get(text, '')) if is_slot else None
            found.append(Piece(control=control) if control else Piece(text))
        return tuple(piece for piece in found if piece.text or piece.control)

    def _control(self, slot: str, one: Typed, path: Path, problem: str) -> Control:
        base = Control('number', f'{name_of(path)}.{slot}', id_of(path, slot), str(LABELS[slot]), problem=problem)
        if slot == 'chosen':
            return self._symptoms(replace(base, before_name=f'{name_of(path)}.before'), one)
        choices = _group_words() if slot == 'word' else self.judge.choices.of(slot, one)
        if choices is not None:
            value = one.word if slot == 'word' else one.value(slot)
            nothing = str(NOTHING.get(slot, '')) if not _known(choices, value) else ''
            return replace(base, kind='select', value=value, groups=_options(choices, [value]), nothing=nothing)
        limits = self.judge.choices.limits(slot, one) or Limits(0, 0)
        shown = limits.unit if slot == 'n' and one.word in ('symptom', 'measure') else ''
        label = f'{base.label} ({limits.unit})' if shown else base.label
        return replace(base, value=one.value(slot), unit=shown, label=label)

    def _symptoms(self, base: Control, one: Typed) -> Control:
        catalogue = self.judge.choices.catalogue.symptoms
        names = tuple(catalogue[code].name for code in one.chosen if code in catalogue)
        groups = _options(self.judge.choices.symptoms(one.chosen), one.chosen)
        return replace(
            base,
            kind='symptoms',
            groups=groups,
            chosen=names,
            before=' '.join(one.chosen),
            nothing=_('choose symptoms'),
        )


def _walk(one: Typed, path: Path) -> list[tuple[Path, Typed]]:
    return [(path, one), *(each for n, part in enumerate(one.parts) for each in _walk(part, (*path, n)))]


def _joiner(one: Typed) -> str:
    return {'any': _('or'), 'all': _('and')}.get(one.word, '')


def _group_words() -> Grouped:
    return [('', [('any', _('Any')), ('all', _('All'))])]


def _known(choices: Grouped, value: str) -> bool:
    return any(value == each for _name, found in choices for each, _label in found)


def _options(choices: Grouped, chosen: Sequence[str]) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    return tuple(
        (name, tuple(Option(value, str(label), value in chosen) for value, label in found)) for name, found in choices
    )


def _others(one: Typed) -> tuple[tuple[str, str], ...]:
    """The words that the condition can become: a test another test, a group another group."""
    groups = ('any', 'all', 'persists')
    words = groups if one.is_group else [word for word in WORDS if word not in groups]
    return tuple((word, str(WORDS[word].title)) for word in words if word != one.word)


def words_to_add() -> list[tuple[str, list[tuple[str, Promise, Promise]]]]:
    """What can be added to a group, by kind: the word, its title and an example."""
    return [
        (str(name), [(word, about.title, about.example) for word, about in WORDS.items() if about.kind == kind])
        for kind, name in KINDS.items()
    ]
