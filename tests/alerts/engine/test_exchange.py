"""A line of the exchange format is a case, or its answer says what is wrong and where."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from alerts.content import default_program
from alerts.engine.exchange import answer_line, answer_lines

PROGRAM = default_program()
CASE = {
    'case': 'ana',
    'patient': {
        'time_zone': 'America/New_York',
        'doses': [{'therapy': 'checkpoint_inhibitor', 'given_at': '2026-03-02T10:00:00-05:00'}],
        'contexts': [{'context': 'on_steroids', 'from': '2026-03-01T00:00:00-05:00', 'until': None}],
        'baseline': {'stools_24h': 1, 'systolic_bp': 130, 'weight': 80},
    },
    'entries': [
        {
            'id': 'e1',
            'at': '2026-03-03T08:00:00-05:00',
            'answers': {'DIARRHEA': {'severity': 2, 'stools_24h': 5}, 'FEVER': {'celsius': 38.4}},
            'measurements': {'systolic_bp': 128},
        }
    ],
}


def answer(line: bytes | str) -> dict:
    raw = line if isinstance(line, bytes) else line.encode()
    found = answer_line(raw, PROGRAM)
    decoded = json.loads(found.line)
    assert found.good == ('error' not in decoded)
    return decoded


def changed(path: tuple, value) -> dict:
    case = deepcopy(CASE)
    inner = case
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return case


def test_a_case_is_answered_with_tiers_and_sorted_rules():
    # README.md's example lists C05 here; by its own table one symptom alone is named by same-day flags, so C05 is silent.
    assert answer(json.dumps(CASE)) == {
        'case': 'ana',
        'entries': [{'id': 'e1', 'tier': 'urgent', 'rules': ['A01', 'R02', 'R04', 'R04S']}],
    }


def test_the_worked_examples_are_answered():
    lines = (Path(__file__).parent / 'case.example.jsonl').read_bytes().splitlines()
    first, second = (json.loads(found.line)['entries'] for found in answer_lines(lines, PROGRAM))
    assert [(e['id'], e['tier'], e['rules']) for e in first] == [
        ('e1', 'same_day', ['R04S']),
        ('e2', 'urgent', ['R04', 'R04S']),
    ]
    assert second == [{'id': 'e1', 'tier': 'emergency', 'rules': ['A01', 'A02', 'A03', 'E04', 'E05']}]


def test_entries_are_answered_in_the_order_of_time():
    later = {'id': 'a', 'at': '2026-03-05T08:00:00Z'}
    same = {'id': 'e0', 'at': '2026-03-03T13:00:00+00:00'}
    found = answer(json.dumps(changed(('entries',), [later, *CASE['entries'], same])))
    assert [entry['id'] for entry in found['entries']] == ['e0', 'e1', 'a']
    assert found['entries'][2] == {'id': 'a', 'tier': 'none', 'rules': []}


def test_only_the_zone_of_the_patient_is_needed():
    assert answer('{"case": "new", "patient": {"time_zone": "UTC"}, "entries": []}') == {'case': 'new', 'entries': []}


A = ('entries', 0, 'answers')
WRONG = [
    (('patient', 'time_zone'), 'Mars/Olympus', 'patient.time_zone: unknown time zone "Mars/Olympus"'),
    (('patient', 'time_zone'), '../../etc/passwd', 'patient.time_zone: unknown time zone "../../etc/passwd"'),
    (('patient', 'time_zone'), 'America', 'patient.time_zone: unknown time zone "America"'),
    (('patient', 'time_zone'), None, 'patient.time_zone: must be text'),
    (('patient', 'name'), 'Ana', 'patient: unknown key "name"'),
    (('patient', 'doses'), None, 'patient.doses: must be a list'),
    (('patient', 'doses', 0, 'therapy'), 'magic', 'patient.doses[0].therapy: unknown therapy "magic"'),
    (
        ('patient', 'doses', 0, 'given_at'),
        '2026-03-02T10:00:00',
        'patient.doses[0].given_at: "2026-03-02T10:00:00" needs',
    ),
    (('patient', 'contexts', 0, 'context'), 'tired', 'patient.contexts[0].context: unknown context "tired"'),
    (('patient', 'contexts', 0, 'to'), None, 'patient.contexts[0]: unknown key "to"'),
    (('patient', 'baseline', 'height'), 170, 'patient.baseline: unknown baseline "height"'),
    (('patient', 'baseline', 'weight'), 0, 'patient.baseline.weight: 0 is outside 20 to 350 kg'),
    (('patient', 'baseline', 'weight'), None, 'patient.baseline.weight: must be a number, not null'),
    (('entries', 0, 'at'), '2026-13-03T08:00:00Z', 'entries[0].at: "2026-13-03T08:00:00Z" is no ISO 8601 time'),
    (('entries', 0, 'at'), '2026-03-03', 'entries[0].at: "2026-03-03" needs an offset, such as -05:00'),
    (('entries', 0, 'at'), '0001-01-01T00:00:00+14:00', 'entries[0].at: "0001-01-01T00:00:00+14:00" is outside'),
    (('entries', 0, 'at'), '9999-12-31T23:59:59-12:00', 'entries[0].at: "9999-12-31T23:59:59-12:00" is outside'),
    (('entries', 0, 'at'), 1772546400, 'entries[0].at: must be text'),
    (('entries', 0, 'id'), 1, 'entries[0].id: must be text'),
    (('entries', 0, 'mood'), 'low', 'entries[0]: unknown key "mood"'),
    (('entries',), {}, 'entries: must be a list'),
    (('entries',), [*CASE['entries'], *CASE['entries']], 'entries[1].id: "e1" is the id of an earlier entry too'),
    ((*A, 'DYSPNOEA'), {}, 'entries[0].answers: unknown symptom "DYSPNOEA"'),
    ((*A, 'FEVER', 'kelvin'), 311, 'entries[0].answers.FEVER: unknown field "kelvin"'),
    ((*A, 'FEVER', 'celsius'), 102, 'entries[0].answers.FEVER.celsius: 102 is outside 30 to 45 C'),
    ((*A, 'FEVER', 'celsius'), True, 'entries[0].answers.FEVER.celsius: must be a number, not true'),
    ((*A, 'FEVER', 'celsius'), '38.4', 'entries[0].answers.FEVER.celsius: must be a number, not "38.4"'),
    ((*A, 'FEVER', 'celsius'), [38], 'entries[0].answers.FEVER.celsius: must be a number, not a list'),
    ((*A, 'FEVER', 'severity'), 2.5, 'entries[0].answers.FEVER.severity: must be a whole number, not 2.5'),
    ((*A, 'FEVER', 'severity'), 5, 'entries[0].answers.FEVER.severity: 5 is outside 0 to 4'),
    ((*A, 'FEVER', 'severity'), None, 'entries[0].answers.FEVER.severity: must be a number, not null'),
    ((*A, 'HIVES'), {'present': 1}, 'entries[0].answers.HIVES.present: must be true or false, not 1'),
    ((*A, 'HIVES'), {'present': 'yes'}, 'entries[0].answers.HIVES.present: must be true or false, not "yes"'),
    ((*A, 'HIVES'), True, 'entries[0].answers.HIVES: must be a mapping of names to values'),
    ((*A, 'OTHER'), {'text': 'x' * 2001}, 'entries[0].answers.OTHER.text: 2001 characters are more than 2000'),
    (('entries', 0, 'measurements', 'mood'), 3, 'entries[0].measurements: unknown measurement "mood"'),
    (('entries', 0, 'measurements', 'spo2'), 101, 'entries[0].measurements.spo2: 101 is outside 50 to 100 %'),
]


@pytest.mark.parametrize(('path', 'value', 'expected'), WRONG, ids=[expected for _, _, expected in WRONG])
def test_a_wrong_value_is_an_error_that_says_where(path, value, expected):
    found = answer(json.dumps(changed(path, value)))
    assert found['case'] == 'ana'
    assert found['error'].startswith(expected)


@pytest.mark.parametrize('key', ['case', 'patient', 'entries'])
def test_a_case_without_a_needed_part_is_an_error(key):
    found = answer(json.dumps({name: value for name, value in CASE.items() if name != key}))
    assert found == {'case': None if key == 'case' else 'ana', 'error': f'"{key}" is missing'}


@pytest.mark.parametrize(
    ('line', 'error'),
    [
        ('not json', 'not JSON at character 1: Expecting value'),
        ('[]', 'must be a mapping of names to values'),
        ('{"case": "a"} {}', 'not JSON at character 15: Extra data'),
        (b'{"case": "\xff"}', 'not UTF-8 at byte 11'),
        ('{"case": 5, "patient": {}, "entries": []}', 'case: must be text'),
        ('{"case": "a", "case": "b", "patient": {}, "entries": []}', '"case" is given twice'),
        ('[' * 100_000, 'nested too deeply'),
        ('{"a":' * 100_000, 'nested too deeply'),
    ],
)
def test_a_line_without_a_readable_case_is_answered_with_null(line, error):
    assert answer(line) == {'case': None, 'error': error}


def written(field: str, number: str) -> dict:
    line = json.dumps(changed(A, {'FEVER': {field: 'HERE'}})).replace('"HERE"', number)
    return answer(line)


@pytest.mark.parametrize(
    ('number', 'error'),
    [
        ('NaN', 'must be a number, not NaN'),
        ('-Infinity', 'must be a number, not -Infinity'),
        ('1' * 5000, 'must be a number, not a number of 5000 characters'),
        ('38.' + '1' * 200, 'more than 100 digits'),
        ('1e-999999', 'more than 100 digits'),
        ('1e-99999999999999999999', 'must be a number, not a number of 23 characters'),
        ('1e400', 'more than 100 digits'),
    ],
)
def test_a_number_that_cannot_be_kept_exactly_is_an_error(number, error):
    found = written('celsius', number)
    assert found == {'case': 'ana', 'error': f'entries[0].answers.FEVER.celsius: {error}'}


@pytest.mark.parametrize(
    ('number', 'fires'), [('38', True), ('38.0', True), ('3.8e1', True), ('37.9999999999999999999999999', False)]
)
def test_numbers_are_compared_unrounded(number, fires):
    assert ('R02' in written('celsius', number)['entries'][0]['rules']) == fires


def test_a_severity_written_with_a_zero_fraction_is_whole():
    assert 'R02' in written('severity', '2.0')['entries'][0]['rules']


def test_a_name_given_twice_is_an_error_that_says_where_and_keeps_the_case():
    line = json.dumps(CASE).replace('"severity": 2', '"severity": 2, "severity": 0')
    assert answer(line) == {'case': 'ana', 'error': 'entries[0].answers.DIARRHEA: "severity" is given twice'}


def test_a_million_answers_are_one_short_error():
    case = changed(A, {f'S{n}': {} for n in range(1_000_000)})
    found = answer_line(json.dumps(case).encode(), PROGRAM)
    assert json.loads(found.line) == {'case': 'ana', 'error': 'entries[0].answers: unknown symptom "S0"'}


def test_a_very_long_name_makes_no_long_error():
    found = answer(json.dumps(changed(A, {'S' * 1_000_000: {}})))
    assert len(found['error']) < 200


def test_blank_lines_are_skipped_and_bad_ones_do_not_stop_the_others():
    good = json.dumps(CASE).encode()
    answers = list(answer_lines([good, b'\n', b'  \r\n', b'oops\n', good], PROGRAM))
    assert [found.good for found in answers] == [True, False, True]
