"""From a rule set to the Python source of one function that evaluates one entry.

Every rule becomes one boolean expression over local variables; the names of symptoms are worked out only for a rule that
holds.
"""

from collections import Counter
from collections.abc import Iterator

import alerts.engine.nodes as nodes
from alerts.engine.expressions import Expressions, Lasting
from alerts.engine.flags import FlagPlan
from alerts.engine.lookback import same_day_rules
from alerts.engine.naming import always_names, may_name, own_name
from alerts.engine.rows import Layout
from alerts.engine.rules import Rule, RuleSet

ARGUMENTS = ('row', 'earlier', 'since', 'therapy_days', 'contexts', 'baseline', 'days', 'recent', 'wanted')
ALWAYS = 'True'  # the test of what is known to hold already
MOST_BITS = 10
MOST_ADDED = 20


class Source:
    """`text` defines `step`; `flags` are the tables it takes its flags from, `expressions` knows what else it refers to and
    what its arguments must hold."""

    def __init__(self, rule_set: RuleSet, layout: Layout) -> None:
        self.flags: dict[str, FlagPlan] = {}
        self.expressions = Expressions(rule_set, layout)
        self.test = self.expressions.test
        self._layout = layout
        self._rules = sorted(rule_set.rules.values(), key=lambda rule: rule.id)
        self._same_day = same_day_rules(self._rules)
        self._lines: list[str] = []
        self._find_lasting()
        self._share()
        self._write_body()
        self.text = '\n'.join([*self._head(), *self._lines, ''])

    # -- what is worked out once for an entry ------------------------------------------------------------

    def _find_lasting(self) -> None:
        """Inner ones first, so that each can use those inside it."""
        for rule in self._rules:
            for node in reversed(list(nodes.walk(rule.when))):
                if (
                    isinstance(node, nodes.Persists | nodes.PersistsAnySeverity)
                    and node not in self.expressions.lasting
                ):
                    self.expressions.lasting.append(node)

    def _share(self) -> None:
        """A test that several rules ask becomes one local variable."""
        counts = Counter(node for rule in self._rules for node in nodes.walk(rule.when))
        for node in sorted((node for node, uses in counts.items() if uses > 1), key=_size):
            worth = not isinstance(node, nodes.AnsweredYes | nodes.InContext | nodes.Macro)
            if worth and not any(isinstance(each, _HISTORY) for each in nodes.walk(node)):
                name = f's{len(self.expressions.shared)}'
                self._write(1, f'{name} = {self.test(node)}')
                self.expressions.shared[node] = name

    def _head(self) -> Iterator[str]:
        used = self.expressions
        cells = ', '.join(f'c{place}' if place in used.cells else '_' for place in range(self._layout.size))
        yield f'def step({", ".join(ARGUMENTS)}):'
        yield '    _, _, day, cells, severities, top, reported, _ = row'
        yield '    before = earlier is not None'
        yield '    was, severities_then, reported_then = earlier if before else NO_ENTRY'
        yield f'    {cells} = cells'
        yield from _unpacked('t', len(used.therapies), 'therapy_days')
        yield from _unpacked('x', len(used.contexts), 'contexts')
        yield from _unpacked('b', len(used.baselines), 'baseline')
        yield from _unpacked('d', len(used.lasting), 'days')
        for by in sorted(used.levels_worse):
            yield f'    w{by} = worse(severities, severities_then, {by}) if top >= {by} and before else NOBODY'

    def _write_body(self) -> None:
        early = [node for node in self.expressions.lasting if not nodes.uses_findings(node)]
        late = [node for node in self.expressions.lasting if nodes.uses_findings(node)]
        for node in early:
            self._write_lasting(node)
        self._write(1, 'own = set()')
        for rule in self._same_day:
            self._write_same_day(rule)
        self._write(1, 'found = own | recent if recent else own')
        for node in late:
            self._write_lasting(node)
        self._write(1, 'if not wanted:', '    return None, 0, own', 'flags = []', 'tiers = 0')
        for rule in self._rules:
            self._write_rule(rule)
        self._write(1, 'return flags, tiers, own')

    def _write(self, indent: int, *lines: str) -> None:
        self._lines += ['    ' * indent + line for line in lines]

    def _write_lasting(self, node: Lasting) -> None:
        """Mark this entry's day if the entry counts for it, then see whether all the days are marked."""
        index = self.expressions.lasting.index(node)
        if isinstance(node, nodes.PersistsAnySeverity):
            self._write(1, f'if top >= {node.gte}:')
            self._write(2, f'names = [s for s, n in severities.items() if n >= {node.gte}]')
            self._write(2, f'd{index}.setdefault(day, set()).update(names)')
            self._write(1, f'p{index} = lasting_symptoms(d{index}, day, {node.days}) if day in d{index} else NOBODY')
            return
        self._write(1, f'if {self._at_least(node)}:')
        if (names := always_names(node)) == may_name(node):
            self._write(2, f'd{index}[day] = {self.expressions.constant(names)}')
        else:
            self._write(2, f'names = d{index}.setdefault(day, set())')
            for test in node.of:
                self._write_names(test, 2, known=node.at_least == len(node.of))
        self._write(1, f'p{index} = {" and ".join(_day_marked(index, back) for back in range(node.days))}')

    def _at_least(self, node: nodes.Persists) -> str:
        tests = [self.test(test) for test in node.of]
        if node.at_least == 1:
            return ' or '.join(tests)
        # A long chain of + would nest deeper than Python's compiler goes.
        counted = (
            ' + '.join(f'({test})' for test in tests) if len(tests) <= MOST_ADDED else f'sum(({", ".join(tests)}))'
        )
        return f'{counted} >= {node.at_least}'

    # -- rules ------------------------------------------------------------------------------------------

    def _write_same_day(self, rule: Rule) -> None:
        name = f'r{self._rules.index(rule)}'
        self._write(1, f'{name} = None', f'if {self.test(rule.when)}:')
        self._write(2, f'{name} = {self._flag(rule)}', f'own.update({name}.symptoms)')

    def _write_rule(self, rule: Rule) -> None:
        name = f'r{self._rules.index(rule)}'
        if rule in self._same_day:
            self._write(1, f'if {name} is not None:', f'    flags.append({name})')
        else:
            self._write(1, f'if {self.test(rule.when)}:')
            self._write(2, f'flags.append({self._flag(rule)})')
        self._write(2, f'tiers |= {1 << rule.tier}')

    def _flag(self, rule: Rule) -> str:
        """The expression of the flag, after any lines that collect the symptoms it names."""
        name = f'f{self._rules.index(rule)}'
        credits = self._credits(rule.when, known=True)
        if credits is not None:
            always = always_names(rule.when)
            sometimes = tuple(sorted(set(credits) - always))
            if len(sometimes) <= MOST_BITS:
                self.flags[name] = FlagPlan(rule, always, sometimes)
                bits = [f'({" or ".join(credits[symptom])}) << {bit}' for bit, symptom in enumerate(sometimes)]
                return f'{name}[{" | ".join(bits) or 0}]'
        self.flags[name] = FlagPlan(rule)
        parts = self._parts(rule.when)
        if len(parts) == 1 and not isinstance(parts[0], nodes.Any):
            return f'{name}[frozenset({self._named(parts[0])})]'
        self._write(2, 'names = set()')
        self._write_names(rule.when, 2, known=True)
        return f'{name}[frozenset(names)]'

    def _parts(self, node: nodes.Node) -> list[nodes.Node]:
        """The conditions that name all that a holding node names, as long as they all hold with it."""
        match node:
            case nodes.Macro(when=when):
                return self._parts(when)
            case nodes.All(children):
                return [part for child in children if may_name(child) != frozenset() for part in self._parts(child)]
            case nodes.Any((child,)):
                return self._parts(child)
        return [node]

    def _credits(self, node: nodes.Node, *, known: bool) -> dict[str, list[str]] | None:
        """For each symptom the tests of which one must hold for it to be named; None where the entry alone can tell."""
        found: dict[str, list[str]] = {}
        match node:
            case nodes.Macro(when=when):
                return self._credits(when, known=known)
            case nodes.Any(children) | nodes.All(children):
                both = isinstance(node, nodes.All)
                for child in children:
                    inner = self._credits(child, known=both or (known and len(children) == 1))
                    if inner is None:
                        return None
                    for symptom, tests in inner.items():
                        found.setdefault(symptom, []).extend(self._under(node, tests, both and not known))
                return found
        names = own_name(node)
        if not names and may_name(node) != frozenset():
            return None
        return {symptom: [ALWAYS if known else self.test(node)] for symptom in names}

    def _under(self, node: nodes.Node, tests: list[str], guarded: bool) -> list[str]:
        if not guarded:
            return tests
        return [self.test(node) if test == ALWAYS else f'({self.test(node)} and {test})' for test in tests]

    def _write_names(self, node: nodes.Node, indent: int, *, known: bool) -> None:
        """Lines that add to `names` what the node names. `known`: the lines run only where the node holds."""
        if may_name(node) == frozenset():
            return None
        if isinstance(node, nodes.Macro):
            return self._write_names(node.when, indent, known=known)
        if isinstance(node, nodes.Any):
            for child in node.children:
                self._write_names(child, indent, known=False)
            return None
        if not known:
            self._write(indent, f'if {self.test(node)}:')
            indent += 1
        if isinstance(node, nodes.All):
            for child in node.children:
                self._write_names(child, indent, known=True)
            return None
        self._write(indent, f'names.update({self._named(node)})')
        return None

    def _named(self, node: nodes.Node) -> str:
        match node:
            case nodes.ReportedAny(symptoms):
                return f'{self.expressions.constant(frozenset(symptoms))} & reported'
            case nodes.NewAny(symptoms):
                return f'({self.expressions.constant(frozenset(symptoms))} & reported) - reported_then'
            case nodes.AllergicSigns():
                return f'{self.expressions.constant(self.expressions.allergic)} & reported'
            case nodes.AnySeverity(gte):
                return f's for s, n in severities.items() if n >= {gte}'
            case nodes.AnyWorsened(by):
                return f'w{by}'
            case nodes.Persists():
                return f'd{self.expressions.lasting.index(node)}[day]'
            case nodes.PersistsAnySeverity():
                return f'p{self.expressions.lasting.index(node)}'
            case nodes.SameDayFindings():
                return 'found'
        return f'{self.expressions.constant(may_name(node))}'


_HISTORY = nodes.Persists | nodes.PersistsAnySeverity | nodes.SameDayFindings


def _size(node: nodes.Node) -> int:
    return sum(1 for _ in nodes.walk(node))


def _day_marked(index: int, back: int) -> str:
    return f'day{f" - {back}" if back else ""} in d{index}'


def _unpacked(letter: str, count: int, source: str) -> Iterator[str]:
    if count:
        yield f'    {"".join(f"{letter}{at}, " for at in range(count))} = {source}'
