"""What would come into a draft from rules that were published meanwhile: rule by rule, and where both sides changed the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from alerts.engine import Catalogue, RuleError
from alerts.engine import RuleSet as Rules
from alerts.engine.changes import AnyRule, Words, beside, piece_of
from alerts.models import RuleSet, RuleSetStatus
from alerts.services.rules.checking import as_they_were
from alerts.services.rules.life_merging import Source, incoming, merged
from alerts.words.books import book_for
from alerts.words.rule_changes import Change, Fact, facts, rule_words, sentence
from diary.catalogue import engine_mapping


@dataclass(frozen=True)
class Clash:
    """A piece that both sides changed: what the draft says beside what they say; empty where a side left it out."""

    piece: str
    name: str
    title: str
    ours: tuple[Words, ...]
    theirs: tuple[Words, ...]
    facts: tuple[Fact, ...]


class TakeInPage:
    """Raises NothingToTakeIn."""

    def __init__(self, draft: RuleSet, source: Source) -> None:
        self.draft, self.source = draft, source
        self.incoming = incoming(draft, source)
        self.merge = merged(draft, self.incoming, take={})
        self.conflicts = self.merge.conflicts
        self.is_in_review = draft.status == RuleSetStatus.IN_REVIEW
        self._catalogue = Catalogue.parse(engine_mapping())
        self._book = book_for(self._catalogue)

    @cached_property
    def changes(self) -> list[Change]:
        """The rules that come in by themselves, as the draft says them now and would say them."""
        before, after = self._read(self.incoming.base.content), self._read(self.incoming.theirs.content)
        if before is None or after is None:
            return []
        names = [piece.partition('.')[2] for piece in self.merge.taken]
        return [
            rule_words(_rule(before, name), _rule(after, name), self._book)
            for name in names
            if _rule(before, name) or _rule(after, name)
        ]

    @cached_property
    def other_pieces(self) -> list[str]:
        """What comes in and is no rule: conditions with a name, numbers of the whole set."""
        return [piece for piece in self.merge.taken if not piece.startswith(('rules.', 'missed.'))]

    @cached_property
    def clashes(self) -> list[Clash]:
        ours, theirs = self._read(self.draft.content), self._read(self.incoming.theirs.content)
        return [self._clash(piece, ours, theirs) for piece in self.conflicts]

    def _clash(self, piece: str, ours: Rules | None, theirs: Rules | None) -> Clash:
        name = piece.partition('.')[2] or piece
        left, right = (_rule(rules, name) if rules else None for rules in (ours, theirs))
        said = (self._said(left, self.draft.content, piece), self._said(right, self.incoming.theirs.content, piece))
        rule = left or right
        differs = facts(left, right) if left and right else ()
        return Clash(piece, name, rule.title if rule else '', *beside(*said), differs)

    def _said(self, rule: AnyRule | None, content: Mapping[str, Any], piece: str) -> str:
        if rule is not None:
            return sentence(rule, self._book)
        found = piece_of(content, piece)
        return '' if found is None else str(found)

    def _read(self, content: Any) -> Rules | None:
        try:
            return as_they_were(content, self._catalogue)
        except RuleError:
            return None


def _rule(rules: Rules, name: str) -> AnyRule | None:
    return rules.rules.get(name) or rules.missed.get(name)
