"""What the page of an import shows before anything is kept: what the file changes, in words."""

from dataclasses import dataclass
from functools import cached_property

from alerts.engine import RuleSet as Rules
from alerts.engine.changes import compare
from alerts.engine.stricter import needs_reason
from alerts.models import RuleSet
from alerts.queries.rules.in_force import published_default
from alerts.services.rules.checking import as_they_were
from alerts.services.rules.importing import RulesFile
from alerts.words.books import book_for
from alerts.words.rule_changes import Change, Fact, change_words, number_words


@dataclass(frozen=True)
class Preview:
    """A file beside the rules in force."""

    file: RulesFile
    in_force: RuleSet

    @cached_property
    def before(self) -> Rules:
        return as_they_were(self.in_force.content, self.file.rules.catalogue)

    @cached_property
    def changes(self) -> list[Change]:
        found = compare(self.before, self.file.rules).rules
        book = book_for(self.file.rules.catalogue)
        return [change_words(one, book) for one in found]

    @cached_property
    def numbers(self) -> list[Fact]:
        return [number_words(one) for one in compare(self.before, self.file.rules).numbers]

    @property
    def added(self) -> list[Change]:
        return [one for one in self.changes if one.effect == 'added']

    @property
    def removed(self) -> list[Change]:
        return [one for one in self.changes if one.effect == 'removed']

    @property
    def changed(self) -> list[Change]:
        return [one for one in self.changes if one.effect not in ('added', 'removed')]

    @property
    def kept(self) -> int:
        """How many rules stay as they are."""
        return len(self.file.rules.rules) + len(self.file.rules.missed) - len(self.added) - len(self.changed)

    @property
    def is_same(self) -> bool:
        return bool(self.file.content == self.in_force.content)

    @cached_property
    def weaker(self) -> tuple[str, ...]:
        """Emergency rules of the shared default that the file leaves out or loosens: each will need a typed reason."""
        shared = self.in_force.default or published_default()
        return needs_reason(as_they_were(shared.content, self.file.rules.catalogue), self.file.rules)
