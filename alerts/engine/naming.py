"""Which symptoms a condition names when it holds, as far as the rule alone tells."""

import alerts.engine.nodes as nodes

# These name what they find in the entry; None stands for "any symptom".
_FOUND_IN_ENTRY = (
    nodes.AnyWorsened | nodes.AnySeverity | nodes.PersistsAnySeverity | nodes.AllergicSigns | nodes.SameDayFindings
)


def may_name(node: nodes.Node) -> frozenset[str] | None:
    """Every symptom that it can name; None where that depends on the entry alone."""
    match node:
        case nodes.Any(children) | nodes.All(children) | nodes.Persists(of=children):
            below = [may_name(child) for child in children]
            return None if None in below else frozenset[str]().union(*(names for names in below if names))
        case nodes.Macro(when=when):
            return may_name(when)
        case nodes.ReportedAny(symptoms) | nodes.NewAny(symptoms):
            return frozenset(symptoms)
    if isinstance(node, _FOUND_IN_ENTRY):
        return None
    return frozenset(own_name(node))


def own_name(node: nodes.Node) -> tuple[str, ...]:
    """The one symptom that a test is about; none for a measurement, a dose, a therapy or a context."""
    match node:
        case nodes.SeverityAtLeast(symptom) | nodes.AnsweredYes(symptom) | nodes.Worsened(symptom):
            return (symptom,)
        case nodes.NumberAtLeast(symptom) | nodes.OverBaseline(symptom):
            return (symptom,)
    return ()


def always_names(node: nodes.Node) -> frozenset[str]:
    """The symptoms that it names whenever it holds."""
    match node:
        case nodes.All(children):
            return frozenset[str]().union(*map(always_names, children))
        case nodes.Any(children):
            return always_names(children[0]).intersection(*map(always_names, children[1:]))
        case nodes.Macro(when=when):
            return always_names(when)
        case nodes.ReportedAny(symptoms) | nodes.NewAny(symptoms) if len(symptoms) == 1:
            return frozenset(symptoms)
        case nodes.Persists(at_least=needed, of=tests) if needed == len(tests):
            return frozenset[str]().union(*map(always_names, tests))
    return frozenset(own_name(node))
