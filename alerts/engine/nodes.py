"""The words of the rule language, one frozen class each. README.md in this folder says when each is true."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.engine.numbers import Exact


@dataclass(frozen=True, slots=True)
class Any:
    children: tuple['Node', ...]


@dataclass(frozen=True, slots=True)
class All:
    children: tuple['Node', ...]


@dataclass(frozen=True, slots=True)
class Macro:
    """A condition with a name, used by its name."""

    name: str
    when: 'Node'


@dataclass(frozen=True, slots=True)
class SeverityAtLeast:
    symptom: str
    gte: int


@dataclass(frozen=True, slots=True)
class AnsweredYes:
    symptom: str
    field: str


@dataclass(frozen=True, slots=True)
class NumberAtLeast:
    symptom: str
    field: str
    gte: Exact


@dataclass(frozen=True, slots=True)
class OverBaseline:
    symptom: str
    field: str
    over_baseline_gte: Exact


@dataclass(frozen=True, slots=True)
class ReportedAny:
    symptoms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewAny:
    symptoms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worsened:
    symptom: str
    by: int


@dataclass(frozen=True, slots=True)
class AnyWorsened:
    by: int


@dataclass(frozen=True, slots=True)
class AnySeverity:
    gte: int


@dataclass(frozen=True, slots=True)
class Persists:
    days: int
    at_least: int
    of: tuple['Node', ...]


@dataclass(frozen=True, slots=True)
class PersistsAnySeverity:
    days: int
    gte: int


@dataclass(frozen=True, slots=True)
class HoursSinceDose:
    lte: Exact


@dataclass(frozen=True, slots=True)
class TherapyDay:
    therapy: str
    day_gte: int
    day_lte: int


@dataclass(frozen=True, slots=True)
class InContext:
    context: str


@dataclass(frozen=True, slots=True)
class MeasureBelow:
    measure: str
    lt: Exact


@dataclass(frozen=True, slots=True)
class MeasureDropped:
    measure: str
    drop_percent_gt: Exact


@dataclass(frozen=True, slots=True)
class MeasureChanged:
    measure: str
    change_percent_gte: Exact


@dataclass(frozen=True, slots=True)
class AllergicSigns:
    gte: int


@dataclass(frozen=True, slots=True)
class SameDayFindings:
    gte: int


Node = (
    Any
    | All
    | Macro
    | SeverityAtLeast
    | AnsweredYes
    | NumberAtLeast
    | OverBaseline
    | ReportedAny
    | NewAny
    | Worsened
    | AnyWorsened
    | AnySeverity
    | Persists
    | PersistsAnySeverity
    | HoursSinceDose
    | TherapyDay
    | InContext
    | MeasureBelow
    | MeasureDropped
    | MeasureChanged
    | AllergicSigns
    | SameDayFindings
)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Any(found) | All(found) | Persists(of=found):
            return found
        case Macro(when=when):
            return (when,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def uses_findings(node: Node) -> bool:
    return any(isinstance(each, SameDayFindings) for each in walk(node))
