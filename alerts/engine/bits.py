"""One whole number for all that an entry says: every test of a rule on an entry's own answers is one bit of it.

From the lowest bit on: for each symptom whether it is reported, then whether its severity is 1 or more, 2 or more, 3 or more,
4; after these one bit for each other test that the rules ask. What a condition names is a number too, of the lowest part alone.
"""

from collections.abc import Iterable
from typing import NamedTuple

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import Catalogue

HIGHEST = 4  # the levels of a severity are 0 to 4
LASTED = 'p'
Lasting = nodes.Persists | nodes.PersistsAnySeverity
Tested = nodes.AnsweredYes | nodes.NumberAtLeast | nodes.OverBaseline
Measured = nodes.MeasureBelow | nodes.MeasureDropped | nodes.MeasureChanged
Around = nodes.HoursSinceDose | nodes.TherapyDay | nodes.InContext


class Term(NamedTuple):
    """A condition that holds where at least so many of these bits are set. `word` is the number that they are bits of:
    `bits` of the entry itself, `fresh` or `worse2` … of what the previous entry did not have, `found` of the same-day
    findings, `p3` of what has lasted."""

    word: str
    mask: int
    least: int = 1


class Bits:
    """Where each bit is. Asking for the term of a condition gives it its bit."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.symptoms = sorted(catalogue.symptoms)
        self.width = len(self.symptoms)
        self.everyone = (1 << self.width) - 1
        self.held = 1 << self.width * (HIGHEST + 1)  # beside names: it holds, even where it names nobody
        self.lasting: dict[Lasting, int] = {}
        self.own: dict[nodes.Node, int] = {}
        self._place = {code: index for index, code in enumerate(self.symptoms)}
        self._allergic = catalogue.allergic

    def named(self, symptoms: Iterable[str]) -> int:
        return sum(1 << self._place[symptom] for symptom in set(symptoms))

    def levels(self, symptoms: Iterable[str], lowest: int = 1, highest: int = HIGHEST) -> int:
        named = self.named(symptoms)
        return sum(named << self.width * level for level in range(lowest, highest + 1))

    def folded(self, mask: int) -> int:
        """The symptoms that any of these bits is about; other tests' bits are about none."""
        found = mask
        for level in range(1, HIGHEST + 1):
            found |= mask >> self.width * level
        return found & self.everyone

    def names(self, symptoms: int) -> tuple[str, ...]:
        return tuple(code for index, code in enumerate(self.symptoms) if symptoms >> index & 1)

    def _bit(self, node: nodes.Node) -> int:
        return self.own.setdefault(node, self.held << 1 + len(self.own))

    def term(self, node: nodes.Node) -> Term:
        """KeyError for a word that has none: `any`, `all` and macros are made of others."""
        match node:
            case nodes.SeverityAtLeast(symptom, gte):
                return Term('bits', self.levels([symptom], gte, gte))
            case nodes.AnySeverity(gte):
                return Term('bits', self.levels(self.symptoms, gte, gte))
            case nodes.ReportedAny(symptoms):
                return Term('bits', self.named(symptoms))
            case nodes.AllergicSigns(gte):
                return Term('bits', self.named(self._allergic), gte)
            case nodes.NewAny(symptoms):
                return Term('fresh', self.named(symptoms))
            case nodes.Worsened(symptom, by):
                return Term(_worse(by), self.levels([symptom], 1, HIGHEST + 1 - by))
            case nodes.AnyWorsened(by):
                return Term(_worse(by), self.levels(self.symptoms, 1, HIGHEST + 1 - by))
            case nodes.SameDayFindings(gte):
                return Term('found', self.everyone, gte)
        if isinstance(node, Lasting):
            return Term(f'{LASTED}{self.lasting[node]}', self.held | self.levels(self.symptoms, 0))
        if isinstance(node, Tested | Measured | Around):
            return Term('bits', self._bit(node))
        raise KeyError(type(node).__name__)


def _worse(by: int) -> str:
    # A level of t + by now where the previous entry had not even t + 1: for 1 that is any new level.
    return 'fresh' if by == 1 else f'worse{by}'
