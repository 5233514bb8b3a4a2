"""How many entries a second the compiled rules evaluate, beside the slow reference evaluator of the tests, in one run; and on
the rules that they can express, beside two other rule engines.

    python -m bench.engine_speed [--entries 100000] [--sample 500] [--seed 1] [--repeat 3]

All 55 default rules, whole timelines with their history, one core. The facts are made before the clock starts. Figures go to
standard output as JSON lines, a table for people to standard error. All evaluators must give the same answers, or it stops.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.content import catalogue_mapping, default_program, default_rules, rules_mapping
from alerts.engine import (
    Catalogue,
    ContextSpan,
    Dose,
    EntryFacts,
    EntryResult,
    Field,
    Kind,
    PatientFacts,
    compile_rules,
)
from bench.engines.others import rule_engine_rules, zen_decision, zen_expression, zen_from_the_diary
from bench.engines.spelling import Spelling, expressible
from tests.alerts.engine import reference

ENTRIES_OF_A_PATIENT = 100
OF_OTHERS = 2000  # entries for the other engines
START = datetime(2026, 1, 5, 13, tzinfo=UTC)
ZONES = ('America/New_York', 'Europe/London', 'America/Denver', 'Australia/Lord_Howe')
Patient = tuple[PatientFacts, list[EntryFacts]]


def main() -> None:
    options = _options()
    dice = random.Random(options.seed)
    catalogue = default_rules().catalogue
    patients = [a_patient(dice, catalogue) for _ in range(max(1, options.entries // ENTRIES_OF_A_PATIENT))]
    sample = patients[: max(1, options.sample // ENTRIES_OF_A_PATIENT)]
    _check_same_answers(sample)
    some = patients[: max(1, OF_OTHERS // ENTRIES_OF_A_PATIENT)]
    rows = [_shape(patients), *_measure(patients, sample, options.repeat), *_beside_others(some, options.repeat)]
    for row in rows:
        print(json.dumps(row))
    _table(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (('entries', 100_000), ('sample', 500), ('seed', 1), ('repeat', 3)):
        parser.add_argument(f'--{name}', type=int, default=default)
    return parser.parse_args()


def a_patient(dice: random.Random, catalogue: Catalogue) -> Patient:
    """A diary of about one entry a day: symptoms come, stay for days and change a little, as they do in life."""
    every = dice.choice((7, 14, 21))
    therapy = dice.choice(sorted(catalogue.therapies))
    doses = tuple(Dose(therapy, START + timedelta(days=day, hours=-3)) for day in range(0, 100, every))
    contexts = (ContextSpan('on_steroids', START, START + timedelta(days=20)),) if dice.random() < 0.2 else ()
    facts = PatientFacts(
        ZoneInfo(dice.choice(ZONES)), doses, contexts, {'stools_24h': 1, 'systolic_bp': 125, 'weight': 80}
    )
    at, answers, entries = START, {}, []
    for index in range(ENTRIES_OF_A_PATIENT):
        at += timedelta(minutes=dice.choice((700, 1380, 1440, 1440, 1440, 1500)))
        answers = _next_answers(dice, catalogue, answers)
        measured = {'weight': 80 + dice.randint(-3, 3), 'spo2': dice.randint(93, 99)} if dice.random() < 0.5 else {}
        entries.append(EntryFacts(f'{index:03}', at, answers, measured))
    return facts, entries


def _next_answers(dice: random.Random, catalogue: Catalogue, before: dict) -> dict:
    kept = {code: answer for code, answer in before.items() if dice.random() < 0.7}
    while len(kept) < 5:
        code = dice.choice(list(catalogue.symptoms))
        kept[code] = {name: _value(dice, field) for name, field in catalogue.symptoms[code].fields.items()}
    return kept


def _value(dice: random.Random, field: Field) -> bool | int | float | str:
    match field.kind:
        case Kind.SEVERITY:
            return dice.choices((0, 1, 2, 3, 4), (30, 45, 18, 6, 1))[0]
        case Kind.YES:
            return dice.random() < 0.03
        case Kind.COUNT:
            return dice.choice((0, 0, 1, 2, 3))
        case Kind.TEXT:
            return 'made up'
    return round(dice.uniform(36.0, 38.2), 1) if field.unit == 'C' else dice.randint(0, 5)


def _check_same_answers(sample: list[Patient]) -> None:
    content, catalogue, program = rules_mapping(), catalogue_mapping(), default_program()
    for facts, entries in sample:
        fast = [
            (r.entry_id, r.tier.word, {f.rule_id: set(f.symptoms) for f in r.flags})
            for r in program.evaluate(facts, entries)
        ]
        if fast != reference.evaluate(content, catalogue, facts, entries):
            sys.exit('The two evaluators disagree; no figure is worth anything.')


def _shape(patients: list[Patient]) -> dict[str, object]:
    entries = [entry for _, timeline in patients for entry in timeline]
    answered = sum(len(answer) for entry in entries for answer in entry.answers.values())
    program = default_program()
    flags = [len(result.flags) for facts, timeline in patients[:100] for result in program.evaluate(facts, timeline)]
    return {
        'what': 'data',
        'entries': len(entries),
        'patients': len(patients),
        'answers_per_entry': round(answered / len(entries), 1),
        'flags_per_entry': round(statistics.mean(flags), 1),
        'rules': len(program.rule_set.rules),
    }


def _measure(patients: list[Patient], sample: list[Patient], repeat: int) -> list[dict[str, object]]:
    program = default_program()
    content, catalogue = rules_mapping(), catalogue_mapping()
    return [
        _rate('compiled', patients, repeat, program.evaluate),
        _rate(
            'reference', sample, repeat, lambda facts, entries: reference.evaluate(content, catalogue, facts, entries)
        ),
        {'what': 'compiling', 'milliseconds': round(1000 * _seconds(lambda: compile_rules(default_rules()))[1], 1)},
    ]


def _beside_others(patients: list[Patient], repeat: int) -> list[dict[str, object]]:
    """Turn by turn, so that whatever else the machine does is shared."""
    everything = default_rules()
    rules = expressible(everything)
    program = compile_rules(replace(everything, rules={rule.id: rule for rule in rules}))
    spelling = Spelling(everything, rules)
    facts = [each for patient, entries in patients for each in spelling.of(patient, entries)]

    def ours() -> list[EntryResult]:
        return [result for patient, entries in patients for result in program.evaluate(patient, entries)]

    runs = {
        'zen_expression': zen_expression(rules, facts),
        'zen_expression_from_the_diary': zen_from_the_diary(rules, spelling, patients),
        'zen_decision': zen_decision(rules, facts),
        'rule_engine': rule_engine_rules(rules, facts),
    }
    fired = [sorted(result.rule_ids) for result in ours()]
    for name, run in runs.items():
        if [sorted(each) for each in run()] != fired:
            sys.exit(f'{name} disagrees; no figure is worth anything.')
    times = {name: [] for name in ('same_rules', *runs)}
    for _ in range(2 * repeat + 1):
        for name, run in {'same_rules': ours, **runs}.items():
            times[name].append(_seconds(run)[1])
    return [_share(name, each, times['same_rules'], len(facts), len(rules)) for name, each in times.items()]


def _share(what: str, times: list[float], ours: list[float], count: int, rules: int) -> dict[str, object]:
    return {
        'what': what,
        'entries': count,
        'rules': rules,
        'entries_per_cpu_second': round(count / statistics.median(times)),
        'most_per_cpu_second': round(count / min(times)),
        'ours_is_times_as_fast': round(statistics.median(times) / statistics.median(ours), 1),
    }


def _rate(
    what: str, patients: list[Patient], repeat: int, evaluate: Callable[[PatientFacts, list[EntryFacts]], object]
) -> dict[str, object]:
    count = sum(len(entries) for _, entries in patients)

    def run() -> None:
        for facts, entries in patients:
            evaluate(facts, entries)

    times = [_seconds(run) for _ in range(repeat)]
    return {
        'what': what,
        'entries': count,
        'entries_per_second': round(count / statistics.median(wall for wall, _ in times)),
        'entries_per_cpu_second': round(count / statistics.median(cpu for _, cpu in times)),
        'most_per_cpu_second': round(count / min(cpu for _, cpu in times)),
    }


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of the processor: on a machine that others use too, the second says more of the program."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _table(rows: list[dict[str, object]]) -> None:
    for row in rows:
        said = ', '.join(
            f'{key.replace("_", " ")} {value:,}' for key, value in row.items() if isinstance(value, int | float)
        )
        print(f'{row["what"]:<14} {said}', file=sys.stderr)


if __name__ == '__main__':
    main()
