"""What earlier entries leave behind for later ones, and what a compiled rule set asks about it."""

from collections import deque
from collections.abc import Set
from typing import NamedTuple

from alerts.engine.expressions import Expressions
from alerts.engine.facts import MICROSECOND
from alerts.engine.lookback import FINDINGS_WITHIN, PREVIOUS_WITHIN
from alerts.engine.rows import Cell, Row
from alerts.engine.settings import Setting

Symptoms = Set[str]
NOBODY: frozenset[str] = frozenset()

_PREVIOUS = PREVIOUS_WITHIN // MICROSECOND
_FINDINGS = FINDINGS_WITHIN // MICROSECOND


class Moment(NamedTuple):
    """What an entry of one instant finds: the previous entry, doses, contexts."""

    earlier: tuple[list[Cell], dict[str, int], Symptoms] | None
    since: int | None
    therapy_days: list[int | None]
    contexts: list[bool]


class Timeline:
    """What earlier entries leave behind for later ones: the last entry, marked days, same-day findings."""

    def __init__(self, expressions: Expressions, setting: Setting) -> None:
        self.baseline = [setting.baseline.get(name) for name in expressions.baselines]
        self.days: list[dict[int, Symptoms]] = [{} for _ in expressions.lasting]
        self.recent: Symptoms = set()
        self._therapies, self._contexts = expressions.therapies, expressions.contexts
        self._on_therapy = not setting.given.isdisjoint(expressions.therapies)
        self._setting = setting
        self._no_days: list[int | None] = [None] * len(expressions.therapies)
        self._no_contexts = [False] * len(expressions.contexts)
        self._last: Row | None = None
        self._findings: deque[tuple[int, Symptoms]] = deque()

    def moment(self, row: Row) -> Moment:
        at, last, setting = row.instant, self._last, self._setting
        close = last is not None and at - last.instant <= _PREVIOUS
        if self._findings:
            self._forget(at)
        return Moment(
            (last.cells, last.severities, last.reported) if close else None,  # type: ignore[union-attr]
            setting.since_dose(at),
            [setting.therapy_day(name, at, row.day) for name in self._therapies] if self._on_therapy else self._no_days,
            [setting.holds(name, at) for name in self._contexts] if setting.has_contexts else self._no_contexts,
        )

    def passed(self, row: Row, own: Symptoms) -> None:
        self._last = row
        if own:
            self._findings.append((row.instant, own))

    def _forget(self, at: int) -> None:
        findings = self._findings
        while findings and at - findings[0][0] > _FINDINGS:
            findings.popleft()
        if len(findings) == 1:
            self.recent = findings[0][1]
        else:
            self.recent = set().union(*(own for _, own in findings))


def worse(now: dict[str, int], then: dict[str, int], by: int) -> frozenset[str]:
    return frozenset([symptom for symptom, level in now.items() if level - then.get(symptom, 0) >= by])


def lasting_symptoms(marked: dict[int, set[str]], day: int, days: int) -> Symptoms:
    """The symptoms marked on each of the last days; today is marked."""
    return marked[day].intersection(*(marked.get(day - back, NOBODY) for back in range(1, days)))
