"""Each default rule fires where it must and stays silent just below, by the table beside this file."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.content import default_program, read_yaml
from alerts.engine import ContextSpan, Dose, EntryFacts, PatientFacts

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TABLE = read_yaml((Path(__file__).parent / 'rules_table.yaml').read_text())
PROGRAM = default_program()
UNITS = {'d': 'days', 'h': 'hours', 's': 'seconds'}


def ago(written: str) -> datetime:
    parts = re.findall(r'(\d+)([dhs])', written)
    assert parts, written
    return NOW - timedelta(**{UNITS[unit]: int(number) for number, unit in parts})


def end(written: str) -> datetime | None:
    return None if written == '-' else ago(written)


def case_of(row: dict) -> tuple[PatientFacts, list[EntryFacts]]:
    """The patient and the entries of a row; the last one is the entry of now."""
    patient = PatientFacts(
        UTC,
        tuple(Dose(therapy, ago(given)) for therapy, given in row.get('doses', {}).items()),
        tuple(ContextSpan(name, end(first), end(last)) for name, (first, last) in row.get('contexts', {}).items()),
        row.get('usual', {}),
    )
    earlier = [EntryFacts(when, ago(when), answers) for when, answers in row.get('before', {}).items()]
    return patient, [*earlier, EntryFacts('now', NOW, row.get('say', {}), row.get('measure', {}))]


def flag_of(rule: str, row: dict):
    (result,) = PROGRAM.evaluate_window(*case_of(row), {'now'})
    return next((flag for flag in result.flags if flag.rule_id == rule), None)


def rows(kind: str):
    cases = [(rule, case, f'{rule}-{at}') for rule, row in TABLE.items() for at, case in enumerate(row[kind])]
    return [pytest.param(rule, case, id=name) for rule, case, name in cases]


@pytest.mark.parametrize(('rule', 'case'), rows('fires'))
def test_the_rule_fires(rule, case):
    flag = flag_of(rule, case)
    assert flag is not None
    assert flag.tier is PROGRAM.rule_set.rules[rule].tier
    assert list(flag.symptoms) == case.get('names', list(flag.symptoms))


@pytest.mark.parametrize(('rule', 'case'), rows('below'))
def test_the_rule_stays_silent_just_below(rule, case):
    assert flag_of(rule, case) is None


def test_the_table_has_every_default_rule_with_both_kinds_of_cases():
    assert set(TABLE) == set(PROGRAM.rule_set.rules)
    assert len(TABLE) == 55
    assert all(row['fires'] and row['below'] and set(row) == {'fires', 'below'} for row in TABLE.values())
    known = {'say', 'measure', 'usual', 'before', 'doses', 'contexts', 'names'}
    assert all(set(case) <= known for row in TABLE.values() for kind in row.values() for case in kind)
