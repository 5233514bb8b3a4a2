"""What an evaluation answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alerts.engine.tiers import Tier


@dataclass(frozen=True, slots=True)
class FlagResult:
    """One rule that holds for one entry. `symptoms` are those whose tests held in it, sorted; a measurement, a dose or a
    context names none."""

    rule_id: str
    tier: Tier
    symptoms: tuple[str, ...]


class EntryResult(NamedTuple):
    """`tier` is the highest of the flags, which are sorted by rule id."""

    entry_id: str
    at: datetime
    tier: Tier
    flags: tuple[FlagResult, ...]

    @property
    def rule_ids(self) -> list[str]:
        return [flag.rule_id for flag in self.flags]


Json = bool | int | float | str | None | list['Json'] | dict[str, 'Json']


@dataclass(frozen=True, slots=True)
class Explanation:
    """One condition of a rule as it stood for one entry. `word` is the word of the language, `asked` what the rule says,
    `seen` the values that were found, `symptoms` what it names (none where it does not hold)."""

    word: str
    asked: dict[str, Json]
    held: bool
    seen: dict[str, Json]
    symptoms: tuple[str, ...] = ()
    children: tuple['Explanation', ...] = ()

    def as_json(self) -> dict[str, Json]:
        return {
            'word': self.word,
            'asked': self.asked,
            'held': self.held,
            'seen': self.seen,
            'symptoms': list(self.symptoms),
            'children': [child.as_json() for child in self.children],
        }
