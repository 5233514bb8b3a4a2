"""Rules, catalogue and facts as plain JSON data, for an evaluator in another language (static/js/offline/engine.js).

Conditions are the rule language's own words. Instants are whole microseconds since 1970. Whole numbers are numbers, all others
text: every digit of them arrives. Nothing here rounds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import Catalogue, Field, Symptom
from alerts.engine.facts import EntryFacts, PatientFacts, Value, instant
from alerts.engine.lookback import lookback, same_day_rules
from alerts.engine.numbers import Exact, exact
from alerts.engine.rules import Rule, RuleSet
from alerts.engine.tiers import Tier
from alerts.engine.writing import condition_mapping

Plain = dict[str, Any]
PRESSING = (Tier.EMERGENCY, Tier.URGENT)
MOST_EXACT = 2**53  # whole numbers up to here are exact in every JSON reader
_TICK = timedelta(microseconds=1)


def pressing_rules(rules: RuleSet) -> list[Rule]:
    """Emergency and urgent rules, and the same-day ones that some of these count; sorted by id."""
    found = [rule for rule in rules.rules.values() if rule.tier in PRESSING]
    if any(nodes.uses_findings(rule.when) for rule in found):
        found += same_day_rules(rules.rules.values())
    return sorted(found, key=lambda rule: rule.id)


def portable_rules(rules: Iterable[Rule], macros: Mapping[str, nodes.Node]) -> Plain:
    """`rules` in the order given, `macros` by name, `lookback` in microseconds. ValueError for a limit that no file can hold."""
    rules = list(rules)
    written = [{'id': rule.id, 'tier': rule.tier.word, 'when': condition_mapping(rule.when)} for rule in rules]
    inner = {name: node.when if isinstance(node, nodes.Macro) else node for name, node in macros.items()}
    return {
        'rules': written,
        'macros': {name: condition_mapping(node) for name, node in inner.items()},
        'lookback': lookback(rules) // _TICK,
    }


def portable_catalogue(catalogue: Catalogue) -> Plain:
    return {
        'symptoms': {code: _symptom(symptom) for code, symptom in catalogue.symptoms.items()},
        'measurements': sorted(catalogue.measurements),
    }


def _symptom(symptom: Symptom) -> Plain:
    return {
        'allergic': bool(symptom.allergic),
        'fields': {name: _field(field) for name, field in symptom.fields.items()},
    }


def _field(field: Field) -> Plain:
    limit = field.reported_from
    return {'kind': field.kind.value, 'from': None if limit is None else plain_number(limit)}


def portable_patient(patient: PatientFacts) -> Plain:
    """`usual` is left to the caller: which values count depends on the entry."""
    return {
        'zone': str(patient.time_zone),
        'doses': [[dose.therapy, micros(dose.given_at)] for dose in patient.doses],
        'contexts': [[span.context, _micros(span.start), _micros(span.end)] for span in patient.contexts],
    }


def portable_entry(entry: EntryFacts) -> Plain:
    found = {
        'id': entry.id,
        'at': micros(entry.at),
        'answers': {
            code: {name: _value(value) for name, value in told.items()} for code, told in entry.answers.items()
        },
        'measurements': {name: plain_number(value) for name, value in entry.measurements.items()},
    }
    return found | ({'scales': dict(entry.scales)} if entry.scales else {})


def micros(moment: datetime) -> int:
    return instant(moment, 'fact') // _TICK


def plain_number(value: object) -> int | str:
    """TypeError or ValueError for what is no finite number."""
    found: Exact = exact(value)
    return found if isinstance(found, int) and abs(found) < MOST_EXACT else f'{Decimal(found):f}'


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def _value(value: Value) -> bool | int | str | None:
    # No rule reads words, so they stay where they are; that there are some is all that an evaluator needs.
    return value if isinstance(value, bool) else None if isinstance(value, str) else plain_number(value)
