"""What can be wrong with content or facts, always with the place where it stands."""


class PlacedError(ValueError):
    """`place` is a path such as `rules.E01.when.any[2].symptom`; `problem` is one plain sentence.

    `steps` are the same path in its parts (names as they stand, numbers for places in a list), where it is one.
    """

    def __init__(self, place: str, problem: str, steps: tuple[str | int, ...] = ()) -> None:
        super().__init__(f'{place}: {problem}' if place else problem)
        self.place = place
        self.problem = problem
        self.steps = steps


class RuleError(PlacedError):
    """A rule set, catalogue or source list that cannot be used."""


class FactError(PlacedError):
    """A patient's or entry's facts that do not fit the catalogue."""


class CaseError(FactError):
    """A line of the exchange format that is not a case."""
