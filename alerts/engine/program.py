"""A compiled rule set, and its run along one patient's timeline."""

from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from operator import itemgetter

from alerts.engine.compile import Source
from alerts.engine.explain import Witness
from alerts.engine.facts import EntryFacts, PatientFacts
from alerts.engine.flags import Flags
from alerts.engine.lookback import lookback
from alerts.engine.numbers import changed, dropped, over
from alerts.engine.results import EntryResult, Explanation, FlagResult
from alerts.engine.rows import Layout, Row
from alerts.engine.rules import RuleSet
from alerts.engine.settings import Setting
from alerts.engine.tiers import Tier
from alerts.engine.timeline import NOBODY, Moment, Symptoms, Timeline, lasting_symptoms, worse

Answer = tuple[list[FlagResult] | None, int, Symptoms]
# What an entry that does not fit makes: FactError (a ValueError) where it is laid out, the others where rules compare its values.
MISFITS = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError)


class Program:
    """Evaluates any number of patients; it keeps nothing of them. Make it once for a rule set with `compile_rules`.

    `lookback` is how much earlier an entry can still matter for a later one's result.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.lookback = lookback(rule_set.rules.values())
        self._layout = Layout(rule_set.catalogue)
        self._source = Source(rule_set, self._layout)
        self._step = self._load()
        self._passes = 1 + len(self._source.expressions.lasting)

    @property
    def source(self) -> str:
        """The generated Python, for a reader who wants to see it."""
        return self._source.text

    def evaluate(self, patient: PatientFacts, entries: Iterable[EntryFacts]) -> list[EntryResult]:
        """All entries, in any order given; results in order of time, then id. FactError for what does not fit."""
        return self._run(patient, entries, None)

    def evaluate_window(
        self, patient: PatientFacts, entries: Iterable[EntryFacts], only: Collection[str]
    ) -> list[EntryResult]:
        """The results of the entries whose ids are in `only`; the others serve as history. Exact for an entry as soon as
        every entry of the patient from `lookback` before it is given."""
        return self._run(patient, entries, frozenset(only))

    def misfits(self, patient: PatientFacts, entries: Iterable[EntryFacts]) -> frozenset[str]:
        """The ids of the entries that cannot be evaluated even alone: what the catalogue does not know, or cannot compare."""
        return frozenset(entry.id for entry in entries if not self._fits(patient, entry))

    def _fits(self, patient: PatientFacts, entry: EntryFacts) -> bool:
        try:
            self._run(patient, [entry], None)
        except MISFITS:
            return False
        return True

    def explain(self, patient: PatientFacts, entries: Iterable[EntryFacts], entry_id: str, rule_id: str) -> Explanation:
        """Why the rule holds or does not for that entry. KeyError for an unknown rule or entry."""
        entries = list(entries)
        rows = self._layout.rows(entries, patient.time_zone)
        witness = Witness(self.rule_set, patient, rows, lambda: self.evaluate(patient, entries))
        return witness.explain(self.rule_set.rules[rule_id].when, entry_id)

    def _load(self) -> Callable[..., Answer]:
        names: dict[str, object] = {
            'worse': worse,
            'lasting_symptoms': lasting_symptoms,
            'over': over,
            'dropped': dropped,
            'changed': changed,
            'NO_ENTRY': ((), {}, NOBODY),
            'NOBODY': NOBODY,
        }
        names |= self._source.expressions.constants
        names |= {name: Flags(plan) for name, plan in self._source.flags.items()}
        # The source is made by compile.py from nodes that the parser checked; no text of a rule file stands in it.
        exec(compile(self._source.text, '<compiled rules>', 'exec'), names)  # noqa: S102
        step: Callable[..., Answer] = names['step']  # type: ignore[assignment]
        return step

    def _run(
        self, patient: PatientFacts, entries: Iterable[EntryFacts], only: frozenset[str] | None
    ) -> list[EntryResult]:
        setting = Setting(patient, self.rule_set.catalogue)
        timeline = Timeline(self._source.expressions, setting)
        results: list[EntryResult] = []
        for _, group in groupby(self._layout.rows(entries, setting.zone), key=itemgetter(0)):
            rows = list(group)
            moment = timeline.moment(rows[0])
            # Entries of one instant count for each other's days: a pass more for each level that persists can have.
            for _ in range(self._passes if len(rows) > 1 else 1):
                answers = [self._answer(row, timeline, moment, only) for row in rows]
            for row, (flags, tiers, own) in zip(rows, answers, strict=True):
                timeline.passed(row, own)
                if flags is not None:
                    results.append(EntryResult(row.id, row.entry.at, _HIGHEST[tiers], tuple(flags)))
        return results

    def _answer(self, row: Row, timeline: Timeline, moment: Moment, only: frozenset[str] | None) -> Answer:
        wanted = only is None or row.id in only
        return self._step(row, *moment, timeline.baseline, timeline.days, timeline.recent, wanted)


def compile_rules(rule_set: RuleSet) -> Program:
    return Program(rule_set)


# From the bits of the tiers that fired to the highest of them.
_HIGHEST = [Tier(max(bits.bit_length() - 1, 0)) for bits in range(1 << (max(Tier) + 1))]
