"""What the rules say of one revision, from stored facts only. Nothing is written here."""

from dataclasses import dataclass
from typing import Any

from alerts.engine import EntryResult
from alerts.engine.program import MISFITS
from alerts.facts import History, history_of, key
from alerts.models import RuleSet
from alerts.programs import Compiled, compiled
from diary.models import Revision


class EntryUnreadable(ValueError):
    """The entry's own document does not fit the catalogue: no rule can be asked about it."""


@dataclass(frozen=True)
class Finding:
    """What the engine found for one revision, with the history it saw, so that it can be explained."""

    revision: Revision
    result: EntryResult
    history: History
    compiled: Compiled

    @property
    def left_out(self) -> list[str]:
        """The public ids of the entries in reach that could not be read, and that the rules therefore did not see."""
        return [str(self.history.revisions[each].entry.public_id) for each in sorted(self.history.unread)]

    def evidence(self, rule: str) -> dict[str, Any]:
        """The engine's explanation as JSON; `left_out` is in it when entries could not be read."""
        patient = self.history.patient_at(self.revision.entry.about_at)
        tree = self.compiled.program.explain(patient, self.history.entries, key(self.revision), rule)
        return tree.as_json() | ({'left_out': self.left_out} if self.history.unread else {})


def compute(*, revision: Revision, rule_set: RuleSet) -> Finding:
    """What the rules say of one revision under a rule set. The advice page uses this too. Raises EntryUnreadable."""
    program = compiled(rule_set)
    at = revision.entry.about_at
    since = at - program.program.lookback
    history = history_of(revision.entry.patient, since=since, until=at, scales=program.scales)
    return find(program, history, revision)


def find(program: Compiled, history: History, revision: Revision) -> Finding:
    """What the rules say of one revision within a history. An entry of it that cannot be read is left out, not in the way.

    Raises EntryUnreadable when the revision itself cannot be read.
    """
    if key(revision) in history.unread:
        raise EntryUnreadable
    try:
        return _run(program, history, revision)
    except MISFITS:
        misfits = program.program.misfits(history.patient, history.entries)
        if key(revision) in misfits:
            raise EntryUnreadable from None
        if not misfits:
            raise
        return _run(program, history.without(misfits), revision)


def _run(program: Compiled, history: History, revision: Revision) -> Finding:
    patient = history.patient_at(revision.entry.about_at)
    (result,) = program.program.evaluate_window(patient, history.entries, {key(revision)})
    return Finding(revision, result, history, program)
