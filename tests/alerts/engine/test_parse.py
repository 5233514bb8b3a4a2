"""Everything that a rule set cannot mean is refused, and the error says where."""

from copy import deepcopy

import pytest

from alerts.content import (
    catalogue_mapping,
    default_catalogue,
    default_sources,
    read_yaml,
    rules_mapping,
    sources_mapping,
)
from alerts.engine import Catalogue, RuleError, RuleSet, Sources, Tier, compile_rules

SICK = {'symptom': 'NAUSEA', 'gte': 1}


def rule_set(when, **changes):
    rule = {'tier': 'urgent', 'title': 'Made up', 'basis': 'design', 'cites': ['penn'], 'when': when}
    return {
        'rules': {'E01': {**rule, **changes}},
        'follow_up_months_after_last_dose': 24,
        'acknowledge_within_minutes': {'emergency': 5, 'urgent': 60, 'same_day': 240},
    }


def refusal(content) -> str:
    with pytest.raises(RuleError) as caught:
        RuleSet.parse(content, default_catalogue(), default_sources().citations)
    assert str(caught.value) == f'{caught.value.place}: {caught.value.problem}'
    return str(caught.value)


WRONG_CONDITIONS = [
    ({'any': [SICK, SICK, {'symptom': 'DYSPNOEA', 'gte': 1}]}, '.any[2].symptom: unknown symptom "DYSPNOEA"'),
    ({'not': SICK}, ': no word of the rule language among "not"'),
    ({}, ': no word of the rule language among nothing'),
    ({'any': [SICK], 'all': [SICK]}, ': "any" and "all" are two conditions; join them with any or all'),
    ({'any': []}, '.any: at least one condition is needed'),
    ({'all': []}, '.all: at least one condition is needed'),
    ({'all': SICK}, '.all: must be a list'),
    ({'any': [3]}, '.any[0]: must be a mapping of names to values'),
    ('low_bp', ': unknown macro "low_bp"'),
    ({'symptom': 'NAUSEA'}, ': "gte" is missing'),
    ({'symptom': 'NAUSEA', 'gte': 1, 'lte': 2}, ': unknown key "lte"'),
    ({'symptom': 'NAUSEA', 'gte': 0}, '.gte: 0 is outside 1 to 4'),
    ({'symptom': 'NAUSEA', 'gte': 5}, '.gte: 5 is outside 1 to 4'),
    ({'symptom': 'NAUSEA', 'gte': 1.5}, '.gte: must be a whole number, not 1.5'),
    ({'symptom': 'NAUSEA', 'gte': True}, '.gte: must be a number, not true'),
    ({'symptom': 'NAUSEA', 'gte': '2'}, '.gte: must be a number, not "2"'),
    ({'symptom': 'HIVES', 'gte': 1}, '.symptom: HIVES has no severity'),
    ({'symptom': 'HIVES', 'field': 'itchy'}, '.field: unknown field of HIVES "itchy"'),
    ({'symptom': 'HIVES', 'field': 'present', 'gte': 1}, ': unknown key "gte"'),
    ({'symptom': 'FEVER', 'field': 'celsius'}, ': "gte" is missing'),
    ({'symptom': 'FEVER', 'field': 'celsius', 'gte': 102}, '.gte: 102 is outside 30 to 45 C'),
    ({'symptom': 'FEVER', 'field': 'severity', 'gte': 2}, '.field: severity cannot be tested so'),
    ({'symptom': 'OTHER', 'field': 'text'}, '.field: text cannot be tested so'),
    ({'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 0}, '.over_baseline_gte: 0 is outside'),
    ({'reported_any': []}, '.reported_any: at least one symptom is needed'),
    ({'reported_any': ['NAUSEA', 'NAUSEA']}, '.reported_any: a symptom is named twice'),
    ({'reported_any': 'NAUSEA'}, '.reported_any: must be a list'),
    ({'new_any': ['NAUSEA', 'nausea']}, '.new_any[1]: unknown symptom "nausea"'),
    ({'worsened': 'HIVES', 'by': 1}, '.worsened: HIVES has no severity'),
    ({'worsened': 'COUGH', 'by': 0}, '.by: 0 is outside 1 to 4'),
    ({'any_worsened_by': 5}, '.any_worsened_by: 5 is outside 1 to 4'),
    ({'any_severity_gte': None}, '.any_severity_gte: must be a number, not null'),
    ({'persists': {'days': 3, 'of': [SICK]}}, '.persists: "at_least" is missing'),
    ({'persists': {'days': 3, 'at_least': 2, 'of': [SICK]}}, '.persists.at_least: 2 is outside 1 to 1'),
    ({'persists': {'days': 0, 'at_least': 1, 'of': [SICK]}}, '.persists.days: 0 is outside 1 to 60'),
    ({'persists': {'days': 3, 'at_least': 1, 'of': [{'symptom': 'X', 'gte': 1}]}}, '.persists.of[0].symptom: unknown'),
    ({'persists_any_severity': {'days': 3, 'gte': 9}}, '.persists_any_severity.gte: 9 is outside 1 to 4'),
    ({'hours_since_dose': 24}, '.hours_since_dose: must be a mapping of names to values'),
    ({'hours_since_dose': {'lte': -1}}, '.hours_since_dose.lte: -1 is outside'),
    ({'therapy': 'car_t', 'day_gte': 0}, ': "day_lte" is missing'),
    ({'therapy': 'car_t', 'day_gte': 5, 'day_lte': 4}, '.day_lte: 4 is outside 5 to'),
    ({'therapy': 'cart', 'day_gte': 0, 'day_lte': 4}, '.therapy: unknown therapy "cart"'),
    ({'context': 'on_holiday'}, '.context: unknown context "on_holiday"'),
    ({'measure': 'height', 'lt': 90}, '.measure: unknown measurement "height"'),
    ({'measure': 'weight'}, ': "change_percent_gte" is missing'),
    ({'measure': 'weight', 'lt': 90, 'drop_percent_gt': 3}, ': unknown key "drop_percent_gt"'),
    ({'measure': 'spo2', 'lt': 30}, '.lt: 30 is outside 50 to 100 %'),
    ({'measure': 'spo2', 'drop_percent_gt': 5}, '.measure: spo2 has no baseline in the catalogue'),
    ({'allergic_signs_gte': 0}, '.allergic_signs_gte: 0 is outside 1 to'),
    ({'same_day_findings_24h_gte': 99}, '.same_day_findings_24h_gte: 99 is outside 1 to 46'),
    ({1: SICK}, ': the name 1 must be text'),
]


@pytest.mark.parametrize(('when', 'expected'), WRONG_CONDITIONS, ids=[expected for _, expected in WRONG_CONDITIONS])
def test_a_condition_that_means_nothing_is_refused_with_its_place(when, expected):
    assert refusal(rule_set(when)).startswith(f'rules.E01.when{expected}')


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        ({'tier': 'none'}, '.tier: unknown tier "none"'),
        ({'tier': 'red'}, '.tier: unknown tier "red"'),
        ({'basis': 'rumour'}, '.basis: unknown basis "rumour"'),
        ({'cites': []}, '.cites: at least one citation is needed'),
        ({'cites': ['penn', 'pen']}, '.cites[1]: unknown citation "pen"'),
        ({'title': ' '}, '.title: must not be empty'),
        ({'acknowledge_within_minutes': 0}, '.acknowledge_within_minutes: 0 is outside'),
        ({'tier': 'monitor', 'acknowledge_within_minutes': 5}, '.acknowledge_within_minutes: a rule of tier monitor'),
        ({'tire': 'urgent'}, ': unknown key "tire"'),
    ],
)
def test_a_rule_with_a_wrong_head_is_refused(changes, expected):
    assert refusal(rule_set(SICK, **changes)).startswith(f'rules.E01{expected}')


