"""From a rule set to the Python source of one function that runs along one patient's timeline.

Every test on an entry's own answers is a bit of one whole number (`bits.py`), so that a choice of twenty of them is one `&`.
Nothing from a rule file enters the source but numbers, and names that the parser checked against fixed patterns.
"""

from collections.abc import Iterator
from datetime import timedelta

import alerts.engine.nodes as nodes
from alerts.engine.bits import Bits, Lasting
from alerts.engine.expressions import counted, key, needed, test, words_of
from alerts.engine.flags import flags_of, marks_of
from alerts.engine.lookback import same_day_rules
from alerts.engine.rules import Rule, RuleSet

SIDE_BY_SIDE = 4  # rules; measured
_HOUR = 3_600_000_000  # microseconds

_START = """\
def run(rows, local, answers, measured, setting, on_therapy, in_context, scales):
    results = []
    findings = deque()
    instant, bits, owns = LONG_AGO, 0, 0
    dosed, next_dose = LONG_AGO, LONG_AGO
"""
# Entries of one instant come several times in turn (program.py); none of them is earlier than another.
_ENTRY = """\
    for at, entry in rows:
        if at != instant:
            unseen = bits ^ EVERYTHING if at - instant <= PREVIOUS_WITHIN else NOTHING_BEFORE
            if owns:
                findings.append((instant, owns))
            recent = recall(findings, at) if findings else 0
            instant, owns = at, 0
        edge, day = local[at.days]
        if at >= edge:
            day = local.exactly(at) if edge is LONG_AGO else day + 1
        bits = 0
        for symptom, answer in entry.answers.items():
            tables, yes = answers[symptom]
            for name, value in answer.items():
                if value is True:
                    bits |= yes[name]
                elif value is False:
                    yes[name]
                else:
                    bits |= tables[name][value]
        for name, value in entry.measurements.items():
            bits |= measured[name][value]
"""
_TURN = """\
        if scales is not None:
            unseen = scales.turn(at, entry.id, unseen, days)
"""
_FLAGS = """\
        flags, tiers, own = [], 0, 0
"""
_FOUND = """\
        found = own | recent
"""
_END = """\
        if scales is not None:
            scales.keep(at, entry.id, (day, bits, unseen, found))
        owns |= own
        results.append(new(EntryResult, (entry.id, entry.at, TIERS[tiers], tuple(flags))))
    return results


def relive(rows, days):
"""
_RELIVE = """\
    for day, bits, unseen, found in rows:
"""


