"""The rule language: parse, compile, evaluate, explain. Standard library only; README.md in this folder is the reference."""

from alerts.engine.catalogue import SEVERITY, Catalogue, Field, Kind, Measurement, Symptom, TherapyClass
from alerts.engine.describe import describe, describe_rule
from alerts.engine.errors import CaseError, FactError, PlacedError, RuleError
from alerts.engine.facts import ContextSpan, Dose, EntryFacts, PatientFacts
from alerts.engine.nodes import Node
from alerts.engine.phrases import PhraseBook, Phrases, parse_phrases
from alerts.engine.program import Program, compile_rules
from alerts.engine.results import EntryResult, Explanation, FlagResult
from alerts.engine.rules import MissedRule, Rule, RuleSet
from alerts.engine.sources import Citation, Document, Sources
from alerts.engine.tiers import Basis, Tier

__all__ = [
    'SEVERITY',
    'Basis',
    'CaseError',
    'Catalogue',
    'Citation',
    'ContextSpan',
    'Document',
    'Dose',
    'EntryFacts',
    'EntryResult',
    'Explanation',
    'FactError',
    'Field',
    'FlagResult',
    'Kind',
    'Measurement',
    'MissedRule',
    'Node',
    'PatientFacts',
    'PhraseBook',
    'Phrases',
    'PlacedError',
    'Program',
    'Rule',
    'RuleError',
    'RuleSet',
    'Sources',
    'Symptom',
    'TherapyClass',
    'Tier',
    'compile_rules',
    'describe',
    'describe_rule',
    'parse_phrases',
]
