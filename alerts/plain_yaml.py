"""YAML for people who do not trust each other: plain data only, in bounded time and memory, and one way to write it.

The text is read event by event and the data built beside it, without recursion, so that what is too deep, too long or too much
stops at its line. Aliases, anchors, merge keys and tags are refused, and so is what two readers could take for two things (a date,
an octal number): in quotes it is text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NoReturn, cast

import yaml

from alerts.engine.errors import RuleError
from alerts.engine.sentences import Sentence
from alerts.engine.spot import shown
from alerts.engine.visible import hidden_in

MOST_BYTES = 1_000_000
MOST_VALUES = 100_000
# The rule language nests 50 conditions, each of them up to three mappings and lists deep.
MOST_DEPTH = 200
MOST_CHARACTERS = 10_000
MOST_DIGITS = 20

_WORDS = {'': None, 'null': None, 'true': True, 'yes': True, 'false': False, 'no': False}
# What PyYAML says itself is English, and speaks of its own parts ("expected <block end>, but found '-'").
_NOT_YAML = Sentence('this is not YAML; look at the indents, colons, brackets and quotes here and in the line above')
_NUMBER = re.compile(rf'-?(?:0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})(?P<rest>\.[0-9]{{1,{MOST_DIGITS}}})?')


def read_yaml(text: str, *, most_bytes: int = MOST_BYTES) -> object:
    """Plain data: mappings with text as names, lists, text, whole numbers, floats, true, false, null.

    Raises RuleError, with line and column, for anything else and for what is larger than any file of ours could be.
    """
    size = len(text.encode('utf-8', 'surrogatepass'))
    if size > most_bytes:
        raise RuleError('', Sentence('{n:,} bytes of text; at most {most:,} are read', n=size, most=most_bytes))
    data = _Data()
    for event in _events(text.removeprefix('\ufeff')):
        data.take(event)
    return data.root


def line_of(text: str, place: str) -> int | None:
    """In which line of `text`, which `read_yaml` could read, that stands which an error's `place` names; None for no such."""
    data = _Data(wanted=place)
    for event in _events(text.removeprefix('\ufeff')):
        data.take(event)
    return data.line


def write_yaml(data: object) -> str:
    """The one way to write plain data: `read_yaml` reads just this again. Names keep their order."""
    return str(yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110))


# -- reading ------------------------------------------------------------------------------------------------


def _events(text: str) -> Iterator[yaml.Event]:
    """libyaml's reading: the same events as PyYAML's own, ten times as fast."""
    if bad := yaml.reader.Reader.NON_PRINTABLE.search(text):
        line, code = text.count('\n', 0, bad.start()) + 1, f'U+{ord(bad[0]):04X}'
        raise RuleError(Sentence('line {line}', line=line), Sentence('the character {code} is not allowed', code=code))
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        raise RuleError(_inside(mark, text), _NOT_YAML) from error


def _mark(event: yaml.Event) -> yaml.Mark:
    return cast('yaml.Mark', event.start_mark)  # every event that was read from a text has one


def _at(line: int, column: int) -> Sentence:
    return Sentence('line {line}, column {column}', line=line + 1, column=column + 1)


def _inside(mark: yaml.Mark | None, text: str) -> str | Sentence:
    """Where it stands. libyaml puts the end of a text into a line below it, which nobody can look at."""
    if mark is None:
        return ''
    lines = text.split('\n')
    return _at(mark.line, mark.column) if mark.line < len(lines) else _at(len(lines) - 1, len(lines[-1]))


@dataclass
class _Frame:
    """A mapping or list that is not closed yet; `name` is the name whose value comes next, `place` where it stands itself,
    if what is looked for is inside it."""

    inside: dict[str, object] | list[object]
    place: str | None
    name: str | None = None