class Source:
    """`text` defines `run` and `relive`, which marks the days again as if the entries had said what it is given; `names` are
    the tables and limits that they refer to."""

    def __init__(self, rule_set: RuleSet, bits: Bits) -> None:
        self.names: dict[str, object] = {}
        self._bits = bits
        self._rules = sorted(rule_set.rules.values(), key=lambda rule: rule.id)
        self._same_day = {rule.id for rule in same_day_rules(self._rules)}
        self._number_lasting()
        # The rules first: writing them finds out which bits there are.
        rules, late_rules = self._all_rules()
        early, late = self._all_lasting()
        days, changes = list(self._days()), list(self._changes())
        run = [*self._around(), _TURN, *changes, *early, _FLAGS, *rules, _FOUND, *late, *late_rules]
        relive = [*days, _RELIVE, *changes, *early, *late, '        pass\n']
        self.text = ''.join([_START, f'    days = {self._new_days()}\n', *days, _ENTRY, *run, _END, *relive])

    # -- what lasts ---------------------------------------------------------------------------------------

    def _number_lasting(self) -> None:
        """Inner ones first, so that each can use those inside it."""
        for rule in self._rules:
            for node in reversed(list(nodes.walk(rule.when))):
                if isinstance(node, Lasting):
                    self._bits.lasting.setdefault(node, len(self._bits.lasting))

    def _new_days(self) -> str:
        return f'[{", ".join("{}" for _ in self._bits.lasting)}]'

    def _days(self) -> Iterator[str]:
        if self._bits.lasting:
            yield _line(1, f'[{", ".join(f"d{number}" for number in self._bits.lasting.values())}] = days')

    def _all_lasting(self) -> tuple[list[str], list[str]]:
        early: list[str] = []
        late: list[str] = []
        for node, number in self._bits.lasting.items():
            lines = self._persists(node, number) if isinstance(node, nodes.Persists) else self._severe(node, number)
            (late if nodes.uses_findings(node) else early).extend(lines)
        return early, late

    def _persists(self, node: nodes.Persists, number: int) -> Iterator[str]:
        """Mark this entry's day if the entry counts for it, then see whether all the days are marked."""
        days, words = f'd{number}', words_of(node.of, self._bits)
        self.names[f'marks{number}'] = marks_of(node, self._bits, tuple(words))
        yield _line(2, f'if {counted(node, self._bits)}:')
        yield _line(3, f'{days}[day] = {days}.get(day, 0) | marks{number}[{key(words)}]')
        marked = ' and '.join(f'day - {back} in {days}' for back in reversed(range(1, node.days)))
        yield _line(2, f'p{number} = {days}[day] if day in {days}{" and " * bool(marked)}{marked} else 0')

    def _severe(self, node: nodes.PersistsAnySeverity, number: int) -> Iterator[str]:
        days, mask = f'd{number}', self._bits.term(nodes.AnySeverity(node.gte)).mask
        yield _line(2, f'if bits & {mask:#x}:')
        yield _line(3, f'{days}[day] = {days}.get(day, 0) | bits & {mask:#x}')
        earlier = ''.join(f' & {days}.get(day - {back}, 0)' for back in range(1, node.days))
        yield _line(2, f'p{number} = {days}[day]{earlier} if day in {days} else 0')

    # -- doses, therapies, contexts, changes -----------------------------------------------------------------

    def _around(self) -> Iterator[str]:
        hours = [node for node in self._bits.own if isinstance(node, nodes.HoursSinceDose)]
        if hours:
            yield _line(
                2, 'if at >= next_dose:', '    dosed, next_dose = setting.doses_around(at)', 'since = at - dosed'
            )
        # The longest first, and each inside the one before: most entries are past them all.
        for depth, node in enumerate(sorted(hours, key=lambda node: -node.lte)):
            self.names[f'hours{depth}'] = timedelta(microseconds=int(node.lte * _HOUR))
            yield _line(2 + depth, f'if since <= hours{depth}:', f'    bits |= {self._bits.own[node]:#x}')
        yield from self._spans()

    def _spans(self) -> Iterator[str]:
        spans = [node for node in self._bits.own if isinstance(node, nodes.TherapyDay)]
        for therapy in sorted({node.therapy for node in spans}):
            yield _line(2, f'since = setting.therapy_day({therapy!r}, at, day) if on_therapy else None')
            yield _line(2, 'if since is not None:')
            for node in spans:
                if node.therapy == therapy:
                    yield _line(3, f'if {node.day_gte} <= since <= {node.day_lte}:')
                    yield _line(4, f'bits |= {self._bits.own[node]:#x}')
        contexts = {node.context: bit for node, bit in self._bits.own.items() if isinstance(node, nodes.InContext)}
        if contexts:
            yield _line(2, 'if in_context:')
        for context, bit in contexts.items():
            yield _line(3, f'if setting.holds({context!r}, at):', f'    bits |= {bit:#x}')

    def _changes(self) -> Iterator[str]:
        found = {each for rule in self._rules for each in nodes.walk(rule.when)}
        by = {node.by for node in found if isinstance(node, nodes.Worsened | nodes.AnyWorsened)}
        if 1 in by or any(isinstance(node, nodes.NewAny) for node in found):
            yield _line(2, 'fresh = bits & unseen')
        for more in sorted(by - {1}):
            lowest = self._bits.term(nodes.AnySeverity(more)).mask
            shifted = self._bits.width * (more - 1)
            yield _line(2, f'worse{more} = bits >> {shifted} & unseen if bits & {lowest:#x} else 0')

    # -- rules ------------------------------------------------------------------------------------------

    def _all_rules(self) -> tuple[list[str], list[str]]:
        """Those that count findings come last, and put their flag where the order of the ids wants it; the last one first,
        so that no place is moved by another."""
        early: list[str] = []
        late: list[str] = []
        for needs, rules in self._side_by_side():
            if needs:
                early.append(_line(2, f'if bits & {needs:#x}:'))
            for rule in rules:
                if nodes.uses_findings(rule.when):
                    early.append(_line(2, f'place_{rule.id} = len(flags)'))
                    late = [*self._rule(rule, 2, f'flags.insert(place_{rule.id}, flag)'), *late]
                else:
                    early += self._rule(rule, 3 if needs else 2, 'flags.append(flag)')
        return early, late

    def _side_by_side(self) -> Iterator[tuple[int, list[Rule]]]:
        """Rules next to each other, with bits of which one is set where any of them holds: most entries are past most of
        them with one test. 0 where there are no such bits."""
        together: list[Rule] = []
        mask = 0
        for rule in self._rules:
            needs = 0 if nodes.uses_findings(rule.when) else needed(rule.when, self._bits)
            if together and (not needs or not mask or len(together) == SIDE_BY_SIDE):
                yield mask, together
                together, mask = [], 0
            together.append(rule)
            mask |= needs
        yield mask, together

    def _rule(self, rule: Rule, indent: int, put: str) -> Iterator[str]:
        words = words_of([rule.when], self._bits)
        self.names[f'flags_{rule.id}'] = flags_of(rule, self._bits, tuple(words))
        yield _line(indent, f'if {test(rule.when, self._bits)}:')
        yield _line(indent + 1, f'flag, names = flags_{rule.id}[{key(words)}]', put, f'tiers |= {1 << rule.tier}')
        if rule.id in self._same_day:
            yield _line(indent + 1, 'own |= names')


def _line(indent: int, *lines: str) -> str:
    return ''.join(f'{"    " * indent}{line}\n' for line in lines)
