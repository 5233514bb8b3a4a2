"""What can be wrong with content or facts, always with the place where it stands."""

from typing import Self

from alerts.engine.sentences import Sentence


class PlacedError(ValueError):
    """`place` is a path such as `rules.E01.when.any[2].symptom`; `problem` is one plain sentence. Both are English, as the error's
    own text is; `where` and `what` are the same, to be told in another language.

    `steps` are the same path in its parts (names as they stand, numbers for places in a list), where it is one.
    """

    def __init__(self, place: str | Sentence, problem: Sentence, steps: tuple[str | int, ...] = ()) -> None:
        self.where, self.what, self.steps = place, problem, steps
        self.place, self.problem = str(place), str(problem)
        super().__init__(f'{self.place}: {self.problem}' if self.place else self.problem)

    def moved(self, place: str | Sentence) -> Self:
        """The same problem at a place that is told otherwise."""
        return type(self)(place, self.what)


class RuleError(PlacedError):
    """A rule set, catalogue or source list that cannot be used."""


class FactError(PlacedError):
    """A patient's or entry's facts that do not fit the catalogue."""


class CaseError(FactError):
    """A line of the exchange format that is not a case."""
