"""A compiled rule set, and its run along one patient's timeline."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from alerts.engine.compile import FlagPlan, Source
from alerts.engine.errors import FactError
from alerts.engine.explain import Witness
from alerts.engine.facts import MICROSECOND, EntryFacts, PatientFacts
from alerts.engine.lookback import FINDINGS_WITHIN, PREVIOUS_WITHIN, lookback
from alerts.engine.numbers import changed, dropped, over
from alerts.engine.results import EntryResult, Explanation, FlagResult
from alerts.engine.rows import Cell, Layout, Row
from alerts.engine.rules import RuleSet
from alerts.engine.settings import Setting
from alerts.engine.tiers import Tier

Symptoms = set[str]
Answer = tuple[list[FlagResult] | None, int, Symptoms]

_PREVIOUS = PREVIOUS_WITHIN // MICROSECOND
_FINDINGS = FINDINGS_WITHIN // MICROSECOND
MOST_KEPT = 10_000
NOBODY: frozenset[str] = frozenset()


class Flags(dict[int | frozenset[str], FlagResult]):
    """A rule's flags by the symptoms they name, made when first met: the same few come again and again."""

    def __init__(self, plan: FlagPlan) -> None:
        super().__init__()
        self._plan = plan

    def __missing__(self, key: int | frozenset[str]) -> FlagResult:
        rule = self._plan.rule
        if len(self) >= MOST_KEPT:
            self.clear()
        self[key] = flag = FlagResult(rule.id, rule.tier, tuple(sorted(self._names(key))))
        return flag

    def _names(self, key: int | frozenset[str]) -> frozenset[str]:
        if isinstance(key, frozenset):
            return key
        named = (name for bit, name in enumerate(self._plan.sometimes or ()) if key >> bit & 1)
        return self._plan.always.union(named)


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
        # Entries of one instant count for each other's days: they are gone through once more for each level of persists.
        self._passes = 1 + len(self._source.lasting)

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

    def explain(self, patient: PatientFacts, entries: Iterable[EntryFacts], entry_id: str, rule_id: str) -> Explanation:
        """Why the rule holds or does not for that entry. KeyError for an unknown rule or entry."""
        entries = list(entries)
        rows = self._rows(Setting(patient, self.rule_set.catalogue), entries)
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
        names |= self._source.constants
        names |= {name: Flags(plan) for name, plan in self._source.flags.items()}
        # The source is made by compile.py from nodes that the parser checked; no text of a rule file stands in it.
        exec(compile(self._source.text, '<compiled rules>', 'exec'), names)  # noqa: S102
        step: Callable[..., Answer] = names['step']  # type: ignore[assignment]
        return step

    def _rows(self, setting: Setting, entries: Iterable[EntryFacts]) -> list[Row]:
        rows = [self._layout.row(entry, setting.zone) for entry in entries]
        rows.sort(key=_BY_TIME)
        if len({row.id for row in rows}) < len(rows):
            raise FactError('entries', 'an id is given twice')
        return rows

    def _run(
        self, patient: PatientFacts, entries: Iterable[EntryFacts], only: frozenset[str] | None
    ) -> list[EntryResult]:
        setting = Setting(patient, self.rule_set.catalogue)
        timeline = _Timeline(self._source, setting)
        results: list[EntryResult] = []
        for rows in _same_instants(self._rows(setting, entries)):
            moment = timeline.moment(rows[0])
            answers = [self._answer(row, timeline, moment, only) for row in rows]
            if len(rows) > 1:
                for _ in range(self._passes):
                    answers = [self._answer(row, timeline, moment, only) for row in rows]
            for row, (flags, tiers, own) in zip(rows, answers, strict=True):
                timeline.passed(row, own)
                if flags is not None:
                    results.append(EntryResult(row.id, row.entry.at, _HIGHEST[tiers], tuple(flags)))
        return results

    def _answer(self, row: Row, timeline: '_Timeline', moment: '_Moment', only: frozenset[str] | None) -> Answer:
        return self._step(
            row.cells,
            row.severities,
            row.top,
            row.reported,
            *moment,
            timeline.baseline,
            timeline.days,
            timeline.recent,
            only is None or row.id in only,
        )


def compile_rules(rule_set: RuleSet) -> Program:
    return Program(rule_set)


_BY_TIME = attrgetter('instant', 'id')
# From the bits of the tiers that fired to the highest of them.
_HIGHEST = [Tier(max(bits.bit_length() - 1, 0)) for bits in range(1 << (max(Tier) + 1))]


class _Moment(NamedTuple):
    """What an entry of one instant finds: the previous entry, the local day, doses, contexts."""

    earlier: tuple[list[Cell], dict[str, int], Symptoms] | None
    day: int
    since: int | None
    therapy_days: list[int | None]
    contexts: list[bool]


class _Timeline:
    """What earlier entries leave behind for later ones: the last entry, marked days, same-day findings."""

    def __init__(self, source: Source, setting: Setting) -> None:
        self.baseline = [setting.baseline.get(name) for name in source.baselines]
        self.days: list[dict[int, Symptoms]] = [{} for _ in source.lasting]
        self.recent: Symptoms = set()
        self._source = source
        self._setting = setting
        self._no_contexts = [False] * len(source.contexts)
        self._last: Row | None = None
        self._findings: deque[tuple[int, Symptoms]] = deque()

    def moment(self, row: Row) -> _Moment:
        at, last, setting = row.instant, self._last, self._setting
        close = last is not None and at - last.instant <= _PREVIOUS
        if self._findings:
            self._forget(at)
        return _Moment(
            (last.cells, last.severities, last.reported) if close else None,  # type: ignore[union-attr]
            row.day,
            setting.since_dose(at),
            [setting.therapy_day(name, at, row.day) for name in self._source.therapies],
            [setting.holds(name, at) for name in self._source.contexts] if setting.has_contexts else self._no_contexts,
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


_NONE: Symptoms = set()


def _same_instants(rows: list[Row]) -> Iterator[list[Row]]:
    for _, group in groupby(rows, key=attrgetter('instant')):
        yield list(group)


def worse(now: dict[str, int], then: dict[str, int], by: int) -> frozenset[str]:
    return frozenset([symptom for symptom, level in now.items() if level - then.get(symptom, 0) >= by])


def lasting_symptoms(marked: dict[int, Symptoms], day: int, days: int) -> Symptoms:
    """The symptoms marked on each of the last days."""
    found = marked.get(day)
    if not found:
        return _NONE
    return found.intersection(*(marked.get(day - back, _NONE) for back in range(1, days)))
