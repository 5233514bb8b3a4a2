"""The figures of a replay: counted by batches in any order, added up in the end. Plain mappings of whole numbers, as JSON.

{'entries': 900, 'unreadable': 0, 'patients': 12,
 'flags': {'R02': {'urgent|urgent': 40, 'urgent|': 3, '|same_day': 1}},   draft's tier | tier in force
 'days': {'2026-11-01': {'drafted': 3, 'in_force': 2}},                   flags that make alerts, by the patient's day
 'flagged': {'entries': {'gained': 3, 'lost': 1, 'both': 40}, 'patients': {…}},
 'cases': {'drafted': {'urgent': 20}, 'in_force': {…}, 'gained': {…}, 'lost': {…}, 'moved': {'urgent|same_day': 1}},
 'hidden': {'drafted': 2, 'in_force': 2}}
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from alerts.engine.replaying import Case, Compared, Grouped
from alerts.engine.results import FlagResult
from alerts.engine.tiers import Tier

Flags = tuple[FlagResult, ...]
Figures = dict[str, Any]
WORDS = {tier: tier.word for tier in Tier}  # a property of an enum costs more than counting what it says
ALERTING = frozenset({Tier.SAME_DAY.word, Tier.URGENT.word, Tier.EMERGENCY.word})
# Tells draft and in force apart: (it flags, the other flags) -> what that is called.
SIDES = {(True, False): 'gained', (False, True): 'lost', (True, True): 'both'}


class Tally:
    """Counts one batch. `entry` and `patient` are called for each; `figures` gives them all."""

    def __init__(self) -> None:
        self.entries = self.unreadable = self.patients = 0
        self._flags: Counter[tuple[str, str, str]] = Counter()
        self._days: Counter[tuple[str, str]] = Counter()
        self._flagged: Counter[tuple[str, str]] = Counter()
        self._cases: Counter[tuple[str, str]] = Counter()
        self._hidden: Counter[str] = Counter()

    def entry(self, day: str, drafted: Flags, in_force: Flags) -> list[tuple[str, str, str]]:
        """Counts the flags of one entry that has some; gives them in pairs, so that nobody has to pair them again."""
        found = pairs(drafted, in_force)
        here = there = 0
        for each in found:
            self._flags[each] += 1
            here += each[1] in ALERTING
            there += each[2] in ALERTING
        if here:
            self._days[day, 'drafted'] += here
        if there:
            self._days[day, 'in_force'] += there
        self._side('entries', bool(here), bool(there))
        return found

    def patient(self, *, drafted: bool, in_force: bool) -> None:
        self.patients += 1
        self._side('patients', drafted, in_force)

    def cases(self, drafted: Grouped, in_force: Grouped, compared: Compared) -> None:
        for name, cases in (
            ('drafted', drafted.cases),
            ('in_force', in_force.cases),
            ('gained', compared.gained),
            ('lost', compared.lost),
        ):
            self._count(name, cases)
        for case, tier in compared.both:
            if case.tier is not tier:
                self._cases['moved', f'{case.tier.word}|{tier.word}'] += 1
        self._hidden['drafted'] += drafted.hidden
        self._hidden['in_force'] += in_force.hidden

    def figures(self) -> Figures:
        flags: dict[str, dict[str, int]] = {}
        for (rule, tier, before), number in self._flags.items():
            flags.setdefault(rule, {})[f'{tier}|{before}'] = number
        return {
            'entries': self.entries,
            'unreadable': self.unreadable,
            'patients': self.patients,
            'flags': flags,
            'days': _nested(self._days),
            'flagged': _nested(self._flagged),
            'cases': _nested(self._cases),
            'hidden': dict(self._hidden),
        }

    def _side(self, what: str, here: bool, there: bool) -> None:
        if here or there:
            self._flagged[what, SIDES[here, there]] += 1

    def _count(self, name: str, cases: Iterable[Case]) -> None:
        for case in cases:
            self._cases[name, case.tier.word] += 1


def pairs(drafted: Flags, in_force: Flags) -> list[tuple[str, str, str]]:
    """(rule, the draft's tier, the tier in force) of every rule that either raises; no tier where it does not."""
    if drafted is in_force:
        return [(flag.rule_id, WORDS[flag.tier], WORDS[flag.tier]) for flag in drafted]
    there = {flag.rule_id: WORDS[flag.tier] for flag in in_force}
    found = [(flag.rule_id, WORDS[flag.tier], there.pop(flag.rule_id, '')) for flag in drafted]
    return found + [(rule, '', tier) for rule, tier in there.items()]


def added(parts: Iterable[Mapping[str, Any]]) -> Figures:
    """The sum of some figures, number by number."""
    total: Figures = {}
    for part in parts:
        _add(total, part)
    return total


def _add(total: Figures, part: Mapping[str, Any]) -> None:
    for key, value in part.items():
        if isinstance(value, Mapping):
            _add(total.setdefault(key, {}), value)
        else:
            total[key] = total.get(key, 0) + value


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (first, second), number in counts.items():
        found.setdefault(first, {})[second] = number
    return found
