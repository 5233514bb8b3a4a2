"""The words that people agree to. Each version stays in the repository for good, with its digest in `consents/SHA256SUMS`.

A file is plain text: “! title”, then a lead, then parts “# icon heading” with paragraphs, “- ” lines and “@name” for a list of
facts. `{name}` is a gap that a fact fills; one that is missing raises KeyError.
"""

import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / 'consents'
NAME = re.compile(r'(?P<role>[a-z]+)-(?P<version>\d+)\.(?P<language>[a-z]+)\.txt')
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Block:
    """A paragraph, or with `items` a list."""

    text: str = ''
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    icon: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Told:
    """A text as somebody reads it, its gaps filled."""

    title: str
    lead: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Words:
    """One version in one language, as it stands in the repository."""

    role: str
    version: int
    language: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def told(self, facts: Facts) -> Told:
        """Raises KeyError for a gap without its fact; a list without one is left out."""
        head, *parts = re.split(r'^# ', self.text, flags=re.MULTILINE)
        title, _, lead = head.removeprefix('! ').partition('\n')
        fill = {name: value for name, value in facts.items() if isinstance(value, str)}
        return Told(
            title.format_map(fill), lead.strip().format_map(fill), tuple(_part(part, fill, facts) for part in parts)
        )


def _part(text: str, fill: Mapping[str, str], facts: Facts) -> Part:
    heading, *lines = text.strip().splitlines()
    icon, _, title = heading.partition(' ')
    blocks: list[Block] = []
    for line in lines:
        if line.startswith('- '):
            listed = blocks.pop().items if blocks and blocks[-1].items else ()
            blocks.append(Block(items=(*listed, line[2:].format_map(fill))))
        elif line.startswith('@'):
            blocks += [Block(items=tuple(facts[line[1:]]))] if facts.get(line[1:]) else []
        else:
            blocks.append(Block(line.format_map(fill)))
    return Part(icon, title.format_map(fill), tuple(blocks))


@functools.cache
def every_words() -> dict[tuple[str, int, str], Words]:
    """All versions that there ever were, by role, version and language."""
    found = {}
    for path in sorted(FOLDER.glob('*.txt')):
        if match := NAME.fullmatch(path.name):
            role, version, language = match['role'], int(match['version']), match['language']
            found[role, version, language] = Words(role, version, language, path.read_text(encoding='utf-8'))
    return found


def words_of(role: str, version: int, language: str) -> Words:
    """In English where the language has none. Raises KeyError for a version that never was."""
    every = every_words()
    return every.get((role, version, language)) or every[role, version, 'en']


@functools.cache
def current(role: str) -> int:
    """The version that is asked for now: the newest."""
    return max(version for each, version, _ in every_words() if each == role)


def changed_since_written() -> list[str]:
    """Files whose words differ from the digest under which people agreed to them, or that have none; missing ones too."""
    sums = dict(line.split()[::-1] for line in (FOLDER / 'SHA256SUMS').read_text(encoding='utf-8').splitlines())
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob('*.txt')}
    return sorted(name for name in there | sums if there.get(name) != sums.get(name))
