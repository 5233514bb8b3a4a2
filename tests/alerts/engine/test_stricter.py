"""A rule that is called never looser catches all that the old one caught: by example, and on made-up timelines."""

import copy
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.content import default_rules, rules_mapping
from alerts.engine import RuleSet, Tier, compile_rules
from alerts.engine import stricter as stricter_module
from alerts.engine.stricter import needs_reason, never_looser
from tests.alerts.engine.made_up import CATALOGUE, cases

DEFAULT = default_rules()
CONTENT = rules_mapping()
MACROS = CONTENT['macros']


def sev(symptom, gte):
    return {'symptom': symptom, 'gte': gte}


def rule_set(**rules):
    """A rule set of conditions by id; `_tier` at the end of a value says another tier than emergency."""
    head = {'title': 'A rule', 'basis': 'design', 'cites': ['penn']}
    made = {
        name: head | (given if 'tier' in given else {'tier': 'emergency', 'when': given})
        for name, given in rules.items()
    }
    return RuleSet.parse({**CONTENT, 'rules': made, 'missed': {}}, CATALOGUE)


def rule(when, tier='emergency'):
    return rule_set(X={'tier': tier, 'when': when}).rules['X']


COUGH2, FEVER2, ITCH1 = sev('COUGH', 2), sev('FEVER', 2), sev('ITCH', 1)
LOW = {'measure': 'systolic_bp', 'lt': 90}
SAME_OR_MORE = [
    (sev('COUGH', 3), sev('COUGH', 2)),
    (COUGH2, {'any': [ITCH1, COUGH2]}),
    ({'all': [COUGH2, ITCH1]}, COUGH2),
    ({'all': [COUGH2, {'any': [FEVER2, ITCH1]}]}, {'any': [{'all': [COUGH2, FEVER2]}, {'all': [ITCH1, COUGH2]}]}),
    ({'any': [{'all': [COUGH2, FEVER2]}, {'all': [ITCH1, COUGH2]}]}, {'all': [COUGH2, {'any': [FEVER2, ITCH1]}]}),
    (LOW, 'low_bp'),
    ('low_bp', {'any': [{'measure': 'systolic_bp', 'lt': 95}, {'measure': 'systolic_bp', 'drop_percent_gt': 25}]}),
    ({'measure': 'weight', 'drop_percent_gt': 5}, {'measure': 'weight', 'change_percent_gte': 5}),
    ({'measure': 'weight', 'change_percent_gte': 10}, {'measure': 'weight', 'change_percent_gte': 5}),
    ({'reported_any': ['COUGH']}, {'reported_any': ['ITCH', 'COUGH']}),
    ({'new_any': ['COUGH', 'ITCH']}, {'reported_any': ['ITCH', 'COUGH']}),
    ({'new_any': ['COUGH', 'ITCH']}, {'any': [{'new_any': ['ITCH']}, {'reported_any': ['COUGH']}]}),
    (sev('COUGH', 1), {'reported_any': ['COUGH']}),
    (sev('COUGH', 3), {'any_severity_gte': 3}),
    ({'worsened': 'COUGH', 'by': 2}, {'any_worsened_by': 1}),
    ({'worsened': 'COUGH', 'by': 2}, sev('COUGH', 2)),
    ({'symptom': 'DYSPNEA', 'field': 'at_rest'}, {'reported_any': ['DYSPNEA']}),
    ({'symptom': 'FEVER', 'field': 'celsius', 'gte': 38.5}, 'fever38'),
    ({'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 7},
     {'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 4}),
    ({'hours_since_dose': {'lte': 24}}, {'hours_since_dose': {'lte': 48}}),
    ({'therapy': 'car_t', 'day_gte': 1, 'day_lte': 14}, {'therapy': 'car_t', 'day_gte': 0, 'day_lte': 30}),
    ({'persists_any_severity': {'days': 3, 'gte': 2}}, {'persists_any_severity': {'days': 2, 'gte': 1}}),
    ({'persists': {'days': 3, 'at_least': 2, 'of': [COUGH2, FEVER2]}},
     {'persists': {'days': 2, 'at_least': 1, 'of': [sev('COUGH', 1)]}}),
    ({'persists': {'days': 3, 'at_least': 2, 'of': [COUGH2, FEVER2, ITCH1]}},
     {'persists': {'days': 3, 'at_least': 1, 'of': [COUGH2, FEVER2]}}),
    ({'allergic_signs_gte': 3}, {'allergic_signs_gte': 2}),
]  # fmt: skip
LOOSER = [
    (sev('COUGH', 2), sev('COUGH', 3)),
    ({'any': [ITCH1, COUGH2]}, COUGH2),
    (COUGH2, {'all': [COUGH2, ITCH1]}),
    (COUGH2, sev('ITCH', 2)),
    ('low_bp', LOW),
    ({'measure': 'weight', 'change_percent_gte': 5}, {'measure': 'weight', 'drop_percent_gt': 5}),
    ({'measure': 'weight', 'drop_percent_gt': 5}, {'measure': 'weight', 'drop_percent_gt': 6}),
    ({'reported_any': ['ITCH', 'COUGH']}, {'reported_any': ['COUGH']}),
    ({'reported_any': ['COUGH']}, {'new_any': ['COUGH']}),
    ({'reported_any': ['COUGH']}, sev('COUGH', 1)),
    ({'any_severity_gte': 3}, sev('COUGH', 3)),
    ({'worsened': 'COUGH', 'by': 2}, sev('COUGH', 3)),
    (sev('COUGH', 2), {'worsened': 'COUGH', 'by': 2}),
    ({'hours_since_dose': {'lte': 48}}, {'hours_since_dose': {'lte': 24}}),
    ({'therapy': 'car_t', 'day_gte': 0, 'day_lte': 14}, {'therapy': 'car_t', 'day_gte': 1, 'day_lte': 30}),
    ({'therapy': 'car_t', 'day_gte': 0, 'day_lte': 14}, {'therapy': 'cytokine', 'day_gte': 0, 'day_lte': 14}),
    ({'persists_any_severity': {'days': 2, 'gte': 2}}, {'persists_any_severity': {'days': 3, 'gte': 1}}),
    ({'persists_any_severity': {'days': 2, 'gte': 2}}, {'any_severity_gte': 2}),
    ({'persists': {'days': 3, 'at_least': 1, 'of': [COUGH2, FEVER2]}},
     {'persists': {'days': 3, 'at_least': 2, 'of': [COUGH2, FEVER2]}}),
    ({'persists': {'days': 3, 'at_least': 2, 'of': [COUGH2, FEVER2, ITCH1]}},
     {'persists': {'days': 3, 'at_least': 1, 'of': [COUGH2]}}),
    ({'same_day_findings_24h_gte': 3}, {'same_day_findings_24h_gte': 2}),  # what other rules find, two rules cannot tell
    ({'symptom': 'FEVER', 'field': 'celsius', 'gte': 38.3}, {'reported_any': ['FEVER']}),  # true, and not claimed
]  # fmt: skip


@pytest.mark.parametrize(('old', 'new'), SAME_OR_MORE)
def test_what_catches_the_same_or_more_is_never_looser(old, new):
    assert never_looser(rule(old), rule(new))


@pytest.mark.parametrize(('old', 'new'), LOOSER)
def test_what_may_miss_an_entry_is_not_called_never_looser(old, new):
    assert not never_looser(rule(old), rule(new))


def test_a_calmer_tier_is_looser_and_a_worse_one_is_not():
    assert not never_looser(rule(COUGH2), rule(COUGH2, 'urgent'))
    assert never_looser(rule(COUGH2, 'urgent'), rule(COUGH2))


def test_every_default_rule_is_never_looser_than_itself():
    assert [one.id for one in DEFAULT.rules.values() if not never_looser(one, one, same_findings=True)] == []
    assert [one.id for one in DEFAULT.rules.values() if not never_looser(one, one)] == ['C05']


def test_findings_compare_where_the_other_rules_are_the_same():
    old, new = rule({'same_day_findings_24h_gte': 3}), rule({'same_day_findings_24h_gte': 2})
    assert never_looser(old, new, same_findings=True)
    assert not never_looser(new, old, same_findings=True)


def test_a_comparison_that_would_take_for_ever_counts_as_looser(monkeypatch):
    """2 to the power of 24 cases: the walk gives up, and says the safe thing."""
    pairs = sorted(code for code, one in CATALOGUE.symptoms.items() if 'severity' in one.fields)[:24]
    many = {'all': [{'any': [sev(code, 4), {'new_any': [code]}]} for code in pairs]}
    old, new = rule({'all': [many, ITCH1]}), rule({'all': [ITCH1, {'all': [{'worsened': 'COUGH', 'by': 4}]}]})
    assert not never_looser(old, new)
    monkeypatch.setattr(stricter_module, 'MOST_STEPS', 3)
    assert not never_looser(rule({'any': [ITCH1, COUGH2]}), rule({'any': [COUGH2, ITCH1]}))


# -- on made-up timelines -----------------------------------------------------------------------------------------------
def mutated(when, rng):
    """The condition with one to three small changes anywhere in it, stricter and looser ones alike."""
    when = copy.deepcopy({'any': [when]})
    for _ in range(rng.randint(1, 3)):
        rng.choice(CHANGES)(rng.choice(list(mappings(when))), rng)
    return when


def mappings(when):
    """Every condition and its inner parts, as mappings that can be changed in place."""
    if isinstance(when, dict):
        yield when
        for value in when.values():
            yield from mappings(value)
    if isinstance(when, list):
        for value in when:
            yield from mappings(value)


def nudge(found, rng):
    numbers = [key for key, value in found.items() if isinstance(value, int | float)]
    if numbers:
        key = rng.choice(numbers)
        found[key] = type(found[key])(max(found[key] + rng.choice([-2, -1, 1, 2]), 0))


def drop(found, rng):
    lists = [value for value in found.values() if isinstance(value, list) and len(value) > 1]
    if lists:
        chosen = rng.choice(lists)
        chosen.pop(rng.randrange(len(chosen)))


def grow(found, rng):
    for key, value in found.items():
        if key in ('any', 'all', 'of'):
            value.append(
                copy.deepcopy(rng.choice([COUGH2, ITCH1, 'low_bp', {'new_any': ['COUGH']}, {'any_severity_gte': 2}]))
            )
        elif isinstance(value, list):
            value.append(rng.choice(sorted(set(CATALOGUE.symptoms) - set(value))))


def swap(found, rng):
    if 'any' in found or 'all' in found:
        key = 'any' if 'any' in found else 'all'
        found['all' if key == 'any' else 'any'] = found.pop(key)


CHANGES = [nudge, nudge, drop, grow, grow, swap]
SOME = [one['when'] for one in CONTENT['rules'].values()] + [old for pair in (SAME_OR_MORE, LOOSER) for old, _ in pair]


@st.composite
def pairs(draw):
    """A condition and what small changes made of it, where the language takes both."""
    rng = random.Random(draw(st.integers(0, 10**9)))
    for _ in range(50):
        old = rng.choice(SOME)
        try:
            return rule_set(OLD=copy.deepcopy(old), NEW=mutated(old, rng))
        except ValueError:
            continue
    return rule_set(OLD=COUGH2, NEW=COUGH2)


@given(rules=pairs(), data=st.data())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_made_up_entry_meets_the_old_rule_without_a_never_looser_new_one(rules, data):
    patient, entries = data.draw(cases(most=6))
    old, new = rules.rules['OLD'], rules.rules['NEW']
    for one, other in ((old, new), (new, old)):
        if never_looser(one, other):
            for result in compile_rules(rules).evaluate(patient, entries):
                assert one.id not in result.rule_ids or other.id in result.rule_ids


def test_the_made_up_pairs_are_of_every_kind():
    """Else the property above would say nothing: some are never looser, some are, some neither way."""
    rng, seen = random.Random(7), set()
    for _ in range(400):
        old = rng.choice(SOME)
        try:
            rules = rule_set(OLD=copy.deepcopy(old), NEW=mutated(old, rng)).rules
        except ValueError:
            continue
        seen.add((never_looser(rules['OLD'], rules['NEW']), never_looser(rules['NEW'], rules['OLD'])))
    assert seen == {(True, True), (True, False), (False, True), (False, False)}


# -- emergency rules that are set aside ---------------------------------------------------------------------------------
def draft(**changes):
    """The default rules with some mappings changed, or left out (None)."""
    content = copy.deepcopy(CONTENT)
    for name, change in changes.items():
        if change is None:
            del content['rules'][name]
        else:
            content['rules'][name] |= change
    return RuleSet.parse(content, CATALOGUE)


def test_the_default_needs_no_reason_against_itself():
    assert needs_reason(DEFAULT, draft()) == ()


def test_emergency_rules_left_out_loosened_or_made_calmer_need_a_reason():
    changed = draft(E06=None, E01={'when': sev('DYSPNEA', 4)}, E02={'tier': 'urgent'})
    assert needs_reason(DEFAULT, changed) == ('E01', 'E02', 'E06')


def test_tightened_rules_and_rules_of_other_tiers_need_none():
    wider = {'any': [sev('DYSPNEA', 2), *CONTENT['rules']['E01']['when']['any'][1:]]}
    assert needs_reason(DEFAULT, draft(E01={'when': wider, 'title': 'Breathing'}, R01=None, C05=None)) == ()


def test_a_later_answer_to_an_emergency_needs_a_reason_too():
    assert needs_reason(DEFAULT, draft(E03={'acknowledge_within_minutes': 45})) == ('E03',)
    later = replace(draft(), acknowledge_within_minutes={**DEFAULT.acknowledge_within_minutes, Tier.EMERGENCY: 10})
    assert len(needs_reason(DEFAULT, later)) == sum(one.tier is Tier.EMERGENCY for one in DEFAULT.rules.values())


def test_a_macro_that_is_made_narrower_loosens_every_emergency_rule_that_uses_it():
    content = copy.deepcopy(CONTENT)
    content['macros']['low_bp'] = {'measure': 'systolic_bp', 'lt': 80}
    loosened = needs_reason(DEFAULT, RuleSet.parse(content, CATALOGUE))
    assert {'E04', 'E05', 'E06', 'E11', 'E14'} <= set(loosened)
    assert 'E01' not in loosened
