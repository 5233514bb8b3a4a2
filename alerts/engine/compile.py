"""From a rule set to the Python source of one function that evaluates one entry.

Every rule becomes one boolean expression over local variables; the names of symptoms are worked out only for a rule that
holds. Nothing from a rule file enters the source but numbers and names that the parser checked against fixed patterns.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from alerts.engine import nodes
from alerts.engine.catalogue import SEVERITY
from alerts.engine.flags import FlagPlan
from alerts.engine.lookback import same_day_rules
from alerts.engine.naming import always_names, may_name, own_name
from alerts.engine.numbers import Exact
from alerts.engine.rows import Layout
from alerts.engine.rules import Rule, RuleSet

HOUR = 3_600_000_000  # microseconds
ARGUMENTS = ('row', 'earlier', 'since', 'therapy_days', 'contexts', 'baseline', 'days', 'recent', 'wanted')
ALWAYS = 'True'  # the test of what is known to hold already
MOST_BITS = 10
Lasting = nodes.Persists | nodes.PersistsAnySeverity


class Source:
    """`text` defines `step`; `constants` are the objects it refers to and `flags` the tables it takes its flags from; the
    rest says what the arguments of `step` must hold."""

    def __init__(self, rule_set: RuleSet, layout: Layout) -> None:
        self.constants: dict[str, object] = {}
        self.flags: dict[str, FlagPlan] = {}
        self.therapies: list[str] = []
        self.contexts: list[str] = []
        self.baselines: list[str] = []
        self.lasting: list[Lasting] = []
        self._layout = layout
        self._allergic = rule_set.catalogue.allergic
        self._rules = sorted(rule_set.rules.values(), key=lambda rule: rule.id)
        self._same_day = same_day_rules(self._rules)
        self._used: set[int] = set()
        self._worsened: set[int] = set()
        self._shared: dict[nodes.Node, str] = {}
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
                if isinstance(node, nodes.Persists | nodes.PersistsAnySeverity) and node not in self.lasting:
                    self.lasting.append(node)

    def _share(self) -> None:
        """A test that several rules ask becomes one local variable."""
        counts = Counter(node for rule in self._rules for node in nodes.walk(rule.when))
        for node in sorted((node for node, uses in counts.items() if uses > 1), key=_size):
            worth = not isinstance(node, nodes.AnsweredYes | nodes.InContext | nodes.Macro)
            if worth and not any(isinstance(each, _HISTORY) for each in nodes.walk(node)):
                name = f's{len(self._shared)}'
                self._write(1, f'{name} = {self.test(node)}')
                self._shared[node] = name

    def _head(self) -> Iterator[str]:
        yield f'def step({", ".join(ARGUMENTS)}):'
        yield '    _, _, day, cells, severities, top, reported, _ = row'
        yield '    before = earlier is not None'
        yield '    was, severities_then, reported_then = earlier if before else NO_ENTRY'
        yield f'    {", ".join(f"c{place}" if place in self._used else "_" for place in range(self._layout.size))} = cells'
        for count, letter, source in (
            (len(self.therapies), 't', 'therapy_days'),
            (len(self.contexts), 'x', 'contexts'),
            (len(self.baselines), 'b', 'baseline'),
            (len(self.lasting), 'd', 'days'),
        ):
            if count:
                yield f'    {"".join(f"{letter}{i}, " for i in range(count))} = {source}'
        for by in sorted(self._worsened):
            yield f'    w{by} = worse(severities, severities_then, {by}) if top >= {by} and before else NOBODY'

    def _write_body(self) -> None:
        early = [node for node in self.lasting if not nodes.uses_findings(node)]
        late = [node for node in self.lasting if nodes.uses_findings(node)]
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
        index = self.lasting.index(node)
        if isinstance(node, nodes.PersistsAnySeverity):
            self._write(1, f'if top >= {node.gte}:')
            self._write(2, f'names = [s for s, n in severities.items() if n >= {node.gte}]')
            self._write(2, f'd{index}.setdefault(day, set()).update(names)')
            self._write(1, f'p{index} = lasting_symptoms(d{index}, day, {node.days}) if day in d{index} else NOBODY')
            return
        self._write(1, f'if {self._at_least(node)}:')
        if (names := always_names(node)) == may_name(node):
            self._write(2, f'd{index}[day] = {self._constant(names)}')
        else:
            self._write(2, f'names = d{index}.setdefault(day, set())')
            for test in node.of:
                self._write_names(test, 2, known=node.at_least == len(node.of))
        self._write(1, f'p{index} = {" and ".join(_day_marked(index, back) for back in range(node.days))}')

    def _at_least(self, node: nodes.Persists) -> str:
        tests = [self.test(test) for test in node.of]
        if node.at_least == 1:
            return ' or '.join(tests)
        return f'{" + ".join(f"({test})" for test in tests)} >= {node.at_least}'

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
                return f'{self._constant(frozenset(symptoms))} & reported'
            case nodes.NewAny(symptoms):
                return f'({self._constant(frozenset(symptoms))} & reported) - reported_then'
            case nodes.AllergicSigns():
                return f'{self._constant(self._allergic)} & reported'
            case nodes.AnySeverity(gte):
                return f's for s, n in severities.items() if n >= {gte}'
            case nodes.AnyWorsened(by):
                return f'w{by}'
            case nodes.Persists():
                return f'd{self.lasting.index(node)}[day]'
            case nodes.PersistsAnySeverity():
                return f'p{self.lasting.index(node)}'
            case nodes.SameDayFindings():
                return 'found'
        return f'{self._constant(may_name(node))}'

    # -- conditions -------------------------------------------------------------------------------------

    def test(self, node: nodes.Node) -> str:
        """The condition as a Python expression that gives a bool, safe to put beside `and`, `or` and `+`."""
        if node in self._shared:
            return self._shared[node]
        return _WRITERS[type(node)](self, node)

    def _cell(self, index: int) -> str:
        self._used.add(index)
        return f'c{index}'

    def field(self, symptom: str, name: str) -> str:
        return self._cell(self._layout.fields[symptom][name][0])

    def field_then(self, symptom: str, name: str) -> str:
        return f'was[{self._layout.fields[symptom][name][0]}]'

    def measure(self, name: str) -> str:
        return self._cell(self._layout.measures[name])

    def numbered(self, known: list[str], name: str, letter: str) -> str:
        if name not in known:
            known.append(name)
        return f'{letter}{known.index(name)}'

    def number(self, value: Exact) -> str:
        return self._constant(value) if isinstance(value, Decimal) else repr(value)

    def _constant(self, value: object) -> str:
        for name, known in self.constants.items():
            if type(known) is type(value) and known == value:
                return name
        name = f'k{len(self.constants)}'
        self.constants[name] = value
        return name

    def symptoms(self, names: Iterable[str]) -> str:
        return self._constant(frozenset(names))

    def worsened(self, by: int) -> str:
        self._worsened.add(by)
        return f'w{by}'

    def lasting_name(self, node: Lasting) -> str:
        return f'p{self.lasting.index(node)}'

    @property
    def allergic(self) -> frozenset[str]:
        return self._allergic


_HISTORY = nodes.Persists | nodes.PersistsAnySeverity | nodes.SameDayFindings


def _size(node: nodes.Node) -> int:
    return sum(1 for _ in nodes.walk(node))


def _day_marked(index: int, back: int) -> str:
    return f'day{f" - {back}" if back else ""} in d{index}'


def _joined(source: Source, children: tuple[nodes.Node, ...], word: str) -> str:
    return f'({f" {word} ".join(source.test(child) for child in children)})'


def _any(source: Source, node: nodes.Any) -> str:
    return _joined(source, node.children, 'or')


def _all(source: Source, node: nodes.All) -> str:
    return _joined(source, node.children, 'and')


def _macro(source: Source, node: nodes.Macro) -> str:
    return source.test(node.when)


def _severity(source: Source, node: nodes.SeverityAtLeast) -> str:
    return f'({source.field(node.symptom, SEVERITY)} >= {node.gte})'


def _yes(source: Source, node: nodes.AnsweredYes) -> str:
    return source.field(node.symptom, node.field)


def _number(source: Source, node: nodes.NumberAtLeast) -> str:
    cell = source.field(node.symptom, node.field)
    return f'({cell} is not None and {cell} >= {source.number(node.gte)})'


def _over_baseline(source: Source, node: nodes.OverBaseline) -> str:
    cell = source.field(node.symptom, node.field)
    usual = source.numbered(source.baselines, node.field, 'b')
    return f'({cell} is not None and over({cell}, {usual}, {source.number(node.over_baseline_gte)}))'


def _reported_any(source: Source, node: nodes.ReportedAny) -> str:
    return f'(not reported.isdisjoint({source.symptoms(node.symptoms)}))'


def _new_any(source: Source, node: nodes.NewAny) -> str:
    among = source.symptoms(node.symptoms)
    return f'(not reported.isdisjoint({among}) and not reported & {among} <= reported_then)'


def _worsened(source: Source, node: nodes.Worsened) -> str:
    now, then = source.field(node.symptom, SEVERITY), source.field_then(node.symptom, SEVERITY)
    return f'({now} >= {node.by} and before and {now} - {then} >= {node.by})'


def _any_worsened(source: Source, node: nodes.AnyWorsened) -> str:
    return f'(len({source.worsened(node.by)}) > 0)'


def _any_severity(source: Source, node: nodes.AnySeverity) -> str:
    return f'(top >= {node.gte})'


def _persists(source: Source, node: nodes.Persists) -> str:
    return f'({source.lasting_name(node)})'


def _persists_any_severity(source: Source, node: nodes.PersistsAnySeverity) -> str:
    return f'(len({source.lasting_name(node)}) > 0)'


def _hours_since_dose(source: Source, node: nodes.HoursSinceDose) -> str:
    return f'(since is not None and since <= {int(node.lte * HOUR)})'


def _therapy_day(source: Source, node: nodes.TherapyDay) -> str:
    day = source.numbered(source.therapies, node.therapy, 't')
    return f'({day} is not None and {node.day_gte} <= {day} <= {node.day_lte})'


def _context(source: Source, node: nodes.InContext) -> str:
    return source.numbered(source.contexts, node.context, 'x')


def _below(source: Source, node: nodes.MeasureBelow) -> str:
    cell = source.measure(node.measure)
    return f'({cell} is not None and {cell} < {source.number(node.lt)})'


def _dropped(source: Source, node: nodes.MeasureDropped) -> str:
    return _against_baseline(source, node.measure, 'dropped', node.drop_percent_gt)


def _changed(source: Source, node: nodes.MeasureChanged) -> str:
    return _against_baseline(source, node.measure, 'changed', node.change_percent_gte)


def _against_baseline(source: Source, measure: str, how: str, limit: Exact) -> str:
    cell, usual = source.measure(measure), source.numbered(source.baselines, measure, 'b')
    return f'({cell} is not None and {usual} is not None and {how}({cell}, {usual}, {source.number(limit)}))'


def _allergic(source: Source, node: nodes.AllergicSigns) -> str:
    return f'(len(reported & {source.symptoms(source.allergic)}) >= {node.gte})'


def _findings(source: Source, node: nodes.SameDayFindings) -> str:
    return f'(len(found) >= {node.gte})'


# One writer a word; a word without one is a KeyError the first time a rule set that uses it is compiled.
_WRITERS: dict[type, Callable[..., str]] = {
    nodes.Any: _any,
    nodes.All: _all,
    nodes.Macro: _macro,
    nodes.SeverityAtLeast: _severity,
    nodes.AnsweredYes: _yes,
    nodes.NumberAtLeast: _number,
    nodes.OverBaseline: _over_baseline,
    nodes.ReportedAny: _reported_any,
    nodes.NewAny: _new_any,
    nodes.Worsened: _worsened,
    nodes.AnyWorsened: _any_worsened,
    nodes.AnySeverity: _any_severity,
    nodes.Persists: _persists,
    nodes.PersistsAnySeverity: _persists_any_severity,
    nodes.HoursSinceDose: _hours_since_dose,
    nodes.TherapyDay: _therapy_day,
    nodes.InContext: _context,
    nodes.MeasureBelow: _below,
    nodes.MeasureDropped: _dropped,
    nodes.MeasureChanged: _changed,
    nodes.AllergicSigns: _allergic,
    nodes.SameDayFindings: _findings,
}
