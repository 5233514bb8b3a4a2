"""The two sets of rules that a replay holds against each other, ready to run."""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from itertools import groupby

from alerts.engine import Catalogue, Program, compile_rules
from alerts.engine import RuleSet as Rules
from alerts.engine.program import MISFITS
from alerts.engine.replay_rules import Flags, differing, kept
from alerts.facts import History
from alerts.models import Replay
from alerts.programs import compiled
from diary.catalogue import CatalogueView, current_catalogue, engine_mapping


@dataclass(frozen=True)
class Sides:
    """`in_force` is whole; of the draft only `part` is evaluated, the rules that may differ (None: there are none), because the
    flags of the rules in `kept` are the same under both."""

    in_force: Program
    rules: Rules
    part: Program | None
    kept: frozenset[str]

    @cached_property
    def draft(self) -> Program:
        """The whole draft, to explain its flags."""
        return compile_rules(self.rules)

    @property
    def lookback(self) -> timedelta:
        return max(self.in_force.lookback, self.part.lookback if self.part else timedelta())

    @property
    def is_same(self) -> bool:
        return self.part is None and self.kept == self.in_force.rule_set.rules.keys()


def sides_of(replay: Replay) -> Sides:
    """Raises RuleError where a rule does not fit the catalogue of now."""
    return _sides(replay.pk, current_catalogue('en'))


@lru_cache(maxsize=8)
def _sides(replay_id: int, view: CatalogueView) -> Sides:
    replay = Replay.objects.select_related('against').get(pk=replay_id)
    in_force = compiled(replay.against)
    rules = Rules.parse(replay.content, Catalogue.parse(engine_mapping()))
    part = differing(in_force.rules, rules)
    return Sides(in_force.program, rules, compile_rules(part) if part else None, kept(in_force.rules, rules, part))


@dataclass(frozen=True)
class Judged:
    """The flags of the entries that have some, by the entry's key; `unread` are wanted ones that no rule could be asked about;
    `history` is what the rules saw."""

    flags: dict[str, Flags]
    unread: frozenset[str]
    history: History


def judge(program: Program, history: History, wanted: Collection[str]) -> Judged:
    """What rules say of some entries of one patient. What cannot be read is left out of what they see, as in evaluation."""
    wanted = frozenset(wanted)
    try:
        return Judged(dict(_flags(program, history, wanted)), wanted & history.unread, history)
    except MISFITS:
        misfits = program.misfits(history.patient, history.entries)
        if not misfits:
            raise
        history = history.without(misfits)
        return Judged(dict(_flags(program, history, wanted - misfits)), wanted & history.unread, history)


def _flags(program: Program, history: History, wanted: frozenset[str]) -> Iterator[tuple[str, Flags]]:
    """Stretch by stretch: a usual value counts for the entries from its measurement on."""
    times = [measured_at for _kind, measured_at, _value in history.usual]
    entries = [entry for entry in history.entries if entry.id in wanted]
    stretches = [list(stretch) for _, stretch in groupby(entries, key=lambda entry: bisect_right(times, entry.at))]
    for stretch in stretches:
        patient, seen = history.patient_at(stretch[0].at), history.entries
        if len(stretches) > 1:
            first = stretch[0].at - program.lookback
            seen = tuple(entry for entry in seen if first <= entry.at <= stretch[-1].at)
        for result in program.evaluate_window(patient, seen, {entry.id for entry in stretch}):
            if result.flags:
                yield result.entry_id, result.flags