@pytest.mark.parametrize('key', ['tier', 'title', 'basis', 'cites', 'when'])
def test_a_rule_without_a_needed_part_is_refused(key):
    content = rule_set(SICK)
    del content['rules']['E01'][key]
    assert refusal(content) == f'rules.E01: "{key}" is missing'


def test_a_macro_that_contains_itself_is_refused():
    content = rule_set('a') | {'macros': {'a': {'any': ['b']}, 'b': {'all': [SICK, 'a']}}}
    assert refusal(content) == 'macros.b.all[1]: macro "a" contains itself (a > b > a)'


def test_an_unused_macro_is_read_too():
    content = rule_set(SICK) | {'macros': {'unused': {'symptom': 'X', 'gte': 1}}}
    assert refusal(content) == 'macros.unused.symptom: unknown symptom "X"'


def test_conditions_nested_a_hundred_thousand_deep_are_refused():
    when = SICK
    for _ in range(100_000):
        when = {'any': [when]}
    assert refusal(rule_set(when)).endswith('conditions are nested more than 50 levels deep')


def test_fifty_levels_are_read_and_compiled():
    when = SICK
    for level in range(49):
        when = {'any' if level % 2 else 'all': [when, SICK]}
    compile_rules(RuleSet.parse(rule_set(when), default_catalogue()))
    assert 'nested more than 50' in refusal(rule_set({'any': [when]}))


def test_long_flat_lists_are_compiled():
    many = [{'symptom': 'FEVER', 'field': 'celsius', 'gte': 38 + n / 1000} for n in range(6000)]
    rules = rule_set({'any': [{'any': many}, {'persists': {'days': 2, 'at_least': 2, 'of': many}}]})
    compile_rules(RuleSet.parse(rules, default_catalogue()))