@dataclass
class _Data:
    """What the events so far say. `line` is where the value at the place `wanted` begins, once it was met."""

    wanted: str = ''
    line: int | None = None
    root: object = None
    open: list[_Frame] = field(default_factory=list)
    values: int = 0
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    _fail(event, Sentence('a second document; one is read'))
            case yaml.AliasEvent():
                _fail(event, Sentence('aliases are not allowed'))
            case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                self._begin(event)
            case yaml.CollectionEndEvent():
                self.open.pop()

    def _begin(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            _fail(event, Sentence('anchors are not allowed'))
        if event.tag is not None:
            _fail(event, Sentence('tags such as {tag} are not allowed', tag=event.tag[:40]))
        self.values += 1
        if self.values > MOST_VALUES:
            _fail(event, Sentence('more than {most:,} values', most=MOST_VALUES))
        place = self._next_place()
        if place == self.wanted:
            self.line = _mark(event).line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._put(event, _scalar(event))
            return
        inside: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(event, inside)
        self.open.append(_Frame(inside, place))
        if len(self.open) > MOST_DEPTH:
            _fail(event, Sentence('nested too deeply: more than {most} levels', most=MOST_DEPTH))

    def _put(self, event: yaml.Event, value: object) -> None:
        if not self.open:
            self.root = value
            return
        frame = self.open[-1]
        if isinstance(frame.inside, list):
            frame.inside.append(value)
        elif frame.name is None:
            frame.name = _name(event, value, frame.inside)
        else:
            frame.inside[frame.name], frame.name = value, None

    def _next_place(self) -> str | None:
        """Where the next value stands, as an engine's error writes it; None for a name, and off the way to what is looked for."""
        if not self.open:
            return ''
        frame = self.open[-1]
        if frame.place is None or (isinstance(frame.inside, dict) and frame.name is None):
            return None
        step = f'[{len(frame.inside)}]' if isinstance(frame.inside, list) else f'.{(frame.name or "")[:60]}'
        place = f'{frame.place}{step}'.removeprefix('.')
        return place if self.wanted.startswith(place) else None


def _fail(event: yaml.Event, problem: Sentence) -> NoReturn:
    mark = _mark(event)
    raise RuleError(_at(mark.line, mark.column), problem)


def _name(event: yaml.Event, value: object, known: dict[str, object]) -> str:
    if not isinstance(value, str):
        _fail(event, Sentence('the name {name} must be text', name=shown(value)))
    if value in known:
        _fail(event, Sentence('{name} is given twice', name=repr(value[:60])))
    return value


def _scalar(event: yaml.ScalarEvent) -> object:
    if len(event.value) > MOST_CHARACTERS:
        size = len(event.value)
        _fail(event, Sentence('a text of {n:,} characters; at most {most:,} are read', n=size, most=MOST_CHARACTERS))
    if code := hidden_in(event.value):
        _fail(event, Sentence('the character {code}, which nobody can see, is not allowed', code=code))
    return event.value if event.style else _plain(event)


def _plain(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    if text in _WORDS:
        return _WORDS[text]
    if number := _NUMBER.fullmatch(text):
        return float(text) if number['rest'] else int(text)
    if text == '<<':
        _fail(event, Sentence('merging with << is not allowed'))
    if _is_special(text):
        short = text if len(text) <= 30 else f'{text[:30]}…'
        _fail(
            event,
            Sentence(
                '{text} can be read in more than one way; write a plain number, or put text in quotes', text=short
            ),
        )
    return text


def _is_special(text: str) -> bool:
    """Whether YAML 1.1 makes a number, a date or a truth of it, where we do not. What `write_yaml` leaves plain is never so."""
    known = yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], [])
    return any(pattern.match(text) for _tag, pattern in known)


# -- writing ------------------------------------------------------------------------------------------------


class _Writer(yaml.SafeDumper):
    """Short collections in one line, the others indented; no aliases; numbers without an exponent."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def number(self, data: float) -> yaml.ScalarNode:
        written = f'{Decimal(repr(data)):f}'
        return self.represent_scalar('tag:yaml.org,2002:float', written if '.' in written else f'{written}.0')


_Writer.add_representer(float, _Writer.number)
