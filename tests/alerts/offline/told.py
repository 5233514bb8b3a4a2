"""Made-up cases for the phone: the pack as the phone gets it, and what the Python engine says of its entries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts.engine import EntryFacts, PatientFacts, Program
from alerts.engine.portable import (
    micros,
    plain_number,
    portable_catalogue,
    portable_entry,
    portable_patient,
    portable_rules,
)
from alerts.facts import History

Usual = tuple[tuple[str, datetime, Any], ...]


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """So many examples at once, for a browser that answers all of them in one go."""
    found: list[Any] = []

    @given(strategy)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(one: Any) -> None:
        found.append(one)

    collect()
    return found


@dataclass(frozen=True)
class Made:
    """A patient, her entries, and her usual values as they were measured over time."""

    patient: PatientFacts
    entries: tuple[EntryFacts, ...]
    usual: Usual = ()

    @property
    def history(self) -> History:
        return History(self.patient, self.entries, {}, self.usual)


def made(case: tuple[PatientFacts, Sequence[EntryFacts]], later: Usual = ()) -> Made:
    """The case's own baseline was measured long before; `later` values after it."""
    patient, entries = case
    first = min(entry.at for entry in entries) - timedelta(days=90)
    early = tuple((name, first, value) for name, value in patient.baseline.items())
    return Made(replace(patient, baseline={}), tuple(entries), tuple(sorted((*early, *later), key=lambda one: one[1])))


@st.composite
def measured_again(draw: Any, case: tuple[PatientFacts, Sequence[EntryFacts]]) -> Usual:
    """Usual values that were measured anew in the middle of the timeline, at an entry's own instant too."""
    at = st.sampled_from([entry.at for entry in case[1]])
    values = {'weight': [79, 80.5], 'systolic_bp': [110, 131], 'stools_24h': [0, 2.5]}
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), at, st.sampled_from(values[name]))
    )
    return tuple(draw(st.lists(one, max_size=2)))


def rules_of(program: Program) -> dict[str, Any]:
    """As the phone gets them, but all rules, not only the pressing ones."""
    rules = program.rule_set
    return portable_rules(rules.rules.values(), rules.macros) | {'catalogue': portable_catalogue(rules.catalogue)}


def question(found: Made) -> dict[str, Any]:
    """What the phone is asked, apart from the rules."""
    known = portable_patient(found.patient)
    usual = [[name, micros(at), plain_number(value)] for name, at, value in found.usual]
    facts = {'doses': known['doses'], 'contexts': known['contexts'], 'usual': usual}
    return {'zone': known['zone'], 'facts': facts, 'entries': [portable_entry(entry) for entry in found.entries]}


def answer(program: Program, found: Made) -> list[dict[str, Any]]:
    """What Python says of every entry, each with the usual values that counted then; in the order of time."""
    answers = []
    for entry in found.entries:
        patient = found.history.patient_at(entry.at)
        (result,) = program.evaluate_window(patient, found.entries, {entry.id})
        flags = [{'id': flag.rule_id, 'tier': flag.tier.word, 'symptoms': list(flag.symptoms)} for flag in result.flags]
        answers.append({'id': entry.id, 'tier': result.tier.word, 'rules': result.rule_ids, 'flags': flags})
    order = {entry.id: (micros(entry.at), entry.id) for entry in found.entries}
    return sorted(answers, key=lambda one: order[one['id']])
