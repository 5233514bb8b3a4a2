"""A compiled rule set, and its run along one patient's timeline."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter, lt

from alerts.engine.bits import Bits
from alerts.engine.compile import Source
from alerts.engine.errors import FactError
from alerts.engine.explain import Witness, rows_of
from alerts.engine.facts import EPOCH, LONG_AGO, EntryFacts, PatientFacts
from alerts.engine.local_days import local_days
from alerts.engine.lookback import PREVIOUS_WITHIN, lookback
from alerts.engine.marks import Marks
from alerts.engine.nodes import InContext, TherapyDay
from alerts.engine.results import EntryResult, Explanation
from alerts.engine.rules import RuleSet
from alerts.engine.scales import Scales, is_mixed
from alerts.engine.sentences import Sentence
from alerts.engine.settings import Setting
from alerts.engine.tiers import Tier
from alerts.engine.timeline import recall

Row = tuple[timedelta, EntryFacts]
# What facts that do not fit make: FactError (a ValueError) in most cases, the last for what no number can hold.
MISFITS = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError)


class Program:
    """Evaluates any number of patients; it keeps nothing of them but which values set which bits. Make it once for a rule
    set with `compile_rules`.

    `lookback` is how much earlier an entry can still matter for a later one's result.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.lookback = lookback(rule_set.rules.values())
        self._bits = Bits(rule_set.catalogue)
        self._source = Source(rule_set, self._bits)
        self._marks = Marks(self._bits, rule_set.catalogue)
        self._therapies = {node.therapy for node in self._bits.own if isinstance(node, TherapyDay)}
        self._in_context = any(isinstance(node, InContext) for node in self._bits.own)
        self._load()

    @property
    def source(self) -> str:
        """The generated Python, for a reader who wants to see it."""
        return self._source.text

    def evaluate(self, patient: PatientFacts, entries: Iterable[EntryFacts]) -> list[EntryResult]:
        """All entries, in any order given; results in order of time, then id. FactError for what does not fit."""
        setting, entries = Setting(patient, self.rule_set.catalogue), list(entries)
        if len({entry.id for entry in entries}) < len(entries):
            raise FactError('entries', Sentence('an id is given twice'))
        try:
            return self._run(setting, entries)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise self._misfit(setting, entries) or problem from problem

    def evaluate_window(
        self, patient: PatientFacts, entries: Iterable[EntryFacts], only: Collection[str]
    ) -> list[EntryResult]:
        """The results of the entries whose ids are in `only`; the others serve as history. Exact for an entry as soon as
        every entry of the patient from `lookback` before it is given."""
        wanted = frozenset(only)
        return [result for result in self.evaluate(patient, entries) if result.entry_id in wanted]

    def misfits(self, patient: PatientFacts, entries: Iterable[EntryFacts]) -> frozenset[str]:
        """The ids of the entries that cannot be evaluated even alone: what the catalogue does not know, or cannot compare."""
        return frozenset(entry.id for entry in entries if not self._fits(patient, entry))

    def _fits(self, patient: PatientFacts, entry: EntryFacts) -> bool:
        try:
            self.evaluate(patient, [entry])
        except MISFITS:
            return False
        return True

    def explain(self, patient: PatientFacts, entries: Iterable[EntryFacts], entry_id: str, rule_id: str) -> Explanation:
        """Why the rule holds or does not for that entry. KeyError for an unknown rule or entry."""
        entries = list(entries)
        results = self.evaluate(patient, entries)
        witness = Witness(self.rule_set, patient, rows_of(entries, patient.time_zone), results)
        return witness.explain(self.rule_set.rules[rule_id].when, entry_id)

    def _load(self) -> None:
        names: dict[str, object] = {
            'deque': deque,
            'recall': recall,
            'new': tuple.__new__,
            'EntryResult': EntryResult,
            'LONG_AGO': LONG_AGO,
            'PREVIOUS_WITHIN': PREVIOUS_WITHIN,
            'EVERYTHING': self._bits.levels(self._bits.symptoms, 0),
            # No previous entry: whatever is reported is new, and nothing is worse.
            'NOTHING_BEFORE': self._bits.everyone,
            'TIERS': _HIGHEST,
            **self._source.names,
        }
        # The source is made by compile.py from nodes that the parser checked; no text of a rule file stands in it.
        exec(compile(self._source.text, '<compiled rules>', 'exec'), names)  # noqa: S102
        self._step: Callable[..., list[EntryResult]] = names['run']  # type: ignore[assignment]
        self._relive: Callable[..., None] = names['relive']  # type: ignore[assignment]

    def _run(self, setting: Setting, entries: Sequence[EntryFacts]) -> list[EntryResult]:
        ats = [entry.at - EPOCH for entry in entries]
        rows = zip(ats, entries, strict=True)
        scaled = any(entry.scales for entry in entries) and is_mixed(entries)
        if not scaled and all(map(lt, ats, islice(ats, 1, None))):
            return self._along(setting, rows, None)
        each_once = sorted(rows, key=_time_and_id)
        results = self._along(setting, self._in_turn(each_once), each_once if scaled else None)
        return list({result.entry_id: result for result in results}.values())

    def _in_turn(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Entries of one instant count for each other's days: a turn more for each level that persists can have. The last
        turn's results stand."""
        for _, group in groupby(rows, key=itemgetter(0)):
            together = list(group)
            yield from together * (1 + len(self._bits.lasting) if len(together) > 1 else 1)

    def _along(self, setting: Setting, turns: Iterable[Row], scaled: Sequence[Row] | None) -> list[EntryResult]:
        """Through the entries in turn; `scaled` are the entries, each once, where their scales need a look."""
        usual, local = setting.baseline, local_days(setting.zone)
        on_therapy = not setting.given.isdisjoint(self._therapies)
        in_context = setting.has_contexts and self._in_context
        answers, measured = self._marks.answers(usual), self._marks.measured(usual)
        scales = None if scaled is None else Scales(scaled, self._bits, self.lookback, self._relive)
        return self._step(turns, local, answers, measured, setting, on_therapy, in_context, scales)

    def _misfit(self, setting: Setting, entries: Sequence[EntryFacts]) -> FactError | None:
        """The first entry that does not fit even alone."""
        for entry in entries:
            try:
                self._run(setting, [entry])
            except (KeyError, TypeError, ValueError, AttributeError) as problem:
                return FactError(Sentence('entry {id}', id=entry.id), _misfit_words(problem))
        return None


def compile_rules(rule_set: RuleSet) -> Program:
    return Program(rule_set)


def _misfit_words(problem: Exception) -> Sentence:
    """What no name can tell is Python's own words: those are not told on."""
    if isinstance(problem, KeyError):
        return Sentence('does not fit the catalogue: {name}', name=str(problem))
    return Sentence('does not fit the catalogue')


def _time_and_id(row: Row) -> tuple[timedelta, str]:
    return row[0], row[1].id


# From the bits of the tiers that fired to the highest of them.
_HIGHEST = [Tier(max(bits.bit_length() - 1, 0)) for bits in range(1 << (max(Tier) + 1))]