def test_levels_hidden_in_macros_count():
    macros = {'m0': SICK} | {f'm{n}': {'any': [f'm{n - 1}']} for n in range(1, 40)}
    assert 'nested more than 50' in refusal(rule_set('m39') | {'macros': macros})


def test_macros_that_double_and_double_are_refused_before_they_fill_the_memory():
    macros = {'m0': SICK} | {f'm{n}': {'any': [f'm{n - 1}', f'm{n - 1}']} for n in range(1, 24)}
    assert refusal(rule_set('m23') | {'macros': macros}).endswith('the rule set has more than 20000 conditions')


def test_a_shared_list_that_doubles_and_doubles_is_refused_as_well():
    when = SICK
    for _ in range(45):
        when = {'any': [when, when]}
    assert refusal(rule_set(when)).endswith('the rule set has more than 20000 conditions')


def test_an_id_used_for_a_rule_and_a_missed_diary_is_refused():
    missed = {'tier': 'same_day', 'title': 'No entry', 'basis': 'design', 'cites': ['penn']}
    hours = {'after_hours': {'car_t_day_0_to_30': 24, 'otherwise': 72}}
    assert refusal(rule_set(SICK) | {'missed': {'E01': missed | hours}}) == 'missed.E01: E01 is also the id of a rule'
    assert refusal(rule_set(SICK) | {'missed': {'C06': missed}}) == 'missed.C06: "after_hours" is missing'


@pytest.mark.parametrize('key', ['rules', 'follow_up_months_after_last_dose', 'acknowledge_within_minutes'])
def test_a_rule_set_without_a_needed_part_is_refused(key):
    content = rule_set(SICK)
    del content[key]
    with pytest.raises(RuleError, match=f'^"{key}" is missing$'):
        RuleSet.parse(content, default_catalogue())


def test_yaml_that_gives_a_name_twice_is_refused():
    with pytest.raises(RuleError, match=r"^line 3, column 3: 'E01' is given twice$"):
        read_yaml('rules:\n  E01: 1\n  E01: 2\n')


@pytest.mark.parametrize(
    'text',
    ['a: &a [1]\nb: *a\n', 'a: !!python/object/apply:os.getcwd []\n', 'a: [1\n', '[' * 100_000, '\x00', '{1: 2}'],
)
def test_yaml_with_more_than_plain_data_is_refused(text):
    with pytest.raises(RuleError):
        read_yaml(text)


def test_the_default_rules_say_what_the_files_say():
    rules = RuleSet.parse(rules_mapping(), default_catalogue(), default_sources().citations)
    assert len(rules.rules) == 55
    assert rules.acknowledge_within('E01') == 5
    assert rules.acknowledge_within('R04X') == 30
    assert rules.acknowledge_within('M01') is None
    assert rules.acknowledge_within('C06') == 240
    assert (rules.missed['C06'].hours_car_t_day_0_to_30, rules.missed['C06'].hours_otherwise) == (24, 72)
    assert Tier.NONE < Tier.MONITOR < Tier.SAME_DAY < Tier.URGENT < Tier.EMERGENCY


@pytest.mark.parametrize(
    ('path', 'value', 'expected'),
    [
        (
            ('symptoms', 'FEVER', 'answers', 'celsius'),
            '30-45',
            'symptoms.FEVER.answers.celsius: a number needs its unit',
        ),
        (('symptoms', 'FEVER', 'answers', 'celsius'), 'C 45-30', 'symptoms.FEVER.answers.celsius: 45 must be below 30'),
        (('symptoms', 'FEVER', 'answers', 'severity'), '0-5', 'symptoms.FEVER.answers.severity: a severity is 0-4'),
        (('symptoms', 'FEVER', 'answers', 'celsius'), False, 'symptoms.FEVER.answers.celsius: must be text'),
        (('symptoms', 'FEVER', 'allergic'), 'a bit', 'symptoms.FEVER.allergic: unknown allergic class "a bit"'),
        (('symptoms', 'FEVER', 'colour'), 'red', 'symptoms.FEVER: unknown key "colour"'),
        (('symptoms', 'fever'), {}, 'symptoms.fever: a symptom is named by capital letters and digits'),
        (('measurements', 'weight', 'baseline'), 'yes', 'measurements.weight.baseline: must be true or false'),
        (('contexts', 'on_steroids'), '', 'contexts.on_steroids: must not be empty'),
    ],
)
def test_a_catalogue_that_means_nothing_is_refused(path, value, expected):
    content = deepcopy(catalogue_mapping())
    inner = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(RuleError) as caught:
        Catalogue.parse(content)
    assert str(caught.value).startswith(expected)


def test_the_same_id_for_two_sentences_is_refused():
    content = deepcopy(sources_mapping())
    content['documents']['csc']['quotes']['penn-common'] = 'Another sentence.'
    with pytest.raises(RuleError, match=r'documents\.csc: the id "penn-common" is used twice'):
        Sources.parse(content)
