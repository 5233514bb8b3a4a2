"""A value that was read from a file, together with the place where it stands, so that every error can say where."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from alerts.engine.errors import PlacedError
from alerts.engine.numbers import Exact, NoNumber, NotExact, exact
from alerts.engine.sentences import Sentence

_UNSTORABLE = re.compile('[\x00\ud800-\udfff]')  # PostgreSQL stores neither in text nor in JSON


def quoted(text: str) -> str:
    """Short enough for an error message: a megabyte of key must not become a megabyte of message."""
    return json.dumps(text if len(text) <= 60 else f'{text[:60]}…', ensure_ascii=False)


def shown(value: object) -> str | Sentence:
    """Whatever was read, in a short form for an error message."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return Sentence('a mapping')
    if isinstance(value, list | tuple):
        return Sentence('a list')
    if isinstance(value, NoNumber):
        return value.shown()
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value)[:60]


@dataclass(frozen=True, slots=True)
class Spot:
    """`error` is the kind of PlacedError that `fail` raises."""

    value: object
    error: type[PlacedError]
    parent: 'Spot | None' = None
    step: str | int = ''

    @property
    def steps(self) -> tuple[str | int, ...]:
        found: list[str | int] = []
        spot: Spot | None = self
        while spot is not None and spot.parent is not None:
            found.append(spot.step)
            spot = spot.parent
        return tuple(reversed(found))

    @property
    def place(self) -> str:
        parts = (f'[{step}]' if isinstance(step, int) else f'.{step[:60]}' for step in self.steps)
        return ''.join(parts).removeprefix('.')

    def fail(self, template: str, /, **values: object) -> NoReturn:
        """The template is one literal, as a Sentence's is."""
        self.refuse(Sentence(template, **values))

    def refuse(self, problem: Sentence) -> NoReturn:
        raise self.error(self.place, problem, self.steps)

    def mapping(self) -> Mapping[str, object]:
        if not isinstance(self.value, Mapping):
            self.fail('must be a mapping of names to values')
        for key in self.value:
            if not isinstance(key, str):
                self.fail('the name {name} must be text', name=shown(key))
        return self.value

    def keyed(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, object]:
        """The mapping, if it has all the required keys and no others than these."""
        found = self.mapping()
        for key in found:
            if key not in required and key not in optional:
                self.fail('unknown key {key}', key=quoted(key))
        for key in required:
            if key not in found:
                self.fail('{key} is missing', key=quoted(key))
        return found

    def at(self, key: str) -> 'Spot':
        """The value under a key that is known to be there, from `keyed` or `mapping`."""
        return Spot(cast(Mapping[str, object], self.value)[key], self.error, self, key)

    def members(self) -> Iterator[tuple[str, 'Spot']]:
        for key, value in self.mapping().items():
            yield key, Spot(value, self.error, self, key)

    def items(self) -> list['Spot']:
        if not isinstance(self.value, list | tuple):
            self.fail('must be a list')
        return [Spot(item, self.error, self, index) for index, item in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.fail('must be text')
        if _UNSTORABLE.search(self.value):
            self.fail('has a character that no text has (a zero, or half of a pair)')
        return self.value

    def words(self) -> str:
        found = self.text()
        if not found.strip():
            self.fail('must not be empty')
        return found

    def number(self, low: Exact | None = None, high: Exact | None = None, unit: str | Sentence = '') -> Exact:
        try:
            found = exact(self.value)
        except TypeError:
            self.fail('must be a number, not {found}', found=shown(self.value))
        except NotExact as problem:
            self.refuse(problem.why)
        if (low is not None and found < low) or (high is not None and found > high):
            self.outside(found, low, high, unit)
        return found

    def outside(self, found: object, low: object, high: object, unit: str | Sentence = '') -> NoReturn:
        if unit:
            self.fail('{found} is outside {low} to {high} {unit}', found=found, low=low, high=high, unit=unit)
        self.fail('{found} is outside {low} to {high}', found=found, low=low, high=high)

    def whole(self, low: int, high: int) -> int:
        found = self.number()
        if not isinstance(found, int):
            self.fail('must be a whole number, not {found}', found=found)
        if not low <= found <= high:
            self.outside(found, low, high)
        return found

    def one_of(self, known: Mapping[str, object] | frozenset[str], unknown: str, /, **values: object) -> str:
        """`unknown` is the template of what is said of any other, with a blank `found` for it: it may be of any gender."""
        found = self.text()
        if found not in known:
            self.refuse(Sentence(unknown, found=quoted(found), **values))
        return found
