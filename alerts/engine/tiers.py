"""How soon somebody must act, and where a rule comes from."""

from enum import IntEnum, StrEnum


class Tier(IntEnum):
    """Ordered: a higher tier is more pressing. `word` is how files and the exchange format spell it."""

    NONE = 0
    MONITOR = 1
    SAME_DAY = 2
    URGENT = 3
    EMERGENCY = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> 'Tier':
        """Raises KeyError for an unknown word."""
        return _BY_WORD[word]


_BY_WORD = {tier.word: tier for tier in Tier}


class Basis(StrEnum):
    """Never present a substitute, a guideline or our own choice as the founding documents' words."""

    SEED = 'seed'
    RECOVERED = 'recovered'
    SUBSTITUTE = 'substitute'
    GUIDELINE = 'guideline'
    DESIGN = 'design'
