"""Which rules read a symptom: by its name, or because they look at every symptom."""

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import SEVERITY, Symptom


def names(node: nodes.Node, code: str) -> bool:
    """Whether some test in the condition asks for this very symptom."""
    return any(code in _asked(each) for each in nodes.walk(node))


def sweeps(node: nodes.Node, symptom: Symptom) -> bool:
    """Whether some test in the condition looks at all symptoms, this one among them."""
    return any(_sweeps(each, symptom) for each in nodes.walk(node))


def _asked(node: nodes.Node) -> tuple[str, ...]:
    match node:
        case nodes.SeverityAtLeast(symptom) | nodes.AnsweredYes(symptom) | nodes.Worsened(symptom):
            return (symptom,)
        case nodes.NumberAtLeast(symptom) | nodes.OverBaseline(symptom):
            return (symptom,)
        case nodes.ReportedAny(symptoms) | nodes.NewAny(symptoms):
            return symptoms
    return ()


def _sweeps(node: nodes.Node, symptom: Symptom) -> bool:
    match node:
        case nodes.AnyWorsened() | nodes.AnySeverity() | nodes.PersistsAnySeverity():
            return SEVERITY in symptom.fields
        case nodes.AllergicSigns():
            return bool(symptom.allergic)
    return False
