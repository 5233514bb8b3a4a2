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
from alerts.engine.naming import union
from alerts.engine.rules import Rule, RuleSet

MOST_BITS = 20  # measured: more of them make more patterns, each of which has to be met once
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
            before = unseen = bits ^ EVERYTHING if at - instant <= PREVIOUS_WITHIN else NOTHING_BEFORE
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
            unseen = scales.turn(at, entry.id, before, days)
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
        for rules in self._side_by_side():
            if nodes.uses_findings(rules[0].when):
                place = f'place_{rules[0].id}'
                early.append(_line(2, f'{place} = len(flags)'))
                late = [*self._raise(rules, f'flags[{place}:{place}] = more'), *late]
            else:
                early += self._raise(rules, 'flags += more')
        return early, late

    def _side_by_side(self) -> Iterator[list[Rule]]:
        """Rules next to each other that look at a few bits of the entry alone: one look-up answers for all of them."""
        together: list[Rule] = []
        for rule in self._rules:
            words = words_of([each.when for each in (*together, rule)], self._bits)
            if together and (words.keys() != {'bits'} or words['bits'].bit_count() > MOST_BITS):
                yield together
                together = []
            together.append(rule)
        yield together

    def _raise(self, rules: list[Rule], put: str) -> Iterator[str]:
        name, words = f'flags_{rules[0].id}', words_of([rule.when for rule in rules], self._bits)
        self.names[name] = flags_of(rules, self._bits, tuple(words))
        yield _line(2, f'if {self._may_hold(rules)}:')
        yield _line(3, f'more, tier, names = {name}[{key(words)}]', put, 'tiers |= tier', 'own |= names')

    def _may_hold(self, rules: list[Rule]) -> str:
        """Exact for one rule. For several, bits of which one is set where any holds: most entries are past most of them."""
        needs = [needed(rule.when, self._bits) for rule in rules]
        if len(rules) > 1 and all(needs):
            return f'bits & {union(needs):#x}'
        return test(nodes.Any(tuple(rule.when for rule in rules)), self._bits)


def _line(indent: int, *lines: str) -> str:
    return ''.join(f'{"    " * indent}{line}\n' for line in lines)
